package io.github.rollback4j.reports;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.time.Duration;
import java.util.Objects;

/**
 * Draws how the evidence of a rollout went, against the threshold at which the candidate is rolled back. Immutable and
 * thread-safe.
 *
 * {@snippet class="io.github.rollback4j.reports.EvidenceImageTest" region="chart"}
 */
public final class EvidenceChart {

    /** Of the smallest rate of false rollbacks that a double can hold. */
    private static final double LARGEST_THRESHOLD = 324;

    private final EvidenceCurve curve;
    private final String title;

    private EvidenceChart(EvidenceCurve curve, String title) {
        this.curve = curve;
        this.title = title;
    }

    /**
     * Returns the chart of a rollout's evidence, see {@link Rollout#evidence()}. There may be no points yet.
     *
     * @throws IllegalArgumentException if the threshold is not more than 10^0 and at most 10^324, a point lies before its
     *     predecessor, has a share outside 0 to 1, or has not the evidence of each signal
     */
    public static EvidenceChart of(EvidenceCurve curve) {
        double threshold = curve.log10Threshold();
        if (!(threshold > 0 && threshold <= LARGEST_THRESHOLD)) {
            throw new IllegalArgumentException(
                    "the threshold is 10^" + threshold + ": more than 10^0 and at most 10^324 is allowed");
        }
        Duration before = Duration.ZERO;
        for (EvidencePoint point : curve.points()) {
            if (point.elapsed().compareTo(before) < 0) {
                throw new IllegalArgumentException("the point at " + point.elapsed() + " comes after that at " + before
                        + ": in their order is allowed");
            }
            if (!(point.share() >= 0 && point.share() <= 1)) {
                throw new IllegalArgumentException(
                        "the point at " + point.elapsed() + " has the share " + point.share() + ": 0 to 1 is allowed");
            }
            if (point.log10Evidence().size() != curve.signals().size()) {
                throw new IllegalArgumentException("the point at " + point.elapsed() + " has the evidence of "
                        + point.log10Evidence().size() + " signals: that of all "
                        + curve.signals().size()
                        + " is needed");
            }
            before = point.elapsed();
        }
        return new EvidenceChart(curve, "Evidence that the candidate is worse");
    }

    /** Returns the chart under another title, for example the rollout's id. A long one is shortened in the picture. */
    public EvidenceChart title(String newTitle) {
        return new EvidenceChart(curve, Objects.requireNonNull(newTitle, "title"));
    }

    /**
     * Returns the chart as SVG: a picture that refers to nothing outside and has no script, light or dark as its viewer
     * prefers, with a description in words for those who do not see it. The same evidence gives the same text. Evidence below
     * 10^-2 or far above the threshold is drawn at the edge, and the picture says so. Write it to a file as UTF-8, or put it
     * into an HTML page as it is.
     */
    public String svg() {
        return new EvidenceDrawing(curve, title).svg();
    }
}
