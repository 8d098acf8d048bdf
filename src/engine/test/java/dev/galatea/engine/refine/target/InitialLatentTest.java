package dev.galatea.engine.refine.target;

import static dev.galatea.engine.refine.RefinerRows.NO_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.refine.EffectiveSettings;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.PackRefiner;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerRows;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.request.Request.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitialLatentTest {
  private static final int WIDTH = 16;
  private static final int COUNT = 4 * WIDTH;
  private static final String TEXT = "red hair";

  @TempDir private Path directory;

  private Pack pack;
  private NDManager manager;
  private TargetResolver resolver;
  private InitialLatent initialLatent;

  @BeforeEach
  void open() {
    Torch.prepareThread();
    RefinerSettings settings = RefinerSettings.DEFAULTS;
    pack = Pack.load(TestPacks.copyThatLeads(directory), Device.cpu());
    manager = Torch.newManager(Device.cpu());
    StepRandomness randomness = new StepRandomness(pack.manifest(), settings);
    resolver =
        new TargetResolver(pack, new EffectiveSettings(pack.manifest(), settings), randomness);
    initialLatent = new InitialLatent(pack, randomness, resolver, manager);
  }

  @AfterEach
  void close() {
    resolver.close();
    manager.close();
    pack.close();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 1, 3})
  void aPromptBeginsWhereTheMapperLeadsAsFarAsItsStrengthUpToOne(double strength) {
    float[] w = latent();
    Draft draft =
        initialLatent.draft(
            prompt("a", Optional.of(new Avatar(1, Latent.wrap(w))), TEXT, strength));
    float[] led = conditioningSum();
    assertThat(draft.start().toArray()).isEqualTo(w);
    for (int i = 0; i < COUNT; i++) {
      double expected = w[i] + Math.min(1, strength) * led[i % WIDTH];
      assertThat((double) draft.latent().toArray()[i]).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void aPromptWithoutAnAvatarBeginsAtARandomPersonWhoIsMapped() {
    Draft draft = initialLatent.draft(prompt("a", Optional.empty(), TEXT, 1));
    float[] led = conditioningSum();
    for (int i = 0; i < COUNT; i++) {
      assertThat(draft.start().toArray()[i]).isEqualTo(draft.start().toArray()[i % 2]);
      assertThat(draft.latent().toArray()[i])
          .isCloseTo(draft.start().toArray()[i] + led[i % WIDTH], within(1e-5f));
    }
    assertThat(draft.start().toArray()[0]).isNotEqualTo(draft.start().toArray()[1]);
  }

  @Test
  void theRandomPersonIsTheSameForOneIdentityAndAnotherForTheNext() {
    Draft one = initialLatent.draft(prompt("a", Optional.empty(), TEXT, 1));
    assertThat(initialLatent.draft(prompt("a", Optional.empty(), TEXT, 1)).start())
        .isEqualTo(one.start());
    assertThat(initialLatent.draft(prompt("b", Optional.empty(), TEXT, 1)).start())
        .isNotEqualTo(one.start());
  }

  @Test
  void aLightLeadsNowhere() {
    Optional<Avatar> avatar = Optional.of(new Avatar(1, Latent.wrap(latent())));
    Intent intent = RefinerRows.everything(1);
    Draft draft =
        initialLatent.draft(
            new Refiner.Row("a", 2, Kind.LIGHT, intent, avatar, Optional.empty(), 1, 20));
    assertThat(draft.latent().toArray())
        .isEqualTo(draft.start().toArray())
        .isEqualTo(avatar.get().latent().toArray());
  }

  @Test
  void aClearedPromptLeadsNowhere() {
    Optional<Avatar> avatar = Optional.of(new Avatar(1, Latent.wrap(latent())));
    Draft draft =
        initialLatent.draft(
            new Refiner.Row(
                "a", 2, Kind.PROMPT, RefinerRows.photo(1), avatar, Optional.empty(), 1, 20));
    assertThat(draft.latent().toArray())
        .isEqualTo(draft.start().toArray())
        .isEqualTo(avatar.get().latent().toArray());
  }

  @Test
  void whatAPromptPreservesIsSeenInTheAvatarAndNotWhereItBegins() {
    Avatar avatar = new Avatar(1, Latent.wrap(latent()));
    Refiner.Row row = prompt("a", Optional.of(avatar), TEXT, 1);
    try (Refiner refiner = PackRefiner.open(directory, "cpu", RefinerSettings.DEFAULTS)) {
      Refiner.Advanced first = (Refiner.Advanced) refiner.refine(List.of(row), NO_LIMIT).get(0);
      assertThat(first.losses().get("reconstruction")).isGreaterThan(1e-3f);
      assertThat(first.draft().start().toArray()).isEqualTo(avatar.latent().toArray());
    }
  }

  private static Refiner.Row prompt(
      String identity, Optional<Avatar> avatar, String text, double strength) {
    Intent intent =
        new Intent(
            Optional.empty(),
            Optional.of(new Intent.PromptText(text, "", strength)),
            Optional.empty());
    long version = avatar.map(Avatar::version).orElse(0L) + 1;
    return new Refiner.Row(identity, version, Kind.PROMPT, intent, avatar, Optional.empty(), 1, 20);
  }

  private static float[] latent() {
    float[] w = new float[COUNT];
    Random random = new Random();
    for (int i = 0; i < COUNT; i++) {
      w[i] = (float) random.nextGaussian();
    }
    return w;
  }

  /** What the latent mapper adds to each row of W+, summed here in another way. */
  private float[] conditioningSum() {
    long[] ids = pack.tokens(TEXT);
    float[] conditioning =
        Torch.withoutGradient(
            () ->
                Torch.floats(
                    pack.run(Network.TEXT, Torch.array(manager, new Shape(1, ids.length), ids))));
    float[] sum = new float[WIDTH];
    for (int i = 0; i < conditioning.length; i++) {
      sum[i % WIDTH] += conditioning[i];
    }
    return sum;
  }
}
