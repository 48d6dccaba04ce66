package io.github.rollback4j.planfile;

import static io.github.rollback4j.plan.PlanPartProvider.Type.DURATION;
import static io.github.rollback4j.plan.PlanPartProvider.Type.LIST_OF_TEXTS;
import static io.github.rollback4j.plan.PlanPartProvider.Type.NUMBER;
import static io.github.rollback4j.plan.PlanPartProvider.Type.TEXT;
import static io.github.rollback4j.plan.PlanPartProvider.Type.WHOLE_NUMBER;
import static io.github.rollback4j.plan.PlanPartProvider.Type.YES_NO;
import static io.github.rollback4j.planfile.Shape.Field.optional;
import static io.github.rollback4j.planfile.Shape.Field.required;
import static io.github.rollback4j.planfile.Shape.Several.each;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.RollbackPlan.Touched;
import io.github.rollback4j.planfile.Shape.Field;
import io.github.rollback4j.planfile.Shape.Fields;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Where in a file everything stands that a plan can say in values; of the parts, only where they stand. */
final class Layout {

    /** In the place of a part: what the application has bound. */
    static final String BIND = "bind";

    private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
    private static final String NAME_RULE = "1 to 63 lower-case letters, digits and hyphens, no hyphen first";
    private static final String NOT_BLANK = "[\\s\\S]*\\S[\\s\\S]*";
    private static final String COMPONENT = "[A-Za-z0-9._-]{1,100}";
    private static final String COMPONENT_RULE = "1 to 100 letters, digits, '.', '_' or '-'";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WEEK = Duration.ofDays(7);

    private Layout() {}

    /** A step back. */
    static final Fields STEP = Fields.of(
            required("run", "What is done.", new Shape.Part(Kind.WAY_BACK)),
            optional(
                    "or-else",
                    "What is done where that has failed, and then that, and so on.",
                    each(new Shape.Part(Kind.WAY_BACK)).orOne()),
            Field.of(Option.withDefault("deadline", DURATION, "1m", "How long one try may take.")
                    .moreThan(0)
                    .atMost(DAY)),
            Field.of(Option.withDefault("attempts", WHOLE_NUMBER, "3", "How often each way is tried at most.")
                    .atLeast(1)
                    .atMost(100)),
            Field.of(Option.withDefault(
                            "pause",
                            DURATION,
                            "1s",
                            "How long the first pause between two tries is; each further one is twice as long, up to a"
                                    + " minute.")
                    .atLeast(Duration.ZERO)
                    .atMost(MINUTE)),
            optional(
                    "gates",
                    "What must be open before the step is taken.",
                    each(new Shape.Part(Kind.GATE)).orOne()),
            Field.of(Option.withDefault(
                            "patience", DURATION, "10m", "How long a gate that is to open by itself is waited for.")
                    .atLeast(Duration.ZERO)
                    .atMost(DAY)),
            Field.of(Option.withDefault(
                            "when-uncertain",
                            TEXT,
                            "ask",
                            "What happens where nobody knows whether a way was gone, and it can neither be looked up nor"
                                    + " recognises its key: a person is asked, or it is gone again.")
                    .oneOf("ask", "repeat")));

    /** A release, but for its component. */
    static final Fields RELEASE = Fields.of(
            Field.of(Option.required("version", TEXT, "The version, for example 1.5.0.")
                    .matching("[A-Za-z0-9._+-]{1,100}", "1 to 100 letters, digits, '.', '_', '+' or '-'")),
            optional(
                    "attributes",
                    "What else is known, by name: commit, image-digest, link, schema-version, configuration, or any"
                            + " other.",
                    new Shape.Named(
                            Option.required("name", TEXT, "The attribute's name.")
                                    .matching(COMPONENT, COMPONENT_RULE),
                            Option.required("value", TEXT, "The attribute's value.")
                                    .atLeast(1)
                                    .atMost(1000)
                                    .matching(NOT_BLANK, "not blank"))));

    /** The whole file. */
    static final Fields ROOT = Fields.of(
                    optional(
                            "$schema",
                            "Where the schema of such files is, for editors; nothing else reads it.",
                            new Shape.Value(Option.optional("schema", TEXT, "An address."))),
                    Field.of(Option.withDefault("format", WHOLE_NUMBER, "1", "The version of this format.")
                            .atLeast(1)
                            .atMost(1)),
                    Field.of(Option.optional(
                                    "component",
                                    TEXT,
                                    "What is released; needed where the file names its releases, else the releases must be of it.")
                            .matching(COMPONENT, COMPONENT_RULE)),
                    optional("stable", "The release that serves now, where the application does not say.", RELEASE),
                    optional("candidate", "The release that is tried, where the application does not say.", RELEASE),
                    Field.of(Option.optional(
                                    "mode",
                                    TEXT,
                                    "Who acts: nobody, a person who approves, or the library. Default: act; in a deployment only while"
                                            + " stable capacity is known to serve, and else recommend.")
                            .oneOf(words(Mode.values()))),
                    Field.of(Option.withDefault(
                                    "false-rollback-rate",
                                    NUMBER,
                                    "0.01",
                                    "How probable it may be at most that a candidate within what is tolerated is ever taken back"
                                            + " for its comparative signals.")
                            .atLeast(1e-9)
                            .atMost(0.2)),
                    optional(
                            "strategy",
                            "How the exposure grows; of several, one after the other. Default: canary with its defaults.",
                            each(new Shape.Part(Kind.STRATEGY)).orOne().atLeastOne()),
                    optional(
                            "before-exposure",
                            "What must pass before the candidate gets its first call.",
                            each(new Shape.Checked())),
                    optional(
                            "stable-serves",
                            "How it is known that stable capacity serves beside a deployment, where no store can tell.",
                            new Shape.Checked()),
                    required(
                            "signals",
                            "What is watched.",
                            each(new Shape.Part(Kind.SIGNAL)).atLeastOne()),
                    optional(
                            "signal-weights",
                            "How the comparative signals share the false-rollback rate, in proportion, by the signals' names.",
                            new Shape.Named(
                                    named("signal", "The signal's name."),
                                    Option.required("weight", NUMBER, "The signal's weight.")
                                            .moreThan(0)
                                            .atMost(1000))),
                    optional(
                            "outcomes",
                            "What counts as a failure. Default: every exception but a cancellation.",
                            outcomes()),
                    Field.of(Option.withDefault(
                                    "outcome-deadline",
                                    DURATION,
                                    "30s",
                                    "How long an outcome is waited for; after that the call counts as failed.")
                            .atLeast(Duration.ofSeconds(1))
                            .atMost(Duration.ofHours(1))),
                    optional(
                            "audience",
                            "Who is decided for by the coin, and who is not. Default: everyone is.",
                            audience()),
                    Field.of(Option.withDefault(
                                    "time-stable-one-in",
                                    WHOLE_NUMBER,
                                    "4",
                                    "Times one in so many calls on stable; all calls on the candidate are timed.")
                            .atLeast(1)
                            .atMost(1024)
                            .where("a power of two")),
                    Field.of(room("failing-keys", "16384", "For how many failing keys there is room.")),
                    Field.of(room(
                            "keys-per-step",
                            "65536",
                            "For how many keys a step there is room whose first call counts.")),
                    Field.of(Option.withDefault(
                            "idempotent-after-timeout",
                            YES_NO,
                            "false",
                            "Whether idempotent calls are answered by stable also after the candidate timed out.")),
                    Field.of(Option.optional(
                                    "mdc-key",
                                    TEXT,
                                    "Under which key of the log's context the version that serves a call is put.")
                            .atLeast(1)
                            .atMost(100)
                            .matching(NOT_BLANK, "not blank")),
                    optional(
                            "steps",
                            "The steps back, after the traffic, in order.",
                            each(new Shape.Either(
                                    "beside",
                                    Fields.of(required(
                                            "beside",
                                            "Steps that are taken beside each other.",
                                            each(STEP).atLeastOne())),
                                    STEP))),
                    optional(
                            "verification",
                            "How it is made sure, after the steps, that stable is healthy again. Default: it is not.",
                            Fields.of(
                                    Field.of(Option.withDefault(
                                                    "within",
                                                    DURATION,
                                                    "5m",
                                                    "Until when it must be so; else people are called.")
                                            .atLeast(Duration.ofSeconds(1))
                                            .atMost(DAY)),
                                    optional("checks", "What must pass besides.", each(new Shape.Checked())))),
                    optional("criteria", "Whose rollback criteria these are.", criteria()),
                    optional(
                            "touches",
                            "What the candidate writes, beside the database, that stable will read after a rollback.",
                            each(touched())),
                    Field.of(Option.optional(
                                    "required-by",
                                    LIST_OF_TEXTS,
                                    "Components that need the candidate once they are released: they must go back before it can.")
                            .atLeast(1)
                            .atMost(200)
                            .where("not blank")),
                    optional("before-start", "What must be so before the rollout starts.", beforeStart()),
                    optional(
                            "communication",
                            "Who is told what.",
                            Fields.of(required(
                                    "groups",
                                    "The groups of stakeholders, in the order in which they are told.",
                                    each(group())))))
            .where(Map.of("stable", "component", "candidate", "component"));

    private static Fields criteria() {
        return Fields.of(
                Field.of(said("version", "The version of the criteria, as the team counts.")),
                Field.of(said("owner", "The role that owns them, for example the Product Owner.")),
                Field.of(said("approver", "The role that has approved them.")),
                Field.of(said("tolerated-data-loss", "What data may be lost by going back, in words.")));
    }

    private static Option said(String name, String description) {
        return Option.optional(name, TEXT, description).atMost(500);
    }

    private static Fields touched() {
        return Fields.of(
                Field.of(Option.required("kind", TEXT, "What it is.").oneOf(words(Touched.Kind.values()))),
                Field.of(Option.required("name", TEXT, "Which one it is.")
                        .atLeast(1)
                        .atMost(500)
                        .matching(NOT_BLANK, "not blank")),
                Field.of(said(
                        "shown", "How stable was shown to read what the candidate writes; else that is reported.")));
    }

    private static Fields beforeStart() {
        return Fields.of(
                optional(
                        "checks",
                        "What must pass: previous-release, known-good and restore-point are those that every preflight shows.",
                        each(new Shape.Checked())),
                Field.of(Option.optional(
                                "drilled-within", DURATION, "How long ago the last passed drill of the steps may be.")
                        .moreThan(0)),
                optional(
                        "expected-traffic",
                        "The traffic, so that it can be told whether the plan would see five times as many errors at all.",
                        Fields.of(
                                Field.of(Option.required(
                                                "calls-per-second",
                                                NUMBER,
                                                "How many calls there are, of both releases.")
                                        .moreThan(0)
                                        .atMost(1e9)),
                                Field.of(Option.withDefault(
                                                "failure-rate",
                                                NUMBER,
                                                "0",
                                                "Which part of stable's fail, 0 to less than 1.")
                                        .atLeast(0)
                                        .lessThan(1)))),
                Field.of(Option.withDefault(
                        "nothing-unchecked",
                        YES_NO,
                        "false",
                        "Whether the rollout starts only where everything could be checked.")));
    }

    private static Fields group() {
        return Fields.of(
                        Field.of(named("name", "The group's name, unique in the plan.")),
                        Field.of(Option.required(
                                        "role", TEXT, "Who they are, for people: Product Owner, on-call, support.")
                                .atLeast(1)
                                .atMost(2000)
                                .matching(NOT_BLANK, "not blank")),
                        required(
                                "channels",
                                "How they are reached: the first, and if that fails the next.",
                                each(new Shape.Part(Kind.NOTIFIER)).orOne().atLeastOne()),
                        optional(
                                "occasions",
                                "What they are told. Default: rollback, scope, update, needs-human and rolled-back.",
                                each(new Shape.Value(Option.required("occasion", TEXT, "What is told.")
                                                .oneOf(words(Communication.Occasion.values()))))
                                        .atLeastOne()),
                        Field.of(Option.optional(
                                        "template",
                                        TEXT,
                                        "The text of each message, in which {what}, {why}, {component}, {stable}, {candidate},"
                                                + " {rollout}, {next-update} and {data-loss} are filled in. Default: the library's own.")
                                .atMost(2000)),
                        Field.of(Option.withDefault(
                                        "after", DURATION, "0s", "How long after its occasion a message is sent.")
                                .atLeast(Duration.ZERO)
                                .atMost(WEEK)),
                        Field.of(Option.withDefault(
                                        "updates-every",
                                        DURATION,
                                        "20m",
                                        "How often they are told while a rollback is under way, if update is among the occasions.")
                                .atLeast(MINUTE)
                                .atMost(WEEK)),
                        Field.of(Option.optional(
                                        "approver", TEXT, "The role that must approve each message before it is sent.")
                                .atMost(2000)),
                        Field.of(Option.optional(
                                        "acknowledge-within",
                                        DURATION,
                                        "Until when somebody must say that they have read a message.")
                                .atLeast(MINUTE)
                                .atMost(WEEK)),
                        Field.of(Option.optional(
                                "escalate-to", TEXT, "The group that is told if nobody did; with acknowledge-within.")))
                .where(Map.of("escalate-to", "acknowledge-within"));
    }

    private static Fields audience() {
        return Fields.of(
                optional(
                        BIND,
                        "The audience that the application has bound, to which the following is added.",
                        new Shape.Bound(Audience.class)),
                optional("stable-for", "Keys that get stable, whatever else applies.", each(new Shape.CallKey())),
                optional(
                        "candidate-for",
                        "Keys that get the candidate as soon as the rollout runs: testers.",
                        each(new Shape.CallKey())),
                optional("stable-when", "Calls that get stable.", each(attribute())),
                optional(
                        "candidate-when",
                        "Calls that get the candidate as soon as the rollout runs.",
                        each(attribute())),
                optional(
                        "only",
                        "Calls that the coin decides; the others get stable. Of several, all must hold.",
                        each(attribute())),
                optional(
                        "hold-back",
                        "Shares of all keys that stay on stable, whatever the rollout's share.",
                        each(Fields.of(
                                        Field.of(Option.required(
                                                        "name",
                                                        TEXT,
                                                        "The holdback's name: every rollout that names it holds the same keys"
                                                                + " back.")
                                                .atLeast(1)
                                                .atMost(100)),
                                        Field.of(Option.required("percent", NUMBER, "The share, in percent.")
                                                .moreThan(0)
                                                .atMost(50))))
                                .orOne()));
    }

    private static Fields attribute() {
        return Fields.of(
                Field.of(Option.required("attribute", TEXT, "The attribute of the call's subject, for example region.")
                        .atLeast(1)
                        .atMost(100)),
                Field.of(Option.required("is", LIST_OF_TEXTS, "The values of the attribute, of which it has one.")
                        .atMost(200)));
    }

    private static Fields outcomes() {
        return Fields.of(
                optional(
                        BIND,
                        "The rules that the application has bound, to which the following is added.",
                        new Shape.Bound(OutcomeRules.class)),
                exceptions("ignore", "Exceptions that are neither success nor failure."),
                exceptions("fail-only-on", "The only exceptions that are failures; others are success."),
                exceptions("cancelled-on", "Exceptions of a call that its caller gave up."),
                exceptions("timeout-on", "Exceptions of a call that ran out of time."));
    }

    private static Field exceptions(String name, String description) {
        return optional(
                name,
                description,
                each(new Shape.Value(Option.required("class", TEXT, "The class of the exception, or one above it.")
                        .matching("[A-Za-z_$][A-Za-z0-9_$.]{0,299}", "the full name of a class"))));
    }

    /** Returns what may be said of something that is bound: of signals with a limit, the limit. */
    static Fields bound(Kind kind) {
        Field name = Field.of(named("name", "The name to which the application has bound it."));
        return kind != Kind.SIGNAL
                ? Fields.of(name)
                : Fields.of(
                        name,
                        Field.of(Option.optional(
                                "not-above", NUMBER, "Tolerates readings up to this value; for signals with a limit.")),
                        Field.of(Option.optional(
                                "not-below",
                                NUMBER,
                                "Tolerates readings down to this value; for signals with a limit.")),
                        Field.of(Option.withDefault(
                                "per-second",
                                YES_NO,
                                "false",
                                "Whether the increase per second is looked at instead of the reading; for counters.")),
                        Field.of(Option.withDefault(
                                        "readings",
                                        WHOLE_NUMBER,
                                        "3",
                                        "How many readings in a row must be beyond the limit.")
                                .atLeast(1)
                                .atMost(10_000)),
                        Field.of(Option.withDefault(
                                        "during", DURATION, "10s", "How long these readings must span at least.")
                                .atLeast(Duration.ZERO)
                                .atMost(Duration.ofDays(60))),
                        Field.of(Option.withDefault("every", DURATION, "1s", "How often a reading is taken.")
                                .atLeast(Duration.ofMillis(100))
                                .atMost(Duration.ofHours(1))));
    }

    /** The longer form of a check. */
    static final Fields CHECK = Fields.of(
            Field.of(named("name", "The check's name in the plan.")),
            Field.of(named(BIND, "The name to which the application has bound it.")));

    /** The longer form of a call's key. */
    static final Fields UUID_KEY = Fields.of(Field.of(Option.required("uuid", TEXT, "The key, of type UUID.")
            .matching("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "a UUID")));

    static Option named(String option, String description) {
        return Option.required(option, TEXT, description).matching(NAME, NAME_RULE);
    }

    private static Option room(String name, String defaultValue, String description) {
        return Option.withDefault(name, WHOLE_NUMBER, defaultValue, description)
                .atLeast(64)
                .atMost(1 << 22);
    }

    private static String[] words(Enum<?>[] values) {
        return Arrays.stream(values).map(Layout::word).toArray(String[]::new);
    }

    /** Returns the word for a constant, for example {@code rolled-back}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
