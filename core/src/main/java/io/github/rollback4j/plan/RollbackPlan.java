package io.github.rollback4j.plan;

import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.ShadowMismatch;
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
     * A step back, run after the traffic is back on stable, in the plan's order.
     *
     * @param way what is done
     * @param deadline how long one try may take
     * @param attempts how often it is tried at most, with growing pauses in between
     */
    public record Step(RollbackStrategy way, Duration deadline, int attempts) {

        private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Step {
            if (!NAME.matcher(way.name()).matches()) {
                throw new IllegalArgumentException("step name '" + way.name()
                        + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are");
            }
            if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException("step " + way.name() + " has deadline " + deadline
                        + ": more than 0 and at most 24 h is allowed");
            }
            if (attempts < 1 || attempts > 100) {
                throw new IllegalArgumentException(
                        "step " + way.name() + " has " + attempts + " attempts: 1 to 100 are allowed");
            }
        }
    }

    /** How many metrics a router can tell apart. */
    private static final int MOST_METRICS = 8;

    private final Release stable;
    private final Release candidate;
    private final RolloutStrategy strategy;
    private final Mode mode;
    private final double falseRollbackRate;
    private final List<FailureSignal> signals;
    private final List<Step> steps;
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
        this.mode = builder.mode;
        this.falseRollbackRate = builder.falseRollbackRate;
        this.signals = List.copyOf(builder.signals);
        this.steps = List.copyOf(builder.steps);
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
        private final List<Step> steps = new ArrayList<>();
        private RolloutStrategy strategy = RolloutStrategy.canary(1, 5, 25, 50).thenPromote();
        private Mode mode = Mode.ACT;
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

        /** Says who acts. Default: the library ({@link Mode#ACT}). */
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
            return thenRun(way, Duration.ofMinutes(1), 3);
        }

        /** Adds a step back. Steps run in the order in which they are added, after the traffic is back on stable. */
        public Builder thenRun(RollbackStrategy way, Duration stepDeadline, int attempts) {
            steps.add(new Step(way, stepDeadline, attempts));
            return this;
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
            Duration longest = strategy.longest();
            Duration baking = strategy.bakeTime();
            if (longest != null && longest.compareTo(baking) < 0) {
                throw new IllegalArgumentException(
                        "strategy may take " + longest + ", less than its bake times together, " + baking
                                + ": it could never be promoted; that or more is allowed");
            }
            Set<String> stepNames = new HashSet<>();
            for (Step step : steps) {
                if (!stepNames.add(step.way.name())) {
                    throw new IllegalArgumentException(
                            "step " + step.way.name() + " is named twice: each name once is allowed");
                }
            }
            return new RollbackPlan(this);
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

    /** Returns who acts. */
    public Mode mode() {
        return mode;
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

    /** Returns the steps back after the traffic. */
    public List<Step> steps() {
        return steps;
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
        parts.put("mode", mode.name());
        parts.put("falseRollbackRate", Double.toString(falseRollbackRate));
        for (FailureSignal signal : signals) {
            Double weight = weights.get(signal.name());
            parts.put("signal " + signal.name(), signal.description() + (weight == null ? "" : ", weight " + weight));
        }
        int place = 0;
        for (Step step : steps) {
            parts.put(
                    "step " + step.way.name(),
                    "no. " + ++place + ", " + step.way.description() + ", deadline " + step.deadline + ", attempts "
                            + step.attempts);
        }
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

    /** Returns the SHA-256 of {@link #describe()}, in hexadecimal. */
    public String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            describe().forEach((name, value) -> {
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
