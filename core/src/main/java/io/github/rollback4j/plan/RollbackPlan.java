package io.github.rollback4j.plan;

import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.ShadowMismatch;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the team decided beforehand: the releases, how the exposure grows, what is watched, how sure the library must be,
 * who acts, and the steps back after the traffic. Immutable and thread-safe.
 *
 * <pre>{@code
 * RollbackPlan.from(Release.of("checkout", "1.4.2")).to(Release.of("checkout", "1.5.0"))
 *         .strategy(canary(1, 5, 25, 50).thenPromote())
 *         .watch(errorRate().notAboveStableBy(percentagePoints(0.1)))
 *         .build();
 * }</pre>
 */
public final class RollbackPlan {

    /**
     * A step back, taken after the traffic is back on stable. Immutable: each method returns a changed one.
     *
     * @param way what is done
     * @param otherwise the ways that are gone where those before have failed, in order
     * @param deadline how long one try may take
     * @param attempts how often each way is tried at most
     * @param pause how long the first pause between two tries is; each further one is twice as long, up to a minute
     * @param gates what must be open before it is taken
     * @param patience how long a gate that is to open by itself is waited for
     * @param repeatWhenUncertain whether a way is gone again where nobody knows whether it was gone, and it neither can be looked
     *     up nor recognises its key; else a person is asked
     */
    public record Step(
            RollbackStrategy way,
            List<RollbackStrategy> otherwise,
            Duration deadline,
            int attempts,
            Duration pause,
            List<Gate> gates,
            Duration patience,
            boolean repeatWhenUncertain) {

        private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
        private static final Duration LONGEST = Duration.ofDays(1);
        private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Step {
            otherwise = List.copyOf(otherwise);
            gates = List.copyOf(gates);
            requireName(way);
            otherwise.forEach(Step::requireName);
            if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("step " + way.name() + " has deadline " + deadline
                        + ": more than 0 and at most 24 h is allowed");
            }
            if (attempts < 1 || attempts > 100) {
                throw new IllegalArgumentException(
                        "step " + way.name() + " has " + attempts + " attempts: 1 to 100 are allowed");
            }
            if (pause.isNegative() || pause.compareTo(LONGEST_PAUSE) > 0) {
                throw new IllegalArgumentException(
                        "step " + way.name() + " has a first pause of " + pause + ": 0 to 1 min is allowed");
            }
            if (patience.isNegative() || patience.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "step " + way.name() + " waits " + patience + " for its gates: 0 to 24 h is allowed");
            }
        }

        private static void requireName(RollbackStrategy way) {
            if (!NAME.matcher(way.name()).matches()) {
                throw new IllegalArgumentException("step name '" + way.name()
                        + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are");
            }
        }

        /**
         * Returns a step with one way, a deadline of one minute a try, three tries, a first pause of a second and no gate.
         *
         * @throws IllegalArgumentException if the way's name is not allowed
         */
        public static Step of(RollbackStrategy way) {
            return new Step(
                    way,
                    List.of(),
                    Duration.ofMinutes(1),
                    3,
                    Duration.ofSeconds(1),
                    List.of(),
                    Duration.ofMinutes(10),
                    false);
        }

        /** Adds a way that is gone where those before it have failed. */
        public Step orElse(RollbackStrategy next) {
            return new Step(
                    way, with(otherwise, next), deadline, attempts, pause, gates, patience, repeatWhenUncertain);
        }

        /** Says how long one try may take: more than 0, at most 24 h. Default one minute. */
        public Step within(Duration time) {
            return new Step(way, otherwise, time, attempts, pause, gates, patience, repeatWhenUncertain);
        }

        /** Says how often each way is tried at most: 1 to 100. Default 3. */
        public Step attempts(int most) {
            return new Step(way, otherwise, deadline, most, pause, gates, patience, repeatWhenUncertain);
        }

        /** Says how long the first pause between two tries is: 0 to 1 minute. Default one second. */
        public Step pause(Duration first) {
            return new Step(way, otherwise, deadline, attempts, first, gates, patience, repeatWhenUncertain);
        }

        /** Puts the step behind a gate. */
        public Step behind(Gate gate) {
            return new Step(
                    way, otherwise, deadline, attempts, pause, with(gates, gate), patience, repeatWhenUncertain);
        }

        /** Says how long a gate that is to open by itself is waited for: 0 to 24 h. Default ten minutes. */
        public Step patience(Duration longest) {
            return new Step(way, otherwise, deadline, attempts, pause, gates, longest, repeatWhenUncertain);
        }

        /** Goes a way again where nobody knows whether it was gone. Default: a person is asked. */
        public Step repeatedWhenUncertain() {
            return new Step(way, otherwise, deadline, attempts, pause, gates, patience, true);
        }

        /** Returns the step's name: that of its first way. */
        public String name() {
            return way.name();
        }

        /** Returns all ways of the step, in the order in which they are tried. */
        public List<RollbackStrategy> ways() {
            List<RollbackStrategy> ways = new ArrayList<>(List.of(way));
            ways.addAll(otherwise);
            return List.copyOf(ways);
        }

        private static <T> List<T> with(List<T> before, T next) {
            List<T> all = new ArrayList<>(before);
            all.add(Objects.requireNonNull(next));
            return all;
        }

        private String description() {
            StringBuilder line = new StringBuilder(way.description());
            otherwise.forEach(next -> line.append(", or else ").append(next.description()));
            line.append(", deadline ").append(deadline).append(", attempts ").append(attempts);
            if (!pause.equals(Duration.ofSeconds(1))) {
                line.append(", first pause ").append(pause);
            }
            gates.forEach(gate -> line.append(", behind ").append(gate.description()));
            if (!gates.isEmpty()) {
                line.append(", patience ").append(patience);
            }
            return line.append(repeatWhenUncertain ? ", repeated when uncertain" : "")
                    .toString();
        }
    }

    /**
     * Whose rollback criteria the plan is: what is watched, and what is done, is theirs. Any part may be empty.
     *
     * @param version of the criteria, as the team counts
     * @param owner the role that owns them, for example the Product Owner
     * @param approver the role that has approved them
     * @param toleratedDataLoss what data may be lost by going back, in words
     */
    public record Criteria(String version, String owner, String approver, String toleratedDataLoss) {

        /** Nobody has said. */
        public static final Criteria NONE = new Criteria("", "", "", "");

        private static final int LONGEST = 500;

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a part is longer than 500 characters
         */
        public Criteria {
            for (String part : List.of(version, owner, approver, toleratedDataLoss)) {
                if (part.length() > LONGEST) {
                    throw new IllegalArgumentException("criteria have a part of " + part.length()
                            + " characters: up to " + LONGEST + " are allowed");
                }
            }
        }
    }

    /**
     * Something beside the database that the candidate writes and stable will read after a rollback.
     *
     * @param kind what it is
     * @param name which one it is
     * @param shown how stable was shown to read what the candidate writes; empty where it was not
     */
    public record Touched(Kind kind, String name, String shown) {

        /** What a release may leave behind. */
        public enum Kind {
            /** A cache. */
            CACHE,
            /** A topic or queue. */
            TOPIC,
            /** Sessions of users. */
            SESSION,
            /** Files or objects. */
            FILE,
            /** An API that others call. */
            API
        }

        private static final int LONGEST = 500;

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the name is blank, or a text is longer than 500 characters
         */
        public Touched {
            if (name.isBlank() || name.length() > LONGEST || shown.length() > LONGEST) {
                throw new IllegalArgumentException("touched " + kind + " '" + name + "' is not allowed: a name of 1 to "
                        + LONGEST + " characters, not blank, and up to " + LONGEST + " on how it was shown, are");
            }
        }
    }

    /**
     * How it is made sure, after the steps, that stable is healthy again: its error rate no worse than twice what it was
     * before plus one percentage point, over at least 100 calls since the traffic is back; no limit signal over its limit; and the
     * named checks passed.
     *
     * @param within until when this must be so; else people are called
     * @param checks what else must pass, by name
     */
    public record Verification(Duration within, Map<String, Check> checks) {

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the time is not between 1 second and 24 h
         */
        public Verification {
            if (within.compareTo(Duration.ofSeconds(1)) < 0 || within.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException("verification within " + within + " is not allowed: 1 s to 24 h is");
            }
            checks = Collections.unmodifiableMap(new LinkedHashMap<>(checks));
        }
    }

    /**
     * What the plan demands of its preflight beyond what is always looked at. See {@link Preflight}.
     *
     * @param checks what must pass, by name; {@code previous-release}, {@code known-good} and {@code restore-point} are those that
     *     every preflight shows
     * @param drillWithin how long ago the last passed drill may be; null where none is demanded
     * @param callsPerSecond the traffic that is expected; NaN where it is not stated
     * @param failureRate stable's failure rate that is expected; NaN where it is not stated
     * @param nothingUnchecked whether what was not checked counts as failed
     */
    public record Demands(
            Map<String, Check> checks,
            @Nullable Duration drillWithin,
            double callsPerSecond,
            double failureRate,
            boolean nothingUnchecked) {

        /** Copies the checks. */
        public Demands {
            checks = Collections.unmodifiableMap(new LinkedHashMap<>(checks));
        }
    }

    /** By which people acknowledge that stable is healthy. */
    private static final String VERIFICATION = "verification";

    /** How many metrics a router can tell apart. */
    private static final int MOST_METRICS = 8;

    private final Release stable;
    private final Release candidate;
    private final RolloutStrategy strategy;
    private final Mode mode;
    private final boolean isModeStated;
    private final double falseRollbackRate;
    private final List<FailureSignal> signals;
    private final List<List<Step>> stages;
    private final @Nullable Verification verification;
    private final Criteria criteria;
    private final List<Touched> touched;
    private final List<String> requiredBy;
    private final Demands demands;
    private final Communication communication;
    private final Audience audience;
    private final OutcomeRules outcomes;
    private final Duration deadline;
    private final int timeStableOneIn;
    private final int failingKeys;
    private final int keysPerStep;
    private final Map<String, Double> weights;
    private final boolean idempotentAfterTimeout;
    private final @Nullable String mdcKey;

    private RollbackPlan(Builder builder) {
        this.stable = builder.stable;
        this.candidate = builder.candidate;
        this.strategy = builder.strategy;
        this.mode = builder.mode == null ? Mode.ACT : builder.mode;
        this.isModeStated = builder.mode != null;
        this.falseRollbackRate = builder.falseRollbackRate;
        this.signals = strategy.deployed() == null
                ? List.copyOf(builder.signals)
                : builder.signals.stream()
                        .map(signal -> signal instanceof ErrorRate errors ? errors.forDeployment() : signal)
                        .toList();
        this.stages = builder.stages.stream().map(List::copyOf).toList();
        this.verification = builder.verifyWithin == null && builder.verifications.isEmpty()
                ? null
                : new Verification(
                        builder.verifyWithin == null ? Duration.ofMinutes(5) : builder.verifyWithin,
                        builder.verifications);
        this.criteria = builder.criteria;
        this.touched = List.copyOf(builder.touched);
        this.requiredBy = List.copyOf(builder.requiredBy);
        this.demands = new Demands(
                builder.checksBeforeStart,
                builder.drillWithin,
                builder.callsPerSecond,
                builder.failureRate,
                builder.nothingUnchecked);
        this.communication = builder.communication;
        this.audience = builder.audience;
        this.outcomes = builder.outcomes;
        this.deadline = builder.deadline;
        this.timeStableOneIn = builder.timeStableOneIn;
        this.failingKeys = builder.failingKeys;
        this.keysPerStep = builder.keysPerStep;
        this.weights = Map.copyOf(builder.weights);
        this.idempotentAfterTimeout = builder.idempotentAfterTimeout;
        this.mdcKey = builder.mdcKey;
    }

    /** Begins a plan with the release that serves now. */
    public static From from(Release stable) {
        return new From(stable);
    }

    /** A plan that does not name its candidate yet. */
    public static final class From {
        private final Release stable;

        private From(Release stable) {
            this.stable = Objects.requireNonNull(stable, "stable");
        }

        /**
         * Names the release that is to be tried.
         *
         * @throws IllegalArgumentException if it is of another component, or the same release
         */
        public Builder to(Release candidate) {
            if (!candidate.component().equals(stable.component())) {
                throw new IllegalArgumentException("candidate " + candidate + " is of another component than stable "
                        + stable + ": the same component is allowed");
            }
            if (candidate.identity().equals(stable.identity())) {
                throw new IllegalArgumentException("candidate " + candidate
                        + " is the same release as stable: another version or commit is allowed");
            }
            return new Builder(stable, candidate);
        }
    }

    /** Collects the parts of a plan. For one thread. */
    public static final class Builder {
        private final Release stable;
        private final Release candidate;
        private final List<FailureSignal> signals = new ArrayList<>();
        private final List<List<Step>> stages = new ArrayList<>();
        private @Nullable Duration verifyWithin;
        private final Map<String, Check> verifications = new LinkedHashMap<>();
        private Criteria criteria = Criteria.NONE;
        private final List<Touched> touched = new ArrayList<>();
        private final List<String> requiredBy = new ArrayList<>();
        private final Map<String, Check> checksBeforeStart = new LinkedHashMap<>();
        private @Nullable Duration drillWithin;
        private double callsPerSecond = Double.NaN;
        private double failureRate = Double.NaN;
        private boolean nothingUnchecked;
        private Communication communication = Communication.NONE;
        private RolloutStrategy strategy = RolloutStrategy.canary(1, 5, 25, 50).thenPromote();
        private @Nullable Mode mode;
        private double falseRollbackRate = 0.01;
        private Audience audience = Audience.everyone();
        private OutcomeRules outcomes = OutcomeRules.defaults();
        private Duration deadline = Duration.ofSeconds(30);
        private int timeStableOneIn = 4;
        private int failingKeys = 16_384;
        private int keysPerStep = 65_536;
        private final Map<String, Double> weights = new LinkedHashMap<>();
        private boolean idempotentAfterTimeout;
        private @Nullable String mdcKey;

        private Builder(Release stable, Release candidate) {
            this.stable = stable;
            this.candidate = candidate;
        }

        /** Says how the exposure grows. Default: canary of 1, 5, 25 and 50 %, ten minutes each, then promote. */
        public Builder strategy(RolloutStrategy value) {
            this.strategy = Objects.requireNonNull(value, "strategy");
            return this;
        }

        /**
         * Says who acts. Default: the library ({@link Mode#ACT}); in a deployment only while stable capacity is known to serve, and else a
         * person ({@link Mode#RECOMMEND}).
         */
        public Builder mode(Mode value) {
            this.mode = Objects.requireNonNull(value, "mode");
            return this;
        }

        /**
         * Adds a signal. A plan has at least one; names are unique. Comparative signals share the false-rollback rate: the
         * error rate counts 0.5, the latency 0.3, each business metric 0.2, in proportion to those that there are.
         */
        public Builder watch(FailureSignal signal) {
            signals.add(Objects.requireNonNull(signal, "signal"));
            return this;
        }

        /**
         * Adds a comparative signal with a weight of its own.
         *
         * @param weight the signal's share of the false-rollback rate, in proportion to the other signals'; more than 0 and
         *     at most 1000
         */
        public Builder watch(FailureSignal.Comparative signal, double weight) {
            if (!(weight > 0 && weight <= 1000)) {
                throw new IllegalArgumentException("signal " + signal.name() + " has weight " + weight
                        + ": more than 0 and at most 1000 is allowed");
            }
            weights.put(signal.name(), weight);
            return watch(signal);
        }

        /**
         * Says how probable it may be at most that a candidate within the tolerated margin is ever rolled back for its
         * comparative signals, all together and looked at as often as one likes. Default 0.01.
         *
         * @param rate 10^-9 to 0.2
         */
        public Builder falseRollbackRate(double rate) {
            if (!(rate >= 1e-9 && rate <= 0.2)) {
                throw new IllegalArgumentException("falseRollbackRate " + rate + " is not allowed: 1e-9 to 0.2 is");
            }
            this.falseRollbackRate = rate;
            return this;
        }

        /** Adds a step back with a deadline of one minute a try and three tries. */
        public Builder thenRun(RollbackStrategy way) {
            return thenRun(Step.of(way));
        }

        /** Adds a step back. */
        public Builder thenRun(RollbackStrategy way, Duration stepDeadline, int attempts) {
            return thenRun(Step.of(way).within(stepDeadline).attempts(attempts));
        }

        /**
         * Adds steps that are taken beside each other. They begin when all that were added before are done, and those added
         * after them begin when all of them are.
         */
        public Builder thenRun(Step step, Step... beside) {
            List<Step> stage = new ArrayList<>(List.of(step));
            stage.addAll(List.of(beside));
            stages.add(stage);
            return this;
        }

        /**
         * Makes sure, after the steps, that stable is healthy again within a time, see {@link Verification}; else people are
         * called. Default: nothing is verified.
         *
         * @param time 1 second to 24 h
         */
        public Builder verifyWithin(Duration time) {
            this.verifyWithin = Objects.requireNonNull(time, "time");
            return this;
        }

        /** Adds something that must pass after the steps, within five minutes unless {@link #verifyWithin} says otherwise. */
        public Builder verify(String name, Check check) {
            requireNew("verification", name, verifications.put(Gates.requireName(name), check));
            return this;
        }

        /** Says whose criteria these are. Default: nobody's. */
        public Builder criteria(Criteria value) {
            this.criteria = Objects.requireNonNull(value, "criteria");
            return this;
        }

        /**
         * Says that the candidate writes something beside the database that stable will read after a rollback.
         *
         * @param shown how stable was shown to read it; empty where it was not, which the preflight says
         */
        public Builder touches(Touched.Kind kind, String name, String shown) {
            touched.add(new Touched(kind, name, shown));
            return this;
        }

        /** Names components that need the candidate once they are released: they must go back before it can. */
        public Builder requiredBy(String... components) {
            for (String component : components) {
                if (component.isBlank() || component.length() > 200) {
                    throw new IllegalArgumentException("requiredBy '" + component
                            + "' is not allowed: a component of 1 to 200 characters, not blank, is");
                }
                requiredBy.add(component);
            }
            return this;
        }

        /**
         * Demands that something passes before the rollout starts: {@code previous-release} (stable can still be obtained,
         * by its digest), {@code known-good} (stable is known to be good), {@code restore-point} (there is a backup, young enough), or
         * anything else.
         */
        public Builder beforeStart(String name, Check check) {
            requireNew("check before the start", name, checksBeforeStart.put(Gates.requireName(name), check));
            return this;
        }

        /**
         * Demands that the plan's steps have passed a drill no longer ago than this.
         *
         * @param time more than 0
         */
        public Builder drilledWithin(Duration time) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("drilledWithin " + time + " is not allowed: more than 0 is");
            }
            this.drillWithin = time;
            return this;
        }

        /**
         * States the traffic, so that the preflight can tell whether the plan would see five times as many errors at all.
         *
         * @param calls a second, of both releases, more than 0
         * @param failing the part of stable's that fails, 0 to less than 1
         */
        public Builder expectedTraffic(double calls, double failing) {
            if (!(calls > 0 && calls <= 1e9 && failing >= 0 && failing < 1)) {
                throw new IllegalArgumentException("expectedTraffic " + calls + " calls a second of which " + failing
                        + " fail is not allowed: more than 0 and up to 1e9 calls, of which 0 to less than 1 fail, are");
            }
            this.callsPerSecond = calls;
            this.failureRate = failing;
            return this;
        }

        /** Lets the rollout start only where the preflight could check everything. Default: what was not checked is said. */
        public Builder nothingUnchecked() {
            this.nothingUnchecked = true;
            return this;
        }

        /** Says who is told what. Default: nobody is; the log is written all the same. */
        public Builder communication(Communication value) {
            this.communication = Objects.requireNonNull(value, "communication");
            return this;
        }

        private static void requireNew(String what, String name, @Nullable Check before) {
            if (before != null) {
                throw new IllegalArgumentException(what + " " + name + " is named twice: each name once is allowed");
            }
        }

        /** Says who is decided for by the coin, and who is not. Default: everyone is. */
        public Builder audience(Audience value) {
            this.audience = Objects.requireNonNull(value, "audience");
            return this;
        }

        /** Says what counts as a failure. Default: every exception but a cancellation. */
        public Builder outcomes(OutcomeRules value) {
            this.outcomes = Objects.requireNonNull(value, "outcomes");
            return this;
        }

        /**
         * Says how long an outcome is waited for; after that the call counts as failed, in both releases. Default 30
         * seconds.
         *
         * @param value 1 second to 1 hour
         */
        public Builder outcomeDeadline(Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("outcomeDeadline " + value + " is not allowed: 1 s to 1 h is");
            }
            this.deadline = value;
            return this;
        }

        /**
         * Times only one in so many calls on stable; all calls on the candidate are timed. Default 4.
         *
         * @param calls 1, 2, 4, … 1024
         */
        public Builder timeStableOneIn(int calls) {
            if (calls < 1 || calls > 1024 || Integer.bitCount(calls) != 1) {
                throw new IllegalArgumentException(
                        "timeStableOneIn " + calls + " is not allowed: a power of two from 1 to 1024 is");
            }
            this.timeStableOneIn = calls;
            return this;
        }

        /**
         * Makes room for this many failing keys; failures of further keys are dropped from the evidence, in both releases
         * alike. Four to eight bytes a key, taken at the first failure. Default 16,384.
         *
         * @param keys 64 to 4,194,304
         */
        public Builder failingKeys(int keys) {
            if (keys < 64 || keys > 1 << 22) {
                throw new IllegalArgumentException("failingKeys " + keys + " is not allowed: 64 to 4194304 is");
            }
            this.failingKeys = keys;
            return this;
        }

        /**
         * Makes room for this many keys a step, of which the first call counts: for latency, business metrics and promotion
         * by evidence, where calls have keys. Further keys are dropped from that evidence, in both releases alike, the
         * more of them the fuller it is. Half a byte a key, with business metrics 16 to 32 more. Default 65,536.
         *
         * @param keys 64 to 4,194,304
         */
        public Builder keysPerStep(int keys) {
            if (keys < 64 || keys > 1 << 22) {
                throw new IllegalArgumentException("keysPerStep " + keys + " is not allowed: 64 to 4194304 is");
            }
            this.keysPerStep = keys;
            return this;
        }

        /** Answers idempotent calls by stable also after the candidate timed out. By default they are not repeated then. */
        public Builder idempotentAfterTimeout() {
            this.idempotentAfterTimeout = true;
            return this;
        }

        /**
         * Puts the version that serves a call into SLF4J's MDC under this key while the call runs. Off by default.
         *
         * @param key 1 to 100 characters, not blank
         */
        public Builder mdcKey(String key) {
            if (key.isBlank() || key.length() > 100) {
                throw new IllegalArgumentException(
                        "mdcKey '" + key + "' is not allowed: 1 to 100 characters, not blank, are");
            }
            this.mdcKey = key;
            return this;
        }

        /**
         * Builds the plan.
         *
         * @throws IllegalArgumentException if parts are missing or contradict each other
         */
        public RollbackPlan build() {
            if (signals.isEmpty()) {
                throw new IllegalArgumentException("plan " + stable + " to " + candidate
                        + " watches nothing: at least one signal is needed, for example watch(errorRate())");
            }
            Set<String> names = new HashSet<>();
            for (FailureSignal signal : signals) {
                if (!names.add(signal.name())) {
                    throw new IllegalArgumentException(
                            "signal " + signal.name() + " is watched twice: each name once is allowed");
                }
                if (signal instanceof LimitSignal limit && !limit.hasLimit()) {
                    throw new IllegalArgumentException(
                            "signal " + signal.name() + " has no limit: notAbove(value) or notBelow(value) is needed");
                }
            }
            if (signals.stream().filter(BusinessMetric.class::isInstance).count() > MOST_METRICS) {
                throw new IllegalArgumentException(
                        "more than " + MOST_METRICS + " business metrics are watched: up to that many are allowed");
            }
            if (strategy.early() != null && signals.stream().noneMatch(ErrorRate.class::isInstance)) {
                throw new IllegalArgumentException("strategy grows by evidence, and the plan watches no error rate: "
                        + "watch(errorRate()) is needed");
            }
            if (signals.stream().anyMatch(ShadowMismatch.class::isInstance)
                    && strategy.steps().stream().noneMatch(step -> step.shadowShare() > 0)) {
                throw new IllegalArgumentException(
                        "signal shadow-mismatch is watched, and no step of the strategy runs the candidate beside stable: "
                                + "one is needed, for example shadow(10).then(...)");
            }
            if (strategy.deployed() != null) {
                requireDeployable();
            }
            Duration longest = strategy.longest();
            Duration baking = strategy.bakeTime();
            if (longest != null && longest.compareTo(baking) < 0) {
                throw new IllegalArgumentException(
                        "strategy may take " + longest + ", less than its bake times together, " + baking
                                + ": it could never be promoted; that or more is allowed");
            }
            Set<String> stepNames = new HashSet<>();
            Map<String, Gate> gates = new LinkedHashMap<>();
            for (List<Step> stage : stages) {
                for (Step step : stage) {
                    for (RollbackStrategy way : step.ways()) {
                        if (!stepNames.add(way.name())) {
                            throw new IllegalArgumentException(
                                    "step " + way.name() + " is named twice: each name once is allowed");
                        }
                    }
                    for (Gate gate : step.gates) {
                        Gate before = gates.putIfAbsent(gate.name(), gate);
                        if (before != null && !before.equals(gate)) {
                            throw new IllegalArgumentException(
                                    "gate " + gate.name() + " is the name of two gates: each name once is allowed");
                        }
                    }
                }
            }
            if (stepNames.contains(VERIFICATION) || gates.containsKey(VERIFICATION)) {
                throw new IllegalArgumentException("step or gate " + VERIFICATION
                        + " is not allowed: another name is, since that after the steps can be acknowledged by it");
            }
            for (String gate : gates.keySet()) {
                if (stepNames.contains(gate)) {
                    throw new IllegalArgumentException("gate " + gate
                            + " has the name of a step: another name is allowed, since both can be acknowledged");
                }
            }
            return new RollbackPlan(this);
        }

        private void requireDeployable() {
            if (strategy.steps().size() > 1) {
                throw new IllegalArgumentException("strategy deployment has "
                        + strategy.steps().size() + " steps: one is allowed, since the whole process is the candidate");
            }
            for (FailureSignal signal : signals) {
                if (signal instanceof FailureSignal.Comparative && !(signal instanceof ErrorRate)) {
                    throw new IllegalArgumentException("signal " + signal.name()
                            + " is watched in a deployment, where no coin divides the calls: error-rate, limits, health"
                            + " checks and reports are allowed");
                }
            }
            if (!audience.isEveryone()) {
                throw new IllegalArgumentException("a deployment has an audience: everyone is allowed, since the whole"
                        + " process is the candidate");
            }
        }
    }

    /** Returns the release that served before. */
    public Release stable() {
        return stable;
    }

    /** Returns the release that is tried. */
    public Release candidate() {
        return candidate;
    }

    /** Returns how the exposure grows. */
    public RolloutStrategy strategy() {
        return strategy;
    }

    /** Returns who acts; where nothing was stated, {@link Mode#ACT}. */
    public Mode mode() {
        return mode;
    }

    /** Says whether the plan states who acts; in a deployment, where it does not, that hangs on whether stable capacity serves. */
    public boolean isModeStated() {
        return isModeStated;
    }

    /** Returns the bound on false rollbacks, α. */
    public double falseRollbackRate() {
        return falseRollbackRate;
    }

    /** Returns what is watched. */
    public List<FailureSignal> signals() {
        return signals;
    }

    /** Returns the error-rate signal, or null where the plan watches none. */
    public @Nullable ErrorRate errorRate() {
        for (FailureSignal signal : signals) {
            if (signal instanceof ErrorRate errorRate) {
                return errorRate;
            }
        }
        return null;
    }

    /** Returns the signal of results that differ, or null where the plan watches none. */
    public @Nullable ShadowMismatch shadowMismatch() {
        for (FailureSignal signal : signals) {
            if (signal instanceof ShadowMismatch mismatch) {
                return mismatch;
            }
        }
        return null;
    }

    /** Returns the signals that compare the candidate with stable, in order. */
    public List<FailureSignal.Comparative> comparativeSignals() {
        return signals.stream()
                .filter(FailureSignal.Comparative.class::isInstance)
                .map(FailureSignal.Comparative.class::cast)
                .toList();
    }

    /** Returns a comparative signal's share of the false-rollback rate, in (0, 1]; together they have all of it. */
    public double shareOf(FailureSignal.Comparative signal) {
        double sum = 0;
        for (FailureSignal.Comparative one : comparativeSignals()) {
            sum += weightOf(one);
        }
        return weightOf(signal) / sum;
    }

    private double weightOf(FailureSignal.Comparative signal) {
        return weights.getOrDefault(signal.name(), signal.weight());
    }

    /** Returns the steps back after the traffic, in order. */
    public List<Step> steps() {
        return stages.stream().flatMap(List::stream).toList();
    }

    /** Returns the steps back by stage: those of a stage are taken beside each other, the stages one after the other. */
    public List<List<Step>> stages() {
        return stages;
    }

    /** Returns how it is made sure that stable is healthy again; null where it is not. */
    public @Nullable Verification verification() {
        return verification;
    }

    /** Returns whose criteria these are. */
    public Criteria criteria() {
        return criteria;
    }

    /** Returns what the candidate writes beside the database that stable will read. */
    public List<Touched> touched() {
        return touched;
    }

    /** Returns the components that need the candidate. */
    public List<String> requiredBy() {
        return requiredBy;
    }

    /** Returns what the plan demands of its preflight. */
    public Demands demands() {
        return demands;
    }

    /** Returns who is told what. */
    public Communication communication() {
        return communication;
    }

    /** Returns who is decided for by the coin. */
    public Audience audience() {
        return audience;
    }

    /** Returns what counts as a failure. */
    public OutcomeRules outcomes() {
        return outcomes;
    }

    /** Returns how long an outcome is waited for. */
    public Duration outcomeDeadline() {
        return deadline;
    }

    /** Returns that one in so many calls on stable is timed. */
    public int timeStableOneIn() {
        return timeStableOneIn;
    }

    /** Returns for how many failing keys there is room. */
    public int failingKeys() {
        return failingKeys;
    }

    /** Says whether anything hangs on a key's first call in a step: latency, a business metric, promotion by evidence. */
    public boolean isKeyedByFirstCall() {
        return strategy.early() != null
                || signals.stream().anyMatch(signal -> signal instanceof Latency || signal instanceof BusinessMetric);
    }

    /** Returns for how many keys a step there is room, of which the first call counts. */
    public int keysPerStep() {
        return keysPerStep;
    }

    /** Says whether idempotent calls are answered by stable also after the candidate timed out. */
    public boolean isIdempotentAfterTimeout() {
        return idempotentAfterTimeout;
    }

    /** Returns the MDC key, or null where the MDC is left alone. */
    public @Nullable String mdcKey() {
        return mdcKey;
    }

    /**
     * Returns the plan by part, in a fixed order: what is hashed, shown and compared. Contains no secret. The MDC key is no
     * part of it: it changes nothing but the host's own log.
     */
    public Map<String, String> describe() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("stable", stable.toString());
        parts.put("candidate", candidate.toString());
        parts.put("strategy", strategy.toString());
        parts.put(
                "mode",
                isModeStated || strategy.deployed() == null
                        ? mode.name()
                        : "ACT while stable capacity is known to serve, else RECOMMEND");
        parts.put("falseRollbackRate", Double.toString(falseRollbackRate));
        for (FailureSignal signal : signals) {
            Double weight = weights.get(signal.name());
            parts.put("signal " + signal.name(), signal.description() + (weight == null ? "" : ", weight " + weight));
        }
        describeSteps(parts);
        describeWhatElse(parts);
        parts.put("audience", audience.toString());
        parts.put("outcomes", outcomes.toString());
        parts.put("outcomeDeadline", deadline.toString());
        parts.put("timeStableOneIn", Integer.toString(timeStableOneIn));
        parts.put("failingKeys", Integer.toString(failingKeys));
        if (isKeyedByFirstCall()) {
            parts.put("keysPerStep", Integer.toString(keysPerStep));
        }
        parts.put("idempotentAfterTimeout", Boolean.toString(idempotentAfterTimeout));
        return Collections.unmodifiableMap(parts);
    }

    private void describeSteps(Map<String, String> parts) {
        int place = 0;
        for (List<Step> stage : stages) {
            int first = place + 1;
            for (Step step : stage) {
                place++;
                parts.put(
                        "step " + step.way.name(),
                        "no. " + place + (place == first ? "" : " beside no. " + first) + ", " + step.description());
            }
        }
        if (verification != null) {
            parts.put("verification", "within " + verification.within + checked(verification.checks));
        }
    }

    /** Describes what most plans do not say, where this one does: so the hash of the others stays what it was. */
    private void describeWhatElse(Map<String, String> parts) {
        if (!criteria.equals(Criteria.NONE)) {
            parts.put(
                    "criteria",
                    "version '" + criteria.version + "', owner '" + criteria.owner + "', approver '" + criteria.approver
                            + "', tolerated data loss '" + criteria.toleratedDataLoss + "'");
        }
        for (Touched touch : touched) {
            parts.put(
                    "touches " + touch.kind.name().toLowerCase(Locale.ROOT) + " " + touch.name,
                    touch.shown.isBlank() ? "not shown" : touch.shown);
        }
        if (!requiredBy.isEmpty()) {
            parts.put("requiredBy", String.join(", ", requiredBy));
        }
        if (!demands.checks.isEmpty()) {
            parts.put("beforeStart", "passed" + checked(demands.checks));
        }
        if (demands.drillWithin != null) {
            parts.put("drilledWithin", demands.drillWithin.toString());
        }
        if (!Double.isNaN(demands.callsPerSecond)) {
            parts.put(
                    "expectedTraffic",
                    demands.callsPerSecond + " calls a second, of which " + demands.failureRate + " fail");
        }
        if (demands.nothingUnchecked) {
            parts.put("nothingUnchecked", "true");
        }
        describeGroups(parts);
    }

    private void describeGroups(Map<String, String> parts) {
        for (Communication.Group group : communication.groups()) {
            parts.put("group " + group.name(), group.description());
        }
    }

    private static String checked(Map<String, Check> checks) {
        return checks.isEmpty() ? "" : ", checks " + String.join(", ", checks.keySet());
    }

    /** Returns the SHA-256 of {@link #describe()}, in hexadecimal. */
    public String hash() {
        return hash(describe());
    }

    /**
     * Returns the SHA-256 of what a rollback does and who is told of it, in hexadecimal: the same for the next release under the
     * same steps, so that a drill of them is known again.
     */
    public String stepsHash() {
        Map<String, String> parts = new LinkedHashMap<>();
        describeSteps(parts);
        describeGroups(parts);
        return hash(parts);
    }

    private static String hash(Map<String, String> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            parts.forEach((name, value) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(value.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", impossible);
        }
    }
}
