package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.strategy.WaysBack;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Ticket;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Does what docs/incident.md tells people to do. All that stands on the page as code stands here, too. */
@Tag("R-13")
class IncidentPageTest {

    private static final Duration TICK = Duration.ofMillis(100);
    private static final String LOGGER = "io.github.rollback4j.rollout.Rollout";

    private final VirtualTime time = VirtualTime.create();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    private Path folder;

    private Rollouts rollouts;

    @BeforeEach
    void start() {
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("io.github.rollback4j.rollout");
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        rollouts = time.rollouts(7).controlFile(folder.resolve("control")).build();
    }

    @AfterEach
    void close() {
        System.clearProperty("rollback4j.control");
        System.clearProperty("rollback4j.enabled");
        rollouts.close();
        ((Logger) LoggerFactory.getLogger("io.github.rollback4j.rollout")).detachAppender(log);
    }

    private static RollbackPlan.Builder plan(String component) {
        return RollbackPlan.from(Release.of(component, "1.4.2"))
                .to(Release.of(component, "1.5.0"))
                .strategy(canary(50).bake(Duration.ofMinutes(1)).thenHold())
                .watch(errorRate());
    }

    private Rollout checkout() {
        return rollouts.start(plan("checkout").build());
    }

    /** Has the candidate fail for everyone, at ten calls a second. */
    private void breakFor(Rollout rollout, Duration duration) {
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(TICK)) {
            time.advance(TICK);
            try {
                rollout.call("user-" + time.nanos(), () -> "fine", () -> {
                    throw new IllegalStateException("broken");
                });
            } catch (IllegalStateException expected) {
                // The candidate's.
            }
        }
    }

    private void assertLogged(Level level, String text) {
        assertThat(log.list)
                .filteredOn(event -> event.getLoggerName().equals(LOGGER))
                .anySatisfy(event -> {
                    assertThat(event.getLevel()).isEqualTo(level);
                    assertThat(event.getFormattedMessage())
                            .startsWith("checkout:1.4.2..1.5.0#1")
                            .contains(text);
                });
    }

    private static Object share(Rollout rollout) {
        return rollout.status().share();
    }

    @Nested
    class TakeTheCandidateBack {

        @Test
        void file_allToStable_holdsWithinTwoSeconds_untilTheWordOrTheFileIsDeleted() throws IOException {
            Rollout rollout = checkout();
            Path control = folder.resolve("control");
            for (String lifted : new String[] {"# nothing is wrong any more", null}) {
                Files.writeString(control, "all-to-stable  # wrong prices, Ann");
                time.advance(Duration.ofSeconds(2));
                assertThat(share(rollout)).isEqualTo(0.0);
                if (lifted == null) {
                    Files.delete(control);
                } else {
                    Files.writeString(control, lifted);
                }
                time.advance(Duration.ofSeconds(2));
                assertThat(share(rollout)).isEqualTo(0.5);
            }
            assertLogged(Level.WARN, "break-glass control");
        }

        @Test
        void api_allToStable_holdsAtOnce_untilReadmitted() {
            Rollout rollout = checkout();
            rollouts.allToStable("ann", "wrong prices");
            assertThat(share(rollout)).isEqualTo(0.0);
            rollouts.readmit("ann", "prices are right again");
            assertThat(share(rollout)).isEqualTo(0.5);
        }

        @Test
        void systemProperty_holdsAtTheNextTick_andReadmitDoesNotLiftIt() {
            Rollout rollout = checkout();
            System.setProperty("rollback4j.control", "all-to-stable");
            time.advance(TICK);
            rollouts.readmit("ann", "prices are right again");
            assertThat(share(rollout)).isEqualTo(0.0);
            System.clearProperty("rollback4j.control");
            time.advance(TICK);
            assertThat(share(rollout)).isEqualTo(0.5);
        }

        @Test
        void offSwitch_property_holdsAtTheNextTick() {
            Rollout rollout = checkout();
            System.setProperty("rollback4j.enabled", "false");
            time.advance(TICK);
            assertThat(share(rollout)).isEqualTo(0.0);
        }

        @Test
        void severalWords_oneOfThemNotUnderstood_theOthersHold() throws IOException {
            Rollout rollout = checkout();
            Rollout search = rollouts.start(plan("search").build());
            Files.writeString(folder.resolve("control"), "all-to-stabel, automation-off\nall-to-stable:checkout");
            time.advance(Duration.ofSeconds(2));
            assertThat(share(rollout)).isEqualTo(0.0);
            assertThat(share(search)).isEqualTo(0.5);
            assertThat(search.status().automationOff()).isTrue();
            assertThat(log.list)
                    .filteredOn(event -> event.getLevel() == Level.ERROR)
                    .anySatisfy(event -> assertThat(event.getFormattedMessage()).contains("'all-to-stabel'"));
        }

        @Test
        void automationOff_brokenCandidate_keepsItsShare_andAPersonStillCan() throws IOException {
            Rollout rollout = checkout();
            Files.writeString(folder.resolve("control"), "automation-off");
            time.advance(Duration.ofSeconds(2));
            breakFor(rollout, Duration.ofMinutes(2));
            assertThat(share(rollout)).isEqualTo(0.5);
            rollout.rollBack("ann", "wrong prices");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        static Stream<Arguments> settings() {
            return Stream.of(
                    Arguments.of(Map.of("ROLLBACK4J_CONTROL", "all-to-stable"), List.of(), "true false"),
                    Arguments.of(Map.of("ROLLBACK4J_CONTROL_FILE", "FILE"), List.of(), "true false"),
                    Arguments.of(Map.of("ROLLBACK4J_ENABLED", "false"), List.of(), "true true"),
                    Arguments.of(Map.of(), List.of("-Drollback4j.control-file=FILE"), "true false"));
        }

        /** Starts a process of its own: a variable cannot be set in this one. */
        @ParameterizedTest
        @MethodSource("settings")
        void newProcess_controlFromOutside_holdsFromTheStart(
                Map<String, String> environment, List<String> options, String expected) throws Exception {
            Path control = Files.writeString(folder.resolve("outside"), "all-to-stable");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            options.forEach(option -> command.add(option.replace("FILE", control.toString())));
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), ControlledProcess.class.getName()));
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
            environment.forEach(
                    (name, value) -> builder.environment().put(name, value.replace("FILE", control.toString())));
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isZero();
            assertThat(said.lines()).contains(expected);
        }
    }

    @Nested
    class WhatTheLogSays {

        @Test
        void brokenCandidate_act_isRolledBack_andStaysSoUntilRetried() {
            RollbackPlan plan = plan("checkout").build();
            Rollout rollout = rollouts.start(plan);
            breakFor(rollout, Duration.ofMinutes(1));
            assertLogged(Level.WARN, "ROLLING BACK, all calls go to stable now");
            assertLogged(Level.INFO, "rolled-back");
            assertThat(rollouts.start(plan).state().phase()).isEqualTo(Phase.ROLLED_BACK);

            rollouts.retry(plan, "ann", "the prices are right again");

            assertThat(rollouts.start(plan).id()).endsWith("#2");
            assertThat(rollouts.start(plan).state().phase()).isEqualTo(Phase.RUNNING);
        }

        @Test
        void longestTime_over_holdsUntilResumed() {
            Rollout rollout = rollouts.start(plan("checkout")
                    .strategy(canary(50)
                            .bake(Duration.ofMinutes(1))
                            .thenHold()
                            .within(Duration.ofMinutes(2), RolloutStrategy.Otherwise.HOLD))
                    .build());
            time.advance(Duration.ofMinutes(3));
            assertLogged(Level.WARN, "the longest time is over: not promoted within PT2M");
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            assertThat(share(rollout)).isEqualTo(0.5);
            rollout.resume("ann");
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }

        @Test
        void brokenCandidate_recommend_keepsItsShareUntilApproved() {
            Rollout rollout =
                    rollouts.start(plan("checkout").mode(Mode.RECOMMEND).build());
            breakFor(rollout, Duration.ofMinutes(2));
            assertLogged(Level.WARN, "would roll back (mode RECOMMEND)");
            assertThat(share(rollout)).isEqualTo(0.5);
            rollout.approve("ann");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void brokenCandidate_observe_keepsItsShare_dismissed_isObservedAgain() {
            Rollout rollout = rollouts.start(plan("checkout").mode(Mode.OBSERVE).build());
            breakFor(rollout, Duration.ofMinutes(1));
            assertLogged(Level.WARN, "would roll back (mode OBSERVE)");
            rollout.dismiss("ann", "the load test, known");
            assertThat(rollout.status().decision()).isEmpty();
            breakFor(rollout, Duration.ofMinutes(1));
            assertThat(rollout.status().decision()).isNotEmpty();
            assertThat(share(rollout)).isEqualTo(0.5);
        }

        @Test
        void manualStep_isAskedFor_andDoneWhenAcknowledged() {
            Rollout rollout = rollouts.start(plan("checkout")
                    .thenRun(WaysBack.manual("purge-cache", "purge the cache"))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            assertLogged(Level.WARN, "a person must do step");
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("purge-cache");
            rollout.acknowledge("purge-cache", "ann", "purged by hand");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void failedStep_needsAHuman_andThoseAfterItGoOn() {
            AtomicBoolean purged = new AtomicBoolean();
            Rollout rollout = rollouts.start(plan("checkout")
                    .thenRun(
                            WaysBack.switchBack("switch", () -> {
                                throw new IllegalStateException("the switch is stuck");
                            }),
                            Duration.ofSeconds(1),
                            1)
                    .thenRun(WaysBack.flagOff("keep-cache", () -> !purged.get(), () -> purged.set(true)))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            assertLogged(Level.ERROR, "NEEDS A HUMAN");
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(share(rollout)).isEqualTo(0.0);
            assertThat(rollout.status().needsHuman()).contains("the switch is stuck");
            rollout.tryAgain("ann");
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            rollout.acknowledge("switch", "ann", "switched by hand");
            assertThat(purged).isTrue();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void messages_waitForPeople() {
            Notifier broken = Notifier.webhook("broken", URI.create("https://pager.example.com/"), () -> "");
            Rollout rollout = rollouts.start(plan("checkout")
                    .communication(Communication.of(
                            Communication.Group.of("on-call", "on-call", Notifier.log("log"))
                                    .on(Communication.Occasion.ROLLBACK)
                                    .acknowledgedWithin(Duration.ofMinutes(10), "lead"),
                            Communication.Group.of("lead", "team lead", broken)
                                    .onlyWhenEscalated()
                                    .acknowledgedWithin(Duration.ofMinutes(10), ""),
                            Communication.Group.of("customers", "customers", Notifier.log("log"))
                                    .on(Communication.Occasion.ROLLBACK)
                                    .approvedBy("Product Owner")))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofMinutes(11));
            assertLogged(Level.WARN, "waits for approval by");
            assertLogged(Level.WARN, "did not acknowledge it within");
            assertLogged(Level.ERROR, "NOBODY OF lead WAS TOLD");
            assertThat(rollout.status().messages()).hasSize(2);

            rollout.approveMessage("checkout:1.4.2..1.5.0#1/customers/rollback/1", "ann");
            rollout.acknowledgeMessage("on-call", "ann");
            assertThat(rollout.status().messages()).isEmpty();
        }

        @Test
        void gateThatAsks_isOpenedByTheOneWhoIsAsked() {
            AtomicBoolean flag = new AtomicBoolean(true);
            Rollout rollout = rollouts.start(plan("checkout")
                    .thenRun(Step.of(WaysBack.flagOff("flag", flag)).behind(Gate.approval("approval", "the owner")))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            assertLogged(Level.WARN, "a person must open gate approval before step flag: the owner must approve");
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("approval");
            assertThat(flag).isTrue();
            rollout.acknowledge("approval", "ann", "the owner agrees");
            assertThat(flag).isFalse();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void stepThatTimedOut_isLookedUp_andThenNeedsAHuman() {
            Rollout rollout = rollouts.start(
                    plan("checkout").thenRun(new TimingOut("deploy")).build());
            rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofMinutes(2));
            assertLogged(Level.WARN, "nobody saw how step deploy ended, so way deploy was looked up: unknown");
            assertLogged(Level.ERROR, "NEEDS A HUMAN. All calls go to stable, but it is not known whether step deploy");
            rollout.acknowledge("deploy", "ann", "the pipeline says that it did");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void fewCallsAfterwards_itIsSaidThatNobodyKnows() {
            Rollout rollout = rollouts.start(
                    plan("checkout").verifyWithin(Duration.ofMinutes(1)).build());
            rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofMinutes(2));
            assertLogged(Level.WARN, "it is NOT known whether stable is healthy again, look yourself");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void processThatComesUpAgainAndAgain_inModeRecommend_hasItsTrafficStopped() {
            Journal journal = Journal.inMemory();
            RollbackPlan plan = plan("checkout").mode(Mode.RECOMMEND).build();
            Rollout rollout = null;
            for (int start = 0; start < 4; start++) {
                // Each process has a time of its own, which stands still once the process is no more.
                Rollouts process =
                        VirtualTime.create().rollouts(7).journal(journal).build();
                rollout = process.start(plan);
            }
            assertLogged(Level.WARN, "the process was started 3 times");
            assertThat(rollout.state().trafficStopped()).isTrue();
            rollout.dismiss("ann", "the host was replaced");
            rollout.resume("ann");
            assertThat(share(rollout)).isEqualTo(0.5);
        }

        @Test
        void handOver_takesNoFurtherStep() {
            Rollout rollout = rollouts.start(plan("checkout")
                    .thenRun(WaysBack.manual("purge-cache", "purge the cache"))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            rollout.handOver("ann", "this host goes down");
            assertLogged(
                    Level.WARN, "handed over by ann: this host goes down. This process takes no further step back");
            assertThatThrownBy(() -> rollout.acknowledge("purge-cache", "ann", "purged by hand"))
                    .isInstanceOf(RollbackException.class);
        }

        @Test
        void failedPreflight_isOverriddenByAPerson() {
            RollbackPlan plan = plan("checkout")
                    .watch(Signals.reading("load", () -> Double.NaN).notAbove(5))
                    .build();
            Rollout rollout = rollouts.start(plan);
            List<String> reasons = rollout.preflight().reasons();
            assertThat(reasons).containsExactly("meter load: no data: it reads not a number");
            rollout.override("ann", "the meter is down, known");
            assertLogged(Level.WARN, "started by ann although its preflight has not passed");
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            CompletableFuture<Preflight> drill = rollouts.drill(plan, "ann");
            assertThat(drill).isCompletedWithValueMatching(Preflight::passed);
        }

        @Test
        void failedCheck_isNotStarted_andTriedAgain() {
            boolean[] ready = {false};
            RolloutStrategy strategy = canary(50)
                    .verify("warm", () -> ready[0] ? Check.Result.pass("warm") : Check.Result.fail("still cold"));
            Rollout rollout = rollouts.start(plan("checkout").strategy(strategy).build());
            assertLogged(Level.WARN, "not started, all calls go to stable");
            ready[0] = true;
            time.advance(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }
    }

    /** A way back that never answers. */
    private record TimingOut(String name) implements RollbackStrategy {
        @Override
        public String description() {
            return name;
        }

        @Override
        public Check.Result check(Context context) {
            return Check.Result.pass("open");
        }

        @Override
        public Done rollBack(Context context) throws TimeoutException {
            throw new TimeoutException("no answer");
        }
    }

    @Nested
    class WrongRatio {

        @Test
        void outcomesThatAreNotReported_holdTheExposure_untilAPersonResumesOrRollsBack() {
            Rollout rollout = rollouts.start(RollbackPlan.from(Release.of("checkout", "1.4.2"))
                    .to(Release.of("checkout", "1.5.0"))
                    .strategy(canary(50).thenHold())
                    .watch(errorRate().notAboveStableBy(0.9))
                    .build());
            for (int i = 0; i < 20_000 && rollout.state().phase() == Phase.RUNNING; i++) {
                time.advance(Duration.ofMillis(10));
                long ticket = rollout.enter();
                if (!Ticket.isCandidate(ticket) || i % 2 == 0) {
                    rollout.exitAfter(ticket, 1, Outcome.SUCCESS);
                }
            }
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            assertLogged(Level.WARN, "sample ratio mismatch");

            rollout.resume("ann");
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            rollout.rollBack("ann", "outcomes get lost");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class OneRollout {

        @Test
        void pause_holdsTheShare_aRegressionStillRollsBack() {
            Rollout rollout = rollouts.start(plan("checkout")
                    .strategy(canary(25, 50).bake(Duration.ofMinutes(1)).leastCalls(0))
                    .build());
            rollout.pause("ann", "looking at the logs");
            time.advance(Duration.ofMinutes(5));
            assertThat(share(rollout)).isEqualTo(0.25);
            breakFor(rollout, Duration.ofMinutes(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void pauseAndStopTraffic_takesTheShareUntilResumed() {
            Rollout rollout = checkout();
            rollout.pauseAndStopTraffic("ann", "looking at the logs");
            assertThat(share(rollout)).isEqualTo(0.0);
            rollout.resume("ann");
            assertThat(share(rollout)).isEqualTo(0.5);
        }

        @Test
        void rollBack_worksInEveryMode() {
            for (Mode mode : Mode.values()) {
                Rollout rollout =
                        rollouts.start(plan("checkout-" + mode).mode(mode).build());
                rollout.rollBack("ann", "wrong prices");
                assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            }
        }

        @Test
        void rollBack_afterTheWindow_isRefused_andTheControlStillWorks() {
            Rollout rollout = rollouts.start(plan("checkout")
                    .strategy(canary(50).thenPromote().rollbackWindow(Duration.ofMinutes(5)))
                    .build());
            rollout.promote("ann");
            time.advance(Duration.ofMinutes(6));
            assertThatThrownBy(() -> rollout.rollBack("ann", "wrong prices"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("all-to-stable");
            rollouts.allToStable("ann", "wrong prices");
            assertThat(share(rollout)).isEqualTo(0.0);
        }

        @Test
        void status_andAffected_tellWhoWasHitUntilWhen() {
            Rollout rollout = checkout();
            time.advance(TICK);
            rollout.rollBack("ann", "wrong prices");
            rollout.status();
            rollout.affected(Subject.of("customer-17"));
            assertThat(rollout.status().decision()).isEqualTo("wrong prices");
            assertThat(Stream.iterate(1, i -> i + 1)
                            .limit(100)
                            .map(i -> rollout.affected(Subject.of("customer-" + i)))
                            .filter(Rollout.Affected::exposed))
                    .hasSizeBetween(30, 70)
                    .allSatisfy(affected -> assertThat(affected.until()).isEqualTo(time.now()));
        }
    }

    @Test
    void page_everythingThatIsCode_standsHere() throws IOException {
        String here = Page.of("testkit/src/test/java/io/github/rollback4j/test/IncidentPageTest.java")
                .text();
        List<String> code = new ArrayList<>();
        boolean isJava = false;
        for (String line : Page.of("docs/incident.md").lines()) {
            if (line.startsWith("```")) {
                isJava = line.equals("```java");
            } else if (isJava) {
                code.add(line.replaceFirst("//.*", "").strip());
            } else {
                Matcher spans = Pattern.compile("`([^`]+)`").matcher(line);
                while (spans.find()) {
                    code.add(spans.group(1));
                }
            }
        }
        assertThat(code)
                .hasSizeGreaterThan(30)
                .allSatisfy(each -> assertThat(here).contains(each));
    }
}
