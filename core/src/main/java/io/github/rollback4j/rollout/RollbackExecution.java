package io.github.rollback4j.rollout;

import io.github.resilience4j.core.IntervalFunction;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.strategy.RollbackStrategy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs the plan's steps back, one after the other, after the traffic is back on stable: intent to the journal, the step,
 * its result to the journal; a failed try again after a growing pause; people, where the tries are used up. All methods
 * are called under the rollout's lock.
 */
final class RollbackExecution {

    private static final IntervalFunction PAUSES = IntervalFunction.ofExponentialBackoff(Duration.ofSeconds(1), 2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Lifecycle lifecycle;
    private final RollbackPlan plan;
    private final Lane lane;
    private final Set<String> done;
    private final String reason;
    private final Map<String, Integer> tries = new HashMap<>();
    private @Nullable String asked;
    private boolean underWay;
    private long notBefore;

    RollbackExecution(Lifecycle lifecycle, RollbackPlan plan, Lane lane, Set<String> done, String reason) {
        this.lifecycle = lifecycle;
        this.plan = plan;
        this.lane = lane;
        this.done = done;
        this.reason = reason;
        this.notBefore = lifecycle.now();
    }

    /** Begins the next step that is due, if none is under way. */
    void advance(long nowNanos) {
        if (underWay || asked != null || nowNanos - notBefore < 0 || lifecycle.isClosed()) {
            return;
        }
        List<RollbackPlan.Step> steps = plan.steps();
        for (RollbackPlan.Step step : steps) {
            if (!done.contains(step.way().name())) {
                begin(step);
                return;
            }
        }
        lifecycle.rolledBack();
    }

    private void begin(RollbackPlan.Step step) {
        String name = step.way().name();
        int attempt = tries.merge(name, 1, Integer::sum);
        String key = lifecycle.id() + "/" + name;
        underWay = true;
        RollbackStrategy.Context context = new RollbackStrategy.Context(
                lifecycle.id(), key, plan.stable(), plan.candidate(), reason, step.deadline());
        // The step begins once its intent is in the journal, or the journal has had its time: a rollback does not wait
        // for a journal that is away.
        lifecycle.emit(
                new RolloutEvent.StepIntended(
                        name, name, key, attempt, step.deadline().toMillis()),
                () -> {
                    if (done.contains(name) || lifecycle.isClosed()) {
                        // A person was faster, or the next process will do it.
                        underWay = false;
                        advance(lifecycle.now());
                        return;
                    }
                    lane.add(
                            step.deadline(),
                            () -> step.way().rollBack(context),
                            (result, thrown) -> lifecycle.locked(() -> ended(step, attempt, result, thrown)));
                });
    }

    private void ended(
            RollbackPlan.Step step, int attempt, RollbackStrategy.@Nullable Done result, @Nullable Throwable thrown) {
        underWay = false;
        String name = step.way().name();
        if (done.contains(name)) {
            // A person has acknowledged it in the meantime.
            advance(lifecycle.now());
            return;
        }
        if (thrown == null && result != null) {
            if (result.byPerson()) {
                asked = name;
                lifecycle.emit(new RolloutEvent.StepAsked(name, result.detail()));
                return;
            }
            done.add(name);
            lifecycle.emit(new RolloutEvent.StepDone(name, name, result.detail(), "rollback4j"));
            advance(lifecycle.now());
            return;
        }
        String error = thrown == null ? "the step returned nothing" : Lifecycle.message(thrown);
        lifecycle.emit(new RolloutEvent.StepFailed(name, name, attempt, error));
        if (attempt >= step.attempts()) {
            lifecycle.callHuman("step " + name + " failed " + attempt + " times, last: " + error);
            return;
        }
        long pause = Math.min(PAUSES.apply(attempt), LONGEST_PAUSE.toMillis());
        notBefore = lifecycle.now() + pause * 1_000_000;
    }

    /** Returns the step that waits for a person, or null. */
    @Nullable
    String asked() {
        return asked;
    }

    /** Marks a step as done by a person; says whether it was one that is not done yet. */
    boolean acknowledge(String name, String by, String note) {
        boolean known = plan.steps().stream().anyMatch(step -> step.way().name().equals(name));
        if (!known || !done.add(name)) {
            return false;
        }
        if (name.equals(asked)) {
            asked = null;
        }
        lifecycle.emit(new RolloutEvent.StepDone(name, "", note, by));
        return true;
    }

    boolean isComplete() {
        return plan.steps().stream().allMatch(step -> done.contains(step.way().name()));
    }
}
