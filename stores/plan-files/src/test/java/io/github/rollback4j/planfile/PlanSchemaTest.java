package io.github.rollback4j.planfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Type;
import io.github.rollback4j.plan.PlanParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanSchemaTest {

    private static final Path COMMITTED =
            Path.of("src", "main", "resources", "io", "github", "rollback4j", "planfile", "rollback-plan.schema.json");
    private static final PublishedSchema SCHEMA = new PublishedSchema(PlanParts.load());

    /** With {@code -Drollback4j.schema.write=true} it writes what is to be committed. */
    @Test
    void committedSchema_isTheGenerated() throws IOException {
        String generated = PlanSchema.of(PlanParts.load());
        if (Boolean.getBoolean("rollback4j.schema.write")) {
            Files.writeString(COMMITTED, generated);
        }

        assertThat(COMMITTED).hasContent(generated);
        assertThat(PlanFile.class.getResource("rollback-plan.schema.json")).isNotNull();
    }

    @Test
    void schema_isOneOfDraft2020() {
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                        .validate(PlanSchema.of(PlanParts.load()), InputFormat.JSON))
                .isEmpty();
    }

    static Stream<String> validPlans() {
        return ValidPlans.all(Path.of("/run/secrets/ci")).stream();
    }

    @ParameterizedTest
    @MethodSource("validPlans")
    void validPlan_passes(String file) {
        assertThat(SCHEMA.problems(file)).isEmpty();
    }

    static Stream<MalformedPlan> malformedPlans() {
        return MalformedPlan.all().stream();
    }

    @ParameterizedTest
    @MethodSource("malformedPlans")
    void malformedPlan_isRefusedWhereASchemaCanSaySo(MalformedPlan plan) {
        assertThat(SCHEMA.verdict(plan.text())).isEqualTo(plan.schema());
    }

    @Test
    void schema_withAModulesPart_knowsIt() {
        PlanPartProvider pigeon = new PlanPartProvider() {
            @Override
            public Kind kind() {
                return Kind.NOTIFIER;
            }

            @Override
            public String name() {
                return "pigeon";
            }

            @Override
            public String description() {
                return "Sends a bird.";
            }

            @Override
            public List<Option> options() {
                return List.of(
                        Option.required("to", Type.TEXT, "Where it flies.").oneOf("home", "away"),
                        Option.withDefault("speed", Type.LIST_OF_NUMBERS, "1, 2", "How fast.")
                                .atMost(9));
            }

            @Override
            public Object create(Options values) {
                return new Example.Silent("pigeon");
            }
        };
        PlanParts parts = PlanParts.load().with(List.of(pigeon));
        PublishedSchema schema = new PublishedSchema(parts);
        String plan =
                "signals: [error-rate]\ncommunication: {groups: [{name: a, role: A, channels: {pigeon: {to: home}}}]}";

        assertThat(schema.problems(plan)).isEmpty();
        assertThat(schema.verdict(plan.replace("home", "moon"))).isEqualTo("refuses");
        assertThat(schema.verdict(plan.replace("to:", "at:"))).isEqualTo("refuses");
        assertThat(schema.verdict(plan.replace("home", "home, speed: 10"))).isEqualTo("refuses");
        assertThat(schema.verdict(plan.replace("home", "home, speed: '1, 2'"))).isEqualTo("passes");
        assertThat(SCHEMA.verdict(plan)).isEqualTo("refuses");
        assertThat(PlanSchema.of(parts)).contains("\"Sends a bird.\"", "Allowed: one of home, away.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "500ms", "30s", "10m", "1h", "2d", "PT10M", "PT0.5S", "P1DT2H", "pt1m", "10", "10 s", "-10s", "PT", "P",
                "P1", "P1M", "1.5h", "PT-10M", ""
            })
    void duration_isTakenByTheSchemaAsByTheLoader(String text) {
        String plan = "signals: [error-rate]\nbefore-start: {drilled-within: \"" + text + "\"}";
        boolean isLoaded;
        try {
            Example.reader().parse("plan.yml", plan);
            isLoaded = true;
        } catch (PlanFileException refused) {
            isLoaded = false;
        }

        assertThat(SCHEMA.verdict(plan)).isEqualTo(isLoaded ? "passes" : "refuses");
    }
}
