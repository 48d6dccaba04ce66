package io.github.rollback4j.rollout;

import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes an evidence curve into few words, and reads it. */
final class KeptCurve {

    /** Of the points; what changes between two that are kept is then only said by the next. */
    private static final int MOST_SHARE_CHANGES = 20;

    private static final int MOST_SIGNALS = 64;
    private static final int SHARE_DIGITS = 6;
    private static final int EVIDENCE_DIGITS = 2;

    private KeptCurve() {}

    static RolloutEvent.EvidenceKept kept(EvidenceCurve curve) {
        StringBuilder text = new StringBuilder();
        for (EvidencePoint point : telling(curve.points())) {
            text.append(text.isEmpty() ? "" : ";")
                    .append(point.elapsed().toMillis())
                    .append(' ')
                    .append(number(point.share(), SHARE_DIGITS));
            point.log10Evidence().forEach(log10 -> text.append(' ').append(number(log10, EVIDENCE_DIGITS)));
        }
        return new RolloutEvent.EvidenceKept(
                String.join(" ", curve.signals()), curve.log10Threshold(), text.toString());
    }

    private static String number(double value, int digits) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value)
                        .setScale(digits, RoundingMode.HALF_EVEN)
                        .stripTrailingZeros()
                        .toPlainString()
                : Double.toString(value);
    }

    /** Returns the ends, where the share changes, and then, one after the other, what lies farthest from the lines between. */
    private static List<EvidencePoint> telling(List<EvidencePoint> points) {
        if (points.size() <= RolloutEvent.EvidenceKept.MOST_POINTS) {
            return points;
        }
        BitSet taken = new BitSet();
        taken.set(0);
        taken.set(points.size() - 1);
        for (int i = points.size() - 1; i > 0 && taken.cardinality() < MOST_SHARE_CHANGES; i--) {
            if (points.get(i).share() != points.get(i - 1).share()) {
                taken.set(i);
            }
        }
        int next = 0;
        while (next >= 0 && taken.cardinality() < RolloutEvent.EvidenceKept.MOST_POINTS) {
            next = farthest(points, taken);
            if (next >= 0) {
                taken.set(next);
            }
        }
        return taken.stream().mapToObj(points::get).toList();
    }

    /** Returns the next point; -1 where the lines between those taken already say as much as the digits do. */
    private static int farthest(List<EvidencePoint> points, BitSet taken) {
        int farthest = -1;
        double distance = Math.pow(10, -EVIDENCE_DIGITS);
        int left = 0;
        for (int right = taken.nextSetBit(1); right >= 0; right = taken.nextSetBit(right + 1)) {
            for (int i = left + 1; i < right; i++) {
                double off = distance(points.get(left), points.get(i), points.get(right));
                if (off > distance) {
                    distance = off;
                    farthest = i;
                }
            }
            left = right;
        }
        return farthest;
    }

    private static double distance(EvidencePoint left, EvidencePoint point, EvidencePoint right) {
        double span = seconds(right) - seconds(left);
        double along = span == 0 ? 0 : (seconds(point) - seconds(left)) / span;
        double off = 0;
        for (int i = 0; i < point.log10Evidence().size(); i++) {
            double from = left.log10Evidence().get(i);
            double expected = from + along * (right.log10Evidence().get(i) - from);
            // Not a number is no distance.
            off = Math.max(off, Math.abs(point.log10Evidence().get(i) - expected));
        }
        return Double.isNaN(off) ? 0 : off;
    }

    private static double seconds(EvidencePoint point) {
        return point.elapsed().toNanos() / 1e9;
    }

    static @Nullable EvidenceCurve curve(Map<String, String> data) {
        try {
            List<String> signals = words(data.getOrDefault("signals", ""));
            double threshold = Double.parseDouble(data.getOrDefault("log10Threshold", ""));
            String text = data.getOrDefault("points", "");
            if (text.isBlank() || signals.isEmpty() || signals.size() > MOST_SIGNALS || !isThreshold(threshold)) {
                return null;
            }
            List<EvidencePoint> points = new ArrayList<>();
            for (String point : text.split(";", RolloutEvent.EvidenceKept.MOST_POINTS + 1)) {
                points.add(point(words(point), signals.size(), points));
            }
            return new EvidenceCurve(signals, threshold, points);
        } catch (IllegalArgumentException | ArithmeticException otherForm) {
            return null;
        }
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
    }

    private static boolean isThreshold(double log10) {
        return log10 > 0 && log10 <= 324;
    }

    private static EvidencePoint point(List<String> parts, int signals, List<EvidencePoint> before) {
        Duration elapsed = Duration.ofMillis(Long.parseLong(parts.isEmpty() ? "" : parts.get(0)));
        double share = parts.size() == 2 + signals ? Double.parseDouble(parts.get(1)) : Double.NaN;
        Duration last =
                before.isEmpty() ? Duration.ZERO : before.get(before.size() - 1).elapsed();
        if (!(share >= 0 && share <= 1) || elapsed.compareTo(last) < 0 || elapsed.toDays() > 36_500) {
            throw new IllegalArgumentException("not a point of a curve");
        }
        return new EvidencePoint(
                elapsed,
                share,
                parts.subList(2, parts.size()).stream().map(Double::parseDouble).toList());
    }
}
