package io.github.rollback4j.rollout;

import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import io.github.rollback4j.strategy.RollbackStrategy.Found;
import io.github.rollback4j.traffic.Arm;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Kills the process before and after each event that it writes, wherever that is, and starts another on the same journal. Whatever
 * the instant: the candidate is not exposed after a journalled decision, no step is lost, and none is sent twice that its target
 * does not recognise; where nobody can know whether it was sent, a person is asked, and only there.
 */
@Tag("R-2")
@Tag("R-4")
class CrashPointTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final int NEVER = Integer.MAX_VALUE;

    /** What the steps act on: it outlives the processes. */
    private static final class Target {
        final Map<String, Integer> effects = new LinkedHashMap<>();

        boolean has(String key) {
            return effects.containsKey(key);
        }
    }

    private enum Shape {
        /** One step after the other: each kind of way. */
        SERIAL {
            @Override
            RollbackPlan.Builder add(RollbackPlan.Builder plan, Process process) {
                return plan.thenRun(step(process.lookedUp("pipeline")))
                        .thenRun(step(process.plain("command")))
                        .thenRun(step(process.recognising("webhook")))
                        .thenRun(step(process.asked("purge")));
            }
        },
        /** Steps beside each other, ways that fail, gates that ask and wait. */
        PARALLEL {
            @Override
            RollbackPlan.Builder add(RollbackPlan.Builder plan, Process process) {
                return plan.thenRun(
                                step(process.lookedUp("pipeline")).behind(process.waiting("replica")),
                                step(process.asked("purge")),
                                step(process.failing("switch")).orElse(process.recognising("webhook")))
                        .thenRun(
                                step(process.failing("undo"))
                                        .orElse(process.plain("command"))
                                        .behind(Gate.approval("approval", "the owner")),
                                step(process.recognising("flag")))
                        .verifyWithin(Duration.ofSeconds(1));
            }
        };

        abstract RollbackPlan.Builder add(RollbackPlan.Builder plan, Process process);

        static Step step(TestWay way) {
            return Step.of(way).within(DEADLINE).attempts(2);
        }
    }

    /** One process: what it runs on dies with it. */
    private static final class Process {
        private final ByHand hand;
        private final Target target;
        private int appendsLeft;
        private boolean isKilledAfterwards;
        private boolean isDead;

        /**
         * Creates a process.
         *
         * @param boundary at which it dies: before the n-th event where it is 2n, after it where it is 2n + 1
         */
        Process(ByHand hand, Target target, int boundary) {
            this.hand = hand;
            this.target = target;
            this.appendsLeft = boundary / 2;
            this.isKilledAfterwards = boundary % 2 == 1;
        }

        private void die() {
            isDead = true;
            hand.kill();
            throw new IllegalStateException("killed");
        }

        private void requireLife() {
            if (isDead) {
                throw new IllegalStateException("the process is dead");
            }
        }

        private Journal journal() {
            Journal memory = hand.memory;
            return new Journal() {
                @Override
                public long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
                    requireLife();
                    boolean isLast = appendsLeft-- == 0;
                    if (isLast && !isKilledAfterwards) {
                        die();
                    }
                    long sequence = memory.append(rolloutId, expectedSequence, fencingToken, event);
                    if (isLast) {
                        die();
                    }
                    return sequence;
                }

                @Override
                public List<Entry> read(String rolloutId) {
                    requireLife();
                    return memory.read(rolloutId);
                }

                @Override
                public List<String> rolloutIds() {
                    requireLife();
                    return memory.rolloutIds();
                }

                @Override
                public boolean isDurable() {
                    return true;
                }
            };
        }

        private void act(String key) {
            requireLife();
            target.effects.merge(key, 1, Integer::sum);
        }

        /** Neither recognises its key nor can be looked up. */
        TestWay plain(String name) {
            return new TestWay(name, context -> {
                act(context.idempotencyKey());
                return Done.done("done");
            });
        }

        TestWay lookedUp(String name) {
            TestWay way = new TestWay(name, context -> {
                act(context.idempotencyKey());
                context.sent().accept("run 77");
                return Done.done("done");
            });
            return way.lookedUp(context -> {
                requireLife();
                return target.has(context.idempotencyKey()) ? Found.done("found") : Found.notDone("not there");
            });
        }

        /** Acts once for each key, whatever is sent. */
        TestWay recognising(String name) {
            return new TestWay(name, context -> {
                        if (!target.has(context.idempotencyKey())) {
                            act(context.idempotencyKey());
                        }
                        requireLife();
                        return Done.done("done");
                    })
                    .recognisingKeys();
        }

        TestWay asked(String name) {
            return new TestWay(name, context -> {
                        requireLife();
                        return Done.asked("do it");
                    })
                    .recognisingKeys();
        }

        TestWay failing(String name) {
            return new TestWay(name, context -> {
                        requireLife();
                        throw new IOException("closed for repair");
                    })
                    .recognisingKeys();
        }

        Gate waiting(String name) {
            long opensAt = hand.nanos + Duration.ofSeconds(8).toNanos();
            return new Gate() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public String description() {
                    return name;
                }

                @Override
                public Result look(Question question) {
                    requireLife();
                    return question.isRehearsal() || hand.nanos - opensAt >= 0
                            ? Result.open("no lag")
                            : Result.waiting("replica lags");
                }
            };
        }
    }

    private int humans;

    /** Each of a thousand rollouts would be told. */
    @BeforeAll
    static void beQuiet() {
        ((Logger) LoggerFactory.getLogger("io.github.rollback4j")).setLevel(Level.OFF);
    }

    @AfterAll
    static void beHeardAgain() {
        ((Logger) LoggerFactory.getLogger("io.github.rollback4j")).setLevel(null);
    }

    private Set<String> openPlainSteps(ByHand hand) {
        History history = History.of(hand.memory.read(ID));
        Set<String> open = new TreeSet<>();
        for (String step : List.of("command", "undo")) {
            StepHistory known = history.stepBack(step);
            // Once a person has said that it may be tried again, nobody needs to be asked.
            if (known.isOpen && known.way.equals("command") && !known.isRepeatable) {
                open.add(step);
            }
        }
        return open;
    }

    private static boolean isDecided(ByHand hand) {
        return hand.memory.read(ID).stream()
                .map(Journal.Entry::event)
                .anyMatch(event -> event.type().equals("decided"));
    }

    private static void assertNotExposed(Rollout rollout) {
        for (int user = 0; user < 20; user++) {
            assertThat(rollout.route("user-" + user)).isEqualTo(Arm.STABLE);
        }
    }

    /** Runs one process until it dies or everything is back; says whether it lived to the end. */
    private boolean lives(Shape shape, ByHand hand, Target target, int boundary) {
        Process process = new Process(hand, target, boundary);
        Set<String> open = openPlainSteps(hand);
        boolean isDecided = isDecided(hand);
        RollbackPlan plan = shape.add(
                        RollbackPlan.from(ByHand.V1)
                                .to(ByHand.V2)
                                .strategy(canary(50).bake(Duration.ofHours(1)))
                                .failingKeys(64)
                                .watch(Signals.report()),
                        process)
                .build();
        Rollout rollout = hand.builder().journal(process.journal()).build().start(plan);
        boolean isHumanNeeded = false;
        for (int second = 0; second < 60 && !process.isDead; second++) {
            if (isDecided || isDecided(hand)) {
                assertNotExposed(rollout);
            }
            Rollout.Status status = rollout.status();
            switch (rollout.state().phase()) {
                case RUNNING -> {
                    assertThat(isDecided).as("a decision is for good").isFalse();
                    if (status.share() > 0) {
                        rollout.raise("report", "ann", "wrong prices");
                    }
                }
                case ROLLING_BACK -> {
                    if (!status.awaitsAcknowledgement().isEmpty()) {
                        rollout.acknowledge(status.awaitsAcknowledgement(), "bob", "done");
                    }
                }
                case NEEDS_HUMAN -> {
                    isHumanNeeded = true;
                    assertThat(open).as("why people are called").isNotEmpty();
                    assertThat(status.needsHuman()).contains("it is not known whether step", "way command");
                    if (target.has(ID + "/command")) {
                        rollout.acknowledge(open.iterator().next(), "bob", "it was done");
                    } else {
                        rollout.tryAgain("bob");
                    }
                }
                case ROLLED_BACK -> {
                    assertThat(isHumanNeeded)
                            .as("people are called where nobody can know, and only there")
                            .isEqualTo(!open.isEmpty());
                    humans += isHumanNeeded ? 1 : 0;
                    return true;
                }
                default -> {
                    // Goes on by itself.
                }
            }
            hand.pass(Duration.ofSeconds(1));
        }
        assertThat(process.isDead)
                .as("%s after a minute: %s, %s", rollout.state(), rollout.status(), hand.types(ID))
                .isTrue();
        return false;
    }

    private static final Map<Shape, Set<String>> EFFECTS = Map.of(
            Shape.SERIAL, Set.of(ID + "/pipeline", ID + "/command", ID + "/webhook"),
            Shape.PARALLEL, Set.of(ID + "/pipeline", ID + "/webhook", ID + "/command", ID + "/flag"));

    private static final Map<Shape, Set<String>> STEPS = Map.of(
            Shape.SERIAL, Set.of("pipeline", "command", "webhook", "purge"),
            Shape.PARALLEL, Set.of("pipeline", "purge", "switch", "undo", "flag"));

    private void assertAllDoneOnce(Shape shape, ByHand hand, Target target) {
        assertThat(target.effects.keySet()).as("no step is lost").isEqualTo(EFFECTS.get(shape));
        assertThat(target.effects.values()).as("none acts twice").allMatch(times -> times == 1);
        History history = History.of(hand.memory.read(ID));
        assertThat(history.state.phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(STEPS.get(shape)).allMatch(step -> history.stepBack(step).isDone);
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void killedAtEachBoundary_everythingIsDoneOnce(Shape shape) {
        int boundary = 0;
        for (boolean isOver = false; !isOver; boundary++) {
            ByHand hand = new ByHand();
            Target target = new Target();
            isOver = lives(shape, hand, target, boundary);
            if (!isOver) {
                assertThat(lives(shape, hand, target, NEVER)).isTrue();
            }
            assertAllDoneOnce(shape, hand, target);
        }
        assertThat(boundary).as("there were boundaries").isGreaterThan(35);
        assertThat(humans).as("people were needed at some of them").isBetween(1, 4);
    }

    /** A process that is killed while it makes good for one that was. */
    @ParameterizedTest
    @EnumSource(Shape.class)
    void killedTwice_everythingIsDoneOnce(Shape shape) {
        int runs = 0;
        for (int first = 12; first < 60; first += 4) {
            for (int second = 0; second < 40; second += 4) {
                ByHand hand = new ByHand();
                Target target = new Target();
                boolean isOver = lives(shape, hand, target, first)
                        || lives(shape, hand, target, second)
                        || lives(shape, hand, target, NEVER);
                assertThat(isOver).isTrue();
                assertAllDoneOnce(shape, hand, target);
                runs++;
            }
        }
        assertThat(runs).isGreaterThan(100);
    }
}
