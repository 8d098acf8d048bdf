package dev.galatea.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.galatea.kafka.job.OptionKeys;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

class OptionsPageTest {
  private static final Path PAGE = Path.of("docs/options.md");

  @Test
  void thePageTellsWhatTheCodeSays() throws Exception {
    String text = OptionsPage.text();
    if (Boolean.getBoolean("galatea.docs.write")) {
      Files.writeString(PAGE, text);
    }
    assertThat(PAGE).content().as("regenerate it as its head says").isEqualTo(text);
  }

  @Test
  void everyOptionClassIsOnThePage() {
    Class<?>[] declared =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.galatea")
                .stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(
                    type ->
                        type.getFields().stream()
                            .anyMatch(
                                field -> field.getRawType().isEquivalentTo(ConfigOption.class)))
                .map(JavaClass::reflect)
                .toArray(Class<?>[]::new);
    assertThat(OptionsPage.classes().keySet()).containsExactlyInAnyOrder(declared);
    assertThat(OptionKeys.holders()).containsExactlyInAnyOrder(declared);
  }

  @Test
  void everyKeyIsInKebabCaseAndEveryOptionIsDescribed() throws Exception {
    for (Class<?> type : OptionsPage.classes().keySet()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getType() == ConfigOption.class) {
          ConfigOption<?> option = (ConfigOption<?>) field.get(null);
          assertThat(option.key()).matches("galatea(\\.[a-z]+(-[a-z]+)*)+");
          assertThat(option.description().getBlocks()).as(option.key()).isNotEmpty();
        }
      }
    }
  }
}
