package io.github.rollback4j.reports;

import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.time.Duration;
import java.util.List;

/** Says what the evidence chart shows. */
final class EvidenceWords {

    private static final int MOST_CHANGES = 10;

    private EvidenceWords() {}

    static String description(EvidenceCurve curve) {
        StringBuilder words =
                new StringBuilder("Evidence that the candidate is worse than stable, over time. Rollback threshold "
                        + Amounts.evidence(curve.log10Threshold())
                        + ": a candidate that is no worse than tolerated gets there in at most "
                        + Amounts.chance(curve.log10Threshold())
                        + " rollouts.");
        if (nothing(curve).isEmpty()) {
            for (int i = 0; i < curve.signals().size(); i++) {
                words.append(' ').append(highest(curve, i)).append('.');
            }
        } else {
            words.append(' ').append(nothing(curve)).append('.');
        }
        return words.append(shares(ShareChange.of(curve))).toString();
    }

    static String threshold(EvidenceCurve curve) {
        return "Rollback threshold: at most " + Amounts.chance(curve.log10Threshold()) + " by chance";
    }

    /** Returns why there is no line; empty where there is one. */
    static String nothing(EvidenceCurve curve) {
        if (curve.signals().isEmpty()) {
            return "No signal compares the releases";
        }
        return curve.points().isEmpty() ? "No evidence yet" : "";
    }

    private static String highest(EvidenceCurve curve, int signal) {
        double highest = Double.NaN;
        Duration at = Duration.ZERO;
        for (EvidencePoint point : curve.points()) {
            double log10 = point.log10Evidence().get(signal);
            if (log10 > highest || Double.isNaN(highest)) {
                highest = log10;
                at = point.elapsed();
            }
        }
        String name = curve.signals().get(signal);
        if (Double.isNaN(highest)) {
            return name + ": unknown";
        }
        return name + ": highest " + Amounts.evidence(highest) + " after " + TimeAxis.words(at)
                + (highest >= curve.log10Threshold() ? ", at or above the threshold" : ", below the threshold");
    }

    private static String shares(List<ShareChange> changes) {
        if (changes.isEmpty()) {
            return "";
        }
        StringBuilder words = new StringBuilder();
        for (ShareChange change : changes.subList(0, Math.min(changes.size(), MOST_CHANGES))) {
            words.append(words.isEmpty() ? " The candidate got " : ", ")
                    .append(Amounts.percent(change.share()))
                    .append(" of the calls from ")
                    .append(TimeAxis.words(change.elapsed()))
                    .append(" on");
        }
        int more = changes.size() - MOST_CHANGES;
        return words.append(more > 0 ? ", and " + more + " more changes." : ".").toString();
    }
}
