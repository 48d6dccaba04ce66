package io.github.rollback4j.report;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Drafts the post-mortem of a rollout: what its journal knows, and marked places for what only people know. Of one that is
 * still under way it says how far it has come. Blameless: causes are signals, systems and versions; who did something is only
 * said where people may want to ask them.
 *
 * <p>What the journal does not know is null, NaN, -1 or empty here and said to be unknown, never guessed. Never throws for what
 * a journal holds, whoever wrote it. Immutable and thread-safe.
 *
 * @param subject which rollout it is about
 * @param phase where the rollout stands
 * @param review whether it was severe, and until when it is to be reviewed
 * @param trigger what it was decided by; null where nothing was
 * @param impact what it did
 * @param times when what happened
 * @param measures what was done about it
 * @param open what is left to do, a sentence each
 * @param evidence how the evidence went; null where it was not kept
 * @param assessments what each signal says now, in words; only of a live rollout
 * @param timeline everything
 */
public record PostMortem(
        Subject subject,
        Phase phase,
        Review review,
        @Nullable Trigger trigger,
        Impact impact,
        Times times,
        Measures measures,
        List<String> open,
        @Nullable EvidenceCurve evidence,
        List<String> assessments,
        Timeline timeline) {

    /** A rollout with more failed calls of the candidate than this is severe, unless it is said otherwise. */
    public static final long SEVERE_FAILED_CALLS = 1_000;

    /** How many days a severe one is to be reviewed within. */
    public static final int DAYS_IF_SEVERE = 3;

    /** How many working days any other is to be reviewed within. */
    public static final int WORKING_DAYS_ELSE = 5;

    /**
     * Which rollout it is about.
     *
     * @param rollout the rollout's id, for example {@code checkout:1.4.2..1.5.0#1}
     * @param component what was released
     * @param stable the release that served before, as version and commit
     * @param candidate the release that was tried
     * @param about what else is known of the releases: {@code candidate.link}, {@code candidate.diff} and the like
     * @param plan the plan's parts by name, as {@link RollbackPlan#describe} has them
     * @param planHash of the plan
     */
    public record Subject(
            String rollout,
            String component,
            String stable,
            String candidate,
            Map<String, String> about,
            Map<String, String> plan,
            String planHash) {

        /** Copies the maps. */
        public Subject {
            about = Collections.unmodifiableMap(new TreeMap<>(about));
            plan = Collections.unmodifiableMap(new TreeMap<>(plan));
        }
    }

    /**
     * Until when it is to be reviewed.
     *
     * @param severe whether it was severe: people had to finish the rollback, stable was not healthy after it, or more than
     *     {@link #SEVERE_FAILED_CALLS} calls failed; whether data was lost no journal knows
     * @param reasons why it was severe, in words
     * @param due in UTC, counted from when it was detected; null where nothing was
     */
    public record Review(
            boolean severe, List<String> reasons, @Nullable LocalDate due) {

        /** Copies the list. */
        public Review {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * What a rollback was decided by, or recommended.
     *
     * @param signal its name; {@code person} where a person decided by themselves, {@code overdue} where the longest time
     *     was over
     * @param why in the signal's words
     * @param log10Evidence as a power of ten; NaN where it weighs none
     * @param log10Threshold where it is acted upon; NaN where that is not known
     * @param highestExcess by how much the candidate's rate was above stable's at most, with a chance of 95 %; NaN where
     *     that is not known
     * @param tolerated in words; empty where that is not known
     * @param explanation one paragraph; empty where there is none
     * @param isActed whether the candidate was taken back for it
     * @param byPerson whether a person decided, or approved
     */
    public record Trigger(
            String signal,
            String why,
            double log10Evidence,
            double log10Threshold,
            double highestExcess,
            String tolerated,
            String explanation,
            boolean isActed,
            boolean byPerson) {}

    /**
     * What the candidate did, as far as it was counted. Counts are -1 where they are not known.
     *
     * @param stableCalls by the coin, until the decision
     * @param stableFailures of these
     * @param candidateCalls all of the candidate's, forced ones too
     * @param candidateFailures of these
     * @param failingKeys how many different keys it failed, of those by the coin
     * @param excess how many more calls failed than stable would have failed of as many; NaN where that is not known
     * @param highestShare of the coin's calls, 0 to 1
     * @param exposed for how long the candidate served calls
     * @param isFinal whether the calls are counted that were under way at the decision
     * @param isAtLeast whether a process ended without having said what it had counted, so that it was this much at least
     */
    public record Impact(
            long stableCalls,
            long stableFailures,
            long candidateCalls,
            long candidateFailures,
            long failingKeys,
            double excess,
            double highestShare,
            Duration exposed,
            boolean isFinal,
            boolean isAtLeast) {}

    /**
     * When what happened, by the wall clock; null where it did not, or is not known.
     *
     * @param planned when the attempt was planned
     * @param started when the first call could go to the candidate
     * @param firstFailure when the candidate failed its first call
     * @param harmed when it began to be worse: the later of its first failed call and the time at which the evidence began to
     *     rise
     * @param detected when a signal, or a person, first spoke against it
     * @param decided when it was taken back
     * @param trafficBack since when no call that began got the candidate
     * @param neededHuman when people were last called to do the rest
     * @param back when all steps were done
     * @param verified when stable was last looked at
     * @param toDetect from the harm until it was detected, downtime of the process counted
     * @param toRestore from the harm until the traffic was back
     * @param toBack from the harm until all steps were done
     */
    public record Times(
            @Nullable Instant planned,
            @Nullable Instant started,
            @Nullable Instant firstFailure,
            @Nullable Instant harmed,
            @Nullable Instant detected,
            @Nullable Instant decided,
            @Nullable Instant trafficBack,
            @Nullable Instant neededHuman,
            @Nullable Instant back,
            @Nullable Instant verified,
            @Nullable Duration toDetect,
            @Nullable Duration toRestore,
            @Nullable Duration toBack) {}

    /**
     * What was done about it.
     *
     * @param actions after the traffic, in order
     * @param failedTries how many tries of steps failed
     * @param unseenTries how many tries of steps nobody saw the end of, so that they were looked up
     * @param gates what the gates said, in order
     * @param messages who was told what, in order
     * @param preflight what was looked at before the start, by item; empty where nothing is known of it
     * @param verification how stable was found to be after the rollback: {@code healthy}, {@code unhealthy} or {@code
     *     no-data}; empty where nobody looked
     */
    public record Measures(
            List<Action> actions,
            int failedTries,
            int unseenTries,
            List<GateAnswer> gates,
            List<Message> messages,
            Map<String, String> preflight,
            String verification) {

        /** Copies the lists and the map. */
        public Measures {
            actions = List.copyOf(actions);
            gates = List.copyOf(gates);
            messages = List.copyOf(messages);
            preflight = Collections.unmodifiableMap(new TreeMap<>(preflight));
        }
    }

    /**
     * A way of a step, and what became of it.
     *
     * @param step the step's name
     * @param way the way's name, or {@code by hand}
     * @param result what became of it
     * @param tries how often it was tried
     * @param begun when first; null where that is not known
     * @param ended when last; null where it has not
     * @param reference what the target calls it, often a link; empty where it said nothing
     * @param by who did it; empty where nobody has
     * @param detail what was said of it
     */
    public record Action(
            String step,
            String way,
            Result result,
            int tries,
            @Nullable Instant begun,
            @Nullable Instant ended,
            String reference,
            String by,
            String detail) {

        /** What became of it. */
        public enum Result {
            /** It is done. */
            DONE("done"),
            /** It failed. */
            FAILED("failed"),
            /** It waits for a person. */
            ASKED("waits for a person"),
            /** Nobody has seen its end yet. */
            UNDER_WAY("not ended yet");

            private final String words;

            Result(String words) {
                this.words = words;
            }

            /** Returns it for people. */
            @Override
            public String toString() {
                return words;
            }
        }
    }

    /**
     * What a gate said.
     *
     * @param says {@code open}, {@code wait}, {@code ask} or {@code blocked}
     * @param by who opened it; empty where nobody did
     */
    public record GateAnswer(String gate, String step, String says, String detail, String by, Instant at) {
        static final String OPEN = "open";
    }

    /**
     * Who was told what.
     *
     * @param error why they were not; empty where they were
     * @param acknowledgedBy who has read it; empty where nobody said so
     * @param acknowledgedAt when; null where nobody said so
     * @param escalatedTo which group was told instead; empty where none was
     */
    public record Message(
            String group,
            String occasion,
            String channel,
            Instant at,
            String error,
            String acknowledgedBy,
            @Nullable Instant acknowledgedAt,
            String escalatedTo) {

        Message acknowledged(String by, Instant when) {
            return new Message(group, occasion, channel, at, error, by, when, escalatedTo);
        }

        Message escalated(String to) {
            return new Message(group, occasion, channel, at, error, acknowledgedBy, acknowledgedAt, to);
        }
    }

    /** Copies the lists. */
    public PostMortem {
        open = List.copyOf(open);
        assessments = List.copyOf(assessments);
    }

    /** Drafts it from the journal of one rollout, in whatever process it was written. */
    public static PostMortem of(List<Journal.Entry> entries) {
        return new Draft(Chronicle.of(entries)).of(Timeline.of(entries));
    }

    /** Drafts it from the journal of a rollout that is live in this process: with all that is known of its evidence. */
    public static PostMortem of(List<Journal.Entry> entries, Rollout live) {
        PostMortem draft = of(entries);
        EvidenceCurve curve = live.evidence();
        Rollout.Status status = live.status();
        return new PostMortem(
                subject(live, draft.subject.about),
                draft.phase,
                draft.review,
                draft.trigger,
                impact(draft.impact, status.totals()),
                draft.times,
                draft.measures,
                draft.open,
                curve.points().isEmpty() ? draft.evidence : Chronicle.joined(draft.evidence, curve),
                status.assessments().stream().map(Assessment::explain).toList(),
                draft.timeline);
    }

    private static Subject subject(Rollout live, Map<String, String> known) {
        Map<String, String> about = new TreeMap<>(known);
        live.plan().stable().attributes().forEach((name, value) -> about.put("stable." + name, value));
        live.plan().candidate().attributes().forEach((name, value) -> about.put("candidate." + name, value));
        return new Subject(
                live.id(),
                live.plan().candidate().component(),
                live.plan().stable().identity(),
                live.plan().candidate().identity(),
                about,
                live.plan().describe(),
                live.plan().hash());
    }

    /** Returns what was counted in this process, where the journal has no counts yet. */
    private static Impact impact(Impact known, Tally.Totals totals) {
        long calls = totals.candidateCalls() + totals.candidateApart();
        long failures = totals.candidateFailures() + totals.candidateApartFailures();
        return known.candidateCalls >= 0
                ? known
                : new Impact(
                        totals.stableCalls(),
                        totals.stableFailures(),
                        calls,
                        failures,
                        known.failingKeys,
                        Draft.excess(totals.stableCalls(), totals.stableFailures(), calls, failures),
                        known.highestShare,
                        known.exposed,
                        false,
                        known.isAtLeast);
    }

    /**
     * Returns the same with another bound on what is severe.
     *
     * @param failedCalls of the candidate, 0 or more
     * @throws IllegalArgumentException if it is below 0
     */
    public PostMortem severeAbove(long failedCalls) {
        if (failedCalls < 0) {
            throw new IllegalArgumentException("severeAbove " + failedCalls + " is not allowed: 0 or more is");
        }
        return new PostMortem(
                subject,
                phase,
                review(phase, impact, measures, times, failedCalls),
                trigger,
                impact,
                times,
                measures,
                open,
                evidence,
                assessments,
                timeline);
    }

    static Review review(Phase phase, Impact impact, Measures measures, Times times, long failedCalls) {
        List<String> reasons = new ArrayList<>();
        if (phase == Phase.NEEDS_HUMAN || times.neededHuman != null) {
            reasons.add("people had to finish the rollback");
        }
        if (measures.verification.equals("unhealthy")) {
            reasons.add("stable was not healthy after it");
        }
        if (impact.candidateFailures > failedCalls) {
            reasons.add("more than " + Words.count(failedCalls) + " calls failed");
        }
        Instant from = times.detected;
        LocalDate due = null;
        if (from != null) {
            due = reasons.isEmpty()
                    ? WorkingDays.workingDaysAfter(from, WORKING_DAYS_ELSE)
                    : WorkingDays.daysAfter(from, DAYS_IF_SEVERE);
        }
        return new Review(!reasons.isEmpty(), reasons, due);
    }

    /** Returns it as a page. */
    public Document document() {
        return new PostMortemPage(this).document();
    }

    /** Returns it as Markdown. What comes from outside is escaped: it neither formats nor links. */
    public String markdown() {
        return document().markdown();
    }
}
