package io.github.rollback4j.campaign;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.WaysBack;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * The process that is killed: an instance of a service under a rollout, which routes calls all the time, and takes the candidate back
 * as soon as that has been served for a moment, or goes on with what a process before it began.
 *
 * <p>It says line by line what happens: {@code ready}, {@code candidate} with the time at which a call began that the candidate
 * serves, {@code decided} and {@code led} when that is journalled, {@code phase}, {@code boundary} where it waits to be killed, {@code
 * over}.
 */
final class Victim {

    static final String WEBHOOK = "webhook";
    static final String LOOKED_UP = "looked-up";
    static final String ROW = "row";
    static final String PLAIN = "plain";
    static final List<String> STEPS = List.of(WEBHOOK, LOOKED_UP, ROW, PLAIN);

    /** Short, so that a kill does not cost much time, and long enough to be renewed on a busy machine. */
    private static final Duration LEASE = Duration.ofSeconds(3);

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final long EXPOSED_MILLIS = 150;
    private static final long AGAIN_MILLIS = 2_000;
    private static final long JUMP_MILLIS = 300;
    private static final int MOST_ATTEMPTS = 20;

    private final Map<String, String> options;
    private long phaseSince = System.currentTimeMillis();
    private long askedAt;

    private Victim(Map<String, String> options) {
        this.options = options;
    }

    private String option(String name) {
        return options.getOrDefault(name, "");
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    static Release stable(String component) {
        return Release.of(component, "1");
    }

    static String rolloutId(String component) {
        return component + ":1..2#1";
    }

    /** Returns the key under which a step is sent. */
    static String key(String component, String step) {
        return rolloutId(component) + "/" + step;
    }

    private static Step step(RollbackStrategy way) {
        return Step.of(way).within(DEADLINE).pause(PAUSE).attempts(MOST_ATTEMPTS);
    }

    private RollbackPlan plan(DataSource rows) {
        String component = option("component");
        URI target = URI.create(option("target"));
        HttpClient client = HttpClient.newHttpClient();
        return RollbackPlan.from(stable(component))
                .to(Release.of(component, "2"))
                .strategy(canary(50))
                .watch(errorRate().notAboveStableBy(percentagePoints(1)))
                .thenRun(step(WaysBack.webhook(WEBHOOK, target.resolve("/" + WEBHOOK), () -> "campaign")))
                .thenRun(step(new PostWay(LOOKED_UP, target, true, client)), step(new RowWay(ROW, rows)))
                .thenRun(step(new PostWay(PLAIN, target, false, client)))
                .build();
    }

    private InstantSource clock() {
        if (option("jumps").isEmpty()) {
            return InstantSource.system();
        }
        return () -> {
            long now = System.currentTimeMillis();
            return Instant.ofEpochMilli(now).plus(Duration.ofHours(now / JUMP_MILLIS % 3 - 1));
        };
    }

    private void run() {
        Place.Access access = Place.Access.read(option("access"));
        DataSource rows = access.rows();
        RollbackPlan plan = plan(rows);
        try (JdbcStore store = access.store()) {
            KillPoint point = option("kill").isEmpty() ? KillPoint.NONE : KillPoint.read(option("kill"));
            boolean dropsIntents = option("fault").equals("drop-intents");
            BoundaryJournal journal = new BoundaryJournal(store, point, dropsIntents, Victim::say);
            hear(journal);
            Rollouts rollouts = Rollouts.builder()
                    .journal(journal)
                    .clock(clock())
                    .host("campaign")
                    .tickInterval(Duration.ofMillis(50))
                    .pollInterval(Duration.ofMillis(100))
                    .leaseDuration(LEASE)
                    .bootLoopGuard(100, Duration.ofSeconds(1))
                    .build();
            try (rollouts) {
                serve(rollouts, plan);
            }
        }
        say("over");
    }

    /** Goes on where the parent says so, and ends with the parent, so that nothing is left behind where that is killed. */
    private static void hear(BoundaryJournal journal) {
        Thread thread = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    journal.goOn();
                }
            } catch (IOException closed) {
                // The parent is gone.
            }
            Runtime.getRuntime().halt(1);
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Rollouts rollouts, RollbackPlan plan) {
        Rollout rollout = begin(rollouts, plan);
        say("ready");
        boolean exposesAlways = option("fault").equals("expose");
        Phase phase = null;
        for (long call = 0; phase != Phase.ROLLED_BACK; call++) {
            long began = System.currentTimeMillis();
            String key = "key" + call;
            long ticket = rollout.enter(key);
            if (Ticket.arm(ticket) == Arm.CANDIDATE || exposesAlways) {
                say("candidate " + began);
            }
            rollout.exitAfter(ticket, 1_000_000, Outcome.SUCCESS);
            Phase now = rollout.state().phase();
            if (now != phase) {
                phase = now;
                phaseSince = began;
                say("phase " + now + " " + began);
            }
            act(rollout, phase, began);
            if (phase == Phase.PLANNED && began - phaseSince > AGAIN_MILLIS) {
                phaseSince = began;
                rollout = begin(rollouts, plan);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private void act(Rollout rollout, Phase phase, long now) {
        if (phase == Phase.RUNNING && now - phaseSince > EXPOSED_MILLIS && now - askedAt > AGAIN_MILLIS) {
            askedAt = now;
            try {
                rollout.rollBack("campaign", "it is time");
            } catch (RollbackException somebodyWasFaster) {
                say("refused " + somebodyWasFaster.getMessage());
            }
        }
    }

    private static Rollout begin(Rollouts rollouts, RollbackPlan plan) {
        while (true) {
            try {
                return rollouts.start(plan);
            } catch (RollbackException away) {
                say("refused " + away.getMessage());
                LockSupport.parkNanos(200_000_000);
            }
        }
    }

    public static void main(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments) {
            int is = argument.indexOf('=');
            options.put(argument.substring(0, is), argument.substring(is + 1));
        }
        new Victim(options).run();
    }
}
