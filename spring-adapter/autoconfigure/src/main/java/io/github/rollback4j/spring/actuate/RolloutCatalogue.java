package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.RemoteRollout;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.NamedRollouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rollouts that are live in this process, and those that only the journal knows. Thread-safe. What asks the journal takes
 * as long as that does, and throws {@link RollbackException} where it cannot be read.
 */
final class RolloutCatalogue {

    /** Of those that only the journal knows: the latest. */
    static final int MOST_RECORDED = 100;

    /** What looked at the journal a moment ago is not asked again, however many people watch. */
    private static final long FRESH_NANOS = 1_000_000_000L;

    private static final long LONGEST_WAIT_SECONDS = 5;

    /** Journals that are none of a rollout: of drills, and of what a release did while it was stable. */
    private static final List<String> OTHERS = List.of("drill:", "serving:");

    /**
     * What the journal says of a rollout at one time.
     *
     * @param entries none where only the state was asked for
     */
    record Recorded(
            String id,
            RolloutState state,
            String decision,
            String needsHuman,
            boolean allToStable,
            Map<String, String> plan,
            double share,
            Duration elapsed,
            List<Journal.Entry> entries) {}

    private final Rollouts rollouts;
    private final NamedRollouts named;
    private final ReentrantLock reading = new ReentrantLock();
    private final Map<String, RemoteRollout> open = new HashMap<>();
    private final Map<String, Recorded> finished = new HashMap<>();
    private List<Recorded> last = List.of();
    private long lastNanos = System.nanoTime() - FRESH_NANOS;

    RolloutCatalogue(Rollouts rollouts, NamedRollouts named) {
        this.rollouts = rollouts;
        this.named = named;
    }

    Rollouts rollouts() {
        return rollouts;
    }

    /** Returns those of this process. Asks nobody. */
    List<Rollout> live() {
        return rollouts.all();
    }

    /** Returns one of this process, by its id or by its name in the configuration. Asks nobody. */
    @Nullable
    Rollout live(String idOrName) {
        for (Rollout rollout : rollouts.all()) {
            if (rollout.id().equals(idOrName)) {
                return rollout;
            }
        }
        Rollout configured = named.names().contains(idOrName) ? named.find(idOrName) : null;
        return configured == null
                ? null
                : rollouts.all().stream()
                        .filter(rollout -> isAttemptOfTheSame(rollout, configured))
                        .findFirst()
                        .orElse(configured);
    }

    /** Returns the name of a rollout in the configuration, or null where it has none. */
    @Nullable
    String name(Rollout rollout) {
        for (String name : named.names()) {
            Rollout configured = named.find(name);
            if (configured != null && isAttemptOfTheSame(rollout, configured)) {
                return name;
            }
        }
        return null;
    }

    /** Says whether both bring the same release: what was rolled back may have been tried again. */
    private static boolean isAttemptOfTheSame(Rollout one, Rollout other) {
        return pair(one.id()).equals(pair(other.id()));
    }

    private static String pair(String id) {
        return id.substring(0, id.lastIndexOf('#') + 1);
    }

    /** Returns what only the journal knows, the latest first, without entries. */
    List<Recorded> recorded() {
        if (!acquire()) {
            throw new RollbackException("the journal is read for somebody else, and takes long: try again");
        }
        try {
            if (System.nanoTime() - lastNanos >= FRESH_NANOS) {
                last = read();
                lastNanos = System.nanoTime();
            }
            return last;
        } finally {
            reading.unlock();
        }
    }

    private boolean acquire() {
        try {
            return reading.tryLock(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private List<Recorded> read() {
        Set<String> here = rollouts.all().stream().map(Rollout::id).collect(Collectors.toCollection(TreeSet::new));
        List<String> ids = new ArrayList<>(rollouts.journal().rolloutIds());
        ids.removeIf(id -> here.contains(id) || OTHERS.stream().anyMatch(id::startsWith));
        Collections.reverse(ids);
        List<Recorded> found = new ArrayList<>();
        for (String id : ids.subList(0, Math.min(ids.size(), MOST_RECORDED))) {
            Recorded known = finished.get(id);
            if (known == null) {
                RemoteRollout remote = open.get(id);
                if (remote == null) {
                    remote = RemoteRollout.read(rollouts.journal(), id);
                    open.put(id, remote);
                } else {
                    remote.refresh();
                }
                known = recorded(remote, false);
                if (isFinished(known.state)) {
                    open.remove(id);
                    finished.put(id, known);
                }
            }
            found.add(known);
        }
        open.keySet().retainAll(ids);
        finished.keySet().retainAll(ids);
        return List.copyOf(found);
    }

    private static boolean isFinished(RolloutState state) {
        return state.phase() == Phase.ROLLED_BACK || (state.phase() == Phase.PROMOTED && !state.windowOpen());
    }

    /** Returns what the journal says of one rollout, with all entries; null where it does not know it. */
    @Nullable
    Recorded recorded(String id) {
        return rollouts.journal().readAfter(id, 0).isEmpty()
                ? null
                : recorded(RemoteRollout.read(rollouts.journal(), id), true);
    }

    private static Recorded recorded(RemoteRollout remote, boolean withEntries) {
        List<Journal.Entry> entries = remote.entries();
        return new Recorded(
                remote.id(),
                remote.state(),
                remote.decision(),
                remote.needsHuman(),
                remote.isAllToStable(),
                remote.plan(),
                remote.isAllToStable() ? 0 : share(remote.state(), entries),
                remote.elapsed(),
                withEntries ? entries : List.of());
    }

    private static double share(RolloutState state, List<Journal.Entry> entries) {
        if (state.phase() == Phase.PROMOTED) {
            return 1;
        }
        if (state.trafficStopped() || (state.phase() != Phase.RUNNING && state.phase() != Phase.PAUSED)) {
            return 0;
        }
        double share = 0;
        for (Journal.Entry entry : entries) {
            if (entry.event().type().equals("exposed")) {
                try {
                    share = Double.parseDouble(entry.event().data().getOrDefault("share", ""));
                } catch (NumberFormatException odd) {
                    share = Double.NaN;
                }
            }
        }
        return share;
    }
}
