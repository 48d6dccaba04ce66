package io.github.rollback4j.reports;

import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One drawing of the evidence chart: its scales, and what is drawn with them. Lengths are pixels. */
final class EvidenceDrawing {

    private static final double WIDTH = 800;
    private static final double LEFT = 84;
    private static final double TOP = 72;
    private static final double LEAST_HEIGHT = 264;
    private static final double EDGE = 14;
    private static final double GAP = 8;
    private static final double LINE_HEIGHT = 18;
    private static final double TITLE_BASELINE = 28;
    private static final double SHARES_BASELINE = 58;

    /** From the middle of a line of text to its baseline. */
    private static final double MIDDLE_TO_BASELINE = 4;

    private static final double FONT_SIZE = 12;
    private static final double TITLE_FONT_SIZE = 16;
    private static final double WIDEST_LABEL = 230;
    private static final double LEAST_MARGIN = 40;
    private static final double DOT = 3.5;
    private static final double LEADER = 16;
    private static final double TICK = 5;
    private static final double TIME_BASELINE = 20;
    private static final double NOTES_BASELINE = 42;
    private static final double CUTS_BASELINE = 60;

    /** How far below this evidence is says nothing that a reader could use, and would flatten the rest. */
    private static final double LOWEST = -2;

    private static final int MOST_POWERS = 8;

    private final EvidenceCurve curve;
    private final String title;
    private final Svg svg = new Svg();

    private final List<ShareChange> changes;
    private final TimeAxis time;
    private final List<String> labels;
    private final double right;
    private final double bottom;
    private final double lowest;
    private final double highest;
    private final boolean isCutBelow;
    private final boolean isCutAbove;

    EvidenceDrawing(EvidenceCurve curve, String title) {
        this.curve = curve;
        this.title = title;
        this.changes = ShareChange.of(curve);
        List<EvidencePoint> points = curve.points();
        this.time = TimeAxis.of(
                points.isEmpty() ? Duration.ZERO : points.get(points.size() - 1).elapsed());
        this.labels = labels(curve);
        this.right = WIDTH - margin(labels);
        this.bottom = TOP + Math.max(LEAST_HEIGHT, labels.size() * LINE_HEIGHT);

        double least = 0;
        double most = 0;
        for (EvidencePoint point : points) {
            for (double log10 : point.log10Evidence()) {
                if (!Double.isNaN(log10)) {
                    least = Math.min(least, log10);
                    most = Math.max(most, log10);
                }
            }
        }
        double threshold = curve.log10Threshold();
        this.lowest = Math.max(LOWEST, Math.min(-1, Math.floor(least)));
        double above = Math.max(.6, .15 * threshold);
        this.highest = Math.min(Math.max(threshold + above, most + above / 2), threshold + Math.max(2, threshold));
        this.isCutBelow = least < lowest;
        this.isCutAbove = most > highest;
    }

    String svg() {
        double height = bottom + (isCutBelow || isCutAbove ? CUTS_BASELINE : NOTES_BASELINE) + EDGE;
        svg.begin(EvidenceStyle.ROOT, WIDTH, height);
        svg.title(title, EvidenceWords.description(curve));
        svg.style(EvidenceStyle.CSS);
        svg.rectangle("paper", 0, 0, WIDTH, height);
        svg.text("title", EDGE, TITLE_BASELINE, Lettering.shortened(title, TITLE_FONT_SIZE, WIDTH - 2 * EDGE));
        shares();
        shareLabels();
        grid();
        for (int i = 0; i < labels.size(); i++) {
            line(i);
        }
        threshold();
        lineLabels();
        notes();
        svg.end();
        return svg.toString();
    }

    // ---- Scales.

    private double x(double seconds) {
        return LEFT + (right - LEFT) * seconds / time.seconds();
    }

    private double x(Duration elapsed) {
        return x(TimeAxis.seconds(elapsed));
    }

    private double y(double log10) {
        double cut = Math.min(highest, Math.max(lowest, log10));
        return bottom - (bottom - TOP) * (cut - lowest) / (highest - lowest);
    }

    private double shareY(double share) {
        return bottom - (bottom - TOP) * share;
    }

    // ---- Background: the candidate's share.

    private void shares() {
        for (int i = 0; i < changes.size(); i++) {
            double top = shareY(changes.get(i).share());
            svg.rectangle("share", shareX(i), top, shareX(i + 1) - shareX(i), bottom - top);
        }
    }

    /** In a row of their own, where no line runs through them. Where not all fit, those of the longest time are written. */
    private void shareLabels() {
        List<Integer> byTime = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            byTime.add(i);
        }
        byTime.sort(Comparator.comparingDouble(i -> shareX(i) - shareX(i + 1)));
        NavigableMap<Double, Double> taken = new TreeMap<>();
        for (int i : byTime) {
            String label = Amounts.percent(changes.get(i).share());
            double width = Lettering.width(label, FONT_SIZE) + GAP;
            double start = Math.min(shareX(i), WIDTH - width);
            Map.Entry<Double, Double> before = taken.lowerEntry(start + width);
            if (before == null || before.getValue() <= start) {
                taken.put(start, start + width);
                svg.line(
                        "share-mark",
                        shareX(i),
                        SHARES_BASELINE + GAP,
                        shareX(i),
                        shareY(changes.get(i).share()));
                svg.text("share-label", start, SHARES_BASELINE, label);
            }
        }
    }

    /** Returns where a change is, and where the picture ends for the one after the last. */
    private double shareX(int change) {
        return change < changes.size() ? x(changes.get(change).elapsed()) : right;
    }

    // ---- Axes and threshold.

    private void grid() {
        svg.text("axis-title", EDGE, SHARES_BASELINE, "evidence");
        int step = (int) Math.max(1, Math.ceil((highest - lowest) / MOST_POWERS));
        for (int power = (int) Math.ceil(lowest / step) * step; power <= highest; power += step) {
            svg.line("grid", LEFT, y(power), right, y(power));
            svg.text("power", LEFT - GAP, y(power) + MIDDLE_TO_BASELINE, Amounts.powerOfTen(power));
        }
        svg.line("axis", LEFT, bottom, right, bottom);
        for (TimeAxis.Tick tick : time.ticks()) {
            svg.line("axis", x(tick.seconds()), bottom, x(tick.seconds()), bottom + TICK);
            svg.text("time", x(tick.seconds()), bottom + TIME_BASELINE, tick.label());
        }
        svg.text("time-title", right, bottom + NOTES_BASELINE, "time since the start");
    }

    private void threshold() {
        double at = y(curve.log10Threshold());
        svg.line("threshold", LEFT, at, right, at);
        svg.text("threshold-label halo", LEFT + GAP, at - GAP, EvidenceWords.threshold(curve));
    }

    private void notes() {
        String nothing = EvidenceWords.nothing(curve);
        if (!nothing.isEmpty()) {
            svg.text("nothing halo", (LEFT + right) / 2, y(0) - GAP, nothing);
        }
        if (!changes.isEmpty()) {
            svg.text("note", LEFT, bottom + NOTES_BASELINE, "grey: the candidate's share");
        }
        List<String> cuts = new ArrayList<>();
        if (isCutBelow) {
            cuts.add("below " + Amounts.evidence(lowest));
        }
        if (isCutAbove) {
            cuts.add("above " + Amounts.evidence(highest));
        }
        if (!cuts.isEmpty()) {
            svg.text("note", LEFT, bottom + CUTS_BASELINE, "cut " + String.join(", ", cuts));
        }
    }

    // ---- Lines.

    private void line(int signal) {
        StringBuilder path = new StringBuilder();
        boolean isDrawing = false;
        for (EvidencePoint point : curve.points()) {
            double log10 = point.log10Evidence().get(signal);
            if (!Double.isNaN(log10)) {
                path.append(isDrawing ? 'L' : 'M')
                        .append(Svg.number(x(point.elapsed())))
                        .append(' ')
                        .append(Svg.number(y(log10)));
            }
            isDrawing = !Double.isNaN(log10);
        }
        EvidencePoint last = last(signal);
        if (last != null) {
            svg.path("line " + EvidenceStyle.stroke(signal), EvidenceStyle.dashes(signal), path.toString());
            svg.dot(
                    EvidenceStyle.fill(signal),
                    x(last.elapsed()),
                    y(last.log10Evidence().get(signal)),
                    DOT);
        }
    }

    private void lineLabels() {
        double[] wanted = new double[labels.size()];
        for (int i = 0; i < wanted.length; i++) {
            EvidencePoint last = last(i);
            wanted[i] = last == null ? bottom : y(last.log10Evidence().get(i));
        }
        double half = LINE_HEIGHT / 2;
        double[] placed = Lettering.apart(wanted, LINE_HEIGHT, TOP + half, bottom - half);
        for (int i = 0; i < placed.length; i++) {
            EvidencePoint last = last(i);
            if (last != null) {
                // From the line's end to its label, which may have had to give way.
                double end = x(last.elapsed()) + DOT;
                svg.line("leader " + EvidenceStyle.stroke(i), end, wanted[i], right + LEADER, placed[i]);
                svg.text(
                        "label " + EvidenceStyle.fill(i),
                        right + LEADER + DOT,
                        placed[i] + MIDDLE_TO_BASELINE,
                        labels.get(i));
            }
        }
    }

    /** Returns the last point at which the signal's evidence is known. */
    private @Nullable EvidencePoint last(int signal) {
        return last(curve, signal);
    }

    private static @Nullable EvidencePoint last(EvidenceCurve curve, int signal) {
        for (int i = curve.points().size() - 1; i >= 0; i--) {
            if (!Double.isNaN(curve.points().get(i).log10Evidence().get(signal))) {
                return curve.points().get(i);
            }
        }
        return null;
    }

    private static List<String> labels(EvidenceCurve curve) {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < curve.signals().size(); i++) {
            EvidencePoint last = last(curve, i);
            String value = last == null
                    ? ""
                    : "  " + Amounts.evidence(last.log10Evidence().get(i));
            double left = WIDEST_LABEL - Lettering.width(value, FONT_SIZE);
            labels.add(Lettering.shortened(curve.signals().get(i), FONT_SIZE, left) + value);
        }
        return labels;
    }

    private static double margin(List<String> labels) {
        double widest = labels.stream()
                .mapToDouble(label -> Lettering.width(label, FONT_SIZE))
                .max()
                .orElse(0);
        return Math.max(LEAST_MARGIN, LEADER + DOT + widest + EDGE);
    }
}
