package io.github.rollback4j.rollout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A rollout as its journal knows it, for those who take no part in it: a command line, a pipeline, an operator's console. It tells where
 * the rollout stands, and asks whoever leads it for something; it never decides or exposes anything itself. For one thread at a time.
 */
public final class RemoteRollout {

    /** What may be asked for. */
    private static final Set<String> ASKABLE = Set.of(
            "pause",
            "pause-and-stop-traffic",
            "resume",
            "promote",
            "roll-back",
            "approve",
            "dismiss",
            "raise",
            "acknowledge",
            "try-again",
            "override",
            "approve-message",
            "acknowledge-message",
            History.ALL_TO_STABLE,
            History.READMIT);

    private static final int MOST_TRIES = 20;
    private static final int LONGEST_TEXT = 2000;

    private final Journal journal;
    private final String id;
    private final InstantSource clock;
    private final History history = new History();
    private final Map<Long, String> answers = new TreeMap<>();

    private RemoteRollout(Journal journal, String id, InstantSource clock) {
        this.journal = journal;
        this.id = id;
        this.clock = clock;
    }

    /**
     * Reads a rollout.
     *
     * @param journal durable, or shared in some other way with those who take part
     * @param id the rollout's id
     * @throws RollbackException if the journal does not know it, or cannot be read
     */
    public static RemoteRollout read(Journal journal, String id) {
        RemoteRollout remote = new RemoteRollout(journal, id, InstantSource.system());
        remote.refresh();
        if (remote.history.isEmpty()) {
            throw new RollbackException("rollout '" + id + "' is not in the journal");
        }
        return remote;
    }

    /** Returns the rollout's id. */
    public String id() {
        return id;
    }

    /** Reads what has happened since the last time, and returns it. */
    public List<Journal.Entry> refresh() {
        List<Journal.Entry> entries = journal.readAfter(id, history.sequence);
        for (Journal.Entry entry : entries) {
            history.take(entry);
            if (RolloutEvent.of(entry.event()) instanceof RolloutEvent.Answered answered) {
                answers.put(answered.request(), answered.outcome());
            }
        }
        return entries;
    }

    /** Returns the state. */
    public RolloutState state() {
        return history.state;
    }

    /** Returns why it was rolled back, or why that is recommended; empty where it is neither. */
    public String decision() {
        return history.decision;
    }

    /** Returns why people are needed, and what they can do; empty while they are not. */
    public String needsHuman() {
        return history.needsHuman;
    }

    /** Says whether somebody has sent all calls to stable, from outside and until they are admitted again. */
    public boolean isAllToStable() {
        return history.isAllToStable;
    }

    /** Returns the plan by part, as it was when the rollout was planned. */
    public Map<String, String> plan() {
        return Map.copyOf(history.plan);
    }

    /** Returns all that the journal has, in order. */
    public List<Journal.Entry> entries() {
        return List.copyOf(history.entries);
    }

    /**
     * Asks for something. Whoever leads does it, or says why not; {@code all-to-stable} holds in each instance as soon as that
     * reads it, whoever leads.
     *
     * @param what {@code pause}, {@code pause-and-stop-traffic}, {@code resume}, {@code promote}, {@code roll-back}, {@code approve},
     *     {@code dismiss}, {@code raise}, {@code acknowledge}, {@code try-again}, {@code override}, {@code approve-message}, {@code
     *     acknowledge-message}, {@code all-to-stable} or {@code readmit}
     * @param subject the signal, the step, the gate or the message; empty where there is none
     * @param by who asks
     * @param reason why; contains no secret
     * @return the number of the request, for {@link #answer}
     * @throws IllegalArgumentException if that cannot be asked for, or nobody is named
     * @throws RollbackException if the journal did not take it
     */
    public long ask(String what, String subject, String by, String reason) {
        if (!ASKABLE.contains(what)) {
            throw new IllegalArgumentException("'" + what + "' cannot be asked for: "
                    + ASKABLE.stream().sorted().toList() + " can");
        }
        if (by.isBlank() || by.length() > LONGEST_TEXT || reason.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "who asks for " + what + " and why is not allowed: a name that is not blank, and up to "
                            + LONGEST_TEXT + " characters each, are");
        }
        RolloutEvent request = new RolloutEvent.Requested(what, subject, by, reason, Double.NaN);
        Journal.Event event = Journal.Event.of(request.type(), clock.instant(), history.elapsed, request.data());
        for (int i = 1; ; i++) {
            try {
                long sequence = journal.append(id, history.sequence, history.fencingToken, event);
                refresh();
                return sequence;
            } catch (Journal.ConflictException somebodyWrote) {
                if (i == MOST_TRIES) {
                    throw new RollbackException(
                            what + " could not be asked for, others always wrote first: try again", somebodyWrote);
                }
                refresh();
            }
        }
    }

    /** Returns what came of a request: {@code done}, or why not; null as long as nobody has answered. */
    public @Nullable String answer(long request) {
        return answers.get(request);
    }

    /** Returns the numbers of the requests that nobody has answered. */
    public List<Long> unanswered() {
        return new ArrayList<>(history.requests.keySet());
    }

    /** Returns the time since the rollout began, by the journal. */
    public Duration elapsed() {
        return history.elapsed;
    }
}
