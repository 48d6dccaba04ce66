package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.NOON;
import static io.github.rollback4j.rollout.ByHand.breakCandidate;
import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Group;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Messages that wait for a person: to be acknowledged, or approved. */
@ExtendWith(NoComplaints.class)
class AnnouncementAnswersTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration TICK = Duration.ofMillis(100);

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private final Rollouts rollouts = open();
    private final Mailbox pager = new Mailbox(hand, "pager");
    private final Mailbox phone = new Mailbox(hand, "phone");
    private final Mailbox mail = new Mailbox(hand, "mail");

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
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

    private static RollbackPlan.Builder stuck() {
        return plan().thenRun(
                        way("deploy", context -> {
                            throw new IOException("connection refused");
                        }),
                        Duration.ofSeconds(1),
                        1);
    }

    @Nested
    class Acknowledgement {

        private final Group onCall = Group.of("on-call", "on-call", pager)
                .on(Occasion.ROLLBACK, Occasion.ROLLED_BACK)
                .acknowledgedWithin(Duration.ofMinutes(10), "lead");
        private final Group lead = Group.of("lead", "team lead", phone)
                .onlyWhenEscalated()
                .acknowledgedWithin(Duration.ofMinutes(5), "cto");
        private final Group cto = Group.of("cto", "CTO", mail).onlyWhenEscalated();
        private final Group[] chain = {onCall, lead, cto};

        @Test
        void nobodyAcknowledges_isToldOn_toTheEndOfTheChain() {
            Rollout rollout = rolledBack(plan(), chain);
            hand.pass(Duration.ofHours(2));
            assertThat(pager.ids()).containsExactly("on-call/rollback/1", "on-call/rolled-back/1");
            assertThat(pager.sent)
                    .extracting(Notifier.Message::asksAcknowledgement)
                    .as("what is not critical wakes nobody")
                    .containsExactly(true, false);
            assertThat(phone.ids()).containsExactly("on-call/rollback/1/lead");
            assertThat(phone.at).containsExactly(600.0);
            assertThat(mail.ids()).containsExactly("on-call/rollback/1/lead/cto");
            assertThat(mail.at).containsExactly(900.0);
            assertThat(mail.sent.get(0).asksAcknowledgement()).isFalse();
            assertThat(pager.sent.get(0).text())
                    .contains("Acknowledge within 10 min: acknowledgeMessage(\"" + ID
                            + "/on-call/rollback/1\", by); else lead is told\n");
            assertThat(phone.sent.get(0).subject()).isEqualTo("Not acknowledged: checkout 1.5.0: rollback to 1.4.2");
            assertThat(phone.sent.get(0).text())
                    .startsWith("on-call did not acknowledge it within 10 min.\nAll calls are served by checkout 1.4.2"
                            + " again; 1.5.0 has been taken back.\nWhen: 2030-01-01 12:00:00 UTC\n");
            assertThat(heard)
                    .contains(
                            new RolloutEvent.Escalated(
                                    "on-call",
                                    "lead",
                                    ID + "/on-call/rollback/1",
                                    "on-call did not acknowledge it within 10 min"),
                            new RolloutEvent.Escalated(
                                    "lead",
                                    "cto",
                                    ID + "/on-call/rollback/1/lead",
                                    "team lead did not acknowledge it within 5 min"));
            assertThat(rollout.status().messages())
                    .as("it still waits")
                    .extracting(Rollout.WaitingMessage::deliveryId)
                    .containsExactly(ID + "/on-call/rollback/1", ID + "/on-call/rollback/1/lead");
        }

        @Test
        void acknowledged_inTime_goesNoFurther() {
            Rollout rollout = rolledBack(plan(), chain);
            hand.pass(Duration.ofMinutes(9));
            assertThat(rollout.status().messages())
                    .containsExactly(new Rollout.WaitingMessage(
                            ID + "/on-call/rollback/1",
                            "on-call",
                            Occasion.ROLLBACK,
                            false,
                            "checkout 1.5.0: rollback to 1.4.2",
                            pager.sent.get(0).text(),
                            NOON.plusSeconds(600)));
            rollout.acknowledgeMessage(ID + "/on-call/rollback/1", "bob");
            hand.pass(Duration.ofHours(1));
            assertThat(phone.tried).isEmpty();
            assertThat(heard).contains(new RolloutEvent.Acknowledged("on-call", ID + "/on-call/rollback/1", "bob"));
            assertThat(rollout.status().messages()).isEmpty();
        }

        @Test
        void acknowledged_byTheFirstAfterItWentOn_stopsTheRest() {
            Rollout rollout = rolledBack(plan(), chain);
            hand.pass(Duration.ofMinutes(12));
            assertThat(phone.sent).hasSize(1);
            rollout.acknowledgeMessage(ID + "/on-call/rollback/1", "bob");
            hand.pass(Duration.ofHours(1));
            assertThat(mail.tried).isEmpty();
            assertThat(rollout.status().messages()).isEmpty();
        }

        @Test
        void acknowledged_byTheSecond_settlesTheFirst() {
            Rollout rollout = rolledBack(plan(), chain);
            hand.pass(Duration.ofMinutes(12));
            rollout.acknowledgeMessage("lead", "eve");
            hand.pass(Duration.ofHours(1));
            assertThat(mail.tried).isEmpty();
            assertThat(rollout.status().messages()).isEmpty();
            assertThat(heard).contains(new RolloutEvent.Acknowledged("lead", ID + "/on-call/rollback/1/lead", "eve"));
        }

        @Test
        void acknowledged_byGroup_isAllThatItWasTold() {
            Rollout rollout = rolledBack(stuck(), onCall.on(Occasion.ROLLBACK, Occasion.NEEDS_HUMAN), lead, cto);
            hand.pass(Duration.ofMinutes(1));
            assertThat(rollout.status().messages()).hasSize(2);
            rollout.acknowledgeMessage("on-call", "bob");
            assertThat(rollout.status().messages()).isEmpty();
            hand.pass(Duration.ofHours(1));
            assertThat(phone.tried).isEmpty();
        }

        @Test
        void acknowledge_whatDoesNotWait_isRefused() {
            Rollout rollout = rolledBack(plan(), chain);
            for (String odd : List.of("lead", "nobody", "", ID, ID + "/on-call", ID + "/on-call/rollback/2")) {
                assertThatThrownBy(() -> rollout.acknowledgeMessage(odd, "bob"))
                        .isInstanceOf(RollbackException.class)
                        .hasMessage("rollout " + ID + " is ROLLED_BACK: no message '" + odd
                                + "' waits for acknowledgement");
            }
            rollout.acknowledgeMessage("on-call", "bob");
            assertThatThrownBy(() -> rollout.acknowledgeMessage("on-call", "bob"))
                    .as("once")
                    .isInstanceOf(RollbackException.class);
        }

        @Test
        void acknowledge_whileItIsBeingSent_isEnough() {
            pager.sending = message -> {
                rollouts.all().get(0).acknowledgeMessage(message.deliveryId(), "bob");
                throw new IOException("the answer was lost");
            };
            Rollout rollout = rolledBack(plan(), onCall.on(Occasion.ROLLBACK), lead, cto);
            hand.pass(Duration.ofHours(1));
            assertThat(pager.tried).hasSize(1);
            assertThat(phone.tried).isEmpty();
            assertThat(rollout.status().messages()).isEmpty();
        }

        @Test
        void noChannelWorks_isToldOnAtOnce() {
            pager.sending = message -> {
                throw new IOException("no network");
            };
            rolledBack(plan(), onCall.on(Occasion.ROLLBACK), lead, cto);
            hand.pass(Duration.ofMinutes(1));
            assertThat(phone.at).hasSize(1).allMatch(at -> at < 10);
            assertThat(phone.sent.get(0).text()).startsWith("on-call could not be told by any channel.\n");
        }

        @Test
        void nobodyToTellOn_itGoesOnWaiting() {
            Rollout rollout = rolledBack(plan(), onCall.acknowledgedWithin(Duration.ofMinutes(10), ""));
            hand.pass(Duration.ofHours(1));
            assertThat(rollout.status().messages()).hasSize(1);
            assertThat(hand.types(ID)).doesNotContain("escalated");
        }

        @Test
        void recommendation_thatIsSettled_isNotToldOn() {
            Rollout rollout = started(plan().mode(Mode.RECOMMEND), onCall.on(Occasion.RECOMMENDED), lead, cto);
            breakCandidate(rollout);
            hand.pass(Duration.ofMinutes(5));
            assertThat(rollout.status().messages()).hasSize(1);
            rollout.approve("bob");
            hand.pass(Duration.ofHours(1));
            assertThat(phone.tried).isEmpty();
            assertThat(rollout.status().messages()).isEmpty();
        }

        @Test
        void step_thatSomebodyDid_isNotToldOn() {
            Rollout rollout = rolledBack(
                    stuck().thenRun(way("cache", context -> Done.asked("clear it"))),
                    onCall.on(Occasion.NEEDS_HUMAN, Occasion.ASKED),
                    lead,
                    cto);
            hand.pass(Duration.ofMinutes(5));
            rollout.acknowledge("deploy", "bob", "by hand");
            rollout.acknowledge("cache", "bob", "by hand");
            hand.pass(Duration.ofHours(1));
            assertThat(phone.tried).isEmpty();
            assertThat(rollout.status().messages()).isEmpty();
        }
    }

    @Nested
    class Approval {

        private final Group customers = Group.of("customers", "customers", mail)
                .on(Occasion.ROLLBACK, Occasion.ROLLED_BACK)
                .saying("{component}: {what}.")
                .approvedBy("Product Owner");
        private final Group owner = Group.of("po", "product owner", phone).on(Occasion.ASKED);
        private final String draft = ID + "/customers/rollback/1";

        @Test
        void draft_isShownAndWaits_andIsSentAsItWasApproved() {
            Rollout rollout = rolledBack(stuck(), customers);
            hand.pass(Duration.ofMinutes(30));
            assertThat(mail.tried).isEmpty();
            String text = "checkout: All calls are served by checkout 1.4.2 again; 1.5.0 is being taken back.";
            assertThat(heard)
                    .contains(new RolloutEvent.Drafted(
                            "customers",
                            "rollback",
                            draft,
                            "Product Owner",
                            "checkout 1.5.0: rollback to 1.4.2",
                            text));
            assertThat(rollout.status().messages())
                    .containsExactly(new Rollout.WaitingMessage(
                            draft,
                            "customers",
                            Occasion.ROLLBACK,
                            true,
                            "checkout 1.5.0: rollback to 1.4.2",
                            text,
                            null));

            rollout.approveMessage(draft, "pia");
            hand.tick();

            assertThat(mail.ids()).containsExactly("customers/rollback/1");
            assertThat(mail.sent.get(0).text()).isEqualTo(text);
            assertThat(heard).contains(new RolloutEvent.Approved("customers", draft, "pia"));
            assertThat(rollout.status().messages()).isEmpty();
        }

        @Test
        void draft_asksWhoMustApprove_untilTheyDo() {
            Rollout rollout = rolledBack(plan(), customers, owner);
            hand.pass(Duration.ofSeconds(1));
            assertThat(phone.ids()).containsExactly("po/asked/1", "po/asked/2");
            assertThat(phone.sent.get(0).text()).isEqualTo("""
                            A message about checkout 1.5.0 waits for approval.
                            When: 2030-01-01 12:00:00 UTC
                            Why: it must be approved before it is sent
                            To do: read it in the rollout's status, then approveMessage("%s", by)
                            Next word: none is planned
                            Questions: customers
                            Rollout: checkout:1.4.2..1.5.0#1""".formatted(draft));
            rollout.approveMessage(draft, "pia");
            rollout.approveMessage(ID + "/customers/rolled-back/1", "pia");
            hand.pass(Duration.ofSeconds(1));
            assertThat(mail.words()).containsExactly("rollback", "rolled-back");
        }

        @Test
        void draft_stillWaitsAfterTheRollback_whoMustApproveIsStillAsked() {
            Rollout rollout = rolledBack(stuck(), customers.on(Occasion.ROLLBACK), owner.after(Duration.ofMinutes(2)));
            hand.pass(Duration.ofMinutes(1));
            rollout.acknowledge("deploy", "bob", "by hand");
            hand.pass(Duration.ofMinutes(2));
            assertThat(phone.ids()).containsExactly("po/asked/1");
        }

        @Test
        void approve_inAnotherOrder_isSentInThatOrder() {
            Rollout rollout = rolledBack(plan(), customers);
            hand.pass(Duration.ofSeconds(1));
            rollout.approveMessage(ID + "/customers/rolled-back/1", "pia");
            hand.pass(Duration.ofSeconds(1));
            assertThat(mail.words()).containsExactly("rolled-back");
        }

        @Test
        void approve_whatDoesNotWait_isRefused() {
            Rollout rollout = rolledBack(plan(), customers);
            assertThatThrownBy(() -> rollout.approveMessage("customers", "pia"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessage("rollout " + ID + " is ROLLED_BACK: no message 'customers' waits for approval");
            rollout.approveMessage(draft, "pia");
            assertThatThrownBy(() -> rollout.approveMessage(draft, "pia")).isInstanceOf(RollbackException.class);
            hand.pass(TICK);
            assertThatThrownBy(() -> rollout.approveMessage(draft, "pia")).isInstanceOf(RollbackException.class);
        }

        @Test
        void draft_ofAnUpdate_isReplacedByTheNext_andEndsWithTheRollback() {
            Rollout rollout = rolledBack(stuck(), customers.on(Occasion.UPDATE), owner);
            hand.pass(Duration.ofMinutes(41));
            assertThat(rollout.status().messages())
                    .extracting(Rollout.WaitingMessage::deliveryId)
                    .containsExactly(ID + "/customers/update/2");
            assertThatThrownBy(() -> rollout.approveMessage(ID + "/customers/update/1", "pia"))
                    .isInstanceOf(RollbackException.class);
            rollout.acknowledge("deploy", "bob", "by hand");
            assertThat(rollout.status().messages()).isEmpty();
            assertThat(mail.tried).isEmpty();
        }

        @Test
        void draft_whoseApproverNeedsApproval_doesNotAskForEver() {
            rolledBack(
                    plan(),
                    customers.on(Occasion.ROLLBACK, Occasion.ASKED).approvedBy("customers"),
                    owner.approvedBy("customers"));
            hand.pass(Duration.ofMinutes(1));
            assertThat(hand.types(ID)).filteredOn("drafted"::equals).hasSize(1);
        }

        @Test
        void approvedMessage_thatMustBeAcknowledged_isWaitedForFromWhenItWasSent() {
            Group support = Group.of("support", "support", pager)
                    .on(Occasion.ROLLBACK)
                    .approvedBy("Product Owner")
                    .acknowledgedWithin(Duration.ofMinutes(10), "customers");
            Rollout rollout = rolledBack(plan(), support, customers.on(Occasion.PROMOTED));
            hand.pass(Duration.ofMinutes(30));
            rollout.approveMessage(ID + "/support/rollback/1", "pia");
            hand.pass(Duration.ofMinutes(9));
            assertThat(hand.types(ID)).doesNotContain("escalated");
            hand.pass(Duration.ofMinutes(2));
            assertThat(rollout.status().messages())
                    .as("what is told on needs its approval, too")
                    .filteredOn(Rollout.WaitingMessage::forApproval)
                    .extracting(Rollout.WaitingMessage::deliveryId)
                    .containsExactly(ID + "/support/rollback/1/customers");
        }
    }
}
