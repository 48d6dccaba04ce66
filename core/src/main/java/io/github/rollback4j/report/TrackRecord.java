package io.github.rollback4j.report;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Figure;
import io.github.rollback4j.report.Document.Table;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.report.PostMortem.Impact;
import io.github.rollback4j.report.PostMortem.Times;
import io.github.rollback4j.report.PostMortem.Trigger;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks back over all rollouts of a journal: how many were taken back, how fast, and what they cost, over time. Immutable and
 * thread-safe.
 *
 * @param rows the rollouts, the latest first
 */
public record TrackRecord(List<Row> rows) {

    private static final int DATE = "2030-01-01".length();

    /**
     * One rollout.
     *
     * @param rollout its id
     * @param component what was released
     * @param stable the release that served before
     * @param candidate the release that was tried
     * @param planned when
     * @param phase where it stands
     * @param cause the signal that it was taken back for; empty where it was not
     * @param toDetect null where that is not known
     * @param toRestore null where that is not known
     * @param failedCalls of the candidate; -1 where that is not known
     */
    public record Row(
            String rollout,
            String component,
            String stable,
            String candidate,
            Instant planned,
            Phase phase,
            String cause,
            @Nullable Duration toDetect,
            @Nullable Duration toRestore,
            long failedCalls) {

        /** Says whether the candidate was taken back. */
        public boolean isTakenBack() {
            return phase == Phase.ROLLING_BACK || phase == Phase.ROLLED_BACK || phase == Phase.NEEDS_HUMAN;
        }

        /** Says whether it has come to an end: promoted or taken back. */
        public boolean isDecided() {
            return isTakenBack() || phase == Phase.PROMOTED;
        }
    }

    /** What the journal of a drill begins with, and that of what a release did while it was stable. */
    private static final Set<String> OTHERS = Set.of("drill-began", "baseline-kept");

    /** Copies the rows. */
    public TrackRecord {
        rows = List.copyOf(rows);
    }

    /**
     * Reads a journal, all of it; may take as long as that does.
     *
     * @throws io.github.rollback4j.RollbackException if it cannot be read
     */
    public static TrackRecord of(Journal journal) {
        List<Row> rows = new ArrayList<>();
        for (String id : journal.rolloutIds()) {
            List<Journal.Entry> entries = journal.read(id);
            if (isRollout(entries)) {
                rows.add(row(id, entries));
            }
        }
        rows.sort(Comparator.comparing(Row::planned).reversed());
        return new TrackRecord(rows);
    }

    private static boolean isRollout(List<Journal.Entry> entries) {
        return !entries.isEmpty() && !OTHERS.contains(entries.get(0).event().type());
    }

    private static Row row(String id, List<Journal.Entry> entries) {
        Chronicle chronicle = Chronicle.of(entries);
        Draft draft = new Draft(chronicle);
        PostMortem.Subject subject = draft.subject();
        Impact impact = draft.impact();
        Times times = draft.times();
        Trigger trigger = draft.trigger();
        return new Row(
                id,
                subject.component(),
                subject.stable(),
                subject.candidate(),
                Objects.requireNonNull(chronicle.first()).at(),
                chronicle.phase,
                trigger == null || !trigger.isActed() ? "" : trigger.signal(),
                chronicle.isTakenBack() ? times.toDetect() : null,
                chronicle.isTakenBack() ? times.toRestore() : null,
                impact.candidateFailures());
    }

    /** Returns the rollouts of one component. */
    public TrackRecord ofComponent(String component) {
        return new TrackRecord(
                rows.stream().filter(row -> row.component.equals(component)).toList());
    }

    /** Returns which part of the rollouts that came to an end was taken back, 0 to 1; NaN where none did. */
    public double changeFailureRate() {
        long decided = rows.stream().filter(Row::isDecided).count();
        return decided == 0
                ? Double.NaN
                : (double) rows.stream().filter(Row::isTakenBack).count() / decided;
    }

    /** Returns the median time to detect; null where none is known. */
    public @Nullable Duration medianToDetect() {
        return median(Row::toDetect);
    }

    /** Returns the median time to restore; null where none is known. */
    public @Nullable Duration medianToRestore() {
        return median(Row::toRestore);
    }

    private @Nullable Duration median(Function<Row, @Nullable Duration> time) {
        List<Duration> known = rows.stream()
                .flatMap(row -> Stream.ofNullable(time.apply(row)))
                .sorted()
                .toList();
        int middle = known.size() / 2;
        if (known.isEmpty()) {
            return null;
        }
        return known.size() % 2 == 1
                ? known.get(middle)
                : known.get(middle - 1).plus(known.get(middle)).dividedBy(2);
    }

    /** Returns the calls that candidates failed, as far as they are known. */
    public long failedCalls() {
        return rows.stream().mapToLong(row -> Math.max(0, row.failedCalls)).sum();
    }

    /** Returns the same by the month in which the rollouts were planned, in UTC, the latest first. */
    public Map<YearMonth, TrackRecord> byMonth() {
        Map<YearMonth, List<Row>> months = new TreeMap<>(Comparator.reverseOrder());
        for (Row row : rows) {
            months.computeIfAbsent(month(row.planned), month -> new ArrayList<>())
                    .add(row);
        }
        Map<YearMonth, TrackRecord> byMonth = new TreeMap<>(Comparator.reverseOrder());
        months.forEach((month, of) -> byMonth.put(month, new TrackRecord(of)));
        return byMonth;
    }

    private static YearMonth month(Instant instant) {
        try {
            return YearMonth.from(instant.atZone(ZoneOffset.UTC));
        } catch (DateTimeException beyondTheCalendar) {
            return YearMonth.of(0, 1);
        }
    }

    // ---- For people.

    /** Returns it as a page. */
    public Document document() {
        Document.Builder page = new Document.Builder();
        if (rows.isEmpty()) {
            page.say("The journal knows no rollout.");
            return page.build("Track record", "All rollouts", "");
        }
        page.add(new Document.Figures(List.of(
                new Figure(
                        "Rollouts",
                        Words.count(rows.size()),
                        rows.stream().filter(Row::isTakenBack).count() + " taken back"),
                new Figure("Change-failure rate", percent(changeFailureRate()), "of those promoted or taken back"),
                new Figure("Time to detect", shown(medianToDetect()), "median"),
                new Figure("Time to restore", shown(medianToRestore()), "median"))));
        page.heading("Over time");
        List<List<Text>> months = new ArrayList<>();
        byMonth()
                .forEach((month, of) -> months.add(texts(
                        Words.month(month),
                        Words.count(of.rows.size()),
                        Words.count(of.rows.stream().filter(Row::isTakenBack).count()),
                        percent(of.changeFailureRate()),
                        shown(of.medianToDetect()),
                        shown(of.medianToRestore()),
                        Words.count(of.failedCalls()))));
        page.add(new Table(
                "By month, in UTC",
                List.of(
                        Column.of("Month"),
                        Column.numeric("Rollouts"),
                        Column.numeric("Taken back"),
                        Column.numeric("Change-failure rate"),
                        Column.numeric("Median time to detect"),
                        Column.numeric("Median time to restore"),
                        Column.numeric("Failed calls")),
                months));
        page.heading("Rollouts");
        page.add(new Table(
                "The latest first",
                List.of(
                        Column.of("Planned (UTC)"),
                        Column.of("Component"),
                        Column.of("From"),
                        Column.of("To"),
                        Column.of("End"),
                        Column.of("Cause"),
                        Column.numeric("Detected after"),
                        Column.numeric("Restored after"),
                        Column.numeric("Failed calls")),
                rows.stream().map(TrackRecord::cells).toList()));
        page.say("Times begin with the first harm. Failed calls are those of the candidate, as far as the journal has"
                + " counted them.");
        return page.build("Track record", title(), "");
    }

    private String title() {
        List<String> components = rows.stream().map(Row::component).distinct().toList();
        return components.size() == 1 ? "Rollouts of " + components.get(0) : "All rollouts";
    }

    /** Returns it as Markdown. What comes from outside is escaped: it neither formats nor links. */
    public String markdown() {
        return document().markdown();
    }

    private static List<Text> cells(Row row) {
        return texts(
                Words.at(row.planned).substring(0, DATE),
                row.component,
                row.stable,
                row.candidate,
                end(row.phase),
                row.cause.isEmpty() ? "–" : row.cause.equals(Chronicle.PERSON) ? "a person's decision" : row.cause,
                shown(row.toDetect),
                shown(row.toRestore),
                row.failedCalls < 0 ? "–" : Words.count(row.failedCalls));
    }

    private static String end(Phase phase) {
        return switch (phase) {
            case PLANNED -> "not started";
            case RUNNING -> "under way";
            case PAUSED -> "held";
            case PROMOTED -> "promoted";
            case ROLLING_BACK -> "being taken back";
            case ROLLED_BACK -> "taken back";
            case NEEDS_HUMAN -> "needs people";
        };
    }

    private static List<Text> texts(String... cells) {
        return Stream.of(cells).map(Text::of).toList();
    }

    private static String percent(double part) {
        return Double.isNaN(part) ? "–" : Words.percent(part);
    }

    private static String shown(@Nullable Duration duration) {
        return duration == null ? "–" : Words.time(duration);
    }
}
