package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds a candidate that brings the process down: one during whose exposure the process was started again and again without having been
 * stopped in order. By the wall clock: between two processes there is no other.
 *
 * @param starts how many unclean starts are one too many
 * @param within the time in which they count
 * @param isOn whether starts are counted by the journal: not where several instances write into one, which does not tell them apart
 */
record BootLoopGuard(int starts, Duration within, boolean isOn) {

    private static final int MOST_STARTS = 100;
    /** Larger than the time between two words of an instance that lives. */
    private static final Duration FALLEN = Duration.ofSeconds(4);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(1);

    static final BootLoopGuard DEFAULT = new BootLoopGuard(3, Duration.ofMinutes(10), true);

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if a value is outside its range
     */
    BootLoopGuard {
        if (starts < 1 || starts > MOST_STARTS || within.compareTo(SHORTEST) < 0 || within.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("bootLoopGuard of " + starts + " starts within " + within
                    + " is not allowed: 1 to " + MOST_STARTS + " starts within 1 s to 24 h are");
        }
    }

    BootLoopGuard on(boolean value) {
        return new BootLoopGuard(starts, within, value);
    }

    /**
     * Returns why the candidate is taken for what brings the process down, or null where it is not.
     *
     * @param history up to this start
     * @param now the time of this start
     */
    @Nullable
    String loop(History history, Instant now) {
        if (!isOn || !history.isEndedUncleanly()) {
            return null;
        }
        Instant from = now.minus(within);
        long before = history.uncleanStarts.stream()
                .filter(start -> !start.isBefore(from))
                .count();
        return before + 1 < starts ? null : why(before + 1, "the process");
    }

    /**
     * Returns why the candidate is taken for what brings processes down, or null where it is not: since so many were started in one
     * place within the time that fell silent and never said that they leave.
     *
     * @param members all that ever joined the rollout
     */
    @Nullable
    String loop(List<Fleet.Member> members) {
        Map<String, Integer> fallen = new HashMap<>();
        for (Fleet.Member member : members) {
            boolean isFallen = !member.hasLeft()
                    && member.silentFor().compareTo(FALLEN) >= 0
                    && member.joinedAgo().compareTo(within) < 0;
            if (isFallen && fallen.merge(member.host(), 1, Integer::sum) >= starts) {
                return why(starts, "the process on " + member.host());
            }
        }
        return null;
    }

    private String why(long times, String what) {
        return String.format(
                Locale.ROOT,
                "%s was started %d times within %s without having been stopped in order, while the candidate"
                        + " served: it may be what brings it down",
                what,
                times,
                within);
    }
}
