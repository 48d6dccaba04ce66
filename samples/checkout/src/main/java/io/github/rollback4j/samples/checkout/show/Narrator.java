package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState;
import io.github.rollback4j.samples.checkout.Course;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Tells on a screen what a rollout does while it goes on. For one thread. */
final class Narrator {

    private static final long BETWEEN_LOOKS_NANOS = 100_000_000;

    private final Screen screen;
    private final Course course;
    private final Supplier<Rollout.Status> look;
    private String told = "";

    /**
     * Creates a narrator.
     *
     * @param look says where the rollout stands
     */
    Narrator(Screen screen, Course course, Supplier<Rollout.Status> look) {
        this.screen = screen;
        this.course = course;
        this.look = look;
    }

    /** Tells what happens until something is so, or the time is over; returns whether it is so. */
    boolean tellUntil(Predicate<Rollout.Status> end, Duration longest) {
        long began = System.nanoTime();
        while (true) {
            Rollout.Status status = look.get();
            tellNews(status);
            boolean ended = end.test(status);
            if (ended || System.nanoTime() - began >= longest.toNanos()) {
                return ended;
            }
            screen.show(Progress.of(course, status));
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
        }
    }

    /** Shows where the rollout stands now, so that it stays on the screen. */
    void tellEnd() {
        screen.showLast(Progress.of(course, look.get()));
    }

    private void tellNews(Rollout.Status status) {
        String news = news(status);
        if (!news.isEmpty() && !news.equals(told)) {
            screen.line(news);
            told = news;
        }
    }

    private String news(Rollout.Status status) {
        RolloutState state = status.state();
        if (state.isWatched() && !status.decision().isEmpty()) {
            return screen.ink().red(waiting());
        }
        return switch (state.phase()) {
            case PLANNED ->
                status.notStarted().isEmpty() ? "" : "  not started: " + String.join("; ", status.notStarted());
            case RUNNING, PAUSED -> step(state);
            case PROMOTED ->
                screen.ink()
                        .green(
                                state.windowOpen()
                                        ? "  promoted: all customers get " + course.candidate()
                                                + "; it can still be taken back"
                                        : "  done: the rollback window is over");
            case ROLLING_BACK, ROLLED_BACK ->
                screen.ink().red("  ROLLED BACK: all customers get " + course.stable() + " again");
            case NEEDS_HUMAN -> screen.ink().red("  NEEDS A HUMAN: " + status.decision());
        };
    }

    private String step(RolloutState state) {
        List<Double> shares = course.shares();
        return "  step " + (state.step() + 1) + " of " + shares.size() + ": "
                + Text.percent(shares.get(state.step()) / 100) + " of the customers get " + course.candidate();
    }

    private String waiting() {
        return course.mode() == Mode.RECOMMEND
                ? "  RECOMMENDED: take " + course.candidate() + " back. It is waiting for rollout.approve(\"you\")"
                : "  OBSERVED: mode ACT would have taken " + course.candidate() + " back now";
    }
}
