package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.report.Timeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a journal says, as text. */
final class JournalFile {

    /** What a reader of the show knows already. */
    private static final Set<String> LEFT_OUT = Set.of("planned", "growing", "divided", "evidence-kept");

    private static final int WIDTH = 88;

    private final Journal journal;

    JournalFile(Journal journal) {
        this.journal = journal;
    }

    /** Writes all events of all rollouts, one a line; returns how many there are. */
    int writeTo(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String rollout : journal.rolloutIds()) {
            for (Journal.Entry entry : journal.read(rollout)) {
                Journal.Event event = entry.event();
                lines.add(String.join(
                        "\t",
                        rollout,
                        Long.toString(entry.sequence()),
                        event.at().toString(),
                        event.elapsed().toString(),
                        event.type(),
                        event.data().toString()));
            }
        }
        Files.write(file, lines);
        return lines.size();
    }

    /** Returns what the journal has of a rollout. */
    List<Journal.Entry> entries(String rollout) {
        return journal.read(rollout);
    }

    /** Returns what happened to a rollout, in lines for people. */
    List<String> timeline(String rollout) {
        List<Timeline.Line> lines = Timeline.of(journal.read(rollout)).lines().stream()
                .filter(line -> !LEFT_OUT.contains(line.type()))
                .toList();
        return lines.stream()
                .flatMap(line -> lines(Duration.between(lines.get(0).at(), line.at()), line))
                .toList();
    }

    /** Returns what entries tell of who led, and of the steps back, in lines for people. */
    static List<String> steps(List<Journal.Entry> entries) {
        return Timeline.of(entries).lines().stream()
                .filter(line -> line.type().startsWith("step-") || line.type().equals("led"))
                .flatMap(line -> Text.wrapped(line.what(), WIDTH).stream())
                .toList();
    }

    /** Returns the id of the rollout of a candidate. */
    String rolloutOf(String candidate) {
        return journal.rolloutIds().stream()
                .filter(id -> id.contains(".." + candidate))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no rollout of " + candidate + " was begun"));
    }

    /** Returns the instance that leads a rollout, or led it last. */
    String leader(String rollout) {
        return Objects.requireNonNull(lastEvent(rollout, "led").data().get("host"));
    }

    /** Returns how many events of a type there are, of a step where one is named. */
    long count(String rollout, String type, String step) {
        return journal.read(rollout).stream()
                .map(Journal.Entry::event)
                .filter(event -> event.type().equals(type)
                        && (step.isEmpty() || step.equals(event.data().get("step"))))
                .count();
    }

    private static Stream<String> lines(Duration since, Timeline.Line line) {
        String time = String.format(Locale.ROOT, "%8.3f s", since.toNanos() / 1e9);
        List<String> words = Text.wrapped(line.what(), WIDTH);
        return IntStream.range(0, words.size())
                .mapToObj(i -> "  " + (i == 0 ? time : " ".repeat(time.length())) + "  " + words.get(i));
    }

    /** Returns when the last event of a type happened. */
    Instant last(String rollout, String type) {
        return lastEvent(rollout, type).at();
    }

    private Journal.Event lastEvent(String rollout, String type) {
        return journal.read(rollout).stream()
                .map(Journal.Entry::event)
                .filter(event -> event.type().equals(type))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new IllegalStateException("rollout " + rollout + " has no event " + type));
    }
}
