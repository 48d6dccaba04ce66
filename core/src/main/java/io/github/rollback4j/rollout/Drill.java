package io.github.rollback4j.rollout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rehearses a plan's rollback without doing anything, and keeps what came of it in a journal of its own, in which the preflight of the
 * next release under the same steps finds it.
 */
final class Drill {

    private static final Duration JOURNAL_DEADLINE = Duration.ofSeconds(5);
    private static final int MOST_DRILLS = 10_000;
    private static final String BEGAN = "drill-began";
    private static final String ENDED = "drill-ended";

    private final RollbackPlan plan;
    private final String by;
    private final Surroundings surroundings;
    private final Lane journalLane;
    private final long beganAt;
    private final CompletableFuture<Preflight> result = new CompletableFuture<>();
    private volatile @Nullable PreflightCheck check;

    Drill(RollbackPlan plan, String by, Surroundings surroundings) {
        this.plan = plan;
        this.by = by;
        this.surroundings = surroundings;
        this.journalLane = new Lane(surroundings.pool(), surroundings.ticker(), true);
        this.beganAt = surroundings.ticker().getAsLong();
    }

    /** Returns how the ids of the drills of a plan's component begin. */
    static String prefix(RollbackPlan plan) {
        return "drill:" + plan.stable().component() + ":";
    }

    /** Returns when a drill ended, if it was of these steps; null where it was not, or has not ended. */
    static @Nullable Instant end(List<Journal.Entry> drill, String stepsHash) {
        boolean isOfThese = drill.stream()
                .map(Journal.Entry::event)
                .anyMatch(event -> event.type().equals(BEGAN)
                        && stepsHash.equals(event.data().get("stepsHash")));
        return drill.stream()
                .map(Journal.Entry::event)
                .filter(event -> isOfThese && event.type().equals(ENDED))
                .map(Journal.Event::at)
                .findFirst()
                .orElse(null);
    }

    /** Returns what failed in a drill; empty where it passed. */
    static String failure(List<Journal.Entry> drill) {
        for (Journal.Entry entry : drill) {
            Map<String, String> data = entry.event().data();
            if (entry.event().type().equals(ENDED) && !Boolean.parseBoolean(data.get("passed"))) {
                List<String> failed = new ArrayList<>();
                data.forEach((name, value) -> {
                    if (name.startsWith("items.") && value.startsWith(Preflight.Outcome.FAILED.toString())) {
                        failed.add(name.substring("items.".length()));
                    }
                });
                return failed.isEmpty() ? "it did not pass" : String.join(", ", failed);
            }
        }
        return "";
    }

    CompletableFuture<Preflight> start() {
        journalLane.add(JOURNAL_DEADLINE, this::open, (id, thrown) -> {
            if (id == null) {
                rehearse(prefix(plan) + "unwritten", thrown == null ? new RollbackException("no id") : thrown);
            } else {
                rehearse(id, null);
            }
        });
        journalLane.pump();
        return result;
    }

    /** Writes that the drill begins under the next id that nobody has. */
    private String open() {
        Journal journal = surroundings.journal();
        String pair = prefix(plan) + plan.stable().identity() + ".."
                + plan.candidate().identity() + "#";
        RolloutEvent began = new RolloutEvent.DrillBegan(
                plan.stable().toString(), plan.candidate().toString(), plan.stepsHash(), by);
        for (int i = 1; i <= MOST_DRILLS; i++) {
            String id = pair + i;
            if (journal.read(id).isEmpty()) {
                try {
                    journal.append(id, 0, 0, entry(began));
                    return id;
                } catch (Journal.ConflictException taken) {
                    // Another process drills too.
                }
            }
        }
        throw new RollbackException("there are " + MOST_DRILLS + " drills of " + pair + " already");
    }

    private Journal.Event entry(RolloutEvent event) {
        Duration elapsed = Duration.ofNanos(Math.max(0, surroundings.ticker().getAsLong() - beganAt));
        return Journal.Event.of(event.type(), surroundings.clock().instant(), elapsed, event.data());
    }

    private void rehearse(String id, @Nullable Throwable notWritten) {
        PreflightCheck looks = PreflightCheck.ofDrill(plan, id, surroundings);
        check = looks;
        looks.run(List.of(), found -> {
            if (notWritten == null) {
                write(id, found);
            } else {
                result.complete(withoutJournal(found, notWritten));
            }
        });
        looks.forEachLane(Lane::pump);
    }

    private void write(String id, Preflight found) {
        RolloutEvent ended = new RolloutEvent.DrillEnded(found.passed(), found.data());
        journalLane.add(
                JOURNAL_DEADLINE,
                () -> surroundings.journal().append(id, 1, 0, entry(ended)),
                (sequence, thrown) -> result.complete(thrown == null ? found : withoutJournal(found, thrown)));
        journalLane.pump();
    }

    private static Preflight withoutJournal(Preflight found, Throwable why) {
        List<Preflight.Item> items = new ArrayList<>(found.items());
        items.add(new Preflight.Item(
                "journal",
                Preflight.Outcome.FAILED,
                "it did not take the drill, which no preflight will find: " + Lifecycle.message(why)));
        return new Preflight(items);
    }

    /** Gives up what is late. */
    void tick() {
        forEachLane(Lane::checkDeadline);
        forEachLane(Lane::pump);
    }

    private void forEachLane(Consumer<Lane> action) {
        action.accept(journalLane);
        PreflightCheck looks = check;
        if (looks != null) {
            looks.forEachLane(action);
        }
    }

    /** Ends it without a result. */
    void cancel() {
        result.completeExceptionally(new RollbackException("the rollouts are closed"));
    }
}
