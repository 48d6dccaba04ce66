package io.github.rollback4j.strategy;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says how the candidate's exposure grows: steps, each with a share, a bake time and a least number of calls, and what
 * comes after the last. Immutable and thread-safe: each method returns a new strategy.
 *
 * <p>A step ends when its bake time is over, the candidate has answered its least number of calls in it, and no signal is
 * REGRESSED. Without calls it does not end: no data is not health. Meant for static import.
 */
public final class RolloutStrategy {

    /**
     * One step.
     *
     * @param name for people and the journal
     * @param share of the coin's calls that the candidate serves, 0 to 1
     * @param shadowShare of the coin's calls beside which the candidate runs too, its result thrown away, 0 to 1
     * @param bake how long the step lasts at least
     * @param leastCalls how many calls the candidate answers in the step at least
     * @param bySwitch whether a person (or program) switches the step on, by {@code resume}
     */
    public record Step(
            String name, double share, double shadowShare, Duration bake, long leastCalls, boolean bySwitch) {

        Step(String name, double share, double shadowShare) {
            this(name, share, shadowShare, DEFAULT_BAKE, DEFAULT_LEAST_CALLS, false);
        }

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Step {
            requirePart(name, "share", share);
            requirePart(name, "shadow share", shadowShare);
            if (bake.isNegative() || bake.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "step " + name + " bakes for " + bake + ": 0 to 60 days are allowed");
            }
            if (leastCalls < 0) {
                throw new IllegalArgumentException(
                        "step " + name + " asks for at least " + leastCalls + " calls: 0 or more are allowed");
            }
        }

        private static void requirePart(String name, String option, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(
                        "step " + name + " has a " + option + " of " + value + ": 0 to 1 is allowed");
            }
        }
    }

    /** What happens to a rollout that is not promoted within its longest time. */
    public enum Otherwise {
        /** The exposure is held until a person decides. */
        HOLD,
        /** The candidate is promoted, where its calls can be judged at all. */
        PROMOTE,
        /** The candidate is taken back, or that is recommended, as the plan's mode says. */
        ROLL_BACK
    }

    /**
     * When a step may end before its bake time.
     *
     * @param harm the part of all calls that may fail in the next step for the candidate's sake, more than 0, at most 0.1
     * @param notBefore how long the step lasts all the same
     */
    public record Early(double harm, Duration notBefore) {

        /** Steps with a larger share than this do not end early: too few calls go to stable to tell the candidate's excess. */
        public static final double MOST_SHARE = .5;

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Early {
            if (!(harm > 0 && harm <= MOST_HARM)) {
                throw new IllegalArgumentException("a harm of " + harm + " is not allowed: more than 0 and at most "
                        + MOST_HARM + " is, as a part of all calls");
            }
            if (notBefore.isNegative() || notBefore.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "a step that ends not before " + notBefore + " is not allowed: 0 to 60 days are");
            }
        }
    }

    /**
     * How a process that is the candidate itself is taken out.
     *
     * @param maxRefusing how many instances refuse traffic at a time at most, 1 to 1000
     * @param drain how long after an instance refuses traffic the steps back begin, 0 to 1 hour
     * @param checkName the operator's check that stable capacity serves; empty where there is none
     * @param stableServes that check; null where only the store that the instances share can tell
     */
    public record Deployed(
            int maxRefusing,
            Duration drain,
            String checkName,
            @Nullable Check stableServes) {

        private static final Duration LONGEST_DRAIN = Duration.ofHours(1);

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Deployed {
            if (maxRefusing < 1 || maxRefusing > 1000) {
                throw new IllegalArgumentException(
                        "deployment lets " + maxRefusing + " instances refuse traffic: 1 to 1000 are allowed");
            }
            if (drain.isNegative() || drain.compareTo(LONGEST_DRAIN) > 0) {
                throw new IllegalArgumentException("deployment drains for " + drain + ": 0 to 1 hour is allowed");
            }
            if (stableServes != null && checkName.isBlank()) {
                throw new IllegalArgumentException("deployment has a check that stable serves named '" + checkName
                        + "': a name that is not blank is allowed");
            }
        }
    }

    /** How the steps end, and what comes after the last. */
    private record Course(
            boolean promotes,
            Duration rollbackWindow,
            @Nullable Duration longest,
            Otherwise otherwise,
            @Nullable Early early,
            @Nullable Deployed deployed) {

        Course(boolean promotes) {
            this(promotes, DEFAULT_WINDOW, null, Otherwise.HOLD, null, null);
        }

        Course promoting(boolean does) {
            return new Course(does, rollbackWindow, longest, otherwise, early, deployed);
        }

        Course window(Duration time) {
            return new Course(promotes, time, longest, otherwise, early, deployed);
        }

        Course within(Duration time, Otherwise then) {
            return new Course(promotes, rollbackWindow, time, then, early, deployed);
        }

        Course early(@Nullable Early when) {
            return new Course(promotes, rollbackWindow, longest, otherwise, when, deployed);
        }

        Course deployed(Deployed how) {
            return new Course(promotes, rollbackWindow, longest, otherwise, early, how);
        }
    }

    private static final Duration LONGEST = Duration.ofDays(60);
    private static final double MOST_HARM = .1;
    private static final Early DEFAULT_EARLY = new Early(.0005, Duration.ofMinutes(1));
    private static final Duration DEFAULT_BAKE = Duration.ofMinutes(10);
    private static final long DEFAULT_LEAST_CALLS = 100;
    private static final Duration DEFAULT_WINDOW = Duration.ofHours(1);

    private final String kind;
    private final List<Step> steps;
    private final Map<String, Check> verifications;
    private final Course course;

    private RolloutStrategy(String kind, List<Step> steps, Map<String, Check> verifications, Course course) {
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("strategy " + kind + " has no step: at least one is needed");
        }
        Duration window = course.rollbackWindow;
        if (window.isNegative() || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "strategy " + kind + " has a rollback window of " + window + ": 0 to 60 days are allowed");
        }
        Duration longest = course.longest;
        if (longest != null && (longest.isNegative() || longest.isZero() || longest.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException(
                    "strategy " + kind + " may take " + longest + ": more than 0 and at most 60 days are allowed");
        }
        double before = 0;
        for (Step step : steps) {
            if (step.share < before) {
                throw new IllegalArgumentException("strategy " + kind + " has step " + step.name + " with a share of "
                        + step.share + " after one of " + before + ": shares that do not fall are allowed");
            }
            before = step.share;
        }
        this.kind = kind;
        this.steps = List.copyOf(steps);
        this.verifications = new LinkedHashMap<>(verifications);
        this.course = course;
    }

    /**
     * Exposes the candidate to growing shares of the calls, sticky by key. Ends by holding the last step; see
     * {@link #thenPromote()}.
     *
     * @param percents more than 0 and at most 100, growing
     * @throws IllegalArgumentException if there is none, or one is outside its range or does not grow
     */
    public static RolloutStrategy canary(double... percents) {
        List<Step> steps = new ArrayList<>();
        double before = 0;
        for (double percent : percents) {
            if (!(percent > before && percent <= 100)) {
                throw new IllegalArgumentException("canary step " + percent + " % after " + before
                        + " % is not allowed: growing numbers of more than 0 and at most 100 are");
            }
            steps.add(new Step(percent(percent), percent / 100, 0));
            before = percent;
        }
        return new RolloutStrategy("canary", steps, Map.of(), new Course(false));
    }

    /**
     * Switches all calls at once from stable (blue) to the candidate (green) after the named verifications, see
     * {@link #verify}, have passed. Stable stays warm for the rollback window; the switch back needs no check. A share of
     * 100 % leaves no control: only signals with an absolute limit protect.
     */
    public static RolloutStrategy blueGreen() {
        return new RolloutStrategy(
                "blue/green", List.of(new Step("green", 1, 0, Duration.ZERO, 0, false)), Map.of(), new Course(true));
    }

    /**
     * Deploys the candidate switched off: {@code resume} switches it on for a share of the calls, {@code pause} off again.
     *
     * @param percent of the calls when it is on, more than 0 and at most 100
     */
    public static RolloutStrategy featureFlag(double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException(
                    "feature flag at " + percent + " % is not allowed: more than 0 and at most 100 is");
        }
        return new RolloutStrategy(
                "feature flag",
                List.of(new Step("on", percent / 100, 0, DEFAULT_BAKE, DEFAULT_LEAST_CALLS, true)),
                Map.of(),
                new Course(false));
    }

    /**
     * Runs the candidate beside stable on a share of the calls, on threads of the library, its result thrown away (a dark
     * launch). Only for calls without side effects.
     *
     * @param percent of the calls, more than 0 and at most 100
     */
    public static RolloutStrategy shadow(double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException(
                    "shadow at " + percent + " % is not allowed: more than 0 and at most 100 is");
        }
        return new RolloutStrategy(
                "shadow",
                List.of(new Step("shadow " + percent(percent), 0, percent / 100, DEFAULT_BAKE, 0, false)),
                Map.of(),
                new Course(false));
    }

    /**
     * Watches a process that <em>is</em> the candidate, while stable runs in other instances or ran before: there is no coin, so that
     * what is found is outside the plan's false-rollback rate. The error rate is held against stable's at the same time, where the
     * instances share a store, else against the baseline that stable left behind. Rolling back means: the instance refuses traffic where
     * stable capacity is known to serve, then the plan's steps. Bakes for 30 minutes and is then promoted.
     */
    public static RolloutStrategy deployment() {
        return new RolloutStrategy(
                "deployment",
                List.of(new Step("deployed", 1, 0, Duration.ofMinutes(30), DEFAULT_LEAST_CALLS, false)),
                Map.of(),
                new Course(true).deployed(new Deployed(1, Duration.ofSeconds(30), "", null)));
    }

    /**
     * Says how many instances of a deployment refuse traffic at a time at most, of those that share a store; without one each goes by
     * its own check, and knows of no others. Default 1.
     *
     * @throws IllegalArgumentException if it is not 1 to 1000, or the strategy is no deployment
     */
    public RolloutStrategy maxRefusing(int instances) {
        Deployed now = requireDeployed("maxRefusing");
        return with(course.deployed(new Deployed(instances, now.drain, now.checkName, now.stableServes)));
    }

    /**
     * Says how long after an instance of a deployment refuses traffic the steps back begin, so that what is under way can end. Default 30
     * seconds.
     *
     * @throws IllegalArgumentException if it is not 0 to 1 hour, or the strategy is no deployment
     */
    public RolloutStrategy drain(Duration time) {
        Deployed now = requireDeployed("drain");
        return with(course.deployed(new Deployed(now.maxRefusing, time, now.checkName, now.stableServes)));
    }

    /**
     * Says how it is known that stable capacity serves beside a deployment, where no store can tell. It is asked about every two seconds,
     * by each instance; what throws, hangs or is older than ten seconds is no.
     *
     * @throws IllegalArgumentException if the name is blank, or the strategy is no deployment
     */
    public RolloutStrategy stableServes(String name, Check check) {
        Deployed now = requireDeployed("stableServes");
        return with(course.deployed(
                new Deployed(now.maxRefusing, now.drain, name, Objects.requireNonNull(check, "check"))));
    }

    private Deployed requireDeployed(String option) {
        if (course.deployed == null) {
            throw new IllegalArgumentException(
                    option + " is not allowed for strategy " + kind + ": it is for deployment() alone");
        }
        return course.deployed;
    }

    /** Lets each step last at least this long. Default 10 minutes; blue/green: zero. */
    public RolloutStrategy bake(Duration time) {
        return with(steps.stream()
                .map(step -> new Step(step.name, step.share, step.shadowShare, time, step.leastCalls, step.bySwitch))
                .toList());
    }

    /** Lets each step wait for this many calls that the candidate has answered in it. Default 100; shadow and blue/green: 0. */
    public RolloutStrategy leastCalls(long calls) {
        return with(steps.stream()
                .map(step -> new Step(step.name, step.share, step.shadowShare, step.bake, calls, step.bySwitch))
                .toList());
    }

    /**
     * Adds a last step in which everyone but a holdback gets the candidate, so that there is a control to the end.
     *
     * @param percent held back, more than 0 and at most 50
     * @throws IllegalArgumentException if it is outside its range, or the last step leaves fewer
     */
    public RolloutStrategy holdBack(double percent) {
        if (!(percent > 0 && percent <= 50)) {
            throw new IllegalArgumentException(
                    "a holdback of " + percent + " % is not allowed: more than 0 and at most 50 is");
        }
        Step last = steps.get(steps.size() - 1);
        List<Step> more = new ArrayList<>(steps);
        more.add(new Step(
                "all but " + percent(percent), 1 - percent / 100, 0, last.bake, last.leastCalls, last.bySwitch));
        return with(more);
    }

    /**
     * Adds a verification that must pass before the first step, in the order given.
     *
     * @throws IllegalArgumentException if the name is blank, or taken
     */
    public RolloutStrategy verify(String name, Check check) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "verification name '" + name + "' is not allowed: one that is not blank is");
        }
        return new RolloutStrategy(
                kind, steps, plus(verifications, name, Objects.requireNonNull(check, "check")), course);
    }

    private static Map<String, Check> plus(Map<String, Check> verifications, String name, Check check) {
        Map<String, Check> more = new LinkedHashMap<>(verifications);
        if (more.put(name, check) != null) {
            throw new IllegalArgumentException("verification " + name + " is named twice: each name once is allowed");
        }
        return more;
    }

    /**
     * Continues with another strategy after the last step of this one, for example a canary after a shadow. All
     * verifications must pass before the first step.
     *
     * @throws IllegalArgumentException if a share falls, or both have a verification of the same name
     */
    public RolloutStrategy then(RolloutStrategy next) {
        if (course.deployed != null || next.course.deployed != null) {
            throw new IllegalArgumentException(kind + " then " + next.kind
                    + " is not allowed: a deployment stands on its own, since the whole process is the candidate");
        }
        List<Step> more = new ArrayList<>(steps);
        more.addAll(next.steps);
        Map<String, Check> checks = verifications;
        for (Map.Entry<String, Check> entry : next.verifications.entrySet()) {
            checks = plus(checks, entry.getKey(), entry.getValue());
        }
        return new RolloutStrategy(
                kind + " then " + next.kind,
                more,
                checks,
                next.course.early(next.course.early == null ? course.early : next.course.early));
    }

    /** Promotes the candidate after the last step: it serves all calls, and can be rolled back within the window. */
    public RolloutStrategy thenPromote() {
        return with(course.promoting(true));
    }

    /** Holds the last step until a person promotes or rolls back. */
    public RolloutStrategy thenHold() {
        return with(course.promoting(false));
    }

    /** Says how long after the promotion stable stays warm and signals still roll back. Default 1 hour. */
    public RolloutStrategy rollbackWindow(Duration time) {
        return with(course.window(time));
    }

    /**
     * Says how long the rollout may run until its promotion, pauses not counted, and what happens when it does not get
     * there: for want of calls, or since the last step is held. Without data nothing is decided: the exposure is held.
     * Default: as long as it takes.
     *
     * @param longest more than 0 and at most 60 days, and no less than the bake times together
     * @throws IllegalArgumentException if the time is outside its range
     */
    public RolloutStrategy within(Duration longest, Otherwise otherwise) {
        return with(course.within(
                Objects.requireNonNull(longest, "longest"), Objects.requireNonNull(otherwise, "otherwise")));
    }

    /**
     * Lets a step that another follows end before its bake time, as soon as the evidence bounds the harm that the next one
     * can do to 0.05 % of all calls, but not within its first minute, see {@link #byEvidence(double, Duration)}.
     */
    public RolloutStrategy byEvidence() {
        return with(course.early(DEFAULT_EARLY));
    }

    /**
     * Lets a step that another follows end before its bake time, as soon as the evidence bounds the harm that the next one
     * can do: the next share times the highest excess of the candidate's error rate over stable's that is left, by the
     * current step's settled calls (each step is wrong about that with a chance of at most 5 %). Steps for more than half of
     * the calls show too little of stable, and last as long as they bake; so does the last. A step whose calls do not suffice
     * ends with its bake time, and says that it was inconclusive.
     *
     * @param harm the part of all calls that may fail for it, more than 0 and at most 0.1
     * @param notBefore how long a step lasts all the same
     * @throws IllegalArgumentException if a value is outside its range
     */
    public RolloutStrategy byEvidence(double harm, Duration notBefore) {
        return with(course.early(new Early(harm, notBefore)));
    }

    private RolloutStrategy with(Course other) {
        return new RolloutStrategy(kind, steps, verifications, other);
    }

    private RolloutStrategy with(List<Step> others) {
        return new RolloutStrategy(kind, others, verifications, course);
    }

    /** Returns the steps, at least one. */
    public List<Step> steps() {
        return steps;
    }

    /** Returns the verifications by name, in their order. */
    public Map<String, Check> verifications() {
        return Collections.unmodifiableMap(verifications);
    }

    /** Says whether the candidate is promoted after the last step. */
    public boolean promotes() {
        return course.promotes;
    }

    /** Returns how long after the promotion a rollback is possible. */
    public Duration rollbackWindow() {
        return course.rollbackWindow;
    }

    /** Returns how long the rollout may run until its promotion, or null where that takes as long as it takes. */
    public @Nullable Duration longest() {
        return course.longest;
    }

    /** Returns what happens when the rollout is not promoted within its longest time. */
    public Otherwise otherwise() {
        return course.otherwise;
    }

    /** Returns when a step may end before its bake time, or null where none may. */
    public @Nullable Early early() {
        return course.early;
    }

    /** Returns how the process is taken out that is the candidate, or null where both releases are in one process. */
    public @Nullable Deployed deployed() {
        return course.deployed;
    }

    /** Returns the sum of the bake times. */
    public Duration bakeTime() {
        return steps.stream().map(Step::bake).reduce(Duration.ZERO, Duration::plus);
    }

    /** Returns the sum of the bake times, or 24 hours where there is none. */
    public Duration expectedDuration() {
        Duration baking = bakeTime();
        return baking.isZero() ? Duration.ofHours(24) : baking;
    }

    /** Describes the strategy in one line, for the plan's hash and its readers. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind);
        if (!verifications.isEmpty()) {
            text.append(" after ").append(verifications.keySet());
        }
        for (Step step : steps) {
            text.append("; ").append(step.name);
            if (step.bySwitch) {
                text.append(", share ").append(step.share).append(" once switched on,");
            }
            text.append(" for ").append(step.bake);
            if (step.leastCalls > 0) {
                text.append(" and ").append(step.leastCalls).append(" calls");
            }
        }
        if (course.early != null) {
            text.append("; a step earlier, not before ")
                    .append(course.early.notBefore)
                    .append(", once at most ")
                    .append(course.early.harm)
                    .append(" of all calls are harmed");
        }
        text.append(course.promotes ? "; then promote" : "; then hold")
                .append("; rollback window ")
                .append(course.rollbackWindow);
        if (course.longest != null) {
            text.append("; within ")
                    .append(course.longest)
                    .append(", otherwise ")
                    .append(course.otherwise);
        }
        if (course.deployed != null) {
            text.append("; at most ")
                    .append(course.deployed.maxRefusing)
                    .append(" refusing traffic, drained for ")
                    .append(course.deployed.drain);
            if (course.deployed.stableServes != null) {
                text.append(", stable serves by check ").append(course.deployed.checkName);
            }
        }
        return text.toString();
    }

    private static String percent(double percent) {
        return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString() + " %";
    }
}
