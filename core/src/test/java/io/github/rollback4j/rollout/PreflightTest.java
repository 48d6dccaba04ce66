package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.V1;
import static io.github.rollback4j.rollout.ByHand.V2;
import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.reading;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.Preflight.Outcome;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.plan.RollbackPlan.Touched;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreflightTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    private static Check passes(String detail) {
        return () -> Check.Result.pass(detail);
    }

    private static Check fails(String detail) {
        return () -> Check.Result.fail(detail);
    }

    private static Gate gate(Gate.Result rehearsed) {
        return new Gate() {
            @Override
            public String name() {
                return "database";
            }

            @Override
            public String description() {
                return "database";
            }

            @Override
            public Result look(Question question) {
                assertThat(question.isRehearsal()).isTrue();
                return rehearsed;
            }
        };
    }

    private static Notifier notifier(String name, Check check) {
        return new Notifier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return name;
            }

            @Override
            public Check.Result check() throws Exception {
                return check.run();
            }

            @Override
            public void send(Message message) {
                throw new AssertionError("nobody is told anything here");
            }
        };
    }

    private static Communication.Group group(String name, Notifier channel) {
        return Communication.Group.of(name, "the " + name, channel).on(Communication.Occasion.PROMOTED);
    }

    private Preflight of(RollbackPlan.Builder plan) {
        return rollouts.start(plan.build()).preflight();
    }

    private static Preflight.Item item(Preflight preflight, String name) {
        return preflight.items().stream()
                .filter(item -> item.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is none of " + preflight.items()));
    }

    private Preflight.Item item(RollbackPlan.Builder plan, String name) {
        return item(of(plan), name);
    }

    private static Preflight.Item passed(String name, String detail) {
        return new Preflight.Item(name, Outcome.PASSED, detail);
    }

    private static Preflight.Item failed(String name, String detail) {
        return new Preflight.Item(name, Outcome.FAILED, detail);
    }

    @Nested
    class Items {

        @Test
        void items_ofAFullPlan_areInTheOrderInWhichPeopleReadThem() {
            Preflight preflight = of(plan().strategy(canary(5, 50).verify("warm", passes("warm")))
                    .watch(reading("load", () -> 1).notAbove(5))
                    .thenRun(Step.of(TestWay.done("deploy"))
                            .orElse(TestWay.done("undo"))
                            .behind(Gate.approval("approval", "the owner")))
                    .thenRun(TestWay.done("purge"))
                    .beforeStart("previous-release", passes("image is there"))
                    .beforeStart("smoke", passes("200"))
                    .criteria(new RollbackPlan.Criteria("3", "Product Owner", "Head of Sales", "none"))
                    .communication(new Communication(List.of(group("support", notifier("mail", passes("ok"))))))
                    .touches(Touched.Kind.CACHE, "prices", "")
                    .requiredBy("basket")
                    .expectedTraffic(100, .01));
            assertThat(preflight.items())
                    .extracting(Preflight.Item::name)
                    .containsExactly(
                            "way back deploy",
                            "way back undo",
                            "way back purge",
                            "gate approval before deploy",
                            "verification warm",
                            "previous-release",
                            "known-good",
                            "restore-point",
                            "check smoke",
                            "roles",
                            "notifier mail",
                            "meter load",
                            "touches cache prices",
                            "required-by",
                            "detection",
                            "drill");
            assertThat(preflight.passed()).isTrue();
            assertThat(hand.types(ID)).startsWith("planned", "preflighted", "growing", "started");
            assertThat(heard).contains(new RolloutEvent.Preflighted(true, preflight.data()));
        }

        @Test
        void items_ofThePlainestPlan_sayWhatWasNotChecked_andItStarts() {
            Rollout rollout = rollouts.start(plan().build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.preflight().items())
                    .allMatch(item -> item.outcome() == Outcome.NOT_CHECKED)
                    .extracting(Preflight.Item::name)
                    .containsExactly(
                            "previous-release",
                            "known-good",
                            "restore-point",
                            "roles",
                            "touches",
                            "detection",
                            "drill");
        }

        @Test
        void nothingUnchecked_whatWasNotChecked_keepsItFromStarting() {
            Rollout rollout = rollouts.start(plan().nothingUnchecked().build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(rollout.status().notStarted())
                    .hasSize(7)
                    .contains(
                            "detection: not checked, and the plan wants everything checked: the traffic is not stated:"
                                    + " expectedTraffic(calls, failing) does");
        }

        @Test
        @Tag("R-12")
        void severalFail_areAllNamedAtOnce() {
            TestWay deploy = TestWay.done("deploy");
            deploy.check = fails("token has expired");
            TestWay undo = TestWay.done("undo");
            undo.check = () -> {
                throw new IllegalStateException("no route to host");
            };
            TestWay purge = TestWay.done("purge");
            purge.check = () -> null;
            Rollout rollout = rollouts.start(plan().thenRun(
                            Step.of(deploy).orElse(undo).behind(gate(Gate.Result.blocked("column was dropped"))))
                    .thenRun(purge)
                    .watch(reading("load", () -> Double.NaN).notAbove(5))
                    .beforeStart("restore-point", fails("the last backup is 3 days old"))
                    .beforeStart("known-good", fails("nobody knows it"))
                    .communication(new Communication(List.of(group("support", notifier("mail", fails("550"))))))
                    .criteria(new RollbackPlan.Criteria("", "Product Owner", "", ""))
                    .build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(rollout.status().notStarted())
                    .containsExactly(
                            "way back deploy: token has expired",
                            "way back undo: no route to host",
                            "way back purge: it returned nothing",
                            "gate database before deploy: it is blocked: column was dropped",
                            "known-good: nobody knows it",
                            "restore-point: the last backup is 3 days old",
                            "roles: the criteria name no approver",
                            "notifier mail: 550",
                            "meter load: no data: it reads not a number");
            assertThat(heard)
                    .contains(new RolloutEvent.NotStarted(
                            String.join("; ", rollout.status().notStarted())));
        }

        @Test
        @Tag("R-8")
        void gates_areRehearsed() {
            assertThat(item(
                            plan().thenRun(Step.of(TestWay.done("undo"))
                                    .behind(gate(Gate.Result.open("columns only")))),
                            "gate database before undo"))
                    .isEqualTo(passed("gate database before undo", "columns only"));
            rollouts.close();
            rollouts = open();
            assertThat(item(
                            planOf("search")
                                    .thenRun(Step.of(TestWay.done("undo"))
                                            .behind(gate(Gate.Result.waiting("replica lags")))),
                            "gate database before undo"))
                    .isEqualTo(failed("gate database before undo", "it is not open yet: replica lags"));
            assertThat(item(
                            planOf("basket")
                                    .thenRun(Step.of(TestWay.done("undo"))
                                            .behind(gate(Gate.Result.ask("the owner must approve")))),
                            "gate database before undo"))
                    .isEqualTo(passed("gate database before undo", "a person will be asked: the owner must approve"));
        }

        @Test
        void touched_shownOrNot() {
            Preflight preflight = of(plan().touches(Touched.Kind.TOPIC, "orders", "contract test 17")
                    .touches(Touched.Kind.FILE, "invoices", ""));
            assertThat(item(preflight, "touches topic orders"))
                    .isEqualTo(passed("touches topic orders", "contract test 17"));
            assertThat(item(preflight, "touches file invoices").outcome()).isEqualTo(Outcome.NOT_CHECKED);
        }

        @Test
        void roles_groupsAlone_areNamed() {
            assertThat(item(
                            plan().communication(new Communication(
                                    List.of(group("support", notifier("mail", passes("ok")))))),
                            "roles"))
                    .isEqualTo(
                            passed("roles", "whose criteria these are is not stated; told are support (the support)"));
        }

        @Test
        void notifiers_ofSeveralGroups_areLookedAtOnce() {
            int[] looks = {0};
            Notifier mail = notifier("mail", () -> {
                looks[0]++;
                return Check.Result.pass("ok");
            });
            of(plan().communication(new Communication(List.of(group("support", mail), group("owner", mail)))));
            assertThat(looks[0]).isEqualTo(1);
        }

        /** On threads of their own: on one thread what hangs holds everything up. */
        @Test
        @Tag("R-6")
        void hanging_failsAlone_andTheOthersAreLookedAt() throws Exception {
            CountDownLatch never = new CountDownLatch(1);
            CountDownLatch hanging = new CountDownLatch(1);
            TestWay hangs = TestWay.done("hangs");
            hangs.check = () -> {
                hanging.countDown();
                never.await();
                return Check.Result.pass("too late");
            };
            ThreadPoolExecutor pool = (ThreadPoolExecutor) Executors.newCachedThreadPool();
            try (Rollouts threaded = hand.builder().executor(pool).build()) {
                Future<Rollout> start = pool.submit(() -> threaded.start(
                        plan().thenRun(hangs).thenRun(TestWay.done("other")).build()));
                hanging.await();
                while (pool.getActiveCount() > 2) {
                    // Each look begins the next before it ends; what is left is the start and what hangs.
                    Thread.onSpinWait();
                }
                hand.pass(Duration.ofSeconds(31));
                assertThat(start.get().status().notStarted()).containsExactly("way back hangs: no answer within PT30S");
            } finally {
                never.countDown();
                pool.shutdownNow();
            }
        }

        private RollbackPlan.Builder planOf(String component) {
            return RollbackPlan.from(Release.of(component, "1"))
                    .to(Release.of(component, "2"))
                    .watch(errorRate());
        }
    }

    @Nested
    class KnownGood {

        private final Release v0 = Release.of("checkout", "1.4.1");

        private RollbackPlan before() {
            return RollbackPlan.from(v0)
                    .to(V1)
                    .strategy(canary(50).thenPromote().rollbackWindow(Duration.ofMinutes(5)))
                    .watch(errorRate())
                    .build();
        }

        private Preflight.Item knownGood() {
            return item(plan(), "known-good");
        }

        @Test
        void stable_whosePromotionIsFinal_isKnownGood() {
            Rollout rollout = rollouts.start(before());
            rollout.promote("ann");
            hand.pass(Duration.ofMinutes(6));
            assertThat(knownGood())
                    .isEqualTo(passed(
                            "known-good",
                            "rollout checkout:1.4.1..1.4.2#1 promoted it, and its rollback window is over"));
        }

        @Test
        void stable_whoseRollbackWindowIsOpen_isNotChecked() {
            rollouts.start(before()).promote("ann");
            assertThat(knownGood().outcome()).isEqualTo(Outcome.NOT_CHECKED);
        }

        @Test
        void stable_thatWasTakenBack_fails() {
            rollouts.start(before()).rollBack("ann", "wrong prices");
            assertThat(knownGood()).isEqualTo(failed("known-good", "rollout checkout:1.4.1..1.4.2#1 took it back"));
        }

        @Test
        void stable_takenBackAndThenPromoted_countsAsItsLastAttempt() {
            rollouts.start(before()).rollBack("ann", "wrong prices");
            Rollout again = rollouts.retry(before(), "ann", "fixed");
            again.promote("ann");
            hand.pass(Duration.ofMinutes(6));
            assertThat(knownGood().outcome()).isEqualTo(Outcome.PASSED);
        }

        @Test
        void stable_ofAnotherCommitOrComponent_isAnother() {
            rollouts.start(RollbackPlan.from(v0)
                            .to(V1.with(Release.COMMIT, "c0ffee"))
                            .watch(errorRate())
                            .build())
                    .rollBack("ann", "wrong prices");
            rollouts.start(RollbackPlan.from(Release.of("search", "1.4.1"))
                            .to(Release.of("search", "1.4.2"))
                            .watch(errorRate())
                            .build())
                    .rollBack("ann", "wrong prices");
            assertThat(knownGood().outcome()).isEqualTo(Outcome.NOT_CHECKED);
        }

        @Test
        void check_ofThePlan_outranksTheJournal() {
            rollouts.start(before()).rollBack("ann", "wrong prices");
            assertThat(item(plan().beforeStart("known-good", passes("it serves since May")), "known-good"))
                    .isEqualTo(passed("known-good", "it serves since May"));
        }
    }

    @Nested
    class SeenAtAll {

        private Preflight.Item detection(RollbackPlan.Builder plan) {
            return item(plan, "detection");
        }

        @Test
        void manyCalls_areSeen_withTheNumbersInWords() {
            Preflight.Item item = detection(plan().expectedTraffic(1_000, .01));
            assertThat(item.outcome()).isEqualTo(Outcome.PASSED);
            assertThat(item.detail())
                    .matches(
                            "a candidate that fails 5 % of its calls, stable 1 %, yields evidence of 10\\^[0-9.]+ until the"
                                    + " exposure ends, and 10\\^2\\.3 is needed, with a reserve 10\\^3\\.5");
        }

        @Test
        void fewCalls_areNot_andItDoesNotStart() {
            Rollout rollout = rollouts.start(plan().expectedTraffic(.1, .001).build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(rollout.status().notStarted())
                    .singleElement()
                    .satisfies(reason -> assertThat(reason)
                            .startsWith(
                                    "detection: a candidate that fails 0.5 % of its calls, stable 0.1 %, yields evidence of 10^0")
                            .endsWith("; longer steps or larger shares see it"));
        }

        @Test
        void leastCalls_countWhereTheyTakeLongerThanTheBakeTime() {
            RollbackPlan.Builder plan = plan().strategy(canary(5, 50)
                            .bake(Duration.ofSeconds(1))
                            .leastCalls(100_000)
                            .thenPromote())
                    .expectedTraffic(1, .001);
            assertThat(detection(plan).outcome()).isEqualTo(Outcome.PASSED);
        }

        @Test
        void lastStepHeld_isSeenSomeTime() {
            assertThat(detection(plan().strategy(canary(5, 50)
                                            .bake(Duration.ofSeconds(1))
                                            .thenHold())
                                    .expectedTraffic(.1, .001))
                            .detail())
                    .endsWith("is seen: the last step is held until it is");
        }

        @ParameterizedTest
        @CsvSource({"0.3, 'is within what the plan tolerates'", "0.0, ''"})
        void margin_widerThanFiveTimes_isNot(double difference, String words) {
            Preflight.Item item = detection(RollbackPlan.from(V1)
                    .to(V2)
                    .watch(errorRate().notAboveStableBy(difference))
                    .expectedTraffic(1_000, .01));
            assertThat(item.detail()).contains(words);
            assertThat(item.outcome()).isEqualTo(difference > 0 ? Outcome.FAILED : Outcome.PASSED);
        }

        @Test
        void stableNeverFails_aHalfPercentIsLookedFor() {
            assertThat(detection(plan().expectedTraffic(1_000, 0)).detail())
                    .startsWith("a candidate that fails 0.5 % of its calls, stable 0 %, yields");
        }

        @Test
        void noErrorRate_sees0() {
            assertThat(detection(RollbackPlan.from(V1).to(V2).watch(latency()).expectedTraffic(1_000, .01)))
                    .isEqualTo(failed("detection", "the plan watches no error rate"));
        }
    }

    @Nested
    class Repeated {

        @Test
        void failed_isTriedAgainEveryFiveSeconds_andJournalledWhereTheOutcomesChange() {
            String[] detail = {"cold"};
            boolean[] ready = {false};
            Rollout rollout = rollouts.start(plan().strategy(
                            canary(50).verify("warm", () -> new Check.Result(ready[0], detail[0])))
                    .build());
            hand.pass(Duration.ofSeconds(11));
            detail[0] = "still cold";
            hand.pass(Duration.ofSeconds(5));
            assertThat(hand.types(ID)).containsExactly("planned", "preflighted");
            assertThat(rollout.status().notStarted()).containsExactly("verification warm: still cold");
            ready[0] = true;
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().notStarted()).isEmpty();
            assertThat(heard)
                    .filteredOn(RolloutEvent.Preflighted.class::isInstance)
                    .extracting(event -> ((RolloutEvent.Preflighted) event).passed())
                    .containsExactly(false, true);
        }
    }

    @Nested
    class Overriding {

        private final TestWay closed = TestWay.done("deploy");

        Overriding() {
            closed.check = fails("token has expired");
        }

        @Test
        void override_byANamedPerson_starts_andIsJournalledWithWhatFailed() {
            Rollout rollout = rollouts.start(plan().thenRun(closed).build());
            rollout.override("ann", "the token is renewed tonight");
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(heard)
                    .contains(new RolloutEvent.Overridden(
                            "ann", "the token is renewed tonight", "way back deploy: token has expired"));
            assertThat(hand.types(ID))
                    .containsExactly("planned", "preflighted", "overridden", "growing", "started", "exposed");
        }

        @Test
        void override_whileItIsLookedAt_startsOnceThatIsOver() {
            Rollout rollout = rollouts.start(plan().thenRun(closed).build());
            hand.hold();
            hand.pass(Duration.ofSeconds(6));
            rollout.override("ann", "the token is renewed tonight");
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            hand.release();
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(hand.types(ID)).containsOnlyOnce("overridden");
        }

        @Test
        @Tag("R-2")
        void override_journalIsAway_exposesNobodyUntilItIsWritten() {
            Rollout rollout = rollouts.start(plan().thenRun(closed).build());
            hand.journal.refuses = event -> true;
            rollout.override("ann", "the token is renewed tonight");
            hand.pass(Duration.ofSeconds(20));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(hand.types(ID)).containsOnlyOnce("overridden");
        }

        @Test
        void override_whereNothingFailed_isRefused() {
            Rollout rollout = rollouts.start(plan().build());
            assertThatThrownBy(() -> rollout.override("ann", "why not"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("one that is PLANNED, and whose preflight has failed, can be started");
        }

        @Test
        @Tag("R-2")
        void override_whereTheJournalCannotBeRead_isRefused() {
            hand.journal.refusesRead = () -> true;
            Rollout rollout = rollouts.start(plan().thenRun(closed).build());
            assertThatThrownBy(() -> rollout.override("ann", "why not")).isInstanceOf(RollbackException.class);
        }
    }

    @Nested
    class Drills {

        private final TestWay deploy = TestWay.done("deploy");

        private RollbackPlan.Builder drilled() {
            return plan().thenRun(deploy).drilledWithin(Duration.ofDays(30));
        }

        @Test
        void drill_looksAtEverything_doesNothing_andIsJournalledApart() {
            int[] looks = {0};
            Check counted = () -> {
                looks[0]++;
                return Check.Result.pass("ok");
            };
            RollbackPlan plan = plan().strategy(canary(50).verify("warm", counted))
                    .thenRun(
                            Step.of(deploy).orElse(TestWay.done("undo")).behind(gate(Gate.Result.open("columns only"))))
                    .verify("healthy", counted)
                    .beforeStart("smoke", counted)
                    .communication(new Communication(List.of(group("support", notifier("mail", counted)))))
                    .build();
            Preflight found = rollouts.drill(plan, "ann").join();
            assertThat(found.passed()).isTrue();
            assertThat(found.items())
                    .extracting(Preflight.Item::name)
                    .containsExactly(
                            "way back deploy",
                            "way back undo",
                            "gate database before deploy",
                            "verification warm",
                            "afterwards healthy",
                            "check smoke",
                            "notifier mail");
            assertThat(looks[0]).isEqualTo(4);
            assertThat(deploy.gone).isEmpty();
            assertThat(hand.types("drill:checkout:1.4.2..1.5.0#1")).containsExactly("drill-began", "drill-ended");
            assertThat(hand.memory.read(ID)).isEmpty();
            assertThat(rollouts.all()).isEmpty();
        }

        @Test
        void drill_again_hasTheNextNumber() {
            rollouts.drill(drilled().build(), "ann").join();
            rollouts.drill(drilled().build(), "ann").join();
            assertThat(hand.types("drill:checkout:1.4.2..1.5.0#2")).hasSize(2);
        }

        @Test
        void drilledWithin_neverDrilled_doesNotStart() {
            Rollout rollout = rollouts.start(drilled().build());
            assertThat(rollout.status().notStarted())
                    .containsExactly("drill: the journal knows no drill of these steps; the plan wants one that passed"
                            + " within PT720H: rollouts.drill(plan, by)");
            rollouts.drill(rollout.plan(), "ann").join();
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(item(rollout.preflight(), "drill"))
                    .isEqualTo(passed("drill", "drill:checkout:1.4.2..1.5.0#1 passed at 2030-01-01T12:00:00Z"));
        }

        @Test
        void drilledWithin_theReleaseBeforeUnderTheSameSteps_counts() {
            rollouts.drill(
                            RollbackPlan.from(Release.of("checkout", "1.4.1"))
                                    .to(V1)
                                    .watch(errorRate())
                                    .thenRun(TestWay.done("deploy"))
                                    .build(),
                            "ann")
                    .join();
            assertThat(item(drilled(), "drill").outcome()).isEqualTo(Outcome.PASSED);
        }

        @Test
        void drilledWithin_otherSteps_doNotCount() {
            rollouts.drill(plan().thenRun(TestWay.done("undo")).build(), "ann").join();
            assertThat(item(drilled(), "drill").outcome()).isEqualTo(Outcome.FAILED);
        }

        @Test
        void drilledWithin_tooLongAgo_doesNotStart() {
            rollouts.drill(plan().thenRun(deploy).build(), "ann").join();
            hand.nanos += Duration.ofHours(2).toNanos();
            assertThat(item(plan().thenRun(deploy).drilledWithin(Duration.ofHours(1)), "drill")
                            .outcome())
                    .isEqualTo(Outcome.FAILED);
        }

        @Test
        void drill_failed_saysSo_andKeepsWhoDemandsOneFromStarting() {
            deploy.check = fails("token has expired");
            Preflight found = rollouts.drill(drilled().build(), "ann").join();
            assertThat(found.reasons()).containsExactly("way back deploy: token has expired");
            deploy.check = passes("renewed");
            assertThat(item(drilled(), "drill").detail())
                    .startsWith("drill:checkout:1.4.2..1.5.0#1 failed: way back deploy; the plan wants one");
        }

        @Test
        void drill_failedAndNotDemanded_isSaid() {
            deploy.check = fails("token has expired");
            rollouts.drill(plan().thenRun(deploy).build(), "ann").join();
            deploy.check = passes("renewed");
            assertThat(item(plan().thenRun(deploy), "drill"))
                    .isEqualTo(new Preflight.Item(
                            "drill", Outcome.NOT_CHECKED, "drill:checkout:1.4.2..1.5.0#1 failed: way back deploy"));
        }

        @Test
        void drill_journalIsAway_saysThatNobodyWillFindIt() {
            hand.journal.refuses = event -> true;
            Preflight found = rollouts.drill(drilled().build(), "ann").join();
            assertThat(found.reasons())
                    .containsExactly("journal: it did not take the drill, which no preflight will find: disk full");
        }

        @Test
        void drill_hanging_endsAtTheDeadline() {
            deploy.check = () -> {
                hand.pass(Duration.ofSeconds(31));
                return Check.Result.pass("too late");
            };
            Preflight found =
                    rollouts.drill(plan().thenRun(deploy).build(), "ann").join();
            assertThat(found.reasons()).containsExactly("way back deploy: no answer within PT30S");
        }

        @Test
        void drill_rolloutsAreClosed_endsWithoutAResult() {
            hand.hold();
            CompletableFuture<Preflight> drill = rollouts.drill(drilled().build(), "ann");
            rollouts.close();
            assertThat(drill).isCompletedExceptionally();
            assertThatThrownBy(() -> rollouts.drill(drilled().build(), "ann")).isInstanceOf(RollbackException.class);
            hand.release();
        }
    }
}
