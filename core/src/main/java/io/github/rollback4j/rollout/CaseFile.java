package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a report of the rollout will ask for and the journal would else not know. Under the rollout's lock.
 */
final class CaseFile {

    private static final List<String> ABOUT = List.of(
            Release.COMMIT,
            Release.IMAGE_DIGEST,
            Release.LINK,
            Release.DIFF,
            Release.SCHEMA_VERSION,
            Release.CONFIGURATION);

    private final long sinceNanos;
    private long firstFailureNanos = -1;
    private @Nullable Map<String, String> counted;

    /** Opens the file of a process that counts since some time of the rollout. */
    CaseFile(long sinceNanos) {
        this.sinceNanos = sinceNanos;
    }

    /** Returns what else is known of a plan's releases. */
    static Map<String, String> about(RollbackPlan plan) {
        Map<String, String> about = new TreeMap<>();
        for (String name : ABOUT) {
            String stable = plan.stable().attributes().get(name);
            String candidate = plan.candidate().attributes().get(name);
            if (stable != null) {
                about.put("stable." + name, stable);
            }
            if (candidate != null) {
                about.put("candidate." + name, candidate);
            }
        }
        return about;
    }

    /** Says whether the candidate's first failure is still to be noted. */
    boolean isUnharmed() {
        return firstFailureNanos < 0;
    }

    void note(Tally.Totals totals, long elapsedNanos) {
        if (isUnharmed() && totals.candidateFailures() + totals.candidateApartFailures() > 0) {
            firstFailureNanos = elapsedNanos;
        }
    }

    /** Returns what was counted until now. */
    Map<String, String> counts(Tally.Totals totals, long failingKeys, long elapsedNanos) {
        note(totals, elapsedNanos);
        Map<String, String> facts = new TreeMap<>();
        facts.put("counted-since", Duration.ofNanos(sinceNanos).toString());
        facts.put("stable-calls", Long.toString(totals.stableCalls()));
        facts.put("stable-failures", Long.toString(totals.stableFailures()));
        facts.put("candidate-calls", Long.toString(totals.candidateCalls()));
        facts.put("candidate-failures", Long.toString(totals.candidateFailures()));
        facts.put("candidate-pending", Long.toString(totals.candidatePending()));
        facts.put("candidate-apart-calls", Long.toString(totals.candidateApart()));
        facts.put("candidate-apart-failures", Long.toString(totals.candidateApartFailures()));
        if (failingKeys > 0) {
            facts.put("candidate-failing-keys", Long.toString(failingKeys));
        }
        if (!isUnharmed()) {
            facts.put("first-failure", Duration.ofNanos(firstFailureNanos).toString());
        }
        return facts;
    }

    /** Adds what a signal says. */
    static void add(Map<String, String> facts, Assessment assessment, @Nullable Duration risingSince) {
        Assessment.Details details = assessment.details();
        facts.put("explanation", assessment.explain());
        if (!Double.isNaN(assessment.log10Threshold())) {
            facts.put("log10-threshold", Double.toString(assessment.log10Threshold()));
        }
        if (!details.tolerated().isEmpty()) {
            facts.put("tolerated", details.tolerated());
        }
        if (details.highestExcess() < 1) {
            facts.put("highest-excess", Double.toString(details.highestExcess()));
        }
        if (risingSince != null) {
            facts.put("rising-since", risingSince.toString());
        }
    }

    /** Returns the event of what was counted, or null where nothing was since the last one. */
    RolloutEvent.@Nullable Counted counted(Map<String, String> counts) {
        boolean isNews = !counts.equals(counted) && !isNothing(counts);
        counted = counts;
        return isNews ? new RolloutEvent.Counted(counts) : null;
    }

    private static boolean isNothing(Map<String, String> counts) {
        return counts.entrySet().stream()
                .filter(count -> count.getKey().endsWith("-calls"))
                .allMatch(count -> count.getValue().equals("0"));
    }
}
