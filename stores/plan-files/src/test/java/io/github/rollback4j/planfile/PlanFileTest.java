package io.github.rollback4j.planfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Touched;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.strategy.WaysBack;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.OutcomeRules;
import io.github.rollback4j.traffic.Subject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

class PlanFileTest {

    @TempDir
    private Path folder;

    private Path secret;

    @BeforeEach
    void writeSecret() throws IOException {
        secret = Files.writeString(folder.resolve("ci"), "s3cr3t\n");
    }

    private static RollbackPlan parse(String text) {
        return Example.reader().parse("plan.yml", text);
    }

    private static RollbackPlan.Builder inJava() {
        return RollbackPlan.from(Example.STABLE).to(Example.CANDIDATE).watch(Signals.errorRate());
    }

    private static String problem(PlanFile.Reader reader, String text) {
        PlanFileException malformed =
                catchThrowableOfType(PlanFileException.class, () -> reader.parse("plan.yml", text));
        assertThat(malformed).as("problem").isNotNull();
        return malformed.getMessage();
    }

    @Nested
    class RoundTrip {

        @Test
        void parse_ofTheDocumentedFile_isThePlanInJava() {
            RollbackPlan plan = Example.reader().parse("rollback-plan.yml", Example.file(secret));

            RollbackPlan inJava = Example.plan(() -> "s3cr3t");
            assertThat(plan.describe()).isEqualTo(inJava.describe());
            assertThat(plan.hash()).isEqualTo(inJava.hash());
            assertThat(plan.mdcKey()).isEqualTo(inJava.mdcKey());
            assertThat(plan.stages().stream().map(List::size)).containsExactly(2, 1);
            assertThat(plan.steps().get(2).patience()).isEqualTo(Duration.ofHours(1));
            assertThat(plan.strategy().verifications()).containsOnlyKeys("warmed-up");
        }

        @Test
        void parse_ofTheDocumentedFileAsJson_isTheSamePlan() {
            Object read = new Load(
                            LoadSettings.builder().setSchema(new CoreSchema()).build())
                    .loadFromString(Example.file(secret));

            RollbackPlan plan = Example.reader().parse("rollback-plan.json", JsonText.of(read));

            assertThat(plan.hash()).isEqualTo(Example.plan(() -> "s3cr3t").hash());
        }

        @Test
        void parse_ofJsonWithTabsEscapesAndItsSchema_isRead() {
            RollbackPlan plan = parse(
                    "{\n\t\"$schema\": \"rollback-plan.schema.json\",\n\t\"signals\": [\n\t\t\"error-rate\"\n\t],\n"
                            + "\t\"criteria\": {\"owner\": \"A\\/B \\ud83d\\ude00 \\u00fc\"}\n}\n");

            assertThat(plan.criteria().owner()).isEqualTo("A/B 😀 ü");
        }

        @Test
        void parse_ofTheLeast_isThePlanWithDefaults() {
            assertThat(parse("signals: [error-rate]").hash())
                    .isEqualTo(inJava().build().hash());
        }

        @Test
        void parse_ofAllDefaults_isThePlanWithDefaults() {
            StringBuilder text = new StringBuilder("signals: [error-rate]\nstrategy: canary\n");
            for (Shape.Field field : Layout.ROOT.fields()) {
                if (field.shape() instanceof Shape.Value value && value.option().defaultValue() != null) {
                    text.append(field.name())
                            .append(": ")
                            .append(value.option().defaultValue())
                            .append('\n');
                }
            }
            assertThat(text).contains("false-rollback-rate: 0.01", "keys-per-step: 65536");

            assertThat(parse(text.toString()).hash()).isEqualTo(inJava().build().hash());
        }

        @Test
        void parse_ofAllDefaultsOfAStepAndAGroup_isTheSame() {
            String least = "signals: [error-rate]\nverification: {}\nsteps: [{run: {manual: {instruction: Look.}}}]\n"
                    + "communication: {groups: [{name: a, role: A, channels: {bind: pager}}]}\n";
            String all = "signals: [error-rate]\nverification: {within: 5m}\n"
                    + "steps: [{run: {manual: {name: manual, instruction: Look.}}, deadline: 1m, attempts: 3, pause: 1s,"
                    + " patience: 10m, when-uncertain: ask}]\n"
                    + "communication: {groups: [{name: a, role: A, channels: [{bind: pager}], after: 0s, updates-every: 20m,"
                    + " occasions: [rollback, scope, update, needs-human, rolled-back]}]}\n";

            assertThat(parse(all).hash())
                    .isEqualTo(parse(least).hash())
                    .isEqualTo(inJava().verifyWithin(Duration.ofMinutes(5))
                            .thenRun(WaysBack.manual("manual", "Look."))
                            .communication(new Communication(
                                    List.of(Communication.Group.of("a", "A", new Example.Silent("pager")))))
                            .build()
                            .hash());
        }

        @ParameterizedTest
        @ValueSource(strings = {"\r\n", "\r", "\n"})
        void parse_withOtherLineEnds_isTheSame(String lineEnd) {
            assertThat(parse("signals:\n  - error-rate\nmode: act\n".replace("\n", lineEnd))
                            .hash())
                    .isEqualTo(inJava().build().hash());
        }

        @Test
        void read_withAByteOrderMark_isTheSame() throws IOException {
            Path file = Files.writeString(folder.resolve("plan.yml"), "\uFEFFsignals: [error-rate]");

            assertThat(Example.reader().read(file).hash())
                    .isEqualTo(inJava().build().hash());
        }

        @Test
        void read_ofAFileThatNamesItsReleases_needsNothing() throws IOException {
            // @start region="read"
            Path file = folder.resolve("rollback-plan.yml");
            Files.writeString(file, """
                    component: checkout
                    stable: {version: 1.4.2, attributes: {commit: 4d1f2c9, schema-version: 17}}
                    candidate: {version: 1.10}
                    signals: [error-rate]
                    """);
            RollbackPlan plan = PlanFile.read(file);
            // @end

            assertThat(plan.stable())
                    .isEqualTo(Release.of("checkout", "1.4.2")
                            .with(Release.COMMIT, "4d1f2c9")
                            .with(Release.SCHEMA_VERSION, "17"));
            assertThat(plan.candidate()).isEqualTo(Release.of("checkout", "1.10"));
            assertThat(PlanFile.parse("plan", Files.readString(file)).hash()).isEqualTo(plan.hash());
        }

        @Test
        void parse_ofWhatYamlTakesForSomethingElse_isTheTextThatIsWritten() {
            RollbackPlan plan = PlanFile.parse("plan.yml", """
                    component: no
                    stable: {version: 1.10, attributes: {commit: 1e5, link: on}}
                    candidate: {version: 2026-01-31}
                    signals: [error-rate]
                    required-by: [no, 0x10, 1_000, "null"]
                    """);

            assertThat(plan.stable())
                    .isEqualTo(Release.of("no", "1.10").with("commit", "1e5").with("link", "on"));
            assertThat(plan.candidate().version()).isEqualTo("2026-01-31");
            assertThat(plan.requiredBy()).containsExactly("no", "0x10", "1_000", "null");
        }

        @Test
        void parse_withAliases_readsWhatTheyStandFor() {
            RollbackPlan plan = parse("""
                    signals: [error-rate]
                    steps:
                      - run: {manual: {name: a, instruction: A.}}
                        deadline: &long 10m
                        gates: &gates {approval: {who: Product Owner}}
                      - run: {manual: {name: b, instruction: B.}}
                        deadline: *long
                        gates: *gates
                    """);

            assertThat(plan.steps()).allSatisfy(step -> {
                assertThat(step.deadline()).isEqualTo(Duration.ofMinutes(10));
                assertThat(step.gates())
                        .containsExactlyElementsOf(plan.steps().get(0).gates());
            });
        }

        @Test
        void parse_withGatesThatAreWrittenTheSame_hasOneGate() {
            RollbackPlan plan = parse("""
                    signals: [error-rate]
                    steps:
                      - run: {manual: {name: a, instruction: A.}}
                        gates: [{approval: {who: Product Owner}}, {bind: fresh-backup}]
                      - run: {manual: {name: b, instruction: B.}}
                        gates: [{bind: fresh-backup}, {approval: {who: 'Product Owner'}}]
                    """.replace(
                            "{bind: fresh-backup}",
                            "{freeze: {from: 2026-12-23T18:00:00Z," + " until: 2026-12-27T18:00:00Z, why: away}}"));

            assertThat(plan.steps().get(0).gates())
                    .containsExactlyInAnyOrderElementsOf(plan.steps().get(1).gates());
        }

        @Test
        void parse_ofEverythingThatIsTouched_hasIt() {
            RollbackPlan plan = parse("signals: [error-rate]\ntouches:\n"
                    + List.of(Touched.Kind.values()).stream()
                            .map(kind -> "  - {kind: " + Layout.word(kind) + ", name: x, shown: y}\n")
                            .collect(Collectors.joining()));

            assertThat(plan.touched()).extracting(Touched::kind).containsExactly(Touched.Kind.values());
        }

        @Test
        void parse_ofADeployment_hasItsCheck() {
            RollbackPlan plan = parse("signals: [error-rate]\nstrategy: deployment\nstable-serves: warmed-up\n");

            assertThat(plan.strategy().deployed()).satisfies(deployed -> {
                assertThat(deployed.checkName()).isEqualTo("warmed-up");
                assertThat(deployed.stableServes()).isNotNull();
            });
        }

        @Test
        void parse_ofEachModeAndOccasion_hasIt() {
            assertThat(parse("signals: [error-rate]\n").isModeStated()).isFalse();
            for (Mode mode : Mode.values()) {
                assertThat(parse("signals: [error-rate]\nmode: " + Layout.word(mode))
                                .mode())
                        .isEqualTo(mode);
            }
            for (Communication.Occasion occasion : Communication.Occasion.values()) {
                RollbackPlan plan = parse("signals: [error-rate]\ncommunication: {groups: [{name: a, role: A, channels:"
                        + " {bind: pager}, occasions: [" + occasion + "]}]}");
                assertThat(plan.communication().groups().get(0).occasions()).containsExactly(occasion);
            }
        }
    }

    @Nested
    class Calls {

        @Test
        void audience_ofValues_isThatOfJava() {
            UUID uuid = UUID.fromString("0fe6a2a5-8b33-4b25-9c1f-5b1d2a1f0001");
            RollbackPlan plan = parse("""
                    signals: [error-rate]
                    audience:
                      stable-for: [a, "42", 42, {uuid: 0fe6a2a5-8b33-4b25-9c1f-5b1d2a1f0001}, true]
                      stable-when: [{attribute: tier, is: [gold]}]
                      candidate-when: [{attribute: tenant, is: [our own]}]
                      only: [{attribute: region, is: [eu, uk]}, {attribute: app, is: [web]}]
                      hold-back: [{name: a, percent: 7}, {name: b, percent: 0.1}]
                    """);

            assertThat(plan.audience())
                    .hasToString(Audience.everyone()
                            .stableFor("a", "42", 42L, uuid, "true")
                            .stableWhen("tier is gold", subject -> false)
                            .candidateWhen("tenant is our own", subject -> false)
                            .only("region is eu or uk", subject -> false)
                            .only("app is web", subject -> false)
                            .holdBack("a", 0.07)
                            .holdBack("b", 0.001)
                            .toString());
        }

        @Test
        void audience_thatIsBound_isAddedTo() {
            PlanFile.Reader reader = Example.reader()
                    .bind(Audience.class, "staff", Audience.everyone().candidateWhen("staff", Calls::isStaff));

            assertThat(reader.parse("plan.yml", "signals: [error-rate]\naudience: {bind: staff, stable-for: [x]}")
                            .audience())
                    .hasToString(Audience.everyone()
                            .candidateWhen("staff", Calls::isStaff)
                            .stableFor("x")
                            .toString());
        }

        private static boolean isStaff(Subject subject) {
            return subject.has("staff", "yes");
        }

        @Test
        void outcomes_byTheirClasses_areJudged() {
            OutcomeRules rules = parse("""
                            signals: [error-rate]
                            outcomes:
                              timeout-on: [java.lang.IllegalStateException]
                              cancelled-on: [java.lang.SecurityException]
                              ignore: [java.io.FileNotFoundException]
                              fail-only-on: [java.io.IOException, java.lang.Error]
                            """).outcomes();

            assertThat(rules.ofException(new FileNotFoundException())).isEqualTo(Outcome.IGNORED);
            assertThat(rules.ofException(new IOException())).isEqualTo(Outcome.FAILURE);
            assertThat(rules.ofException(new AssertionError())).isEqualTo(Outcome.FAILURE);
            assertThat(rules.ofException(new SecurityException())).isEqualTo(Outcome.CANCELLED);
            assertThat(rules.ofException(new RuntimeException())).isEqualTo(Outcome.SUCCESS);
            assertThat(rules.isTimeout(new IllegalStateException())).isTrue();
        }

        @Test
        void outcomes_thatAreBound_areAddedTo() {
            OutcomeRules bound = OutcomeRules.defaults().failOnResult("empty", ""::equals);
            OutcomeRules rules = Example.reader()
                    .bind(OutcomeRules.class, "empty-fails", bound)
                    .parse(
                            "plan.yml",
                            "signals: [error-rate]\noutcomes: {bind: empty-fails, ignore: [java.lang.Error]}")
                    .outcomes();

            assertThat(rules.ofResult("")).isEqualTo(Outcome.FAILURE);
            assertThat(rules.ofException(new Error())).isEqualTo(Outcome.IGNORED);
        }
    }

    @Nested
    class Binding {

        @Test
        void bind_ofEachPart_isInItsPlace() {
            RolloutStrategy strategy = RolloutStrategy.canary(7);
            RollbackStrategy way = WaysBack.manual("way", "Look.");
            Gate gate = Gate.approval("gate", "somebody");
            Notifier notifier = new Example.Silent("notifier");
            FailureSignal signal = Signals.report();
            Check check = () -> Check.Result.pass("fine");

            RollbackPlan plan = PlanFile.reader()
                    .with(Example.STABLE, Example.CANDIDATE)
                    .bind(RolloutStrategy.class, "x", strategy)
                    .bind(RollbackStrategy.class, "x", way)
                    .bind(Gate.class, "x", gate)
                    .bind(Notifier.class, "x", notifier)
                    .bind(FailureSignal.class, "x", signal)
                    .bind(Check.class, "x", check)
                    .parse("plan.yml", """
                            strategy: {bind: x}
                            signals: [{bind: {name: x}}]
                            steps: [{run: {bind: x}, gates: [{bind: x}, {bind: {name: x}}]}]
                            verification: {checks: [x, {name: y, bind: x}]}
                            communication: {groups: [{name: a, role: A, channels: {bind: x}}]}
                            """);

            assertThat(plan.strategy()).isSameAs(strategy);
            assertThat(plan.signals()).containsExactly(signal);
            assertThat(plan.steps().get(0).way()).isSameAs(way);
            assertThat(plan.steps().get(0).gates()).containsExactly(gate, gate);
            assertThat(plan.communication().groups().get(0).channels()).containsExactly(notifier);
            assertThat(plan.verification()).isNotNull();
            assertThat(plan.verification().checks()).isEqualTo(Map.of("x", check, "y", check));
        }

        @Test
        void bind_ofASignalWithALimit_takesTheLimitOfTheFile() {
            LimitSignal reading = Signals.reading("queue", () -> 1);

            assertThat(signal(
                            reading, "{name: x, not-above: 10, per-second: true, every: 5s, readings: 4, during: 1m}"))
                    .isEqualTo(reading.notAbove(10)
                            .perSecond()
                            .every(Duration.ofSeconds(5))
                            .forAtLeast(4, Duration.ofMinutes(1))
                            .description());
            assertThat(signal(reading, "{name: x, not-below: -2.5, readings: 1}"))
                    .isEqualTo(reading.notBelow(-2.5)
                            .forAtLeast(1, Duration.ofSeconds(10))
                            .description());
            assertThat(signal(reading.notAbove(3), "x"))
                    .isEqualTo(reading.notAbove(3).description());
        }

        private String signal(FailureSignal bound, String written) {
            return Example.reader()
                    .bind(FailureSignal.class, "x", bound)
                    .parse("plan.yml", "signals: [{bind: " + written + "}]")
                    .signals()
                    .get(0)
                    .description();
        }

        @Test
        void bind_ofAnotherSignal_takesNoLimit() {
            assertThat(problem(
                            Example.reader().bind(FailureSignal.class, "x", Signals.report()),
                            "signals: [{bind: {name: x, not-above: 1}}]"))
                    .isEqualTo("plan.yml:1:18: signals[0].bind: signal report is bound to a PushedSignal: only a"
                            + " LimitSignal takes a limit from the file");
        }

        @Test
        void bind_ofWhatCannotBeBound_isRefused() {
            PlanFile.Reader reader = PlanFile.reader();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> reader.bind(String.class, "x", ""))
                    .withMessage("a java.lang.String cannot be bound to 'x': [Check, FailureSignal, RolloutStrategy,"
                            + " RollbackStrategy, Gate, Notifier, Audience, OutcomeRules] are allowed");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> reader.bind(Audience.class, "X", Audience.everyone()))
                    .withMessage(
                            "name 'X' of a Audience is not allowed: 1 to 63 lower-case letters, digits and hyphens, no"
                                    + " hyphen first, are");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> reader.bind(Audience.class, "x", Audience.everyone())
                            .bind(Audience.class, "x", Audience.everyone()))
                    .withMessage("a Audience is bound to 'x' already: each name once is allowed");
        }
    }

    @Nested
    @Tag("R-10")
    class Secrets {

        private final Map<String, String> variables = new HashMap<>(Map.of("CI_SECRET", "first-s3cret"));

        private String webhook(String written) {
            return "signals: [error-rate]\nsteps:\n  - run: {probe: {secret: " + written + "}}\n";
        }

        /** A way back that uses its secret when it is checked. */
        private final PlanParts parts = PlanParts.load()
                .with(List.of(new Made(
                        PlanPartProvider.Kind.WAY_BACK,
                        "probe",
                        List.of(
                                PlanPartProvider.Option.required("secret", PlanPartProvider.Type.SECRET, "A secret."),
                                PlanPartProvider.Option.optional(
                                        "others", PlanPartProvider.Type.SECRETS_BY_NAME, "Secrets.")),
                        values -> {
                            if (values.has("others")) {
                                values.secrets("others").get("A").get();
                            }
                            return new Probe(values.secret("secret"));
                        })));

        private final PlanFile.Reader reader = Example.reader().parts(parts).environment(variables::get);

        private String detail(RollbackPlan plan) throws Exception {
            return plan.steps()
                    .get(0)
                    .way()
                    .check(new RollbackStrategy.Context(
                            "r", "k", Example.STABLE, Example.CANDIDATE, "", Duration.ofSeconds(1)))
                    .detail();
        }

        @Test
        void secret_inAPlaceholder_isLookedUpAtEachUse() throws Exception {
            RollbackPlan plan = reader.parse("plan.yml", webhook("\"Bearer ${env:CI_SECRET}\""));
            variables.put("CI_SECRET", "second-s3cret");

            assertThat(detail(plan)).isEqualTo("Bearer second-s3cret");
            variables.remove("CI_SECRET");
            assertThatThrownBy(() -> detail(plan))
                    .hasMessage(
                            "plan.yml: steps[0].run.probe.secret: environment variable CI_SECRET is not set: a value is"
                                    + " needed");
        }

        @Test
        void secret_inAFile_isReadAtEachUse() throws Exception {
            RollbackPlan plan = reader.parse("plan.yml", webhook("\"${file:" + secret + "}\""));

            assertThat(detail(plan)).isEqualTo("s3cr3t");
            Files.writeString(secret, "changed\r\n");
            assertThat(detail(plan)).isEqualTo("changed");
        }

        @Test
        void secret_inTheFileItself_isLoggedWithoutIt() {
            Logger logger = (Logger) LoggerFactory.getLogger(PlanFile.class);
            ListAppender<ILoggingEvent> log = new ListAppender<>();
            log.start();
            logger.addAppender(log);
            logger.setAdditive(false);
            try {
                reader.parse("plan.yml", webhook("\"hunter2\""));
                reader.parse("plan.yml", webhook("\"${env:CI_SECRET}\""));
            } finally {
                logger.detachAppender(log);
                logger.setAdditive(true);
            }

            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "plan.yml:3:27: steps[0].run.probe.secret: a secret is written into the file, for all who"
                                    + " can read it; ${env:NAME} or ${file:/run/secrets/name} names one instead");
        }

        @Test
        void secret_inTheFileItself_keepsItsDollars() throws Exception {
            Logger logger = (Logger) LoggerFactory.getLogger(PlanFile.class);
            logger.setLevel(Level.ERROR);

            assertThat(detail(reader.parse("plan.yml", webhook("\"a$${b} $1\""))))
                    .isEqualTo("a${b} $1");

            logger.setLevel(null);
        }

        @Test
        void secret_thatAProviderQuotes_isStruckOut() {
            variables.put("A", "quoted-s3cret");
            Probe.quotes = true;
            try {
                PlanFileException refused = catchThrowableOfType(
                        PlanFileException.class, () -> reader.parse("plan.yml", webhook("\"${env:A}\"")));
                assertThat(refused)
                        .hasMessage(
                                "plan.yml:3:11: steps[0].run.probe: way back probe cannot be created from way back probe"
                                        + " {secret=(secret, not shown)}: java.lang.IllegalStateException: cannot log in with"
                                        + " (not shown)")
                        .hasNoCause();
            } finally {
                Probe.quotes = false;
            }
        }
    }

    /** Says its secret when it is checked, for there is nowhere else to see it. */
    private static class Probe implements RollbackStrategy {

        static boolean quotes;

        private final Supplier<String> secret;

        Probe(Supplier<String> secret) {
            if (quotes) {
                throw new IllegalStateException("cannot log in with " + secret.get());
            }
            this.secret = secret;
        }

        @Override
        public String name() {
            return "probe";
        }

        @Override
        public String description() {
            return "probe";
        }

        @Override
        public Check.Result check(Context context) {
            return Check.Result.pass(secret.get());
        }

        @Override
        public Done rollBack(Context context) {
            return Done.done("");
        }
    }

    @Nested
    class PlaceholdersInValues {

        private final PlanFile.Reader reader = Example.reader().environment(Map.of("DEADLINE", "7s", "EMPTY", "")::get);

        @ParameterizedTest
        @CsvSource({
            "${env:DEADLINE}, PT7S",
            "${env:DEADLINE:-9s}, PT7S",
            "${env:OTHER:-9s}, PT9S",
            "PT${env:OTHER:-9}S, PT9S",
            "'${env:OTHER:-${env:DEADLINE}', "
        })
        void value_withAPlaceholder_isFilledIn(String written, @Nullable Duration expected) {
            String text = "signals: [error-rate]\noutcome-deadline: '" + written + "'";

            if (expected == null) {
                assertThat(problem(reader, text)).contains("is not allowed");
            } else {
                assertThat(reader.parse("plan.yml", text).outcomeDeadline()).isEqualTo(expected);
            }
        }

        @ParameterizedTest
        @CsvSource({"a$${b}, a${b}", "$5, $5", "a$$b, a$$b", "${env:EMPTY}a, a", "'{what}', '{what}'", "$, $"})
        void text_withDollars_isTaken(String written, String expected) {
            assertThat(reader.parse("plan.yml", "signals: [error-rate]\ncriteria: {owner: \"" + written + "\"}")
                            .criteria()
                            .owner())
                    .isEqualTo(expected);
        }

        @Test
        void value_fromAFile_isFilledIn() {
            assertThat(reader.parse("plan.yml", "signals: [error-rate]\ncriteria: {owner: '${file:" + secret + "}'}")
                            .criteria()
                            .owner())
                    .isEqualTo("s3cr3t");
        }

        @Test
        void environment_byDefault_isThatOfTheProcess() {
            Map.Entry<String, String> variable = System.getenv().entrySet().stream()
                    .filter(each ->
                            each.getKey().matches("[A-Z_]+") && each.getValue().matches("[a-zA-Z0-9/._-]{1,100}"))
                    .findFirst()
                    .orElse(null);
            assumeTrue(variable != null, "an environment with a plain variable");

            assertThat(PlanFile.reader()
                            .with(Example.STABLE, Example.CANDIDATE)
                            .parse(
                                    "plan.yml",
                                    "signals: [error-rate]\ncriteria: {owner: '${env:" + variable.getKey() + "}'}")
                            .criteria()
                            .owner())
                    .isEqualTo(variable.getValue());
        }

        @Test
        void placeholder_inAKey_isNone() {
            assertThat(problem(reader, "signals: [error-rate]\n${env:DEADLINE}: x"))
                    .startsWith("plan.yml:2:1: ${env:DEADLINE}: is unknown");
        }
    }

    @Nested
    class Modules {

        @Test
        void part_thatTheCoreHasNeverHeardOf_isReadByItsDescription() {
            PlanParts parts = PlanParts.load()
                    .with(List.of(new Made(
                            PlanPartProvider.Kind.NOTIFIER,
                            "pigeon",
                            List.of(PlanPartProvider.Option.required(
                                            "wings", PlanPartProvider.Type.WHOLE_NUMBER, "How many it has.")
                                    .atLeast(2)
                                    .atMost(2)),
                            values -> new Example.Silent("pigeon-" + values.wholeNumber("wings")))));
            String text =
                    "signals: [error-rate]\ncommunication: {groups: [{name: a, role: A, channels: {pigeon: {wings: 2}}}]}";
            PlanFile.Reader reader = Example.reader().parts(parts);

            assertThat(reader.parse("plan.yml", text)
                            .communication()
                            .groups()
                            .get(0)
                            .channels())
                    .containsExactly(new Example.Silent("pigeon-2"));
            assertThat(problem(reader, text.replace("2}", "3}")))
                    .isEqualTo(
                            "plan.yml:2:72: communication.groups[0].channels.pigeon.wings: the value '3' is not allowed: a"
                                    + " whole number, 2 is");
            assertThat(problem(reader, text.replace("wings", "wing")))
                    .contains("channels.pigeon.wing: is unknown, 'wings' is the nearest")
                    .contains("channels.pigeon.wings: is missing: a whole number, 2 is needed");
        }

        @Test
        void provider_thatThrows_isAProblemWithItsCause() {
            RuntimeException cause = new IllegalStateException("no\ndisk");
            PlanParts parts = PlanParts.load()
                    .with(List.of(new Made(PlanPartProvider.Kind.SIGNAL, "made", List.of(), values -> {
                        throw cause;
                    })));

            assertThatExceptionOfType(PlanFileException.class)
                    .isThrownBy(() -> Example.reader().parts(parts).parse("plan.yml", "signals: [made]"))
                    .withMessage("plan.yml:1:11: signals[0].made: signal made cannot be created from signal made {}:"
                            + " java.lang.IllegalStateException: no disk")
                    .withCause(cause);
        }

        @Test
        void part_whoseNameThrows_isAProblem() {
            PlanParts parts = PlanParts.load()
                    .with(List.of(new Made(PlanPartProvider.Kind.GATE, "made", List.of(), values -> new Gate() {
                        @Override
                        public String name() {
                            throw new IllegalStateException("no name today");
                        }

                        @Override
                        public String description() {
                            return "made";
                        }

                        @Override
                        public Result look(Question question) {
                            return Result.open("");
                        }
                    })));

            assertThat(problem(
                            Example.reader().parts(parts),
                            "signals: [error-rate]\nsteps: [{run: {manual: {instruction: x}}, gates: made}]"))
                    .isEqualTo("plan.yml:2:50: steps[0].gates: java.lang.IllegalStateException");
        }

        @Test
        void wayBack_whoseNameThrows_isAProblem() {
            RollbackStrategy nameless = new Probe(() -> "") {
                @Override
                public String name() {
                    throw new IllegalStateException("no name today");
                }
            };
            PlanFile.Reader reader = Example.reader().bind(RollbackStrategy.class, "x", nameless);

            assertThat(problem(reader, "signals: [error-rate]\nsteps: [{run: {bind: x}, gates: {approval: {who: A}}}]"))
                    .contains("plan.yml:2:15: steps[0].run: java.lang.IllegalStateException");
        }

        @Test
        void provider_thatForgetsItsOptions_isAProblem() {
            AtomicBoolean forgets = new AtomicBoolean();
            PlanParts parts = PlanParts.load().with(List.of(new PlanPartProvider() {
                @Override
                public Kind kind() {
                    return Kind.SIGNAL;
                }

                @Override
                public String name() {
                    return "made";
                }

                @Override
                public String description() {
                    return "Made for a test.";
                }

                @Override
                public List<Option> options() {
                    if (forgets.get()) {
                        throw new IllegalStateException("no options today");
                    }
                    return List.of();
                }

                @Override
                public Object create(Options values) {
                    return Signals.report();
                }
            }));
            forgets.set(true);

            assertThat(problem(Example.reader().parts(parts), "signals: [made]"))
                    .isEqualTo("plan.yml:1:11: signals[0]: no options today");
        }

        @Test
        void part_thatIsCalledBind_isRefused() {
            PlanParts parts = PlanParts.load()
                    .with(List.of(new Made(PlanPartProvider.Kind.GATE, "bind", List.of(), values -> "")));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PlanFile.reader().parts(parts))
                    .withMessage("gate bind has a name that files cannot use: another one is allowed");
        }
    }

    @Nested
    @Tag("R-12")
    class Exceptions {

        @Test
        void problems_areAllOfTheFile_inItsOrder() {
            PlanFileException malformed = catchThrowableOfType(
                    PlanFileException.class,
                    () -> parse("signals: [eror-rate]\nmode: acting\noutcome-deadline: 10\nmode: act\n"));

            assertThat(malformed.problems())
                    .extracting(PlanFileException.Problem::line)
                    .containsExactly(1, 2, 3, 4);
            assertThat(malformed.problems().get(2))
                    .isEqualTo(new PlanFileException.Problem(
                            "plan.yml",
                            3,
                            19,
                            "outcome-deadline",
                            "the value '10' is not allowed: a duration of 1s to 1h (written as 500ms, 30s, 10m, 1h, 2d or"
                                    + " PT10M) is"));
            assertThat(malformed.getMessage().lines().map(String::strip))
                    .first()
                    .isEqualTo("plan.yml has 4 problems:");
            assertThat(malformed.getMessage().lines().map(String::strip).skip(1))
                    .containsExactlyElementsOf(
                            malformed.problems().stream().map(Object::toString).toList());
        }

        @Test
        void exception_afterSerialisation_hasItsProblems() throws Exception {
            PlanFileException malformed =
                    catchThrowableOfType(PlanFileException.class, () -> PlanFile.parse("plan.yml", ""));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream stream = new ObjectOutputStream(bytes)) {
                stream.writeObject(malformed);
            }
            try (ObjectInputStream stream = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                assertThat(((PlanFileException) stream.readObject()).problems()).isEqualTo(malformed.problems());
            }
        }
    }

    /** A provider that is made for one test. */
    private record Made(Kind kind, String name, List<Option> options, Function<Options, Object> creation)
            implements PlanPartProvider {

        @Override
        public String description() {
            return "Made for a test.";
        }

        @Override
        public Object create(Options values) {
            return creation.apply(values);
        }
    }
}
