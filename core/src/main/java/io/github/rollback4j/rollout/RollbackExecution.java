package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the plan's steps back after the traffic is back on stable: those of a stage beside each other, the stages one after the
 * other, then looks whether stable is healthy. What cannot go on by itself calls people; the other steps of the stage go on.
 * All methods are called under the rollout's lock.
 */
final class RollbackExecution {

    /** What people acknowledge, and try again, where stable is not healthy. */
    static final String VERIFICATION = "verification";

    private final Lifecycle lifecycle;
    private final List<List<StepExecution>> stages = new ArrayList<>();
    private final List<StepExecution> steps;
    private final @Nullable Verifier verifier;
    private String reason = "";
    private boolean isBegun;

    /** Whether nothing may happen until a person has acted: after a restart, where people were called before. */
    private boolean isHeld;

    private String heldWhy = "";

    /** Who hands the rollback over; null where nobody does. */
    private RolloutEvent.@Nullable HandedOver handOver;

    private boolean isHandedOver;

    RollbackExecution(Lifecycle lifecycle, RollbackPlan plan, Surroundings surroundings) {
        this.lifecycle = lifecycle;
        for (List<RollbackPlan.Step> stage : plan.stages()) {
            stages.add(stage.stream()
                    .map(step -> new StepExecution(
                            this, lifecycle, plan, step, new Lane(surroundings.pool(), surroundings.ticker(), false)))
                    .toList());
        }
        this.steps = stages.stream().flatMap(List::stream).toList();
        RollbackPlan.Verification verification = plan.verification();
        this.verifier = verification == null
                ? null
                : new Verifier(
                        this,
                        lifecycle,
                        verification,
                        plan.signals(),
                        plan.strategy().deployed() == null,
                        surroundings);
    }

    /** May be called without the lock. */
    void forEachLane(Consumer<Lane> action) {
        steps.forEach(step -> action.accept(step.lane()));
        if (verifier != null) {
            verifier.forEachLane(action);
        }
    }

    /** Begins; the traffic is back. */
    void begin(String why) {
        reason = why;
        isBegun = true;
        steps.forEach(StepExecution::start);
        if (verifier != null) {
            verifier.noteBaseline();
        }
        advance();
    }

    /** Goes on from what the journal says, whatever was known before. */
    void resume(History history) {
        reason = history.decision;
        isBegun = true;
        handOver = null;
        isHandedOver = false;
        isHeld = history.state.phase() == Phase.NEEDS_HUMAN;
        heldWhy = history.needsHuman;
        steps.forEach(step -> step.resume(history.stepBack(step.name()), history.elapsed, isHeld));
        if (verifier != null) {
            verifier.resume(history, isHeld);
        }
        if (isHeld && history.hasActed && stuck().isEmpty()) {
            // The process ended between what a person did and the journal's word that the rollback goes on.
            isHeld = false;
            lifecycle.goOn(StepHistory.LIBRARY);
        }
    }

    String reason() {
        return reason;
    }

    void advance() {
        advance(lifecycle.now());
    }

    /** Begins what is due. */
    void advance(long nowNanos) {
        if (handOver != null && !isHandedOver && steps.stream().noneMatch(StepExecution::isUnderWay)) {
            isHandedOver = true;
            lifecycle.handedOver(handOver);
        }
        if (!mayBegin()) {
            return;
        }
        for (List<StepExecution> stage : stages) {
            if (!stage.stream().allMatch(StepExecution::isDone)) {
                for (StepExecution step : stage) {
                    step.advance(nowNanos);
                }
                for (StepExecution step : stage) {
                    if (step.isNewlyStuck()) {
                        lifecycle.callHuman(step.why());
                    }
                }
                return;
            }
        }
        if (lifecycle.state().phase() != Phase.ROLLING_BACK) {
            return;
        }
        if (verifier == null || verifier.isOver()) {
            lifecycle.rolledBack();
        } else {
            verifier.advance(nowNanos);
        }
    }

    /** Says whether this process may begin anything. */
    boolean mayBegin() {
        Phase phase = lifecycle.state().phase();
        return isBegun
                && !isHeld
                && handOver == null
                && !isHandedOver
                && !lifecycle.isClosed()
                && (phase == Phase.ROLLING_BACK || phase == Phase.NEEDS_HUMAN);
    }

    /** Takes no further step, since somebody else does. */
    void leave(String why) {
        isHandedOver = true;
        lifecycle.complain("no further step back is taken by this process", new IllegalStateException(why));
    }

    /** Says whether somebody else takes the steps from now on, so that nothing is to be said of tries that went on here. */
    boolean isLeft() {
        return isHandedOver;
    }

    /** Returns what a person is asked to acknowledge, the first of it in the plan's order; null where there is nothing. */
    @Nullable
    String asked() {
        return steps.stream()
                .flatMap(step -> Stream.ofNullable(step.asked()))
                .findFirst()
                .orElse(null);
    }

    /** Returns what is known and what people can do, where they are needed. */
    String needs() {
        List<String> all = stuck();
        return all.isEmpty() ? heldWhy : String.join("; and ", all);
    }

    private List<String> stuck() {
        List<String> all = steps.stream()
                .filter(StepExecution::isStuck)
                .map(StepExecution::why)
                .collect(Collectors.toCollection(ArrayList::new));
        if (verifier != null && verifier.isStuck()) {
            all.add(verifier.why());
        }
        return all;
    }

    /** Takes in that a person has done a step or opens a gate; says whether it was waited for. */
    boolean acknowledge(String name, String by, String note) {
        if (!isBegun) {
            return false;
        }
        boolean isKnown = false;
        for (StepExecution step : steps) {
            isKnown |= step.name().equals(name) ? step.acknowledge(by, note) : step.openGate(name, by, note);
        }
        if (verifier != null && name.equals(VERIFICATION)) {
            isKnown |= verifier.accept(by, note);
        }
        if (isKnown) {
            isHeld = false;
            if (lifecycle.state().phase() == Phase.NEEDS_HUMAN && stuck().isEmpty()) {
                lifecycle.goOn(by);
            }
            advance();
        }
        return isKnown;
    }

    /** Begins anew what cannot go on by itself. */
    void tryAgain(String by) {
        List<String> what = new ArrayList<>();
        steps.stream().filter(StepExecution::isStuck).map(StepExecution::name).forEach(what::add);
        boolean isVerificationStuck = verifier != null && verifier.isStuck();
        if (isVerificationStuck) {
            what.add(VERIFICATION);
        }
        lifecycle.triedAgain(new RolloutEvent.TriedAgain(by, String.join(", ", what)));
        isHeld = false;
        steps.stream().filter(StepExecution::isStuck).forEach(StepExecution::tryAgain);
        if (verifier != null && isVerificationStuck) {
            verifier.tryAgain();
        }
        advance();
    }

    /** Begins nothing any more; once what is under way has ended, somebody else goes on. */
    void handOver(String by, String why) {
        if (handOver == null) {
            handOver = new RolloutEvent.HandedOver(by, why);
        }
        advance();
    }

    /** Returns why this process takes no steps any more; null while it does. */
    @Nullable
    String handedOver() {
        RolloutEvent.HandedOver by = handOver;
        if (by == null) {
            return isHandedOver ? "somebody else goes on with the rollback" : null;
        }
        return "the rollback was handed over by " + by.by() + ": " + by.reason();
    }
}
