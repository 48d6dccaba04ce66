package io.github.rollback4j.planfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Plans from values that another configuration holds. */
class PlanValuesTest {

    @SuppressWarnings("unchecked")
    private static Map<String, ?> values(String yaml) {
        return (Map<String, ?>)
                new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(yaml);
    }

    private static List<String> problems(Map<String, ?> values) {
        return catchThrowableOfType(
                        PlanFileException.class, () -> Example.reader().of("the properties", values))
                .problems()
                .stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void documentedPlan_asValues_isTheSamePlan() {
        String file = Example.page()
                .split("```yaml\n")[1]
                .split("```")[0]
                .replace("${env:ROLLBACK_MODE:-act}", "act")
                .replace("${env:CI_HOST:-ci.example.com}", "ci.example.com")
                .replace("${env:CDN_TOKEN}", "t0p-s3cret")
                .replace("${file:/run/secrets/ci}", "s3cr3t");
        RollbackPlan plan = Example.reader().of("the properties", values(file));
        assertThat(plan.hash()).isEqualTo(Example.plan(() -> "s3cr3t").hash());
    }

    @Test
    void keys_withoutHyphensAndInCapitals_areTheSame() {
        RollbackPlan plan = Example.reader()
                .of(
                        "the environment",
                        Map.of(
                                "OUTCOMEDEADLINE",
                                "7s",
                                "mode",
                                "observe",
                                "SIGNALS",
                                List.of(Map.of("ERRORRATE", Map.of("NOTABOVESTABLEBY", "0.2")))));
        assertThat(plan.outcomeDeadline()).isEqualTo(Duration.ofSeconds(7));
        assertThat(plan.mode()).isEqualTo(Mode.OBSERVE);
        assertThat(plan.signals())
                .singleElement()
                .satisfies(signal -> assertThat(signal.name()).isEqualTo("error-rate"));
    }

    @Test
    void text_thatLooksLikeAPlaceholder_isTakenAsItIs() {
        RollbackPlan plan = Example.reader().of("the properties", values("""
                                signals: [error-rate]
                                steps: [{run: {manual: {instruction: "Look at ${env:HOME}."}}}]
                                """));
        assertThat(plan.describe().toString()).contains("Look at ${env:HOME}.");
    }

    @Test
    void mistakes_allAtOnce_haveAPathAndNoLine() {
        assertThat(problems(values("""
                        signals: [eror-rate]
                        criteria: {ownr: Product Owner}
                        outcome-deadline: ""
                        verification: {checks: [orders-arrive, orders-arrive]}
                        """)))
                .contains("the properties: criteria.ownr: is unknown, 'owner' is the nearest: version, owner, approver,"
                        + " tolerated-data-loss are allowed here")
                .anySatisfy(problem -> assertThat(problem)
                        .startsWith("the properties: signals[0]: signal 'eror-rate' is unknown, 'error-rate' is the"))
                .anySatisfy(
                        problem -> assertThat(problem).startsWith("the properties: outcome-deadline: has no value: "));
        assertThat(problems(values("{signals: [error-rate], verification: {checks: [orders-arrive, orders-arrive]}}")))
                .containsExactly("the properties: verification.checks[1]: check orders-arrive is there twice, before at"
                        + " verification.checks[0]: each name once is allowed");
    }

    @Test
    void value_ofATypeThatNoConfigurationHas_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Example.reader().of("the properties", Map.of("signals", List.of(new Object()))))
                .withMessage("a value of type java.lang.Object is not allowed: a map, a list, a text, a number or a"
                        + " boolean is");
    }
}
