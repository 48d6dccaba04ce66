package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One thing that happened to a rollout, as listeners see it and as the journal keeps it. */
public sealed interface RolloutEvent {

    /**
     * An attempt was planned: what the journal needs to go on after a restart.
     *
     * @param about what else is known of the releases, for reports: {@code candidate.link} and the like
     */
    record Planned(
            String stable,
            String candidate,
            int attempt,
            String planHash,
            Map<String, String> plan,
            String salt,
            int splitVersion,
            String by,
            String reason,
            Map<String, String> about)
            implements RolloutEvent {

        /** Creates the event where nothing else is known of the releases. */
        public Planned(
                String stable,
                String candidate,
                int attempt,
                String planHash,
                Map<String, String> plan,
                String salt,
                int splitVersion,
                String by,
                String reason) {
            this(stable, candidate, attempt, planHash, plan, salt, splitVersion, by, reason, Map.of());
        }
    }

    /** The rollout could not start; all calls stay on stable. */
    record NotStarted(String reasons) implements RolloutEvent {}

    /** The rollout started. */
    record Started() implements RolloutEvent {}

    /** The process was started again and goes on with the rollout, for the n-th time. */
    record Continued(int incarnation, String state) implements RolloutEvent {}

    /**
     * The exposure is about to grow to this share of the coin's calls; written before anything is exposed.
     *
     * @param why it may: by what the step before showed, or since its time was over
     */
    record Growing(double share, String why) implements RolloutEvent {}

    /** A step begins: from now on this share of the coin's calls gets the candidate. */
    record Exposed(int step, String name, double share, double shadowShare) implements RolloutEvent {}

    /** The exposure is held, or taken away for a time. */
    record Paused(String by, String reason, boolean trafficStopped) implements RolloutEvent {}

    /** The rollout goes on, or the rollback that needed people. */
    record Resumed(String by) implements RolloutEvent {}

    /**
     * A signal reads REGRESSED, or a person wants the candidate back.
     *
     * @param acted whether the candidate is taken back now; else it is a recommendation, or an observation
     * @param facts what it was decided by, for reports: what was counted until then, as in {@link Counted}, and what the
     *     signal says of it
     */
    record Decided(
            String signal,
            String why,
            double log10Evidence,
            Mode mode,
            boolean acted,
            String by,
            Map<String, String> facts)
            implements RolloutEvent {

        /** Creates the event without facts. */
        public Decided(String signal, String why, double log10Evidence, Mode mode, boolean acted, String by) {
            this(signal, why, log10Evidence, mode, acted, by, Map.of());
        }
    }

    /**
     * How the evidence went until a decision, in up to {@value #MOST_POINTS} points.
     *
     * @param signals the comparative ones, separated by spaces
     * @param log10Threshold where the candidate is rolled back, as a power of ten
     * @param points separated by semicolons; each the milliseconds since the start, the share, and the evidence of each
     *     signal as a power of ten, separated by spaces
     */
    record EvidenceKept(String signals, double log10Threshold, String points) implements RolloutEvent {

        /** How many points are kept at most. */
        public static final int MOST_POINTS = 60;

        /** Keeps the points of a curve that tell most of its course. */
        public static EvidenceKept of(Rollout.EvidenceCurve curve) {
            return KeptCurve.kept(curve);
        }

        /** Returns the curve that an event's data holds, or null where they hold none that can be read. */
        public static Rollout.@Nullable EvidenceCurve curve(Map<String, String> data) {
            return KeptCurve.curve(data);
        }
    }

    /**
     * What was counted, once that is known for good: when the calls that were under way at a rollback have ended, when the
     * rollback window of a promotion closes, and when the process lets go of the rollout.
     *
     * @param facts {@code stable-calls}, {@code stable-failures}, {@code candidate-calls}, {@code candidate-failures} and the
     *     like, since {@code counted-since}
     */
    record Counted(Map<String, String> facts) implements RolloutEvent {}

    /**
     * The longest time is over, and the candidate is not promoted.
     *
     * @param then what happens now: {@code hold}, {@code promote} or {@code roll-back}
     */
    record Overdue(String then, String why) implements RolloutEvent {}

    /** The releases do not get the calls, or report the outcomes, that the share says: nothing can be compared. */
    record RatioMismatch(String why) implements RolloutEvent {}

    /** A person let a recommendation pass. */
    record Dismissed(String by, String reason) implements RolloutEvent {}

    /**
     * A step back is about to be tried.
     *
     * @param way the way of the step that is gone
     * @param deadlineMillis how long the try may take: until then it may still arrive at its target, whatever becomes of us
     */
    record StepIntended(String step, String way, String idempotencyKey, int attempt, long deadlineMillis)
            implements RolloutEvent {}

    /** The target of a step has taken it, under this reference. */
    record StepSent(String step, String way, String reference) implements RolloutEvent {}

    /**
     * It was looked up what became of a try whose end nobody saw.
     *
     * @param found {@code done}, {@code under-way}, {@code not-done} or {@code unknown}
     */
    record StepLookedUp(String step, String way, String found, String detail) implements RolloutEvent {}

    /** A step back waits for a person to acknowledge it. */
    record StepAsked(String step, String detail) implements RolloutEvent {}

    /** A step back is done. */
    record StepDone(String step, String way, String detail, String by) implements RolloutEvent {}

    /** A try of a step back failed. */
    record StepFailed(String step, String way, int attempt, String error) implements RolloutEvent {}

    /** A gate before a step is open. */
    record GateOpened(String gate, String step, String detail, String by) implements RolloutEvent {}

    /**
     * A gate before a step is not open.
     *
     * @param verdict {@code wait}, {@code ask} or {@code blocked}
     */
    record GateClosed(String gate, String step, String verdict, String detail) implements RolloutEvent {}

    /**
     * An instance of a deployment refuses traffic from now on, since stable capacity is known to serve. Where instances share a journal
     * it has who may, written by whoever leads; listeners hear of their own instance, when it does.
     */
    record TrafficRefused(String instance, String why) implements RolloutEvent {}

    /** An instance of a deployment takes traffic again; in the journal and for listeners as in {@link TrafficRefused}. */
    record TrafficResumed(String instance, String why) implements RolloutEvent {}

    /**
     * What a release did while it was stable, for the one after it; in a journal of the release's own.
     *
     * @param count how many windows of five minutes there are
     * @param highRate which part of the calls failed at most in 99 of 100 of them
     * @param windows separated by spaces; each its number since the epoch, its calls, and how many of them failed, separated by colons
     */
    record BaselineKept(String release, int count, double highRate, String windows) implements RolloutEvent {}

    /** It was noted how stable did until the rollback: what it is held against afterwards. */
    record BaselineNoted(long calls, long failures) implements RolloutEvent {}

    /**
     * It was made sure, or not, that stable is healthy again.
     *
     * @param result {@code healthy}, {@code unhealthy}, {@code no-data}, or {@code accepted} where a person says that it is good enough
     */
    record Verified(String result, String detail) implements RolloutEvent {}

    /** Everything that a rollback needs was looked at, before the start. */
    record Preflighted(boolean passed, Map<String, String> items) implements RolloutEvent {}

    /** A person lets the rollout start although its preflight has not passed. */
    record Overridden(String by, String reason, String failed) implements RolloutEvent {}

    /**
     * A person wants what failed to be tried again, with all its tries.
     *
     * @param what the steps, separated by commas; {@code verification} for that
     */
    record TriedAgain(String by, String what) implements RolloutEvent {}

    /** This process goes no further with the rollback; who takes the lease next does. */
    record HandedOver(String by, String reason) implements RolloutEvent {}

    /**
     * Somebody who does not lead the rollout wants something: another instance, or the command line.
     *
     * @param what what {@code Rollout} calls it with hyphens, such as {@code roll-back} or {@code acknowledge}; or {@code
     *     regressed} or {@code ratio-mismatch}, where an instance saw that
     * @param subject the signal, the step or the gate; empty where there is none
     */
    record Requested(String what, String subject, String by, String reason, double log10Evidence)
            implements RolloutEvent {}

    /**
     * What was asked for was done, or not.
     *
     * @param request the sequence of the event that asked
     * @param outcome {@code done}, or why not
     */
    record Answered(long request, String outcome) implements RolloutEvent {}

    /** An instance leads the rollout from now on: it decides, and takes the steps. */
    record Led(String instance, String host, int number) implements RolloutEvent {}

    /**
     * What the instances share from now on: which of them counts which keys.
     *
     * @param owners the instances, in the order of their slots
     */
    record Divided(String owners) implements RolloutEvent {}

    /**
     * The bins of a measurement are fixed, for all instances.
     *
     * @param subject {@code latency}, or a business metric
     * @param edges between the bins, separated by spaces
     * @param scores of the bins, separated by spaces; empty where there are none
     */
    record EdgesFrozen(String subject, String edges, String scores) implements RolloutEvent {}

    /** A group of people was told. */
    record Notified(String group, String channel, String occasion, String deliveryId) implements RolloutEvent {}

    /** A group of people could not be told by a channel. */
    record NotNotified(String group, String channel, String occasion, String deliveryId, String error)
            implements RolloutEvent {}

    /**
     * A message is written and waits for a person's approval; what is approved is what is sent.
     *
     * @param approver the role that must approve
     */
    record Drafted(String group, String occasion, String deliveryId, String approver, String subject, String text)
            implements RolloutEvent {}

    /** A person approved a message, so that it is sent. */
    record Approved(String group, String deliveryId, String by) implements RolloutEvent {}

    /**
     * Nobody acknowledged a message in time, or it could not be sent at all, so that another group is told.
     *
     * @param deliveryId of the message that was not acknowledged
     */
    record Escalated(String group, String to, String deliveryId, String why) implements RolloutEvent {}

    /** Somebody of a group has read what they were told. */
    record Acknowledged(String group, String deliveryId, String by) implements RolloutEvent {}

    /**
     * A drill of a plan began; it has a journal of its own.
     *
     * @param stepsHash of what is drilled, the same for the next release under the same steps
     */
    record DrillBegan(String stable, String candidate, String stepsHash, String by) implements RolloutEvent {}

    /** A drill ended: everything that a rollback needs was looked at, and nothing was done. */
    record DrillEnded(boolean passed, Map<String, String> items) implements RolloutEvent {}

    /** Everything is back on stable. */
    record RolledBack() implements RolloutEvent {}

    /**
     * The traffic is on stable, but the rest cannot go on by itself.
     *
     * @param why what is known, and what a person can do
     */
    record NeedsHuman(String why) implements RolloutEvent {}

    /** The candidate serves all calls. */
    record Promoted(String by) implements RolloutEvent {}

    /** The promotion can no longer be taken back. */
    record WindowClosed() implements RolloutEvent {}

    /** Somebody outside raised a signal. */
    record Reported(String signal, String by, String what) implements RolloutEvent {}

    /**
     * A break-glass control was set or lifted.
     *
     * @param by who did so; empty where it came from a file, a property or a variable
     */
    record Controlled(boolean allToStable, boolean automationOff, String source, String by, String reason)
            implements RolloutEvent {}

    /** The handle was closed; the last durable verdict keeps serving. */
    record Closed(String state) implements RolloutEvent {}

    /**
     * Returns an event that the journal has; parts that it does not have are empty or 0.
     *
     * @return null where the type or its version is unknown, or a part cannot be read
     */
    static @Nullable RolloutEvent of(Journal.Event event) {
        return event.version() > ReadEvents.VERSION ? null : ReadEvents.read(event.type(), event.data());
    }

    /** Returns the name under which the journal keeps the event, for example {@code step-done}. */
    default String type() {
        return ReadEvents.type(getClass());
    }

    /** Returns the event's parts by name, as text. */
    default Map<String, String> data() {
        Map<String, String> data = new TreeMap<>();
        for (RecordComponent component : getClass().getRecordComponents()) {
            Object value = value(component);
            if (value instanceof Map<?, ?> parts) {
                parts.forEach((name, part) -> data.put(component.getName() + "." + name, String.valueOf(part)));
            } else {
                data.put(component.getName(), String.valueOf(value));
            }
        }
        return data;
    }

    private @Nullable Object value(RecordComponent component) {
        try {
            return component.getAccessor().invoke(this);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("the accessors of public records are public", impossible);
        }
    }
}
