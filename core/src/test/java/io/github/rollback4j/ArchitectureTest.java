package io.github.rollback4j;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.ConditionEvent.createMessage;
import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** The house rules of the core, see "The house" and "Types" in the house style. */
@AnalyzeClasses(packages = ArchitectureTest.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    static final String ROOT = "io.github.rollback4j";

    /** From the bottom up: a package uses only packages that stand before it here. */
    private static final List<String> HOUSE = List.of(
            "release", "evidence", "traffic", "signal", "strategy", "plan", "journal", "rollout", "report", "metrics");

    /** The root package: exceptions, which every package but those of {@link #ALONE} may throw. */
    private static final String OUTSIDE = "";

    /** These use no other package at all. */
    private static final Set<String> ALONE = Set.of("release", "evidence");

    /** The one place where a Resilience4j type may meet the user. */
    private static final String CIRCUIT_BREAKER_FACTORY = ROOT + ".signal.Signals.circuitBreakerOpen";

    /**
     * Few, so that the face of the core stays small: 40 for a rollout in one process; and for the rollback as a whole Gate, Preflight,
     * Communication, Notifier, SignedPost, Fleet, RemoteRollout, Document, PostMortem, Runbook, TrackRecord.
     */
    private static final int MOST_PUBLIC_TYPES = 51;

    @ArchTest
    static final ArchRule class_outsideTheHouse_isAnException = classes()
            .that()
            .resideOutsideOfPackages(
                    HOUSE.stream().map(name -> ROOT + "." + name).toArray(String[]::new))
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .resideInAPackage(ROOT)
            .andShould()
            .beAssignableTo(RuntimeException.class)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule package_ofTheHouse_usesOnlyPackagesBelowIt = classes().should(useOnlyPackagesBelow());

    @ArchTest
    static final ArchRule packages_ofTheHouse_haveNoCycles =
            slices().matching(ROOT + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule core_knowsNoSpringJdbcOrJson = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.springframework..",
                    "java.sql..",
                    "javax.sql..",
                    "com.fasterxml.jackson..",
                    "tools.jackson..",
                    "com.google.gson..",
                    "com.squareup.moshi..",
                    "jakarta.json..",
                    "javax.json..",
                    "org.json..");

    @ArchTest
    static final ArchRule publicSignature_hasNoResilience4jType = classes()
            .that(describe("users can see", ArchitectureTest::isVisible))
            .should(hideResilience4j());

    @ArchTest
    static final ArchRule class_isNamedAfterWhatItIs = noClasses()
            .should()
            .haveNameMatching(".*(Utils?|Helpers?|Managers?|Impl|Common)(\\$.*)?")
            .orShould()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..internal..", "..impl..", "..manager..");

    @ArchTest
    static final ArchRule thread_neverSleeps = noClasses().should().accessTargetWhere(sleeps());

    @ArchTest
    static final ArchRule output_goesThroughSlf4j_notThroughStandardStreams =
            GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule output_goesThroughSlf4j_notThroughJavaUtilLogging =
            noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

    @ArchTest
    static final ArchRule field_isNotInjected = GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;

    @ArchTest
    static final ArchRule staticField_isFinal = fields().that()
            .areStatic()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .should()
            .beFinal()
            .allowEmptyShould(true);

    @ArchTest
    static void package_anywhere_isNullMarked(JavaClasses core) {
        assertThat(packagesOf(core))
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as("@NullMarked on package %s", each.getName())
                        .isTrue());
    }

    @ArchTest
    static void publicTypes_areFew(JavaClasses core) {
        assertThat(core.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getName))
                .hasSizeLessThanOrEqualTo(MOST_PUBLIC_TYPES);
    }

    @ArchTest
    static void circuitBreakerFactory_isASingleMethod(JavaClasses core) {
        assertThat(core.stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(ArchitectureTest::isCircuitBreakerFactory)
                        .filter(method -> isVisible(method) && usesResilience4j(typesOf(method))))
                .hasSizeLessThanOrEqualTo(1);
    }

    private static ArchCondition<JavaClass> useOnlyPackagesBelow() {
        return new ArchCondition<>("use only packages below their own") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if ((target.getPackageName() + ".").startsWith(ROOT + ".")
                            && !mayUse(room(type.getPackageName()), room(target.getPackageName()))) {
                        events.add(violated(dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static boolean mayUse(String origin, String target) {
        return origin.equals(target) || !ALONE.contains(origin) && HOUSE.indexOf(target) < HOUSE.indexOf(origin);
    }

    private static String room(String packageName) {
        return packageName.equals(ROOT) ? OUTSIDE : packageName.substring(ROOT.length() + 1);
    }

    private static DescribedPredicate<JavaAccess<?>> sleeps() {
        return describe(
                "a sleep",
                access -> access.getTarget().getName().equals("sleep")
                        && (access.getTargetOwner().isAssignableTo(Thread.class)
                                || access.getTargetOwner().isAssignableTo(TimeUnit.class)));
    }

    private static ArchCondition<JavaClass> hideResilience4j() {
        return new ArchCondition<>("show no Resilience4j type, but for " + CIRCUIT_BREAKER_FACTORY) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Stream<JavaType> ancestors =
                        Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
                if (usesResilience4j(Stream.concat(ancestors, type.getTypeParameters().stream())
                        .flatMap(each -> each.getAllInvolvedRawTypes().stream()))) {
                    events.add(violated(type, createMessage(type, "has a Resilience4j type in its declaration")));
                }
                for (JavaMember member : type.getMembers()) {
                    if (isVisible(member) && !isCircuitBreakerFactory(member) && usesResilience4j(typesOf(member))) {
                        events.add(violated(member, createMessage(member, "has a Resilience4j type in its signature")));
                    }
                }
            }
        };
    }

    private static boolean isCircuitBreakerFactory(JavaMember member) {
        return (member.getOwner().getName() + "." + member.getName()).equals(CIRCUIT_BREAKER_FACTORY);
    }

    private static boolean usesResilience4j(Stream<JavaClass> types) {
        return types.anyMatch(
                type -> type.getBaseComponentType().getPackageName().startsWith("io.github.resilience4j"));
    }

    private static Stream<JavaClass> typesOf(JavaMember member) {
        Stream<JavaClass> thrown =
                member instanceof JavaCodeUnit unit ? unit.getExceptionTypes().stream() : Stream.empty();
        Set<JavaClass> declared = member instanceof JavaField field
                ? field.getAllInvolvedRawTypes()
                : ((JavaCodeUnit) member).getAllInvolvedRawTypes();
        return Stream.concat(declared.stream(), thrown);
    }

    private static boolean isVisible(JavaClass type) {
        return isPublicOrProtected(type.getModifiers())
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static boolean isVisible(JavaMember member) {
        return isPublicOrProtected(member.getModifiers()) && isVisible(member.getOwner());
    }

    private static boolean isPublicOrProtected(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static Set<JavaPackage> packagesOf(JavaClasses core) {
        Set<JavaPackage> packages = new HashSet<>();
        core.forEach(type -> packages.add(type.getPackage()));
        return packages;
    }
}
