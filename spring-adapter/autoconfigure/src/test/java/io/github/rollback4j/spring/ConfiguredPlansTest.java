package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.planfile.PlanFile;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.WaysBack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.DefaultResourceLoader;

/** Plans from properties, as Spring Boot reads them from YAML and from elsewhere. */
class ConfiguredPlansTest {

    private static final String RELEASES =
            "stable: {version: 1.4.2}\ncandidate: {version: 1.5.0, attributes: {commit: 4d1f2c9}}\n".indent(6);

    private final StandardEnvironment environment = new StandardEnvironment();
    private PlanFile.Reader reader = PlanFile.reader();

    private @Nullable Release running;
    private @Nullable Release before;
    private final ConfiguredPlans.Releases releases = new ConfiguredPlans.Releases() {
        @Override
        public @Nullable Release running(String component) {
            return running;
        }

        @Override
        public @Nullable Release before(Release of) {
            return before;
        }
    };

    @TempDir
    private Path folder;

    private ConfiguredPlansTest yaml(String text) throws IOException {
        new YamlPropertySourceLoader()
                .load(
                        "application.yml",
                        new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8), "application.yml"))
                .forEach(environment.getPropertySources()::addLast);
        ConfigurationPropertySources.attach(environment);
        return this;
    }

    private ConfiguredPlansTest variables(Map<String, Object> variables) {
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", variables));
        return this;
    }

    private ConfiguredPlansTest arguments(Map<String, Object> properties) {
        environment.getPropertySources().addFirst(new MapPropertySource("arguments", properties));
        return this;
    }

    private Map<String, RollbackPlan> plans() {
        return ConfiguredPlans.read(environment, new DefaultResourceLoader(), reader, releases)
                .byName();
    }

    private List<String> mistakes() {
        return catchThrowableOfType(RolloutConfigurationException.class, this::plans).mistakes().stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void tenLines_areAPlan() throws Exception {
        RollbackPlan plan = yaml("""
                rollback4j:
                  rollouts:
                    quotes:
                      stable: 1.4.2
                      candidate: 1.5.0
                      strategy:
                        canary: {steps: [5, 25, 50], bake: 10m}
                      signals:
                        - error-rate
                """).plans().get("quotes");
        assertThat(plan.stable()).isEqualTo(Release.of("quotes", "1.4.2"));
        assertThat(plan.candidate()).isEqualTo(Release.of("quotes", "1.5.0"));
        assertThat(plan.mode()).isEqualTo(Mode.ACT);
        assertThat(plan.strategy().steps()).hasSize(3);
    }

    @Test
    void samePlanAsAFile_hasTheSameHash() throws Exception {
        String body = """
                component: quotes
                stable: {version: 1.4.2}
                candidate: {version: 1.5.0, attributes: {commit: 4d1f2c9}}
                signals:
                  - error-rate: {not-above-stable-by: 0.1}
                  - latency: {quantile: 0.99, not-above-stable-times: 1.2}
                  - report
                signal-weights: {error-rate: 0.75, latency: 0.25}
                outcomes: {ignore: [java.io.InterruptedIOException]}
                audience:
                  stable-for: [customer-17, 42]
                  only: [{attribute: region, is: [eu, uk]}]
                steps:
                  - run:
                      command:
                        name: purge
                        command-line: [/opt/bin/purge, prices]
                        environment: {CACHE_NAME: prices, Other: x}
                  - run: {manual: {name: tell, instruction: "Tell them. Then wait."}}
                    gates: [{approval: {name: owner, who: Product Owner}}]
                """;
        RollbackPlan plan = yaml("rollback4j:\n  rollouts:\n    quotes:\n" + body.indent(6))
                .plans()
                .get("quotes");
        assertThat(plan.describe()).isEqualTo(PlanFile.parse("plan.yml", body).describe());
    }

    @Test
    void defaultsAndBase_sayWhatTheRolloutDoesNot_andListsAreTakenAsAWhole() throws Exception {
        Map<String, RollbackPlan> plans = yaml("""
                rollback4j:
                  defaults:
                    mode: recommend
                    outcome-deadline: 7s
                    signals: [error-rate, latency]
                  rollouts:
                    careful:
                      stable: 1.0
                      candidate: "2.0"
                      false-rollback-rate: 0.001
                    prices:
                      base: careful
                      stable: v1
                      candidate: v2
                      outcome-deadline: 9s
                      signals: [report]
                """.replace("1.0\n", "'1.0'\n")).plans();
        assertThat(plans.keySet()).containsExactly("careful", "prices");
        RollbackPlan prices = plans.get("prices");
        assertThat(prices.stable().component()).isEqualTo("prices");
        assertThat(prices.mode()).isEqualTo(Mode.RECOMMEND);
        assertThat(prices.outcomeDeadline()).isEqualTo(Duration.ofSeconds(9));
        assertThat(prices.falseRollbackRate()).isEqualTo(0.001);
        assertThat(prices.signals())
                .singleElement()
                .satisfies(signal -> assertThat(signal.name()).isEqualTo("report"));
        assertThat(plans.get("careful").signals()).hasSize(2);
    }

    @Test
    void higherSources_win_howeverTheySpellIt() throws Exception {
        RollbackPlan plan = yaml("""
                rollback4j:
                  rollouts:
                    new-prices:
                      outcome-deadline: 7s
                      mode: act
                      signals: [error-rate, latency]
                """ + RELEASES)
                .variables(Map.of(
                        "ROLLBACK4J_ROLLOUTS_NEWPRICES_OUTCOMEDEADLINE", "8s",
                        "ROLLBACK4J_ROLLOUTS_NEWPRICES_SIGNALS_0", "report"))
                .arguments(Map.of("rollback4j.rollouts.new-prices.mode", "observe"))
                .plans()
                .get("new-prices");
        assertThat(plan.stable().component()).isEqualTo("new-prices");
        assertThat(plan.outcomeDeadline()).isEqualTo(Duration.ofSeconds(8));
        assertThat(plan.mode()).isEqualTo(Mode.OBSERVE);
        assertThat(plan.signals()).singleElement();
    }

    @Test
    void placeholders_areFilledInBySpring_andThoseOfFilesRefused() throws Exception {
        arguments(Map.of("VERSION", "1.6.0"));
        assertThat(yaml("""
                rollback4j:
                  rollouts:
                    quotes: {stable: 1.4.2, candidate: "${VERSION}", mode: "${MODE:observe}", signals: [error-rate]}
                """).plans().get("quotes").candidate().version()).isEqualTo("1.6.0");
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "more",
                        Map.of(
                                "rollback4j.rollouts.quotes.steps[0].run.webhook.secret", "${env:CI_TOKEN}",
                                "rollback4j.rollouts.quotes.mode", "${WHAT_MODE}")));
        assertThat(mistakes())
                .satisfiesExactlyInAnyOrder(
                        mistake -> assertThat(mistake)
                                .startsWith(
                                        "rollback4j.rollouts.quotes.steps[0].run.webhook.secret: '${env:CI_TOKEN}' is a"
                                                + " placeholder of plan files"),
                        mistake -> assertThat(mistake)
                                .startsWith("rollback4j.rollouts.quotes.mode: contains a placeholder that cannot be"));
    }

    @Test
    void mistakes_allAtOnce_nameThePropertyWhereItWasSet() throws Exception {
        assertThat(yaml("""
                rollback4j:
                  defaults:
                    outcome-deadline: soon
                  rollouts:
                    quotes:
                      stable: 1.4.2
                      candidate: 1.50
                      signals:
                        - error-rate: {not-above-stble-by: 0.1}
                    prices:
                      base: qotes
                      signals: [eror-rate]
                """).mistakes())
                .satisfiesExactly(
                        first -> assertThat(first)
                                .startsWith(
                                        "rollback4j.rollouts.quotes.candidate: is a number here, and 1.10 the same as 1.1")
                                .contains("7:18"),
                        second -> assertThat(second)
                                .startsWith("rollback4j.rollouts.prices.base: 'qotes' is no rollout, 'quotes' is the"
                                        + " nearest: quotes, prices are"));
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "more",
                        Map.of(
                                "rollback4j.rollouts.quotes.candidate", "1.5.0",
                                "rollback4j.rollouts.prices.base", "quotes")));
        assertThat(mistakes())
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.rollouts.quotes.signals[0].error-rate.not-above-stble-by: ")
                        .contains("'not-above-stable-by' is the nearest")
                        .contains("application.yml")
                        .contains("9:"))
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.defaults.outcome-deadline: ")
                        .contains("soon")
                        .contains("3:"))
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.rollouts.prices.signals[0]: ")
                        .contains("'error-rate' is the nearest"));
    }

    @Test
    void base_inACircleOrAFile_isRefused() throws Exception {
        assertThat(yaml("""
                rollback4j:
                  rollouts:
                    a: {base: b, signals: [error-rate]}
                    b: {base: a}
                    c: {base: d}
                    d: {plan: "classpath:plan.yml"}
                """).mistakes())
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.rollouts.b.base: 'a' is its own base, by way of a, b"))
                .anySatisfy(
                        mistake -> assertThat(mistake).startsWith("rollback4j.rollouts.c.base: 'd' is a plan's file"))
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.rollouts.d.plan: 'classpath:plan.yml' cannot be read"));
    }

    @Test
    void file_isThePlan_withReleasesFromHereOrThere() throws Exception {
        Path file = folder.resolve("plan.yml");
        Files.writeString(file, "signals: [error-rate, latency]\nmode: observe\n");
        Map<String, RollbackPlan> plans =
                yaml("""
                rollback4j:
                  defaults: {mode: act}
                  rollouts:
                    quotes:
                      plan: FILE
                      stable: 1.4.2
                      candidate: {version: 1.5.0, attributes: {commit: 4d1f2c9}}
                """.replace("FILE", file.toUri().toString())).plans();
        assertThat(plans.get("quotes").mode()).isEqualTo(Mode.OBSERVE);
        assertThat(plans.get("quotes").candidate().attributes()).containsEntry("commit", "4d1f2c9");
        Files.writeString(file, "signals: [error-rat]\n");
        arguments(Map.of("rollback4j.rollouts.quotes.mode", "act"));
        assertThat(mistakes())
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith(
                                "rollback4j.rollouts.quotes.mode: is not allowed beside rollback4j.rollouts.quotes.plan: "
                                        + "component, stable, candidate are"));
    }

    @Test
    void file_withMistakes_namesThePlaceInTheFile() throws Exception {
        Path file = folder.resolve("plan.yml");
        Files.writeString(file, "component: quotes\nstable: {version: 1.4.2}\nsignals: [error-rat]\n");
        assertThat(yaml("rollback4j.rollouts.quotes: {plan: '" + file.toUri() + "', candidate: 1.5.0}")
                        .mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.rollouts.quotes.stable: is missing: both releases are named here"));
    }

    @Test
    void beans_areNamedByPlans() throws Exception {
        reader = reader.bind(RollbackStrategy.class, "new-prices-off", WaysBack.manual("off", "Switch it off."));
        RollbackPlan plan = yaml("""
                rollback4j:
                  rollouts:
                    quotes:
                      signals: [error-rate]
                      steps: [{run: {bind: new-prices-off}}]
                """ + RELEASES).plans().get("quotes");
        assertThat(plan.describe().toString()).contains("off");
    }

    @Test
    void gapInAList_isRefused() throws Exception {
        assertThat(yaml("rollback4j.rollouts.quotes: {stable: a, candidate: b}")
                        .arguments(Map.of(
                                "rollback4j.rollouts.quotes.signals[0]", "report",
                                "rollback4j.rollouts.quotes.signals[2]", "error-rate"))
                        .mistakes())
                .singleElement()
                .satisfies(mistake ->
                        assertThat(mistake).startsWith("rollback4j.rollouts.quotes.signals: [1] is missing"));
    }

    private static final String DEPLOYMENT = """
            rollback4j:
              rollouts:
                checkout:
                  strategy: deployment
                  signals: [error-rate]
            """;

    private ConfiguredPlans.Plans deployment() {
        return ConfiguredPlans.read(environment, new DefaultResourceLoader(), reader, releases);
    }

    @Test
    void deployment_ofTheRunningBuild_againstTheOneThatServedLast() throws Exception {
        running = Release.of("checkout", "1.5.0").with(Release.COMMIT, "4d1f2c9");
        before = Release.of("checkout", "1.4.2");
        ConfiguredPlans.Plans plans = yaml(DEPLOYMENT).deployment();
        assertThat(plans.byName().get("checkout").stable()).isEqualTo(before);
        assertThat(plans.byName().get("checkout").candidate()).isEqualTo(running);
        assertThat(plans.served()).isNull();
    }

    @Test
    void deployment_ofTheFirstRelease_orOfStableItself_isNoRollout() throws Exception {
        running = Release.of("checkout", "1.5.0");
        assertThat(yaml(DEPLOYMENT).deployment().served()).isEqualTo(running);
        arguments(Map.of("rollback4j.rollouts.checkout.stable", "1.5.0"));
        assertThat(deployment().served()).isEqualTo(running);
        assertThat(deployment().byName()).isEmpty();
        arguments(Map.of("rollback4j.rollouts.checkout.stable", "1.4.2"));
        assertThat(deployment().byName()).containsOnlyKeys("checkout");
    }

    @Test
    void deployment_ofNobodyKnowsWhat_orTwice_isRefused() throws Exception {
        assertThat(yaml(DEPLOYMENT).mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake)
                        .startsWith("rollback4j.rollouts.checkout.candidate: is missing, and the build does not say"));
        running = Release.of("checkout", "1.5.0");
        before = Release.of("checkout", "1.4.2");
        arguments(Map.of(
                "rollback4j.rollouts.other.base", "checkout", "rollback4j.rollouts.other.component", "checkout"));
        assertThat(mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake)
                        .contains("strategy: is a deployment, and rollback4j.rollouts.")
                        .contains("a process is one release"));
    }
}
