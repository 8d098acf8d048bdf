package dev.galatea;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.galatea.engine.torch.Torch;

/** Holds what the borders between modules cannot: who may do what within one. */
@AnalyzeClasses(packages = "dev.galatea", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule onlyTorchMakesArraysOfJavasNumbers =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Torch.class)
          .should()
          .callMethodWhere(target(owner(assignableTo(NDManager.class))).and(target(name("create"))))
          .because("Java frees the memory of such an array while autograd still needs it");

  @ArchTest
  static final ArchRule lossesComputeWithArraysAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.galatea.engine.guidance..")
          .should()
          .callMethodWhere(
              target(owner(assignableTo(NDArray.class)))
                  .and(target(rawParameterTypes(Number.class))))
          .because("DJL puts the number into an array of Java's memory, which autograd keeps");

  @ArchTest
  static final ArchRule onlyTheModelSideSeesDjl =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.galatea.engine.torch..",
              "dev.galatea.engine.pack..",
              "dev.galatea.engine.guidance..",
              "dev.galatea.engine.mesh..",
              "dev.galatea.engine.refine..",
              "dev.galatea.engine.verify..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule onlyPicturesAndPhotographsSeeOpenCv =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.galatea.engine.opencv",
              "dev.galatea.engine.picture",
              "dev.galatea.engine.photograph")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..")
          .because("its objects lie in native memory that somebody has to free");

  @ArchTest
  static final ArchRule whatIsInternalStaysInItsModule =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.galatea.flink..", "dev.galatea.kafka..")
          .should()
          .dependOnClassesThat(internalOf("dev.galatea.flink"));

  private static DescribedPredicate<JavaClass> internalOf(String module) {
    return DescribedPredicate.describe(
        "internal to " + module, type -> type.getPackageName().equals(module + ".internal"));
  }
}
