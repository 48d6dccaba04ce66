package io.github.rollback4j.journal;

import io.github.rollback4j.RollbackException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps the events on the heap. */
final class InMemoryJournal implements Journal {

    private static final int MOST_EVENTS = 10_000;

    private final Map<String, List<Entry>> rollouts = new LinkedHashMap<>();

    @Override
    public synchronized long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
        List<Entry> entries = rollouts.getOrDefault(rolloutId, List.of());
        long last = entries.size();
        if (expectedSequence != last) {
            throw new ConflictException("rollout " + rolloutId + " has " + last + " events, the writer expected "
                    + expectedSequence + ": somebody else wrote in between");
        }
        if (last > 0 && entries.get(entries.size() - 1).fencingToken() > fencingToken) {
            throw new ConflictException("rollout " + rolloutId + " was written under token "
                    + entries.get(entries.size() - 1).fencingToken() + ", the writer holds the outdated "
                    + fencingToken);
        }
        if (last >= MOST_EVENTS) {
            throw new RollbackException("rollout " + rolloutId + " has reached the in-memory journal's bound of "
                    + MOST_EVENTS + " events");
        }
        rollouts.computeIfAbsent(rolloutId, id -> new ArrayList<>()).add(new Entry(last + 1, fencingToken, event));
        return last + 1;
    }

    @Override
    public synchronized List<Entry> read(String rolloutId) {
        return List.copyOf(rollouts.getOrDefault(rolloutId, List.of()));
    }

    @Override
    public synchronized List<String> rolloutIds() {
        return List.copyOf(rollouts.keySet());
    }

    @Override
    public boolean isDurable() {
        return false;
    }
}
