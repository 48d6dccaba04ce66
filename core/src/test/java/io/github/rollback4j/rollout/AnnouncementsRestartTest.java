package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.NOON;
import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Group;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes that die, and others that go on from the journal: nothing is told twice that was told, nothing forgotten that was due. */
@Tag("R-4")
@ExtendWith(NoComplaints.class)
class AnnouncementsRestartTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** One process, with its journal and its people. */
    private static final class Process {
        final ByHand hand = new ByHand();
        final Mailbox pager = new Mailbox(hand, "pager");
        final Mailbox phone = new Mailbox(hand, "phone");
        final Mailbox mail = new Mailbox(hand, "mail");
        final Mailbox broken = new Mailbox(hand, "broken");
        Rollouts rollouts = hand.rollouts();

        Process() {
            broken.sending = message -> {
                throw new IOException("no network");
            };
        }

        /** Begins with what another left in its journal, at a time. */
        static Process after(List<Journal.Entry> entries, Instant at) {
            Process process = new Process();
            process.hand.nanos += Duration.between(NOON, at).toNanos();
            long sequence = 0;
            for (Journal.Entry entry : entries) {
                sequence = process.hand.memory.append(ID, sequence, 0, entry.event());
            }
            return process;
        }

        List<Journal.Entry> journal() {
            return hand.memory.read(ID);
        }

        RollbackPlan plan(RollbackPlan.Builder builder, Group... groups) {
            return builder.communication(Communication.of(groups)).build();
        }

        /** A plan with all that can wait: an acknowledgement, an approval, a step, a channel that fails. */
        RollbackPlan everything() {
            return plan(
                    steps(),
                    Group.of("on-call", "on-call", broken)
                            .on(
                                    Occasion.STARTED,
                                    Occasion.ROLLBACK,
                                    Occasion.SCOPE,
                                    Occasion.UPDATE,
                                    Occasion.ASKED,
                                    Occasion.ROLLED_BACK)
                            .orBy(pager)
                            .acknowledgedWithin(MINUTE.multipliedBy(10), "lead"),
                    Group.of("lead", "team lead", phone)
                            .onlyWhenEscalated()
                            .acknowledgedWithin(MINUTE.multipliedBy(5), ""),
                    Group.of("customers", "customers", mail)
                            .on(Occasion.ROLLBACK, Occasion.UPDATE, Occasion.ROLLED_BACK)
                            .saying("{what}")
                            .approvedBy("Product Owner"));
        }

        private static RollbackPlan.Builder steps() {
            return ByHand.plan()
                    .strategy(canary(5).bake(Duration.ofHours(9)))
                    .thenRun(RollbackPlan.Step.of(way("cache", context -> Done.asked("clear the cache")))
                            // So that it goes on, too, where it is not known whether it was begun.
                            .repeatedWhenUncertain());
        }

        Stream<Mailbox> working() {
            return Stream.of(pager, phone, mail);
        }

        List<String> sent() {
            return working()
                    .flatMap(box -> box.sent.stream())
                    .map(message -> message.deliveryId())
                    .toList();
        }

        List<String> journalled(String type) {
            return journal().stream()
                    .map(Journal.Entry::event)
                    .filter(event -> event.type().equals(type))
                    .map(event -> String.valueOf(event.data().get("deliveryId")))
                    .toList();
        }

        /** Lets 40 minutes pass, in which people approve after two minutes, answer after 25 and acknowledge after 30. */
        void goOn(Rollout rollout) {
            hand.pass(MINUTE.multipliedBy(2));
            approve(rollout);
            hand.pass(MINUTE.multipliedBy(23));
            approve(rollout);
            hand.pass(Duration.ofSeconds(1));
            if (!rollout.status().awaitsAcknowledgement().isEmpty()) {
                rollout.acknowledge("cache", "bob", "cleared");
            }
            hand.pass(MINUTE.multipliedBy(5));
            approve(rollout);
            Set<String> groups = new HashSet<>();
            rollout.status().messages().forEach(message -> groups.add(message.group()));
            for (String group : groups) {
                if (rollout.status().messages().stream()
                        .anyMatch(each -> each.group().equals(group))) {
                    rollout.acknowledgeMessage(group, "bob");
                }
            }
            hand.pass(MINUTE.multipliedBy(10));
        }

        private static void approve(Rollout rollout) {
            rollout.status().messages().stream()
                    .filter(Rollout.WaitingMessage::forApproval)
                    .forEach(message -> rollout.approveMessage(message.deliveryId(), "pia"));
        }
    }

    /** The first process's journal, where nothing goes wrong. */
    private static Process whole() {
        Process whole = new Process();
        Rollout rollout = whole.rollouts.start(whole.everything());
        whole.hand.pass(MINUTE);
        rollout.rollBack("ann", "wrong prices");
        whole.goOn(rollout);
        return whole;
    }

    /** What a process may have left that died: the beginnings of the journal. */
    static Stream<Named<List<Journal.Entry>>> beginnings() {
        List<Journal.Entry> whole = whole().journal();
        return IntStream.rangeClosed(1, whole.size())
                .mapToObj(length -> Named.of(
                        length + " up to " + whole.get(length - 1).event().type(), whole.subList(0, length)));
    }

    @Test
    void whole_isWhatTheTestIsAbout() {
        Process whole = whole();
        assertThat(whole.hand.types(ID))
                .contains(
                        "drafted", "approved", "notified", "not-notified", "escalated", "acknowledged", "rolled-back");
        assertThat(whole.journalled("notified"))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(whole.sent())
                .contains(
                        ID + "/on-call/started/1",
                        ID + "/on-call/rollback/1",
                        ID + "/on-call/rollback/1/lead",
                        ID + "/on-call/scope/1",
                        ID + "/on-call/update/1",
                        ID + "/on-call/asked/1",
                        ID + "/on-call/rolled-back/1",
                        ID + "/customers/rollback/1",
                        ID + "/customers/update/1",
                        ID + "/customers/rolled-back/1");
    }

    @ParameterizedTest
    @MethodSource("beginnings")
    void restart_atEachBoundary_tellsWhatWasDue_andNothingTwice(List<Journal.Entry> before) {
        Journal.Event last = before.get(before.size() - 1).event();
        Process next = Process.after(before, last.at());
        Set<String> told = new HashSet<>(next.journalled("notified"));

        Rollout rollout = next.rollouts.start(next.everything());
        next.goOn(rollout);

        assertThat(next.sent()).doesNotHaveDuplicates().noneMatch(told::contains);
        assertThat(next.journalled("notified")).doesNotHaveDuplicates();
        Predicate<String> happened =
                type -> before.stream().anyMatch(entry -> entry.event().type().equals(type));
        List<String> expected = new ArrayList<>();
        if (happened.test("started")) {
            expected.add(ID + "/on-call/started/1");
        }
        if (happened.test("decided")) {
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            for (String occasion : List.of("rollback/1", "scope/1", "update/1", "rolled-back/1")) {
                expected.add(ID + "/on-call/" + occasion);
            }
            for (String occasion : List.of("rollback/1", "rolled-back/1")) {
                expected.add(ID + "/customers/" + occasion);
            }
        }
        assertThat(expected).isSubsetOf(next.journalled("notified"));
        assertThat(rollout.status().messages()).isEmpty();
    }

    @Test
    void restart_afterTheMessageButBeforeItsEvent_sendsItAgainUnderTheSameId() {
        Process first = new Process();
        Rollout rollout = first.rollouts.start(first.everything());
        first.hand.journal.refuses = event -> event.type().equals("notified");
        rollout.rollBack("ann", "wrong prices");
        first.hand.pass(Duration.ofSeconds(20));
        assertThat(first.pager.ids()).contains("on-call/rollback/1");

        Process next = Process.after(first.journal(), NOON.plusSeconds(20));
        next.rollouts.start(next.everything());
        next.hand.pass(Duration.ofSeconds(20));

        assertThat(next.pager.ids()).contains("on-call/rollback/1");
    }

    @Test
    void restart_firstChannelFailedBefore_goesOnWithTheNext() {
        Process whole = whole();
        int failed = whole.hand.types(ID).lastIndexOf("not-notified") + 1;
        List<Journal.Entry> before = whole.journal().subList(0, failed);
        String id = before.get(failed - 1).event().data().get("deliveryId");
        Process next = Process.after(before, before.get(failed - 1).event().at());
        next.rollouts.start(next.everything());
        next.hand.pass(Duration.ofSeconds(1));
        assertThat(next.pager.sent).extracting(message -> message.deliveryId()).contains(id);
        assertThat(next.broken.tried)
                .extracting(message -> message.deliveryId())
                .doesNotContain(id);
    }

    @Test
    void restart_draft_isSentInTheWordsThatWereApproved() {
        Process first = new Process();
        first.rollouts.start(first.everything()).rollBack("ann", "wrong prices");
        first.hand.pass(MINUTE);

        Process next = Process.after(first.journal(), NOON.plus(MINUTE));
        Rollout rollout = next.rollouts.start(next.everything());
        String draft = ID + "/customers/rollback/1";
        assertThat(rollout.status().messages())
                .as("it waits from the start on")
                .extracting(Rollout.WaitingMessage::deliveryId)
                .contains(draft);
        rollout.acknowledge("cache", "bob", "cleared");
        rollout.approveMessage(draft, "pia");
        next.hand.pass(Duration.ofSeconds(1));

        assertThat(next.mail.sent)
                .singleElement()
                .satisfies(message -> assertThat(message.text())
                        .as("not 'has been taken back', which is so now, and was not approved")
                        .isEqualTo("All calls are served by checkout 1.4.2 again; 1.5.0 is being taken back"));
        assertThat(next.journalled("drafted")).filteredOn(draft::equals).hasSize(1);
    }

    private Process rolledBackAt(Duration at) {
        Process first = new Process();
        first.rollouts.start(first.everything()).rollBack("ann", "wrong prices");
        first.hand.pass(at);
        return first;
    }

    @Test
    void restart_soonAfter_timersGoOn() {
        Process first = rolledBackAt(MINUTE.multipliedBy(4));
        Process next = Process.after(first.journal(), NOON.plus(MINUTE.multipliedBy(4)));
        next.rollouts.start(next.everything());
        next.hand.pass(MINUTE.multipliedBy(17));
        assertThat(next.pager.ids()).containsExactly("on-call/scope/1", "on-call/update/1");
        assertThat(next.pager.at.get(0)).isBetween(300.0, 307.0);
        assertThat(next.pager.at.get(1)).isBetween(1200.0, 1207.0);
        assertThat(next.phone.ids()).containsExactlyInAnyOrder("on-call/rollback/1/lead", "on-call/asked/1/lead");
        assertThat(next.phone.at.get(0))
                .as("ten minutes after it was told by the second channel")
                .isBetween(612.0, 613.0);
    }

    @Test
    void restart_longAfter_whatWasPromisedIsToldAtOnce_andNotAllThatWasMissed() {
        Process first = rolledBackAt(MINUTE.multipliedBy(4));
        Process next = Process.after(first.journal(), NOON.plus(Duration.ofHours(3)));
        next.rollouts.start(next.everything());
        next.hand.pass(MINUTE);
        assertThat(next.pager.ids()).containsExactlyInAnyOrder("on-call/scope/1", "on-call/update/1");
        assertThat(next.pager.last(Occasion.UPDATE).nextUpdate()).isEqualTo("2030-01-01T15:20:00.100Z");
        assertThat(next.pager.last(Occasion.SCOPE).text())
                .startsWith("How many calls were hit is not known: the process that counted them has ended.\n");
        assertThat(next.phone.sent).hasSize(2);
        next.hand.pass(MINUTE.multipliedBy(20));
        assertThat(next.pager.ids()).endsWith("on-call/update/2");
    }

    @Test
    void restart_thenARollback_scopeSaysSinceWhenItWasCounted() {
        Process first = new Process();
        first.rollouts.start(first.everything());
        first.hand.pass(MINUTE);
        Process next = Process.after(first.journal(), NOON.plus(MINUTE));
        Rollout rollout = next.rollouts.start(next.everything());
        for (int i = 0; i < 200; i++) {
            rollout.call(() -> "stable", () -> "candidate");
        }
        next.hand.pass(Duration.ofSeconds(1));
        rollout.rollBack("ann", "wrong prices");
        next.hand.pass(MINUTE.multipliedBy(6));
        assertThat(next.pager.last(Occasion.SCOPE).text())
                .contains(" calls since 2030-01-01 12:01:00 UTC, of which ")
                .contains("; what was before that time is not known.\n");
    }

    @Test
    void restart_whatWaitsToBeAcknowledged_isInTheStatus() {
        Process first = rolledBackAt(MINUTE);
        Process next = Process.after(first.journal(), NOON.plus(MINUTE));
        Rollout rollout = next.rollouts.start(next.everything());
        assertThat(rollout.status().messages())
                .filteredOn(message -> !message.forApproval())
                .allSatisfy(message -> {
                    assertThat(message.subject()).isNotBlank();
                    assertThat(message.text()).contains("Why: ");
                    assertThat(message.until()).isBetween(NOON.plusSeconds(600), NOON.plusSeconds(630));
                })
                .extracting(Rollout.WaitingMessage::deliveryId)
                .containsExactlyInAnyOrder(ID + "/on-call/rollback/1", ID + "/on-call/asked/1");
    }

    /** Each process dies before its ten minutes are over, with no event in between that would keep how late it is. */
    @Test
    void restart_againAndAgain_stillEscalates() {
        Process process = rolledBackAt(MINUTE.multipliedBy(4));
        Instant now = NOON.plus(MINUTE.multipliedBy(4));
        for (int i = 0; i < 3; i++) {
            process = Process.after(process.journal(), now);
            process.rollouts.start(process.everything());
            process.hand.pass(MINUTE.multipliedBy(4));
            now = now.plus(MINUTE.multipliedBy(4));
        }
        assertThat(process.journalled("escalated")).contains(ID + "/on-call/rollback/1");
    }

    @Test
    void restart_clockWasSetBack_journalledTimeCounts() {
        Process first = rolledBackAt(MINUTE.multipliedBy(4));
        Process next = Process.after(first.journal(), NOON.minus(Duration.ofDays(400)));
        next.rollouts.start(next.everything());
        next.hand.pass(MINUTE.multipliedBy(12));
        assertThat(next.phone.ids()).contains("on-call/rollback/1/lead");
        assertThat(next.pager.ids()).containsExactly("on-call/scope/1");
    }

    @Test
    void restart_ofWhatWasOverLongAgo_tellsNothing_norThoseWhoWereNotInThePlan() {
        Process whole = whole();
        Process next = Process.after(whole.journal(), NOON.plus(Duration.ofDays(100)));
        RollbackPlan plan = next.plan(
                Process.steps(),
                Stream.concat(
                                next.everything().communication().groups().stream(),
                                Stream.of(Group.of("new", "newcomers", new Mailbox(next.hand, "new"))))
                        .toArray(Group[]::new));
        Rollout rollout = next.rollouts.start(plan);
        next.hand.pass(Duration.ofHours(1));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(next.sent()).isEmpty();
        assertThat(next.hand.types(ID)).endsWith("continued");
    }

    @Test
    void restart_notStartedForTheSameReason_isNotToldAgain() {
        Check.Result[] result = {Check.Result.fail("still cold")};
        Process first = new Process();
        RollbackPlan.Builder cold =
                plan().strategy(canary(5).bake(Duration.ofHours(9)).verify("warm", () -> result[0]));
        RollbackPlan plan =
                first.plan(cold, Group.of("on-call", "on-call", first.pager).on(Occasion.NOT_STARTED));
        first.rollouts.start(plan);
        first.hand.pass(MINUTE);
        assertThat(first.pager.sent).hasSize(1);

        Process next = Process.after(first.journal(), NOON.plus(MINUTE));
        next.rollouts.start(
                next.plan(cold, Group.of("on-call", "on-call", next.pager).on(Occasion.NOT_STARTED)));
        next.hand.pass(MINUTE.multipliedBy(10));
        assertThat(next.pager.tried).isEmpty();
        result[0] = Check.Result.fail("disk full");
        next.hand.pass(MINUTE.multipliedBy(10));
        assertThat(next.pager.sent).hasSize(1);
    }

    @Test
    void journalOfAnotherVersion_isTakenAsFarAsItCanBeRead() {
        Process process = new Process();
        RollbackPlan plan = process.everything();
        Process first = rolledBackAt(MINUTE);
        List<Journal.Entry> odd = new ArrayList<>(first.journal());
        for (String type : List.of(
                "notified",
                "not-notified",
                "drafted",
                "approved",
                "escalated",
                "acknowledged",
                "gate-closed",
                "step-done",
                "exposed")) {
            odd.add(new Journal.Entry(
                    odd.size() + 1,
                    0,
                    Journal.Event.of(
                            type,
                            NOON.plusSeconds(60),
                            Duration.ofDays(99_999),
                            Map.of(
                                    "deliveryId",
                                    ID + "/on-call/update/many",
                                    "occasion",
                                    "update",
                                    "group",
                                    "on-call"))));
        }
        Process next = Process.after(odd, NOON.plus(MINUTE));
        Rollout rollout = next.rollouts.start(next.everything());
        next.hand.pass(MINUTE.multipliedBy(40));
        assertThat(plan.hash()).isEqualTo(rollout.plan().hash());
        assertThat(next.pager.ids()).contains("on-call/scope/1", "on-call/update/1");
    }

    @Test
    void off_nothingIsTold_onAgain_whatIsDueIs() {
        Process process = new Process();
        Rollout rollout = process.rollouts.start(process.everything());
        Announcements announcements = rollout.lifecycle().announcements();
        rollout.lifecycle().locked(() -> announcements.setOn(false));
        rollout.rollBack("ann", "wrong prices");
        process.hand.pass(MINUTE.multipliedBy(30));
        assertThat(process.sent()).isEmpty();
        assertThat(process.hand.types(ID)).doesNotContain("drafted", "notified", "escalated");
        assertThat(rollout.status().messages()).isEmpty();

        rollout.lifecycle().locked(() -> {
            announcements.resume(
                    History.of(process.journal()), Duration.ofMinutes(30).toNanos());
            announcements.setOn(true);
        });
        process.hand.pass(MINUTE);

        assertThat(process.pager.ids())
                .containsExactlyInAnyOrder(
                        "on-call/started/1",
                        "on-call/rollback/1",
                        "on-call/scope/1",
                        "on-call/update/1",
                        "on-call/asked/1");
    }
}
