package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.NOON;
import static io.github.rollback4j.rollout.ByHand.breakCandidate;
import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Group;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Communication.Severity;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Tally;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@ExtendWith(NoComplaints.class)
class AnnouncementsTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration TICK = Duration.ofMillis(100);

    private final ByHand hand = new ByHand();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();

    private final Mailbox pager = new Mailbox(hand, "pager");
    private final Group onCall = Group.of("on-call", "on-call", pager);

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    @BeforeEach
    void start() {
        log.start();
        ((Logger) LoggerFactory.getLogger(Rollout.class)).addAppender(log);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger(Rollout.class)).detachAppender(log);
    }

    private Rollout started(RollbackPlan.Builder plan, Group... groups) {
        return rollouts.start(plan.communication(Communication.of(groups)).build());
    }

    private Rollout rolledBack(RollbackPlan.Builder plan, Group... groups) {
        Rollout rollout = started(plan, groups);
        rollout.rollBack("ann", "wrong prices");
        hand.tick();
        return rollout;
    }

    private static RollbackStrategy asking(String name) {
        return way(name, context -> Done.asked("clear the cache"));
    }

    private static RollbackStrategy failing(String name) {
        return way(name, context -> {
            throw new IOException("connection refused");
        });
    }

    /** A plan whose rollback cannot go on by itself. */
    private static RollbackPlan.Builder stuck() {
        return plan().thenRun(failing("deploy"), Duration.ofSeconds(1), 1);
    }

    @Nested
    class Occasions {

        @Test
        void rollback_isToldAtOnce_saysWhatWhyAndWhatNow() {
            Rollout rollout = started(stuck().thenRun(asking("cache")), onCall);
            hand.pass(Duration.ofSeconds(20));
            assertThat(pager.sent).as("a start is none of the default's").isEmpty();

            rollout.rollBack("ann", "wrong prices");
            hand.tick();

            assertThat(pager.sent.get(0))
                    .isEqualTo(new Notifier.Message(
                            ID + "/on-call/rollback/1",
                            ID,
                            "on-call",
                            Occasion.ROLLBACK,
                            Severity.CRITICAL,
                            "checkout 1.5.0: rollback to 1.4.2",
                            """
                            All calls are served by checkout 1.4.2 again; 1.5.0 is being taken back.
                            When: 2030-01-01 12:00:20 UTC
                            Why: a person decided it: wrong prices
                            Steps after the traffic: deploy failed: connection refused; cache is to come
                            Next word: by 2030-01-01 12:06 UTC
                            Rollout: checkout:1.4.2..1.5.0#1""",
                            NOON.plusSeconds(20),
                            NOON.plusSeconds(320),
                            false));
            assertThat(heard)
                    .contains(new RolloutEvent.Notified(
                            "on-call", "pager", "rollback", "checkout:1.4.2..1.5.0#1/on-call/rollback/1"));
        }

        @Test
        void rollback_byASignal_namesTheSignal_notAPerson() {
            Rollout rollout = started(plan(), onCall);
            breakCandidate(rollout);
            hand.pass(TICK);
            assertThat(pager.last(Occasion.ROLLBACK).text())
                    .contains("Why: error-rate: stable failed 0 of ")
                    .contains("Steps after the traffic: none");
            rollouts.retry(rollout.plan(), "ann", "again").rollBack("ann", "wrong prices");
            hand.pass(TICK);
            assertThat(pager.last(Occasion.ROLLBACK).text())
                    .contains("a person decided it: wrong prices")
                    .doesNotContain("ann");
        }

        @Test
        void scope_fiveMinutesLater_countsCallsFailuresAndExcess() {
            Rollout rollout = started(plan(), onCall);
            breakCandidate(rollout);
            Tally.Totals totals = rollout.status().totals();
            hand.pass(Duration.ofSeconds(299));
            assertThat(pager.words()).containsExactly("rollback", "rolled-back");
            hand.pass(Duration.ofSeconds(2));
            assertThat(pager.words()).containsExactly("rollback", "rolled-back", "scope");
            assertThat(totals.candidateFailures()).isPositive();
            assertThat(pager.last(Occasion.SCOPE).text())
                    .isEqualTo(String.format(
                            Locale.ROOT,
                            """
                            1.5.0 served %,d calls since 2030-01-01 12:00:00 UTC, of which %,d failed (100.00 %%); at the rate\
                             of 1.4.2 (0.00 %%) it would have been 0, so %,d more than that; calls of at least %,d\
                             different keys failed.
                            Next word: none is planned
                            Rollout: checkout:1.4.2..1.5.0#1""",
                            totals.candidateCalls(),
                            totals.candidateFailures(),
                            totals.candidateFailures(),
                            totals.candidateFailures()));
        }

        @Test
        void scope_nobodyWasHit_saysSo() {
            rolledBack(plan(), onCall);
            hand.pass(Duration.ofMinutes(6));
            assertThat(pager.last(Occasion.SCOPE).text()).startsWith("1.5.0 has served no calls that were compared.\n");
        }

        @Test
        void update_whileItIsUnderWay_comesAtThePromisedTimes_andEnds() {
            Rollout rollout = rolledBack(stuck(), onCall);
            hand.pass(Duration.ofMinutes(61));
            assertThat(pager.words()).containsExactly("rollback", "needs-human", "scope", "update", "update", "update");
            assertThat(pager.at.get(0)).isZero();
            assertThat(pager.at.subList(2, 6)).containsExactly(300.0, 1200.0, 2400.0, 3600.0);
            assertThat(pager.sent)
                    .filteredOn(message -> message.occasion() != Occasion.NEEDS_HUMAN)
                    .extracting(Notifier.Message::nextUpdate)
                    .containsExactly(
                            NOON.plusSeconds(300),
                            NOON.plusSeconds(1200),
                            NOON.plusSeconds(2400),
                            NOON.plusSeconds(3600),
                            NOON.plusSeconds(4800));
            assertThat(pager.ids()).endsWith("on-call/update/1", "on-call/update/2", "on-call/update/3");
            assertThat(pager.last(Occasion.UPDATE).text()).isEqualTo("""
                            Taking checkout 1.5.0 back still needs people; all calls are served by 1.4.2.
                            Rollback decided: 2030-01-01 12:00:00 UTC
                            Why: a person decided it: wrong prices
                            Steps after the traffic: deploy failed: connection refused
                            Next word: by 2030-01-01 13:20 UTC
                            Rollout: checkout:1.4.2..1.5.0#1""");

            rollout.acknowledge("deploy", "bob", "by hand");
            hand.pass(Duration.ofHours(1));

            assertThat(pager.words()).endsWith("update", "rolled-back");
            assertThat(pager.last(Occasion.ROLLED_BACK).nextUpdate()).isNull();
        }

        @Test
        void update_intervalOfItsOwn_orNone() {
            Mailbox mail = new Mailbox(hand, "mail");
            Mailbox chat = new Mailbox(hand, "chat");
            Group none = Group.of("support", "support", chat);
            rolledBack(
                    stuck(),
                    Group.of("po", "Product Owner", mail)
                            .on(Occasion.UPDATE)
                            .updatesEvery(Duration.ofMinutes(7))
                            .after(Duration.ofMinutes(2)),
                    new Group(
                            none.name(),
                            none.role(),
                            none.channels(),
                            none.occasions(),
                            "",
                            Duration.ZERO,
                            null,
                            "",
                            null,
                            ""));
            hand.pass(Duration.ofMinutes(31));
            assertThat(mail.at).containsExactly(540.0, 960.0, 1380.0, 1800.0);
            assertThat(chat.words()).containsExactly("rollback", "needs-human", "scope");
        }

        @Test
        void needsHuman_namesWhatIsLeftToDo() {
            rolledBack(stuck().thenRun(asking("cache")), onCall);
            hand.pass(TICK);
            assertThat(pager.last(Occasion.NEEDS_HUMAN).text()).startsWith("""
                            Taking checkout 1.5.0 back needs people; all calls are served by 1.4.2.
                            When: 2030-01-01 12:00:00 UTC
                            Why: step deploy failed once: connection refused. Do it by hand and acknowledge("deploy", by, note), or tryAgain(by)
                            Steps after the traffic: deploy failed: connection refused; cache is to come
                            To do: what is not done, by hand, then acknowledge(step, by, note) for each of deploy, cache
                            """);
        }

        @Test
        void asked_aStep_isToldOnce_withTheCallThatAnswers() {
            Group asked = onCall.on(Occasion.ASKED, Occasion.ROLLED_BACK);
            Rollout rollout = rolledBack(plan().thenRun(asking("cache")), asked);
            hand.pass(Duration.ofHours(1));
            assertThat(pager.ids()).containsExactly("on-call/asked/1");
            assertThat(pager.sent.get(0).subject()).isEqualTo("checkout 1.5.0: a person is asked, cache");
            assertThat(pager.sent.get(0).text()).isEqualTo("""
                            Taking checkout 1.5.0 back waits for a person; all calls are served by 1.4.2.
                            When: 2030-01-01 12:00:00 UTC
                            Why: clear the cache
                            To do: that, then acknowledge("cache", by, note)
                            Next word: when everything is back
                            Rollout: checkout:1.4.2..1.5.0#1""");
            rollout.acknowledge("cache", "bob", "cleared");
            hand.pass(TICK);
            assertThat(pager.words()).containsExactly("asked", "rolled-back");
        }

        @Test
        void asked_doneBeforeItIsSent_isNotSent() {
            Rollout rollout = rolledBack(
                    plan().thenRun(asking("cache")), onCall.on(Occasion.ASKED).after(Duration.ofMinutes(2)));
            hand.pass(Duration.ofMinutes(1));
            rollout.acknowledge("cache", "bob", "cleared");
            hand.pass(Duration.ofMinutes(5));
            assertThat(pager.tried).isEmpty();
        }

        @Test
        void rolledBack_nothingIsKnownOfData_saysThatNobodyHasLooked() {
            rolledBack(plan(), onCall);
            hand.pass(TICK);
            assertThat(pager.last(Occasion.ROLLED_BACK).text()).isEqualTo("""
                            checkout 1.5.0 has been taken back; 1.4.2 serves all calls.
                            When: 2030-01-01 12:00:00 UTC
                            Why: a person decided it: wrong prices
                            Steps after the traffic: none
                            Data: nobody has looked whether data were lost; the plan does not say what loss is tolerated
                            Next word: by 2030-01-01 12:05 UTC
                            Rollout: checkout:1.4.2..1.5.0#1""");
        }

        @Test
        void rolledBack_planAndGatesKnowOfData_areNamed() {
            Rollout rollout = started(
                    plan().thenRun(asking("cache"))
                            .criteria(new RollbackPlan.Criteria("3", "Product Owner", "CTO", "drafts of orders"))
                            .touches(RollbackPlan.Touched.Kind.TOPIC, "orders", "")
                            .touches(RollbackPlan.Touched.Kind.CACHE, "prices", "read in the nightly test"),
                    onCall,
                    Group.of("support", "support", new Mailbox(hand, "mail")));
            rollout.rollBack("ann", "wrong prices");
            rollout.lifecycle()
                    .locked(() -> rollout.lifecycle()
                            .emit(new RolloutEvent.GateOpened(
                                    "database", "cache", "no column was dropped", "rollback4j")));
            rollout.acknowledge("cache", "bob", "cleared");
            hand.pass(TICK.multipliedBy(2));
            assertThat(pager.last(Occasion.ROLLED_BACK).text())
                    .contains(
                            "Data: what is known of it is what the gates said: database: open, no column was dropped; it"
                                    + " was not shown that 1.4.2 can read what 1.5.0 wrote to topic orders; the plan tolerates:"
                                    + " drafts of orders\n")
                    .contains("Questions: Product Owner\n");
        }

        @Test
        void started_andPromoted_areToldWhoWantsIt() {
            Rollout rollout = started(plan(), onCall.on(Occasion.STARTED, Occasion.PROMOTED));
            hand.pass(Duration.ofSeconds(1));
            rollout.promote("ann");
            hand.pass(Duration.ofSeconds(1));
            assertThat(pager.ids()).containsExactly("on-call/started/1", "on-call/promoted/1");
            assertThat(pager.sent).extracting(Notifier.Message::severity).containsOnly(Severity.INFO);
            assertThat(pager.sent.get(0).text()).isEqualTo("""
                            The rollout of checkout 1.5.0 has started.
                            When: 2030-01-01 12:00:00 UTC
                            Next word: when something changes
                            Rollout: checkout:1.4.2..1.5.0#1""");
            assertThat(pager.sent.get(1).text()).startsWith("checkout 1.5.0 serves all calls.\n");
        }

        @Test
        void recommended_isToldEachTime_untilItIsSettled() {
            Rollout rollout = started(plan().mode(Mode.RECOMMEND), onCall.on(Occasion.RECOMMENDED, Occasion.ROLLBACK));
            breakCandidate(rollout);
            hand.pass(TICK);
            assertThat(pager.ids()).containsExactly("on-call/recommended/1");
            assertThat(pager.sent.get(0).text())
                    .startsWith(
                            "It is recommended to take checkout 1.5.0 back to 1.4.2; it still serves its share of the"
                                    + " calls.\n")
                    .contains("To do: approve(by) takes it back, dismiss(by, reason) lets it go on\n");
            rollout.dismiss("ann", "known");
            hand.pass(Duration.ofSeconds(1));
            assertThat(pager.ids()).containsExactly("on-call/recommended/1", "on-call/recommended/2");
            rollout.approve("ann");
            hand.pass(TICK);
            assertThat(pager.words()).endsWith("recommended", "rollback");
        }

        @Test
        void recommended_dismissedBeforeItIsSent_isNotSent() {
            RollbackPlan.Builder overdue = plan().mode(Mode.RECOMMEND)
                    .strategy(canary(50)
                            .bake(Duration.ofMinutes(1))
                            .thenHold()
                            .within(Duration.ofMinutes(2), RolloutStrategy.Otherwise.ROLL_BACK));
            Rollout rollout = started(overdue, onCall.on(Occasion.RECOMMENDED).after(Duration.ofMinutes(2)));
            for (int i = 0; i < 500; i++) {
                rollout.call("user-" + i, () -> "stable", () -> "candidate");
            }
            hand.pass(Duration.ofMinutes(3));
            assertThat(rollout.status().awaitsApproval()).isTrue();
            rollout.dismiss("ann", "it may take its time");
            hand.pass(Duration.ofMinutes(3));
            assertThat(pager.tried).isEmpty();
        }

        @Test
        void recommended_automationIsOff_isToldToo_observed_isNot() {
            rollouts.automationOff("ann", "load test");
            breakCandidate(started(plan(), onCall.on(Occasion.RECOMMENDED)));
            hand.pass(TICK);
            assertThat(pager.words()).containsExactly("recommended");

            rollouts.close();
            ByHand fresh = new ByHand();
            Mailbox other = new Mailbox(fresh, "other");
            Rollout observed = fresh.rollouts()
                    .start(plan().mode(Mode.OBSERVE)
                            .communication(Communication.of(
                                    Group.of("a", "a", other).on(Occasion.RECOMMENDED, Occasion.ROLLBACK)))
                            .build());
            breakCandidate(observed);
            fresh.pass(Duration.ofSeconds(1));
            assertThat(observed.status().decision()).isNotEmpty();
            assertThat(other.tried).isEmpty();
        }

        @Test
        void notStarted_isToldOncePerChange_notMoreOftenThanEachFiveMinutes() {
            Check.Result[] result = {Check.Result.fail("still cold")};
            RollbackPlan.Builder cold =
                    plan().strategy(canary(5).bake(Duration.ofHours(9)).verify("warm", () -> result[0]));
            Rollout rollout = started(cold, onCall.on(Occasion.NOT_STARTED, Occasion.STARTED));
            hand.pass(Duration.ofMinutes(20));
            assertThat(pager.at).containsExactly(0.1);
            assertThat(pager.sent.get(0).text()).startsWith("""
                            The rollout of checkout 1.5.0 has not started; all calls are served by 1.4.2.
                            When: 2030-01-01 12:00:00 UTC
                            Why: verification warm: still cold
                            To do: repair what it names; it is tried again by itself
                            Next word: when something changes
                            """);

            result[0] = Check.Result.fail("disk full");
            hand.pass(Duration.ofMinutes(1));
            result[0] = Check.Result.fail("still cold");
            hand.pass(Duration.ofMinutes(9));
            assertThat(pager.sent)
                    .as("the second reason, and not the first again")
                    .hasSize(2);

            for (int i = 0; i < 120; i++) {
                result[0] = Check.Result.fail("cold for " + i + " times");
                hand.pass(Duration.ofSeconds(5));
            }
            assertThat(pager.sent)
                    .as("ten minutes of reasons that change all the time: one of them, and the next after twenty")
                    .hasSize(3);

            result[0] = Check.Result.pass("warm");
            hand.pass(Duration.ofMinutes(10));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(pager.words()).last().isEqualTo("started");
        }

        @Test
        void after_delaysAllOfAGroup() {
            rolledBack(plan(), onCall.after(Duration.ofMinutes(3)));
            hand.pass(Duration.ofMinutes(10));
            assertThat(pager.words()).containsExactly("rollback", "rolled-back", "scope");
            assertThat(pager.at).containsExactly(180.0, 180.1, 480.0);
        }

        @Test
        void group_isToldItsOccasionsAlone_theOthersAreToldWhomToAsk() {
            Mailbox mail = new Mailbox(hand, "mail");
            rolledBack(stuck(), onCall, Group.of("support", "support", mail).on(Occasion.SCOPE, Occasion.NEEDS_HUMAN));
            hand.pass(Duration.ofMinutes(30));
            assertThat(mail.words()).containsExactly("needs-human", "scope");
            assertThat(mail.sent).allMatch(message -> message.text().contains("\nQuestions: on-call\n"));
            assertThat(pager.sent).noneMatch(message -> message.text().contains("Questions"));
        }

        @Test
        void template_isFilledIn() {
            Group customers = onCall.on(Occasion.ROLLBACK, Occasion.ROLLED_BACK)
                    .saying("{component}: {what}. {candidate} to {stable} since {why}. {next-update}. {data-loss}."
                            + " {rollout}");
            rolledBack(plan(), customers);
            hand.pass(TICK);
            assertThat(pager.sent)
                    .extracting(Notifier.Message::text)
                    .containsExactly(
                            "checkout: All calls are served by checkout 1.4.2 again; 1.5.0 has been taken back. 1.5.0 to"
                                    + " 1.4.2 since a person decided it: wrong prices. none is planned. nobody"
                                    + " has looked whether data were lost; the plan does not say what loss is tolerated. "
                                    + ID,
                            "checkout: checkout 1.5.0 has been taken back; 1.4.2 serves all calls. 1.5.0 to 1.4.2 since a"
                                    + " person decided it: wrong prices. none is planned. nobody has looked"
                                    + " whether data were lost; the plan does not say what loss is tolerated. "
                                    + ID);
        }
    }

    @Nested
    class Channels {

        private final Mailbox mail = new Mailbox(hand, "mail");
        private final Group both = onCall.on(Occasion.ROLLBACK).orBy(mail);

        @Test
        void send_failsAtFirst_isTriedAgainWithTheSameId() {
            pager.sending = message -> {
                if (pager.tried.size() < 3) {
                    throw new IOException("busy");
                }
            };
            rolledBack(plan(), both);
            hand.pass(Duration.ofMinutes(1));
            assertThat(pager.at).containsExactly(0.0, 1.0, 6.0);
            assertThat(pager.tried.get(0).deliveryId()).isEqualTo(ID + "/on-call/rollback/1");
            assertThat(pager.tried).as("the same at each try").containsOnly(pager.tried.get(0));
            assertThat(mail.tried).isEmpty();
            assertThat(hand.types(ID)).contains("notified").doesNotContain("not-notified");
        }

        @Test
        void send_firstChannelFails_theNextIsTaken() {
            pager.sending = message -> {
                throw new IOException("busy");
            };
            rolledBack(plan(), both);
            hand.pass(Duration.ofMinutes(1));
            assertThat(pager.tried).hasSize(3);
            assertThat(mail.ids()).containsExactly("on-call/rollback/1");
            assertThat(heard)
                    .containsSubsequence(
                            new RolloutEvent.NotNotified(
                                    "on-call", "pager", "rollback", ID + "/on-call/rollback/1", "busy"),
                            new RolloutEvent.Notified("on-call", "mail", "rollback", ID + "/on-call/rollback/1"));
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .contains(ID + ": on-call could not be told by pager (rollback), the next channel is taken: busy");
        }

        @Test
        void send_noChannelWorks_isSaidLoudly_andNothingElseSuffers() {
            pager.sending = message -> {
                throw new StackOverflowError();
            };
            mail.sending = message -> {
                throw new IllegalStateException();
            };
            Rollout rollout = rolledBack(plan(), both);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            hand.pass(Duration.ofMinutes(1));
            assertThat(log.list).anySatisfy(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.ERROR);
                assertThat(line.getFormattedMessage())
                        .isEqualTo(
                                ID + ": NOBODY OF on-call WAS TOLD (rollback): no channel of theirs works, last mail:"
                                        + " IllegalStateException. Tell them");
            });
            hand.pass(Duration.ofHours(1));
            assertThat(mail.tried).as("given up").hasSize(3);
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT0S", "PT0.5S", "PT10S", "PT1M"})
        void send_channelAsksToWait_isWaitedFor(Duration asked) {
            pager.sending = message -> {
                if (pager.tried.size() < 2) {
                    throw new Notifier.NotSentException("busy", asked);
                }
            };
            rolledBack(plan(), both);
            hand.pass(Duration.ofMinutes(2));
            assertThat(pager.at).containsExactly(0.0, Math.max(1.0, asked.toSeconds()));
            assertThat(mail.tried).isEmpty();
        }

        @Test
        void send_channelAsksToWaitLong_theNextIsTakenAtOnce_andTheLastWaitsFiveMinutesAtMost() {
            pager.sending = message -> {
                throw new Notifier.NotSentException("busy", Duration.ofHours(1));
            };
            mail.sending = pager.sending;
            rolledBack(plan(), both);
            hand.pass(Duration.ofMinutes(20));
            assertThat(pager.at).containsExactly(0.0);
            assertThat(mail.at).containsExactly(0.1, 300.1, 600.1);
        }

        @Test
        void send_threeChannelsHang_endsWithinFiveMinutes() {
            Mailbox third = new Mailbox(hand, "chat");
            Mailbox fourth = new Mailbox(hand, "sms");
            for (Mailbox hanging : List.of(pager, mail, third)) {
                hanging.sending = message -> {
                    hand.pass(Duration.ofSeconds(31));
                    if (Thread.interrupted()) {
                        throw new InterruptedException("given up");
                    }
                };
            }
            rolledBack(plan(), both.orBy(third).orBy(fourth));
            hand.pass(Duration.ofMinutes(6));
            assertThat(pager.sent).isEmpty();
            assertThat(fourth.ids()).containsExactly("on-call/rollback/1");
            assertThat(fourth.at.get(0)).isLessThan(300.0);
            assertThat(heard)
                    .contains(new RolloutEvent.NotNotified(
                            "on-call", "pager", "rollback", ID + "/on-call/rollback/1", "no answer within PT30S"));
        }

        @Test
        void send_oneMessageAfterTheOther_inOrder() {
            pager.sending = message -> {
                if (pager.tried.size() < 3) {
                    throw new IOException("busy");
                }
            };
            rolledBack(plan(), onCall.on(Occasion.ROLLBACK, Occasion.ROLLED_BACK));
            hand.pass(Duration.ofMinutes(1));
            assertThat(pager.words()).containsExactly("rollback", "rolled-back");
        }

        @Test
        void send_updatesPileUp_onlyTheLatestIsSent() {
            boolean[] broken = {true};
            pager.sending = message -> {
                if (broken[0]) {
                    throw new Notifier.NotSentException("busy", Duration.ofMinutes(5));
                }
            };
            rolledBack(stuck(), onCall.on(Occasion.UPDATE).updatesEvery(Duration.ofMinutes(1)));
            hand.pass(Duration.ofMinutes(10).plusSeconds(30));
            broken[0] = false;
            hand.pass(Duration.ofSeconds(40));
            assertThat(pager.ids()).containsExactly("on-call/update/11");
        }
    }
}
