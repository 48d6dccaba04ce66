package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Makes sure, after the steps back, that stable is healthy again: looks about once a second, until it is or the time is over.
 * All methods are called under the rollout's lock; what is foreign runs on lanes.
 */
final class Verifier {

    /** With fewer calls a rate says little. */
    private static final long ENOUGH_CALLS = 100;

    private static final double TOLERATED_TIMES = 2;
    private static final double TOLERATED_MORE = 0.01;
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);
    private static final long AGAIN_NANOS = 1_000_000_000L;

    private enum Health {
        HEALTHY,
        UNHEALTHY,
        NO_DATA
    }

    /** What a look at one thing came to. */
    private record Finding(Health health, String detail) {}

    /** One thing that is looked at beside stable's calls. */
    private static final class Part {
        final Lane lane;
        final Duration deadline;
        final Callable<Finding> look;
        final Finding withoutAnswer;
        Finding latest;

        Part(Lane lane, Duration deadline, Callable<Finding> look, Finding withoutAnswer) {
            this.lane = lane;
            this.deadline = deadline;
            this.look = look;
            this.withoutAnswer = withoutAnswer;
            this.latest = withoutAnswer;
        }
    }

    private final RollbackExecution execution;
    private final Lifecycle lifecycle;
    private final Duration within;
    private final List<Part> parts = new ArrayList<>();

    /** Whether stable's calls are made in this process. */
    private final boolean hasCalls;

    private long baselineCalls = -1;
    private long baselineFailures;
    private long callsBefore;
    private long failuresBefore;

    private boolean isBegun;
    private boolean isOver;
    private String stuckWhy = "";
    private long beganAt;
    private long lookAt;
    private int awaited;

    /** Counts the beginnings, so that an answer to an earlier one is known to be that. */
    private int round;

    Verifier(
            RollbackExecution execution,
            Lifecycle lifecycle,
            RollbackPlan.Verification verification,
            List<FailureSignal> signals,
            boolean hasCalls,
            Surroundings surroundings) {
        this.hasCalls = hasCalls;
        this.execution = execution;
        this.lifecycle = lifecycle;
        this.within = verification.within();
        for (FailureSignal signal : signals) {
            if (signal instanceof LimitSignal limit) {
                parts.add(limit(limit, new Lane(surroundings.pool(), surroundings.ticker(), true), surroundings));
            }
        }
        verification
                .checks()
                .forEach((name, check) ->
                        parts.add(named(name, check, new Lane(surroundings.pool(), surroundings.ticker(), true))));
    }

    private static Part limit(LimitSignal signal, Lane lane, Surroundings surroundings) {
        // One reading beyond the limit is one too many here: the candidate is gone.
        LimitSignal.Watch watch = signal.forAtLeast(1, Duration.ZERO).watch();
        String name = signal.name();
        return new Part(
                lane,
                shorter(signal.every()),
                () -> {
                    Assessment found = watch.take(
                            signal.probe().read(), surroundings.ticker().getAsLong());
                    return new Finding(
                            switch (found.verdict()) {
                                case REGRESSED -> Health.UNHEALTHY;
                                case NO_DATA -> Health.NO_DATA;
                                default -> Health.HEALTHY;
                            },
                            name + ": " + found.why());
                },
                new Finding(Health.NO_DATA, name + ": there is no reading"));
    }

    private static Part named(String name, Check check, Lane lane) {
        return new Part(
                lane,
                LONGEST_LOOK,
                () -> {
                    Check.Result result = check.run();
                    return new Finding(
                            result.passed() ? Health.HEALTHY : Health.UNHEALTHY, name + ": " + result.detail());
                },
                new Finding(Health.UNHEALTHY, name + ": there is no answer"));
    }

    private static Duration shorter(Duration every) {
        return every.compareTo(LONGEST_LOOK) < 0 ? every : LONGEST_LOOK;
    }

    void forEachLane(Consumer<Lane> action) {
        parts.forEach(part -> action.accept(part.lane));
    }

    /** Notes how stable did until now: what it is held against afterwards. */
    void noteBaseline() {
        Tally.Totals totals = lifecycle.totals();
        callsBefore = calls(totals);
        failuresBefore = failures(totals);
        baselineCalls = callsBefore;
        baselineFailures = failuresBefore;
        lifecycle.emit(new RolloutEvent.BaselineNoted(baselineCalls, baselineFailures));
    }

    /** Goes on from what the journal says; stable's calls of before this process are only known as the baseline. */
    void resume(History history, boolean isHeld) {
        baselineCalls = history.baselineCalls;
        baselineFailures = history.baselineFailures;
        tryAgain();
        isOver = false;
        switch (history.verified) {
            case "healthy", "no-data", "accepted" -> isOver = true;
            case "unhealthy" -> {
                if (isHeld) {
                    stuckWhy = history.needsHuman;
                }
            }
            default -> {
                // Not yet.
            }
        }
    }

    private static long calls(Tally.Totals totals) {
        return totals.stableCalls() + totals.stableApart();
    }

    private static long failures(Tally.Totals totals) {
        return totals.stableFailures() + totals.stableApartFailures();
    }

    /** Says whether it is known how stable is, or a person has accepted it. */
    boolean isOver() {
        return isOver;
    }

    boolean isStuck() {
        return !stuckWhy.isEmpty();
    }

    String why() {
        return stuckWhy;
    }

    void advance(long nowNanos) {
        if (!isBegun) {
            isBegun = true;
            beganAt = nowNanos;
            lookAt = nowNanos;
        }
        boolean isLate = nowNanos - beganAt >= within.toNanos();
        if (awaited == 0 && nowNanos - lookAt >= 0 && !isLate) {
            look(nowNanos);
        } else if (isLate) {
            judge(true);
        }
    }

    private void look(long nowNanos) {
        lookAt = nowNanos + AGAIN_NANOS;
        int asking = ++round;
        awaited = parts.size();
        for (Part part : parts) {
            part.lane.add(
                    part.deadline,
                    part.look,
                    (finding, thrown) -> lifecycle.locked(() -> {
                        if (asking == round && execution.mayBegin()) {
                            part.latest = finding != null
                                    ? finding
                                    : new Finding(
                                            part.withoutAnswer.health,
                                            part.withoutAnswer.detail
                                                    + (thrown == null ? "" : ": " + Lifecycle.message(thrown)));
                            if (--awaited == 0) {
                                judge(false);
                            }
                        }
                    }));
        }
        if (parts.isEmpty()) {
            judge(false);
        }
    }

    /** Ends it where stable is healthy, or the time is over. */
    private void judge(boolean isLate) {
        List<Finding> findings = new ArrayList<>();
        if (hasCalls || parts.isEmpty()) {
            findings.add(ofCalls());
        }
        parts.forEach(part -> findings.add(part.latest));
        boolean isHealthy = findings.stream().allMatch(finding -> finding.health == Health.HEALTHY);
        if (!isHealthy && !isLate) {
            return;
        }
        round++;
        awaited = 0;
        Health worst = isHealthy
                ? Health.HEALTHY
                : findings.stream().anyMatch(finding -> finding.health == Health.UNHEALTHY)
                        ? Health.UNHEALTHY
                        : Health.NO_DATA;
        String detail = findings.stream()
                .filter(finding -> worst == Health.HEALTHY || finding.health == worst)
                .map(Finding::detail)
                .collect(Collectors.joining("; "));
        switch (worst) {
            case HEALTHY -> end("healthy", detail);
            case NO_DATA -> end("no-data", detail);
            case UNHEALTHY -> {
                lifecycle.emit(new RolloutEvent.Verified("unhealthy", detail));
                stuckWhy = "stable is not healthy " + within + " after the steps: " + detail
                        + ". Find out why; tryAgain(by) looks again, acknowledge(\"" + RollbackExecution.VERIFICATION
                        + "\", by, note) accepts it as it is";
                lifecycle.callHuman(stuckWhy);
            }
        }
    }

    private void end(String result, String detail) {
        isOver = true;
        lifecycle.emit(new RolloutEvent.Verified(result, detail));
        execution.advance();
    }

    private Finding ofCalls() {
        Tally.Totals totals = lifecycle.totals();
        long calls = calls(totals) - callsBefore;
        long failures = failures(totals) - failuresBefore;
        String since =
                String.format(Locale.ROOT, "stable failed %,d of %,d calls since the traffic is back", failures, calls);
        if (calls < ENOUGH_CALLS) {
            return new Finding(Health.NO_DATA, since + ", at least " + ENOUGH_CALLS + " are needed to tell");
        }
        double rate = (double) failures / calls;
        if (baselineCalls < ENOUGH_CALLS) {
            return rate <= TOLERATED_MORE
                    ? new Finding(Health.HEALTHY, since)
                    : new Finding(Health.NO_DATA, since + ", and how it did before is not known");
        }
        double before = (double) baselineFailures / baselineCalls;
        String compared =
                since + String.format(Locale.ROOT, ", and %,d of %,d before", baselineFailures, baselineCalls);
        return rate <= TOLERATED_TIMES * before + TOLERATED_MORE
                ? new Finding(Health.HEALTHY, compared)
                : new Finding(
                        Health.UNHEALTHY,
                        compared + "; up to twice that rate and one percentage point more are tolerated");
    }

    /** Takes stable as it is, for a person; says whether that was waited for. */
    boolean accept(String by, String note) {
        if (isOver || (!isBegun && !isStuck())) {
            return false;
        }
        round++;
        awaited = 0;
        isOver = true;
        stuckWhy = "";
        lifecycle.emit(new RolloutEvent.Verified("accepted", "by " + by + ": " + note));
        return true;
    }

    /** Looks again, with all of the time. */
    void tryAgain() {
        stuckWhy = "";
        isBegun = false;
        awaited = 0;
        round++;
    }
}
