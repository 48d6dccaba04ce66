package io.github.rollback4j.migrations;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** The house: a package uses only those before it, and each library is known to one package. */
@AnalyzeClasses(packages = MigrationsArchitectureTest.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class MigrationsArchitectureTest {

    static final String ROOT = "io.github.rollback4j.migrations";

    private static final List<String> HOUSE = List.of(
            "schema", "reading", "source", "statements", "judgement", "proof", "verdict", "gate", "report", "testing");

    @ArchTest
    static final ArchRule packages_haveNoCycles =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static void package_usesOnlyThoseBeforeIt(JavaClasses classes) {
        for (int i = 0; i < HOUSE.size() - 1; i++) {
            String[] later = HOUSE.subList(i + 1, HOUSE.size()).stream()
                    .map(name -> ROOT + "." + name + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "." + HOUSE.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(later)
                    .check(classes);
        }
    }

    @ArchTest
    static final ArchRule grammars_areKnownToReadingAlone = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".reading..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.antlr..", "io.debezium..", "net.sf.jsqlparser..");

    @ArchTest
    static final ArchRule tools_areKnownToTheirSourcesAlone = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".source..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.flywaydb..", "liquibase..");
}
