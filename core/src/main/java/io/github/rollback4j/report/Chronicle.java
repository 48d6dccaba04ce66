package io.github.rollback4j.report;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a rollout's journal for its reports: where it stands, what it was decided by, who was exposed for how long, what was
 * counted. What is missing, unknown or of another form is left out: never an exception.
 */
final class Chronicle {

    /**
     * One event.
     *
     * @param elapsed since the rollout was planned, downtime not counted; never less than that of the event before
     * @param passed since the first event, downtime counted
     */
    record Happening(String type, Instant at, Duration elapsed, Duration passed, Timeline.Data data) {}

    /** A point in time, as far as the journal knows it. */
    record Moment(Instant at, Duration passed) {

        /** Returns how long it took from this to a later one. */
        Duration until(Moment later) {
            Duration took = later.passed.minus(passed);
            return took.isNegative() ? Duration.ZERO : took;
        }
    }

    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** What a person decides in these words is no signal's. */
    static final String PERSON = "person";

    final List<Happening> happenings = new ArrayList<>();

    Phase phase = Phase.PLANNED;

    /** Whether a promotion can no longer be taken back. */
    boolean isFinal;

    /** The plan, of whose event all may be missing. */
    Timeline.Data planned = new Timeline.Data(Map.of());

    @Nullable
    Happening started;

    /** The signal's finding that nobody has let pass; the same as {@link #decided} where nobody had to approve. */
    @Nullable
    Happening detected;

    @Nullable
    Happening decided;

    @Nullable
    Happening verified;

    @Nullable
    Happening neededHuman;

    /** When the traffic went back to stable, for good. */
    @Nullable
    Moment trafficBack;

    /** When everything was back. */
    @Nullable
    Happening back;

    /** Whether it is counted what was under way at the decision. */
    boolean isCounted;

    double highestShare;
    Duration exposed = Duration.ZERO;

    /** Whether a process ended without having said so, so that less is known of its time. */
    boolean isKilled;

    private double stepShare;
    private double share;
    boolean isAllToStable;
    private boolean isStopped;
    private boolean isClosed;
    private final Map<Duration, Map<String, String>> countsBySince = new TreeMap<>();
    private final List<EvidenceCurve> curves = new ArrayList<>();

    private Chronicle() {}

    static Chronicle of(List<Journal.Entry> entries) {
        Chronicle chronicle = new Chronicle();
        Duration elapsed = Duration.ZERO;
        Duration downtime = Duration.ZERO;
        Journal.Event before = null;
        for (Journal.Entry entry : entries) {
            Journal.Event event = entry.event();
            Duration own = isPossible(event.elapsed()) ? event.elapsed() : elapsed;
            Duration step = own.minus(elapsed);
            // Where instances share a journal, whoever leads next goes on by a time of its own.
            if (before != null
                    && (event.type().equals("continued") || event.type().equals("led"))) {
                downtime = downtime.plus(downtime(before.at(), event.at(), step));
            }
            elapsed = step.isNegative() ? elapsed : own;
            chronicle.take(new Happening(
                    event.type(), event.at(), elapsed, elapsed.plus(downtime), new Timeline.Data(event.data())));
            before = event;
        }
        return chronicle;
    }

    /** Returns for how long no process was there, by the wall clock, which may have jumped. */
    private static Duration downtime(Instant ended, Instant begun, Duration counted) {
        Duration gap = Duration.between(ended, begun).minus(counted.isNegative() ? Duration.ZERO : counted);
        return isPossible(gap) ? gap : Duration.ZERO;
    }

    private static boolean isPossible(Duration duration) {
        return !duration.isNegative() && duration.compareTo(LONGEST) <= 0;
    }

    private void take(Happening happening) {
        if (!happenings.isEmpty() && share > 0) {
            exposed = exposed.plus(happening.elapsed.minus(happenings.get(happenings.size() - 1).elapsed));
        }
        happenings.add(happening);
        Timeline.Data data = happening.data;
        switch (happening.type) {
            case "planned" -> planned = data;
            case "started" -> {
                started = happening;
                phase = Phase.RUNNING;
            }
            case "continued" -> {
                isKilled |= !isClosed;
                isClosed = false;
            }
            case "exposed" -> {
                stepShare = data.part("share");
                isStopped = false;
            }
            case "paused" -> {
                isStopped = data.is("trafficStopped");
                phase = phase == Phase.RUNNING ? Phase.PAUSED : phase;
            }
            case "resumed" -> {
                isStopped = false;
                phase = phase == Phase.PAUSED ? Phase.RUNNING : phase;
            }
            case "controlled" -> isAllToStable = data.is("allToStable");
            case "decided" -> takeDecision(happening);
            case "dismissed" -> detected = decided == null ? null : detected;
            case "verified" -> verified = happening;
            case "tried-again" -> phase = phase == Phase.NEEDS_HUMAN ? Phase.ROLLING_BACK : phase;
            case "rolled-back" -> {
                phase = Phase.ROLLED_BACK;
                back = happening;
            }
            case "needs-human" -> {
                phase = Phase.NEEDS_HUMAN;
                neededHuman = happening;
            }
            case "promoted" -> {
                phase = Phase.PROMOTED;
                stepShare = 1;
                isStopped = false;
                detected = null;
            }
            case "window-closed" -> isFinal = true;
            case "evidence-kept" -> {
                EvidenceCurve curve = RolloutEvent.EvidenceKept.curve(data.parts());
                if (curve != null) {
                    curves.add(curve);
                }
            }
            case "counted" -> takeCounts(data);
            case "closed" -> isClosed = true;
            default -> {
                // Told in the timeline.
            }
        }
        takeShare(happening);
    }

    private void takeDecision(Happening happening) {
        if (detected == null) {
            detected = happening;
        }
        if (happening.data.is("acted")) {
            decided = happening;
            phase = Phase.ROLLING_BACK;
        }
        takeCounts(happening.data);
    }

    private void takeShare(Happening happening) {
        boolean isServing = switch (phase) {
            case RUNNING, PAUSED -> !isStopped && !isClosed;
            case PROMOTED -> true;
            default -> false;
        };
        share = isServing && !isAllToStable ? stepShare : 0;
        if (share > 0) {
            trafficBack = null;
            highestShare = Math.max(highestShare, share);
        } else if (trafficBack == null && highestShare > 0) {
            trafficBack = moment(happening);
        }
    }

    // ---- Counts.

    private void takeCounts(Timeline.Data data) {
        Map<String, String> facts = data.under("facts.");
        Duration since = duration(facts.get("counted-since"));
        if (since != null && facts.containsKey("candidate-calls")) {
            // Counts are cumulative: later ones hold those of before, and those of a process that went on from them
            // all.
            countsBySince.keySet().removeIf(other -> other.compareTo(since) >= 0);
            countsBySince.put(since, facts);
            isCounted = decided != null && "0".equals(facts.get("candidate-pending"));
        }
    }

    /** Returns a count of all processes together, or -1 where none said so. */
    long counted(String name) {
        long sum = 0;
        for (Map<String, String> counts : countsBySince.values()) {
            long count = number(counts.get(name));
            if (count < 0) {
                return -1;
            }
            sum += count;
        }
        return countsBySince.isEmpty() ? -1 : sum;
    }

    static long number(@Nullable String text) {
        try {
            return text == null ? -1 : Math.max(-1, Long.parseLong(text));
        } catch (NumberFormatException otherForm) {
            return -1;
        }
    }

    static double decimal(@Nullable String text) {
        try {
            return text == null ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException otherForm) {
            return Double.NaN;
        }
    }

    static @Nullable Duration duration(@Nullable String text) {
        try {
            Duration duration = text == null ? null : Duration.parse(text);
            return duration != null && isPossible(duration) ? duration : null;
        } catch (DateTimeParseException | ArithmeticException otherForm) {
            return null;
        }
    }

    // ---- Times.

    static Moment moment(Happening happening) {
        return new Moment(happening.at, happening.passed);
    }

    /** Returns a time since the start, as the process counted it that wrote the event. */
    static @Nullable Moment moment(Happening writer, @Nullable Duration elapsed) {
        if (elapsed == null) {
            return null;
        }
        Duration ago = writer.elapsed.minus(elapsed);
        try {
            return ago.isNegative() || ago.compareTo(writer.passed) > 0
                    ? null
                    : new Moment(writer.at.minus(ago), writer.passed.minus(ago));
        } catch (DateTimeException beyondTheCalendar) {
            return null;
        }
    }

    /** Returns the first event, or null. */
    @Nullable
    Happening first() {
        return happenings.isEmpty() ? null : happenings.get(0);
    }

    /** Returns the last event of a type, or null. */
    @Nullable
    Happening last(String type) {
        Happening last = null;
        for (Happening happening : happenings) {
            last = happening.type.equals(type) ? happening : last;
        }
        return last;
    }

    /** Returns the share of the coin's calls that the candidate has. */
    double share() {
        return share;
    }

    /** Says whether the candidate was taken back, whether or not all is done. */
    boolean isTakenBack() {
        return phase == Phase.ROLLING_BACK || phase == Phase.ROLLED_BACK || phase == Phase.NEEDS_HUMAN;
    }

    // ---- Evidence.

    /** Returns how the evidence went, over restarts too, or null where nothing of it was kept. */
    @Nullable
    EvidenceCurve evidence() {
        EvidenceCurve joined = null;
        for (EvidenceCurve curve : curves) {
            joined = joined(joined, curve);
        }
        return joined;
    }

    /** Returns the later curve with what the earlier one knows of the time before it. */
    static EvidenceCurve joined(@Nullable EvidenceCurve before, EvidenceCurve after) {
        if (before == null || !before.signals().equals(after.signals())) {
            return after;
        }
        Duration from = after.points().get(0).elapsed();
        List<EvidencePoint> points = new ArrayList<>(before.points());
        points.removeIf(point -> point.elapsed().compareTo(from) >= 0);
        points.addAll(after.points());
        return new EvidenceCurve(after.signals(), after.log10Threshold(), points);
    }
}
