package dev.galatea;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.galatea.pack.Torch;

/** Holds who may import whom. */
@AnalyzeClasses(packages = "dev.galatea", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule packagesSeeOnlyWhatIsBelowThem =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("request")
          .definedBy("dev.galatea.request..")
          .layer("latent")
          .definedBy("dev.galatea.latent..")
          .layer("pack")
          .definedBy("dev.galatea.pack..")
          .layer("guidance")
          .definedBy("dev.galatea.guidance..")
          .layer("refine")
          .definedBy("dev.galatea.refine..")
          .layer("flink")
          .definedBy("dev.galatea.flink..")
          .layer("kafka")
          .definedBy("dev.galatea.kafka..")
          .layer("job")
          .definedBy("dev.galatea.job..")
          .layer("embedded")
          .definedBy("dev.galatea.embedded..")
          .layer("cli")
          .definedBy("dev.galatea.cli..")
          .whereLayer("latent")
          .mayNotAccessAnyLayer()
          .whereLayer("request")
          .mayNotAccessAnyLayer()
          .whereLayer("pack")
          .mayOnlyAccessLayers("request")
          .whereLayer("guidance")
          .mayOnlyAccessLayers("request", "pack")
          .whereLayer("refine")
          .mayOnlyAccessLayers("request", "latent", "pack", "guidance")
          .whereLayer("flink")
          .mayOnlyAccessLayers("request", "latent", "pack", "guidance", "refine")
          .whereLayer("kafka")
          .mayOnlyAccessLayers("request", "flink")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule onlyTheStreamSideSeesFlinkAndKafka =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.galatea.request..",
              "dev.galatea.latent..",
              "dev.galatea.pack..",
              "dev.galatea.guidance..",
              "dev.galatea.refine..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..");

  @ArchTest
  static final ArchRule theOperatorDoesNotKnowKafka =
      noClasses()
          .that()
          .resideInAPackage("dev.galatea.flink..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule onlyTheModelSideSeesDjl =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.galatea.pack..", "dev.galatea.guidance..", "dev.galatea.refine..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule onlyTorchMakesArraysOfJavasNumbers =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Torch.class)
          .should()
          .callMethodWhere(target(owner(assignableTo(NDManager.class))).and(target(name("create"))))
          .because("their memory is Java's, and goes while autograd needs it");

  @ArchTest
  static final ArchRule lossesComputeWithArraysAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.galatea.guidance..")
          .should()
          .callMethodWhere(
              target(owner(assignableTo(NDArray.class)))
                  .and(target(rawParameterTypes(Number.class))))
          .because("DJL makes of the number an array of Java's memory, which autograd keeps");

  @ArchTest
  static final ArchRule latentsArePlainJava =
      classes()
          .that()
          .resideInAPackage("dev.galatea.latent..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "dev.galatea.latent..");
}
