package io.github.rollback4j.campaign;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.RemoteRollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One rollout: processes are started, killed and started again until it is back on stable, then the journal and what its steps act on
 * are compared. A person is at hand, who looks at the target before they say how it goes on.
 */
final class Trial implements AutoCloseable {

    /** Within this time what one instance decided holds in the others: poll, tick, and a store on a busy machine. */
    private static final long FLEET_MILLIS = 2_000;

    private static final long CLOCK_MILLIS = 2;
    private static final long STUCK_MILLIS = 60_000;
    private static final long BOUNDARY_MILLIS = 15_000;
    private static final long PERSON_MILLIS = 2_500;
    private static final long PERSON_AGAIN_MILLIS = 4_000;
    private static final long POLL_NANOS = 5_000_000;
    private static final int MOST_TOKENS = 40;

    /** Where it hurts most. */
    private static final List<String> TYPES = List.of(
            "exposed",
            "led",
            "decided",
            "step-intended",
            "step-intended",
            "step-done",
            "step-done",
            "step-looked-up",
            "needs-human",
            "rolled-back");

    private final Place place;
    private final Variant variant;
    private final String component;
    private final String fault;
    private final Path log;
    private final SplittableRandom random;
    private final Target target;
    private final Deque<KillPoint> points = new ArrayDeque<>();
    private final List<VictimProcess> all = new ArrayList<>();
    private final List<VictimProcess> alive = new ArrayList<>();
    private final Map<String, Integer> boundaries = new TreeMap<>();
    private final List<String> findings = new ArrayList<>();
    private int kills;
    private int atBoundaries;
    private int pauses;
    private int serverKills;
    private int cuts;
    private int fills;
    private int humans;
    private boolean isCalled;
    private long calledAt;
    private long askedAt;
    private boolean isServerDown;

    Trial(Place place, Variant variant, String component, long seed, String fault, Path log) throws IOException {
        this.place = place;
        this.variant = variant;
        this.component = component;
        this.fault = fault;
        this.log = log;
        this.random = new SplittableRandom(seed);
        this.target = new Target(seed, variant == Variant.CUT ? 4 : 0);
    }

    /** Kills at these points, one process after the other, instead of at random ones. */
    Trial at(KillPoint... chosen) {
        points.addAll(List.of(chosen));
        return this;
    }

    /** Returns how often a process was killed at each boundary, or paused there. */
    Map<String, Integer> boundaries() {
        return Map.copyOf(boundaries);
    }

    /** Returns what is wrong, for people. */
    List<String> findings() {
        return List.copyOf(findings);
    }

    // ---- Processes.

    private VictimProcess start(KillPoint point) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "component=" + component,
                "access=" + place.access().written(),
                "target=" + target.uri(),
                "kill=" + point.written()));
        if (!fault.isEmpty()) {
            options.add("fault=" + fault);
        }
        if (variant == Variant.CLOCK) {
            options.add("jumps=yes");
        }
        VictimProcess started = VictimProcess.start(log, options);
        all.add(started);
        alive.add(started);
        return started;
    }

    private void kill(VictimProcess victim) {
        if (!victim.boundary().isEmpty()) {
            atBoundaries++;
            boundaries.merge(victim.boundary(), 1, Integer::sum);
        }
        victim.kill();
        kills++;
        alive.remove(victim);
    }

    private KillPoint draw() {
        if (!points.isEmpty()) {
            return points.removeFirst();
        }
        int kind = random.nextInt(10);
        if (kind < 2) {
            return KillPoint.NONE;
        }
        if (kind < 6) {
            return KillPoint.at(random.nextBoolean(), 1 + random.nextInt(7));
        }
        String type = TYPES.get(random.nextInt(TYPES.size()));
        String step = type.startsWith("step-") ? Victim.STEPS.get(random.nextInt(Victim.STEPS.size())) : "";
        return random.nextBoolean() ? KillPoint.before(type, step) : KillPoint.after(type, step);
    }

    private boolean isFinal() {
        return alive.stream().anyMatch(VictimProcess::isOver);
    }

    /** Waits, being a person at hand, until something is so; says whether it is. */
    private boolean await(long millis, BooleanSupplier isSo) {
        long end = System.currentTimeMillis() + millis;
        while (!isSo.getAsBoolean()) {
            if (System.currentTimeMillis() > end) {
                return false;
            }
            help();
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    private void pass(int fromMillis, int toMillis) {
        await(fromMillis + random.nextInt(toMillis - fromMillis), this::isFinal);
    }

    // ---- The course.

    Count run() throws IOException, SQLException {
        boolean isDrawn = points.isEmpty();
        int planned = isDrawn ? 3 + random.nextInt(5) : points.size();
        if (variant == Variant.PAUSED) {
            pauseLeaders();
        } else if (variant.instances() == 1) {
            killOneAfterTheOther(planned, isDrawn ? BOUNDARY_MILLIS : STUCK_MILLIS);
        } else {
            killAnyOf(planned);
        }
        boolean isStuck = !end();
        if (isStuck) {
            alive.forEach(victim -> victim.tellThreads(log));
        }
        stop();
        if (!isStuck && !isJournalledToTheEnd()) {
            // The last process was ended before the journal had its last words: the next one goes on.
            start(KillPoint.NONE);
            isStuck = !end();
            stop();
        }
        return judge(isStuck);
    }

    private void stop() {
        List.copyOf(alive).forEach(VictimProcess::kill);
        alive.clear();
    }

    private boolean isJournalledToTheEnd() {
        try (JdbcStore store = place.access().store()) {
            return RemoteRollout.read(store, Victim.rolloutId(component))
                            .state()
                            .phase()
                    == Phase.ROLLED_BACK;
        }
    }

    private void killOneAfterTheOther(int planned, long boundaryMillis) throws IOException, SQLException {
        for (int kill = 0; kill < planned; kill++) {
            KillPoint point = draw();
            VictimProcess victim = start(point);
            disturb(victim);
            if (point.equals(KillPoint.NONE)) {
                await(BOUNDARY_MILLIS, () -> victim.isReady() || !victim.isAlive());
                pass(1, 1_200);
            } else {
                // A process says what it is before its journal does: it may be final, and stand at the boundary before
                // that.
                await(boundaryMillis, () -> !victim.boundary().isEmpty() || isFinal());
            }
            if (victim.boundary().isEmpty() && isFinal()) {
                return;
            }
            kill(victim);
            if (variant == Variant.NEWER) {
                writeNewer();
            }
        }
        start(KillPoint.NONE);
    }

    private void disturb(VictimProcess victim) throws SQLException, IOException {
        if (!(variant.needsServer() || variant == Variant.DISK) || random.nextInt(3) == 0) {
            return;
        }
        await(BOUNDARY_MILLIS, victim::isReady);
        pass(1, 1_500);
        if (isFinal()) {
            return;
        }
        if (variant == Variant.CUT) {
            place.cutConnections();
            cuts++;
            return;
        }
        isServerDown = true;
        if (variant == Variant.DISK) {
            place.fillDisk();
            fills++;
            pass(100, 4_000);
            place.emptyDisk();
            isServerDown = false;
            return;
        }
        place.killServer();
        serverKills++;
        pass(100, 1_500);
        place.restartServer();
        isServerDown = false;
    }

    private void killAnyOf(int planned) throws IOException {
        for (int number = 0; number < variant.instances(); number++) {
            start(random.nextInt(3) == 0 ? draw() : KillPoint.NONE);
        }
        for (int kill = 0; kill < planned && !isFinal(); kill++) {
            await(BOUNDARY_MILLIS, () -> isFinal() || alive.stream().anyMatch(VictimProcess::isReady));
            await(
                    1 + random.nextInt(1_500),
                    () -> isFinal()
                            || alive.stream().anyMatch(of -> !of.boundary().isEmpty()));
            if (isFinal()) {
                return;
            }
            List<VictimProcess> standing =
                    alive.stream().filter(of -> !of.boundary().isEmpty()).toList();
            List<VictimProcess> ready =
                    alive.stream().filter(VictimProcess::isReady).toList();
            List<VictimProcess> toChooseFrom = ready.isEmpty() ? List.copyOf(alive) : ready;
            kill(standing.isEmpty() ? toChooseFrom.get(random.nextInt(toChooseFrom.size())) : standing.get(0));
            start(random.nextInt(3) == 0 ? draw() : KillPoint.NONE);
        }
    }

    private void pauseLeaders() throws IOException {
        start(draw());
        start(random.nextBoolean() ? draw() : KillPoint.NONE);
        for (int pause = 0; pause < 3 && !isFinal(); pause++) {
            await(BOUNDARY_MILLIS, () -> isFinal() || alive.stream().anyMatch(of -> of.ledAt() > 0));
            await(
                    1 + random.nextInt(2_000),
                    () -> isFinal()
                            || alive.stream().anyMatch(of -> !of.boundary().isEmpty()));
            VictimProcess leader = alive.stream()
                    .max(Comparator.comparingInt(
                                    (VictimProcess of) -> of.boundary().isEmpty() ? 0 : 1)
                            .thenComparingLong(VictimProcess::ledAt))
                    .orElseThrow();
            if (!leader.boundary().isEmpty()) {
                boundaries.merge(leader.boundary(), 1, Integer::sum);
            }
            leader.pause();
            pauses++;
            pass(3_200, 8_000);
            leader.wake();
            pass(1, 1_000);
            if (!isFinal() && random.nextInt(3) == 0) {
                kill(alive.get(random.nextInt(alive.size())));
                start(draw());
            }
        }
    }

    /** Waits for the end; says whether it came, or people were called and did not help in time. */
    private boolean end() throws IOException {
        for (VictimProcess victim : alive) {
            victim.wake();
        }
        boolean isOver =
                await(STUCK_MILLIS, () -> !alive.isEmpty() && alive.stream().allMatch(VictimProcess::isOver));
        while (!isOver && System.currentTimeMillis() - askedAt < STUCK_MILLIS / 2) {
            isOver = await(STUCK_MILLIS, () -> alive.stream().allMatch(VictimProcess::isOver));
        }
        return isOver;
    }

    /** Appends what only a newer version of the library knows. */
    private void writeNewer() {
        try (JdbcStore store = place.access().store()) {
            append(
                    store,
                    new Journal.Event("teleported", 7, Instant.now(), Duration.ZERO, new TreeMap<>(Map.of("to", "x"))));
            append(store, new Journal.Event("rolled-back", 99, Instant.now(), Duration.ZERO, new TreeMap<>()));
        }
    }

    private void append(JdbcStore store, Journal.Event event) {
        String id = Victim.rolloutId(component);
        List<Journal.Entry> entries = store.read(id);
        if (entries.isEmpty()) {
            return;
        }
        Journal.Entry last = entries.get(entries.size() - 1);
        for (int more = 0; more < MOST_TOKENS; more++) {
            try {
                store.append(id, last.sequence(), last.fencingToken() + more, event);
                return;
            } catch (Journal.ConflictException newerLease) {
                // A lease was given of which nothing is written yet.
            }
        }
        findings.add(component + ": an event of a newer version could not be appended");
    }

    // ---- A person.

    private void help() {
        boolean isNeeded = alive.stream().anyMatch(of -> of.phase().equals("NEEDS_HUMAN"));
        long now = System.currentTimeMillis();
        if (!isNeeded) {
            isCalled = false;
            return;
        }
        if (!isCalled) {
            isCalled = true;
            calledAt = now;
            humans++;
        }
        if (isServerDown || now - calledAt < PERSON_MILLIS || now - askedAt < PERSON_AGAIN_MILLIS) {
            return;
        }
        askedAt = now;
        try (JdbcStore store = place.access().store()) {
            RemoteRollout remote = RemoteRollout.read(store, Victim.rolloutId(component));
            if (remote.state().phase() != Phase.NEEDS_HUMAN) {
                return;
            }
            boolean isToBeTried = false;
            for (String step : Victim.STEPS) {
                if (remote.needsHuman().contains("step " + step + " ")) {
                    if (effects(step) > 0) {
                        remote.ask("acknowledge", step, "a person", "the target has it");
                    } else {
                        isToBeTried = true;
                    }
                }
            }
            if (isToBeTried) {
                remote.ask("try-again", "", "a person", "the target does not have it");
            }
        } catch (RollbackException | SQLException away) {
            // They try again in a moment.
        }
    }

    private int effects(String step) throws SQLException {
        String key = Victim.key(component, step);
        return step.equals(Victim.ROW) ? RowWay.changes(place.access().rows(), key) : target.sends(step, key);
    }

    // ---- The verdict.

    private Count judge(boolean isStuck) throws SQLException {
        List<Journal.Entry> entries;
        try (JdbcStore store = place.access().store()) {
            entries = store.read(Victim.rolloutId(component));
        }
        Set<String> done = new HashSet<>();
        for (Journal.Entry entry : entries) {
            if (entry.event().type().equals("step-done")) {
                done.add(entry.event().data().getOrDefault("step", ""));
            }
        }
        int lost = 0;
        int twice = 0;
        int sends = 0;
        int recognised = 0;
        for (String step : Victim.STEPS) {
            int effects = effects(step);
            sends += step.equals(Victim.ROW) ? 0 : effects;
            if (!isStuck && (effects == 0 || !done.contains(step))) {
                lost++;
                findings.add(component + ": step " + step + " has " + effects + " effects, journalled done "
                        + done.contains(step));
            }
            if (step.equals(Victim.WEBHOOK)) {
                recognised += Math.max(0, effects - 1);
            } else if (effects > 1) {
                twice += effects - 1;
                findings.add(
                        component + ": step " + step + " was done " + effects + " times; the target had said not-done "
                                + target.isSaidNotDone(step, Victim.key(component, step)));
            }
        }
        int exposed = exposed();
        if (exposed > 0) {
            findings.add(component + ": " + exposed + " calls were served by the candidate after the decision");
        }
        if (isStuck) {
            findings.add(component + ": stuck, phases "
                    + all.stream().map(VictimProcess::phase).toList());
        }
        if (!findings.isEmpty()) {
            entries.forEach(entry -> findings.add("  " + entry.sequence() + " " + entry.fencingToken() + " "
                    + entry.event().type() + " " + entry.event().at() + " "
                    + entry.event().data()));
        }
        return new Count(
                1,
                kills,
                atBoundaries,
                pauses,
                serverKills,
                cuts,
                fills,
                all.size(),
                sends,
                recognised,
                humans,
                lost,
                twice,
                exposed,
                isStuck ? 1 : 0);
    }

    private int exposed() {
        long decidedAt = all.stream()
                .mapToLong(VictimProcess::decidedAt)
                .filter(at -> at > 0)
                .min()
                .orElseGet(() -> all.stream()
                        .mapToLong(VictimProcess::rollingBackAt)
                        .filter(at -> at > 0)
                        .min()
                        .orElse(Long.MAX_VALUE));
        if (decidedAt == Long.MAX_VALUE) {
            return 0;
        }
        int exposed = 0;
        for (VictimProcess victim : all) {
            long until = decidedAt;
            if (victim.startedAt() < decidedAt && victim.decidedAt() == 0) {
                until = Math.max(decidedAt, victim.wokenAt()) + FLEET_MILLIS;
            }
            for (long began : victim.candidateCalls()) {
                if (began > until + CLOCK_MILLIS) {
                    exposed++;
                    findings.add(component + ": process " + all.indexOf(victim) + ", started at "
                            + Instant.ofEpochMilli(victim.startedAt())
                            + ", served a call by the candidate that began at "
                            + Instant.ofEpochMilli(began) + ", after the decision was journalled at "
                            + Instant.ofEpochMilli(decidedAt) + (victim.decidedAt() > 0 ? " by it" : " by another"));
                }
            }
        }
        return exposed;
    }

    @Override
    public void close() {
        all.forEach(VictimProcess::kill);
        target.close();
    }
}
