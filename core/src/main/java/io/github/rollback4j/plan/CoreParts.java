package io.github.rollback4j.plan;

import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Options;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.strategy.WaysBack;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The parts that need nothing but their options. What needs live objects (meters, checks, flags) is given as objects. */
final class CoreParts {

    private record Part(
            Kind kind, String name, String description, List<Option> options, Function<Options, Object> creation)
            implements PlanPartProvider {

        @Override
        public Object create(Options values) {
            return creation.apply(values);
        }
    }

    private static final Duration LONGEST = Duration.ofDays(60);
    private static final String NAME_PATTERN = "[a-z0-9][a-z0-9-]{0,62}";
    private static final String NAME_RULE = "1 to 63 lower-case letters, digits and hyphens, no hyphen first";
    private static final String PROMOTE = "promote";
    private static final String HOLD = "hold";

    static final List<PlanPartProvider> ALL = List.of(
            canary(),
            blueGreen(),
            deployment(),
            featureFlag(),
            shadow(),
            errorRate(),
            latency(),
            conversion(),
            value(),
            shadowMismatch(),
            report(),
            external(),
            command(),
            webhook(),
            manual(),
            approval(),
            freeze(),
            logNotifier(),
            webhookNotifier());

    private CoreParts() {}

    // ---- Rollout strategies.

    private static PlanPartProvider canary() {
        return new Part(
                Kind.STRATEGY,
                "canary",
                "Exposes the candidate to growing shares of the calls, sticky by key.",
                List.of(
                        Option.withDefault(
                                        "steps",
                                        PlanPartProvider.Type.LIST_OF_NUMBERS,
                                        "1, 5, 25, 50",
                                        "The shares of the calls, in percent.")
                                .moreThan(0)
                                .atMost(100)
                                .where("growing"),
                        bake("10m"),
                        leastCalls(100),
                        Option.optional(
                                        "hold-back",
                                        PlanPartProvider.Type.NUMBER,
                                        "Adds a last step for all calls but this share, in percent, so that there is a"
                                                + " control to the end.")
                                .moreThan(0)
                                .atMost(50)
                                .where("less than what the last step leaves"),
                        Option.optional(
                                        "harm",
                                        PlanPartProvider.Type.NUMBER,
                                        "Lets a step end before its bake time, once the evidence shows that at most so many"
                                                + " percent of all calls can fail for the candidate's sake in the next.")
                                .moreThan(0)
                                .atMost(10),
                        Option.withDefault(
                                        "not-before",
                                        PlanPartProvider.Type.DURATION,
                                        "1m",
                                        "How long a step lasts all the same that may end before its bake time.")
                                .atLeast(Duration.ZERO)
                                .atMost(LONGEST),
                        then(PROMOTE),
                        rollbackWindow(),
                        longest(),
                        otherwise()),
                CoreParts::canary);
    }

    private static RolloutStrategy canary(Options values) {
        double[] steps = values.numbers("steps");
        for (int i = 1; i < steps.length; i++) {
            if (steps[i] <= steps[i - 1]) {
                throw values.refused("steps", "a list of growing numbers");
            }
        }
        RolloutStrategy strategy = paced(RolloutStrategy.canary(steps), values);
        if (values.has("harm")) {
            strategy =
                    strategy.byEvidence(Signals.percentagePoints(values.number("harm")), values.duration("not-before"));
        }
        if (!values.has("hold-back")) {
            return strategy;
        }
        double holdBack = values.number("hold-back");
        double last = steps[steps.length - 1];
        if (last >= 100 - holdBack) {
            throw values.refused("hold-back", "less than the " + (100 - last) + " % that the last step leaves");
        }
        return strategy.holdBack(holdBack);
    }

    private static PlanPartProvider blueGreen() {
        return new Part(
                Kind.STRATEGY,
                "blue-green",
                "Switches all calls at once to the candidate; stable stays warm for the rollback window.",
                List.of(bake("0s"), leastCalls(0), then(PROMOTE), rollbackWindow(), longest(), otherwise()),
                values -> paced(RolloutStrategy.blueGreen(), values));
    }

    private static PlanPartProvider deployment() {
        return new Part(
                Kind.STRATEGY,
                "deployment",
                "Watches a process that is the candidate itself, against stable in other instances, or what stable did before.",
                List.of(
                        bake("30m"),
                        leastCalls(100),
                        Option.withDefault(
                                        "max-refusing",
                                        PlanPartProvider.Type.WHOLE_NUMBER,
                                        "1",
                                        "How many of the instances that share a store refuse traffic at a time at most.")
                                .atLeast(1)
                                .atMost(1000),
                        Option.withDefault(
                                        "drain",
                                        PlanPartProvider.Type.DURATION,
                                        "30s",
                                        "How long after the first refuses traffic the steps back begin.")
                                .atLeast(Duration.ZERO)
                                .atMost(Duration.ofHours(1)),
                        then(PROMOTE),
                        rollbackWindow(),
                        longest(),
                        otherwise()),
                CoreParts::deployment);
    }

    private static RolloutStrategy deployment(Options values) {
        return paced(RolloutStrategy.deployment(), values)
                .maxRefusing(Math.toIntExact(values.wholeNumber("max-refusing")))
                .drain(values.duration("drain"));
    }

    private static PlanPartProvider featureFlag() {
        return new Part(
                Kind.STRATEGY,
                "feature-flag",
                "Leaves the candidate off until resume switches it on, for a share of the calls; pause switches it off.",
                List.of(
                        percent("The share of the calls when it is on, in percent."),
                        bake("10m"),
                        leastCalls(100),
                        then(HOLD),
                        rollbackWindow(),
                        longest(),
                        otherwise()),
                values -> paced(RolloutStrategy.featureFlag(values.number("percent")), values));
    }

    private static PlanPartProvider shadow() {
        return new Part(
                Kind.STRATEGY,
                "shadow",
                "Runs the candidate beside stable and throws its results away; only for calls without side effects.",
                List.of(
                        percent("The share of the calls beside which the candidate runs, in percent."),
                        bake("10m"),
                        leastCalls(0),
                        then(HOLD),
                        rollbackWindow(),
                        longest(),
                        otherwise()),
                values -> paced(RolloutStrategy.shadow(values.number("percent")), values));
    }

    private static RolloutStrategy paced(RolloutStrategy strategy, Options values) {
        RolloutStrategy paced = strategy.bake(values.duration("bake"))
                .leastCalls(values.wholeNumber("least-calls"))
                .rollbackWindow(values.duration("rollback-window"));
        RolloutStrategy ending = values.text("then").equals(PROMOTE) ? paced.thenPromote() : paced.thenHold();
        return values.has("longest")
                ? ending.within(
                        values.duration("longest"),
                        RolloutStrategy.Otherwise.valueOf(
                                values.text("otherwise").replace('-', '_').toUpperCase(Locale.ROOT)))
                : ending;
    }

    private static Option longest() {
        return Option.optional(
                        "longest",
                        PlanPartProvider.Type.DURATION,
                        "How long the rollout may run until its promotion, pauses not counted; no less than the bake times"
                                + " together.")
                .moreThan(0)
                .atMost(LONGEST);
    }

    private static Option otherwise() {
        return Option.withDefault(
                        "otherwise",
                        PlanPartProvider.Type.TEXT,
                        HOLD,
                        "What happens when the longest time is over: the exposure is held until a person decides, the"
                                + " candidate is promoted, or it is taken back. Without data the exposure is held.")
                .oneOf(HOLD, PROMOTE, "roll-back");
    }

    private static Option percent(String description) {
        return Option.required("percent", PlanPartProvider.Type.NUMBER, description)
                .moreThan(0)
                .atMost(100);
    }

    private static Option bake(String defaultValue) {
        return Option.withDefault(
                        "bake", PlanPartProvider.Type.DURATION, defaultValue, "How long each step lasts at least.")
                .atLeast(Duration.ZERO)
                .atMost(LONGEST);
    }

    private static Option leastCalls(int defaultValue) {
        return Option.withDefault(
                        "least-calls",
                        PlanPartProvider.Type.WHOLE_NUMBER,
                        Integer.toString(defaultValue),
                        "How many calls the candidate answers in each step at least.")
                .atLeast(0);
    }

    private static Option then(String defaultValue) {
        return Option.withDefault(
                        "then",
                        PlanPartProvider.Type.TEXT,
                        defaultValue,
                        "What comes after the last step: the candidate is promoted, or the step is held until a person"
                                + " decides.")
                .oneOf(PROMOTE, HOLD);
    }

    private static Option rollbackWindow() {
        return Option.withDefault(
                        "rollback-window",
                        PlanPartProvider.Type.DURATION,
                        "1h",
                        "How long after the promotion stable stays warm and signals still roll back.")
                .atLeast(Duration.ZERO)
                .atMost(LONGEST);
    }

    // ---- Signals.

    private static PlanPartProvider errorRate() {
        return new Part(
                Kind.SIGNAL,
                "error-rate",
                "Watches the share of calls that fail, against stable's in the same time; where neither margin is given,"
                        + " 1.1 times stable's rate plus 0.05 percentage points is tolerated, in a deployment 2 times plus 0.5.",
                List.of(
                        Option.optional(
                                        "not-above-stable-by",
                                        PlanPartProvider.Type.NUMBER,
                                        "Tolerates a rate above stable's by so many percentage points.")
                                .atLeast(0)
                                .lessThan(100),
                        Option.optional(
                                        "not-above-stable-times",
                                        PlanPartProvider.Type.NUMBER,
                                        "Tolerates a rate of so many times stable's.")
                                .atLeast(1)
                                .atMost(100),
                        Option.withDefault(
                                        "at-least",
                                        PlanPartProvider.Type.WHOLE_NUMBER,
                                        "3",
                                        "How many failures of the candidate it takes at least.")
                                .atLeast(1)
                                .atMost(1000),
                        Option.withDefault(
                                        "share-of-keyed-calls",
                                        PlanPartProvider.Type.NUMBER,
                                        "0.5",
                                        "Which part of the signal's false-rollback rate calls with a key get: 1 where all"
                                                + " have one, 0 where none has.")
                                .atLeast(0)
                                .atMost(1)),
                CoreParts::errorRate);
    }

    private static ErrorRate errorRate(Options values) {
        ErrorRate signal = Signals.errorRate()
                .atLeast(Math.toIntExact(values.wholeNumber("at-least")))
                .shareOfKeyedCalls(values.number("share-of-keyed-calls"));
        if (values.has("not-above-stable-by")) {
            signal = signal.notAboveStableBy(Signals.percentagePoints(values.number("not-above-stable-by")));
        }
        return values.has("not-above-stable-times")
                ? signal.notAboveStableTimes(values.number("not-above-stable-times"))
                : signal;
    }

    private static PlanPartProvider latency() {
        return new Part(
                Kind.SIGNAL,
                "latency",
                "Watches how long calls take, against stable's in the same time.",
                List.of(
                        Option.withDefault(
                                        "not-above-stable-times",
                                        PlanPartProvider.Type.NUMBER,
                                        "1.1",
                                        "Tolerates latencies of so many times stable's.")
                                .atLeast(1)
                                .atMost(100),
                        Option.optional(
                                        "quantile",
                                        PlanPartProvider.Type.NUMBER,
                                        "Compares only how many calls are above this quantile of stable's; without it the"
                                                + " whole distribution.")
                                .where("0.5, 0.9, 0.97, 0.99, 0.995 or a multiple of 1/16"),
                        Option.withDefault(
                                        "warm-up",
                                        PlanPartProvider.Type.DURATION,
                                        "30s",
                                        "How long after each change of the share nothing counts.")
                                .atLeast(Duration.ZERO)
                                .atMost(Duration.ofHours(1))),
                CoreParts::latency);
    }

    private static Latency latency(Options values) {
        Latency signal = Signals.latency()
                .notAboveStableTimes(values.number("not-above-stable-times"))
                .warmUp(values.duration("warm-up"));
        if (!values.has("quantile")) {
            return signal;
        }
        try {
            return signal.quantile(values.number("quantile"));
        } catch (IllegalArgumentException noEdge) {
            throw values.refused("quantile", "0.5, 0.9, 0.97, 0.99, 0.995 or a multiple of 1/16");
        }
    }

    private static PlanPartProvider conversion() {
        return new Part(
                Kind.SIGNAL,
                "conversion",
                "Watches how many calls convert, against stable's in the same time; the application records it.",
                metricOptions(),
                values -> metric(Signals.conversion(values.text("name")), values));
    }

    private static PlanPartProvider value() {
        return new Part(
                Kind.SIGNAL,
                "value",
                "Watches how much calls are worth, against stable's in the same time; the application records it.",
                metricOptions(),
                values -> metric(Signals.value(values.text("name")), values));
    }

    private static List<Option> metricOptions() {
        return List.of(
                Option.required(
                                "name",
                                PlanPartProvider.Type.TEXT,
                                "The signal's name, under which it is recorded; unique in the plan.")
                        .matching(NAME_PATTERN, NAME_RULE),
                Option.withDefault(
                                "not-below-stable-times",
                                PlanPartProvider.Type.NUMBER,
                                "0.95",
                                "Tolerates so many times what stable has.")
                        .moreThan(0)
                        .atMost(1),
                Option.withDefault(
                                "within",
                                PlanPartProvider.Type.DURATION,
                                "5m",
                                "How long after its call something may be recorded; calls are weighed when it is over.")
                        .atLeast(Duration.ofSeconds(1))
                        .atMost(Duration.ofDays(7)));
    }

    private static BusinessMetric metric(BusinessMetric signal, Options values) {
        return signal.notBelowStableTimes(values.number("not-below-stable-times"))
                .within(values.duration("within"));
    }

    private static PlanPartProvider shadowMismatch() {
        return new Part(
                Kind.SIGNAL,
                "shadow-mismatch",
                "Watches how often the candidate's result is not equal to stable's, where it runs beside it.",
                List.of(Option.withDefault(
                                "not-above",
                                PlanPartProvider.Type.NUMBER,
                                "0.1",
                                "Tolerates so many percent of the results to differ.")
                        .moreThan(0)
                        .atMost(50)),
                values -> Signals.shadowMismatch().notAbove(Signals.percentagePoints(values.number("not-above"))));
    }

    private static PlanPartProvider report() {
        return new Part(
                Kind.SIGNAL,
                "report",
                "Takes reports of people.",
                List.of(reporters(), within()),
                values -> Signals.report()
                        .agreedBy(Math.toIntExact(values.wholeNumber("reporters")), values.duration("within")));
    }

    private static PlanPartProvider external() {
        return new Part(
                Kind.SIGNAL,
                "external",
                "Takes what another system says: a smoke test, an alert.",
                List.of(
                        Option.required(
                                        "name",
                                        PlanPartProvider.Type.TEXT,
                                        "The signal's name, by which it is raised; unique in the plan.")
                                .matching(NAME_PATTERN, NAME_RULE),
                        reporters(),
                        within()),
                values -> Signals.external(values.text("name"))
                        .agreedBy(Math.toIntExact(values.wholeNumber("reporters")), values.duration("within")));
    }

    private static Option reporters() {
        return Option.withDefault(
                        "reporters",
                        PlanPartProvider.Type.WHOLE_NUMBER,
                        "1",
                        "How many different reporters must agree.")
                .atLeast(1)
                .atMost(1000);
    }

    private static Option within() {
        return Option.withDefault(
                        "within", PlanPartProvider.Type.DURATION, "30m", "The time within which they must agree.")
                .moreThan(0)
                .atMost(LONGEST);
    }

    // ---- Ways back.

    private static PlanPartProvider command() {
        return new Part(
                Kind.WAY_BACK,
                "command",
                "Runs a program, without a shell; done is exit code 0.",
                List.of(
                        stepName("command"),
                        Option.required(
                                "command-line",
                                PlanPartProvider.Type.LIST_OF_TEXTS,
                                "The program and its arguments, one each; shown to people, so without secrets."),
                        Option.optional(
                                        "environment",
                                        PlanPartProvider.Type.SECRETS_BY_NAME,
                                        "Environment variables beside the service's own.")
                                .where("the names of letters, digits and _, not beginning with ROLLBACK4J_")),
                values -> WaysBack.commandWithSecrets(
                        values.text("name"),
                        values.texts("command-line"),
                        values.has("environment") ? values.secrets("environment") : Map.of()));
    }

    private static PlanPartProvider webhook() {
        return new Part(
                Kind.WAY_BACK,
                "webhook",
                "Posts a signed JSON document; done is any answer from 200 to 299.",
                List.of(stepName("webhook"), url(), signingSecret()),
                values -> WaysBack.webhook(values.text("name"), values.uri("url"), values.secret("secret")));
    }

    private static PlanPartProvider manual() {
        return new Part(
                Kind.WAY_BACK,
                "manual",
                "Asks a person, and is done when they acknowledge it.",
                List.of(
                        stepName("manual"),
                        Option.required(
                                        "instruction",
                                        PlanPartProvider.Type.TEXT,
                                        "What is to be done, for people; without secrets.")
                                .atLeast(1)
                                .atMost(2000)
                                .where("not blank")),
                values -> WaysBack.manual(values.text("name"), notBlank(values, "instruction")));
    }

    private static Option stepName(String defaultValue) {
        return Option.withDefault(
                        "name",
                        PlanPartProvider.Type.TEXT,
                        defaultValue,
                        "The step's name, by which it is acknowledged; unique in the plan.")
                .matching(NAME_PATTERN, NAME_RULE);
    }

    // ---- Gates.

    private static PlanPartProvider approval() {
        return new Part(
                Kind.GATE,
                "approval",
                "Waits until a person approves, by acknowledging the gate.",
                List.of(
                        gateName("approval"),
                        gateText("who", "Who is asked, for people: a role rather than a person.")),
                values -> Gate.approval(values.text("name"), notBlank(values, "who")));
    }

    private static PlanPartProvider freeze() {
        return new Part(
                Kind.GATE,
                "freeze",
                "Asks a person while a freeze is in force, and is open else.",
                List.of(
                        gateName("freeze"),
                        Option.required(
                                "from",
                                PlanPartProvider.Type.INSTANT,
                                "The first instant of the freeze, with its offset."),
                        Option.required(
                                        "until",
                                        PlanPartProvider.Type.INSTANT,
                                        "The first instant after the freeze, with its offset.")
                                .where("after its beginning"),
                        gateText("why", "What is frozen and why, for people.")),
                CoreParts::freeze);
    }

    private static Object freeze(Options values) {
        if (!values.instant("until").isAfter(values.instant("from"))) {
            throw values.refused("until", "a point in time after " + values.instant("from") + ", the beginning,");
        }
        return Gate.freeze(
                values.text("name"), values.instant("from"), values.instant("until"), notBlank(values, "why"));
    }

    private static String notBlank(Options values, String name) {
        if (values.text(name).isBlank()) {
            throw values.refused(name, "text that is not blank");
        }
        return values.text(name);
    }

    private static Option gateName(String defaultValue) {
        return Option.withDefault(
                        "name",
                        PlanPartProvider.Type.TEXT,
                        defaultValue,
                        "The gate's name, by which it is acknowledged; unique in the plan, among the steps too.")
                .matching(NAME_PATTERN, NAME_RULE);
    }

    private static Option gateText(String name, String description) {
        return Option.required(name, PlanPartProvider.Type.TEXT, description)
                .atLeast(1)
                .atMost(500)
                .where("not blank");
    }

    // ---- Notifiers.

    private static PlanPartProvider logNotifier() {
        return new Part(
                Kind.NOTIFIER,
                "log",
                "Writes messages into the log, each in one line, by a logger of its own.",
                List.of(channelName("log")),
                values -> Notifier.log(values.text("name")));
    }

    private static PlanPartProvider webhookNotifier() {
        return new Part(
                Kind.NOTIFIER,
                "webhook",
                "Posts messages as signed JSON documents; sent is any answer from 200 to 299.",
                List.of(channelName("webhook"), url(), signingSecret()),
                values -> Notifier.webhook(values.text("name"), values.uri("url"), values.secret("secret")));
    }

    private static Option channelName(String defaultValue) {
        return Option.withDefault(
                        "name", PlanPartProvider.Type.TEXT, defaultValue, "The channel's name; unique in its group.")
                .matching(NAME_PATTERN, NAME_RULE);
    }

    private static Option url() {
        return Option.required("url", PlanPartProvider.Type.URI, "Where it is posted; never shown but for its host.")
                .where("https, or http to this machine, without user and fragment");
    }

    private static Option signingSecret() {
        return Option.required(
                "secret", PlanPartProvider.Type.SECRET, "What the document is signed with (HMAC-SHA256).");
    }
}
