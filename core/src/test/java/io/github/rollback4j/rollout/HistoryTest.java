package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final List<Journal.Entry> entries = new ArrayList<>();

    /** Adds an event, its data as {@code name=value}. */
    private HistoryTest with(String type, String... data) {
        return with(type, Duration.ofSeconds(entries.size()), data);
    }

    private HistoryTest with(String type, Duration elapsed, String... data) {
        Map<String, String> parts = new TreeMap<>();
        Arrays.stream(data).forEach(part -> parts.put(part.split("=", 2)[0], part.split("=", 2)[1]));
        entries.add(new Journal.Entry(entries.size() + 1, 3, Journal.Event.of(type, NOON, elapsed, parts)));
        return this;
    }

    private History history() {
        return History.of(entries);
    }

    private HistoryTest running() {
        return with("planned", "salt=abc", "splitVersion=1", "planHash=1234", "plan.mode=ACT", "plan.stable=1")
                .with("growing", "share=0.05")
                .with("started")
                .with("exposed", "step=0", "share=0.05");
    }

    private HistoryTest withNewer(String type, String... data) {
        with(type, data);
        Journal.Entry last = entries.remove(entries.size() - 1);
        Journal.Event event = last.event();
        entries.add(new Journal.Entry(
                last.sequence(),
                last.fencingToken(),
                new Journal.Event(event.type(), 2, event.at(), event.elapsed(), event.data())));
        return this;
    }

    @Nested
    class NewerVersions {

        @ParameterizedTest
        @ValueSource(strings = {"rolled-back", "promoted", "paused", "teleported"})
        @Tag("R-4")
        void of_typeWhoseVersionIsNotKnown_isKeptAndSkipped(String type) {
            History history = running().withNewer(type).history();
            assertThat(history.state.phase()).isEqualTo(Phase.RUNNING);
            assertThat(history.sequence).isEqualTo(5);
            assertThat(history.entries).hasSize(5);
            assertThat(RolloutEvent.of(history.entries.get(4).event())).isNull();
        }

        @Test
        @Tag("R-2")
        void of_decisionWhoseVersionIsNotKnown_takesTheCandidateBack() {
            assertThat(running().withNewer("decided").history().state.phase()).isEqualTo(Phase.ROLLING_BACK);
        }

        @Test
        void of_decisionWhoseVersionIsNotKnown_thatWasNotActedOn_doesNot() {
            assertThat(running()
                            .withNewer("decided", "acted=false")
                            .history()
                            .state
                            .phase())
                    .isEqualTo(Phase.RUNNING);
        }
    }

    @Nested
    class EachType {

        @Test
        void of_nothing_isEmptyAndPlanned() {
            assertThat(history().isEmpty()).isTrue();
            assertThat(history().state).isEqualTo(RolloutState.PLANNED);
            assertThat(history().elapsed).isZero();
            assertThat(history().highestShare).isZero();
        }

        @Test
        void of_planned_knowsSaltPlanAndPlace() {
            History history = with("planned", "salt=abc", "splitVersion=1", "planHash=1234", "plan.mode=ACT")
                    .history();
            assertThat(history.salt).isEqualTo("abc");
            assertThat(history.splitVersion).isEqualTo("1");
            assertThat(history.planHash).isEqualTo("1234");
            assertThat(history.plan).isEqualTo(Map.of("mode", "ACT"));
            assertThat(history.sequence).isEqualTo(1);
            assertThat(history.fencingToken).isEqualTo(3);
            assertThat(history.state).isEqualTo(RolloutState.PLANNED);
        }

        @Test
        void of_running_knowsStepAndHighestShare() {
            History history = running()
                    .with("growing", "share=0.25")
                    .with("exposed", "step=1", "share=0.25")
                    .with("growing", "share=0.5")
                    .history();
            assertThat(history.state).isEqualTo(new RolloutState(Phase.RUNNING, 1, false, false));
            assertThat(history.highestShare)
                    .as("what was about to be exposed counts")
                    .isEqualTo(0.5);
            assertThat(history.elapsed).isEqualTo(Duration.ofSeconds(6));
            assertThat(history.incarnations).isZero();
        }

        @Test
        void of_pausedAndResumed_isThatState() {
            assertThat(running().with("paused", "trafficStopped=false").history().state)
                    .isEqualTo(new RolloutState(Phase.PAUSED, 0, false, false));
            assertThat(with("paused", "trafficStopped=true").history().state)
                    .isEqualTo(new RolloutState(Phase.PAUSED, 0, true, false));
            assertThat(history().isSwitchedOn).isFalse();
            assertThat(with("resumed").history().state.phase()).isEqualTo(Phase.RUNNING);
            assertThat(history().isSwitchedOn).isTrue();
            assertThat(with("exposed", "step=1").history().isSwitchedOn).isFalse();
        }

        @Test
        void of_decidedAndActed_isRollingBack() {
            History history =
                    running().with("decided", "acted=true", "why=errors").history();
            assertThat(history.state.phase()).isEqualTo(Phase.ROLLING_BACK);
            assertThat(history.decision).isEqualTo("errors");
            assertThat(history.held).isEmpty();
        }

        @Test
        void of_decidedAndNotActed_isHeldUntilDismissedOrDecidedByAPerson() {
            assertThat(running()
                            .with("decided", "acted=false", "why=errors")
                            .history()
                            .state
                            .phase())
                    .isEqualTo(Phase.RUNNING);
            assertThat(history().held).isEqualTo("errors");
            assertThat(with("dismissed", "by=ann").history().held).isEmpty();
            assertThat(with("decided", "acted=false", "why=more errors").history().held)
                    .isEqualTo("more errors");
            assertThat(with("promoted", "by=ann").history().held).isEmpty();
        }

        @Test
        void of_steps_knowsWhichAreDone() {
            History history = running()
                    .with("decided", "acted=true")
                    .with("step-intended", "step=flag")
                    .with("step-done", "step=flag")
                    .with("step-intended", "step=pipeline")
                    .with("step-failed", "step=pipeline")
                    .with("step-asked", "step=pipeline")
                    .history();
            assertThat(history.stepBack("flag").isDone).isTrue();
            assertThat(history.stepBack("switch").isDone).isFalse();
            assertThat(history.state.phase()).isEqualTo(Phase.ROLLING_BACK);
        }

        @Test
        void of_ends_areThoseStates() {
            running().with("decided", "acted=true");
            assertThat(with("needs-human", "why=x").history().state.phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(with("rolled-back").history().state.phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void of_promoted_hasAWindowUntilItIsClosed() {
            assertThat(running().with("promoted").history().state)
                    .isEqualTo(new RolloutState(Phase.PROMOTED, 0, false, true));
            assertThat(history().highestShare).isEqualTo(1);
            assertThat(with("window-closed").history().state)
                    .isEqualTo(new RolloutState(Phase.PROMOTED, 0, false, false));
        }

        @Test
        void of_pauses_areNoTimeThatItRan() {
            History history = with("planned")
                    .with("started", Duration.ofSeconds(10))
                    .with("paused", Duration.ofSeconds(15))
                    .with("resumed", Duration.ofSeconds(100))
                    .with("overdue", Duration.ofSeconds(102), "then=hold")
                    .history();
            assertThat(history.ran).isEqualTo(Duration.ofSeconds(7));
            assertThat(history.isOverdue).isTrue();
        }

        @Test
        void of_continued_countsTheRestarts() {
            assertThat(running()
                            .with("continued")
                            .with("closed")
                            .with("continued")
                            .history()
                            .incarnations)
                    .isEqualTo(2);
        }

        @Test
        @Tag("R-2")
        void of_rolledBack_noLaterEventExposesAgain() {
            running().with("decided", "acted=true").with("rolled-back");
            for (String type : List.of("started", "exposed", "resumed", "promoted", "continued", "decided", "paused")) {
                assertThat(with(type, "acted=false").history().state.phase()).isEqualTo(Phase.ROLLED_BACK);
            }
        }

        /** Each event that the library writes must be known here, or be one that says nothing of the state. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "not-started",
                    "step-intended",
                    "step-asked",
                    "step-failed",
                    "reported",
                    "controlled",
                    "closed"
                })
        void of_whatSaysNothingOfTheState_isSkipped(String type) {
            RolloutState before = running().history().state;
            assertThat(with(type, "why=x").history().state).isEqualTo(before);
            assertThat(history().sequence).isEqualTo(5);
        }
    }

    @Nested
    @Tag("R-4")
    class Steps {

        private StepHistory deploy() {
            return history().stepBack("deploy");
        }

        private HistoryTest rollingBack() {
            return running().with("decided", "acted=true");
        }

        @Test
        void of_intent_isOpenUntilItsEndIsKnown() {
            rollingBack()
                    .with("step-intended", "step=deploy", "way=undo", "attempt=2", "deadlineMillis=20000")
                    .with("step-sent", "step=deploy", "way=undo", "reference=run 77");
            assertThat(deploy().isOpen).isTrue();
            assertThat(deploy().way).isEqualTo("undo");
            assertThat(deploy().attempt).isEqualTo(2);
            assertThat(deploy().triedAt).isEqualTo(NOON);
            assertThat(deploy().deadline).isEqualTo(Duration.ofSeconds(20));
            assertThat(deploy().reference).isEqualTo("run 77");
            with("step-failed", "step=deploy", "way=undo", "attempt=2", "error=gone");
            assertThat(deploy().isOpen).isFalse();
            assertThat(deploy().failures).containsExactly(Map.entry("undo", "2 times, last: gone"));
        }

        @Test
        void of_anotherWay_hasNoReferenceYet() {
            rollingBack()
                    .with("step-intended", "step=deploy", "way=deploy", "attempt=1")
                    .with("step-sent", "step=deploy", "way=deploy", "reference=run 77")
                    .with("step-failed", "step=deploy", "way=deploy", "attempt=1", "error=gone")
                    .with("step-intended", "step=deploy", "way=undo", "attempt=1");
            assertThat(deploy().reference).isEmpty();
        }

        @Test
        void of_lookedUpAsNotDone_theTryIsNotUsedUp() {
            rollingBack()
                    .with("step-intended", "step=deploy", "attempt=2")
                    .with("step-looked-up", "step=deploy", "found=unknown");
            assertThat(deploy().isOpen).isTrue();
            with("step-looked-up", "step=deploy", "found=not-done");
            assertThat(deploy().isOpen).isFalse();
            assertThat(deploy().attempt).isEqualTo(1);
        }

        @Test
        void of_restartsWhileItIsOpen_areCounted() {
            rollingBack()
                    .with("step-intended", "step=deploy", "attempt=1")
                    .with("continued")
                    .with("continued");
            assertThat(deploy().cutOff).isEqualTo(2);
        }

        @Test
        void of_gates_knowsWhichAreOpenAndByWhom() {
            rollingBack()
                    .with("gate-opened", "step=deploy", "gate=freeze", "by=rollback4j")
                    .with("gate-closed", Duration.ofSeconds(70), "step=deploy", "gate=database", "verdict=wait")
                    .with("gate-closed", Duration.ofSeconds(90), "step=deploy", "gate=database", "verdict=ask");
            assertThat(deploy().opened).containsExactly("freeze");
            assertThat(deploy().openedByPerson).isEmpty();
            assertThat(deploy().closedGate).isEqualTo("database");
            assertThat(deploy().closedAt).isEqualTo(Duration.ofSeconds(70));
            assertThat(deploy().isGateAsked()).isTrue();
            with("gate-opened", "step=deploy", "gate=database", "by=ann");
            assertThat(deploy().openedByPerson).containsExactly("database");
            assertThat(deploy().closedGate).isEmpty();
        }

        @Test
        void of_triedAgain_beginsAnewWhatIsNamed_andGoesOn() {
            rollingBack()
                    .with("step-intended", "step=deploy", "attempt=1")
                    .with("step-failed", "step=deploy", "attempt=1", "error=gone")
                    .with("step-intended", "step=switch", "attempt=1")
                    .with("needs-human", "why=deploy failed");
            assertThat(history().needsHuman).isEqualTo("deploy failed");
            with("tried-again", "by=ann", "what=deploy");
            assertThat(history().state.phase()).isEqualTo(Phase.ROLLING_BACK);
            assertThat(deploy().attempt).isZero();
            assertThat(deploy().way).isEmpty();
            assertThat(history().stepBack("switch").isRepeatable).isFalse();
            with("needs-human", "why=nobody knows of switch").with("tried-again", "by=ann", "what=switch");
            assertThat(history().stepBack("switch").isRepeatable).isTrue();
        }

        @Test
        void of_resumed_afterPeopleWereNeeded_goesOn() {
            rollingBack().with("needs-human", "why=x");
            assertThat(history().hasActed).isFalse();
            with("step-done", "step=deploy", "by=ann");
            assertThat(history().hasActed).isTrue();
            assertThat(history().state.phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(with("resumed", "by=ann").history().state.phase()).isEqualTo(Phase.ROLLING_BACK);
        }

        @Test
        void of_verification_knowsTheBaselineAndTheResult() {
            assertThat(history().baselineCalls).isNegative();
            rollingBack().with("baseline-noted", "calls=1000", "failures=7").with("verified", "result=unhealthy");
            assertThat(history().baselineCalls).isEqualTo(1_000);
            assertThat(history().baselineFailures).isEqualTo(7);
            assertThat(history().verified).isEqualTo("unhealthy");
            assertThat(with("tried-again", "what=verification").history().verified)
                    .isEmpty();
        }

        /** As versions wrote it in which a step had one way. */
        @Test
        void of_eventsOfOlderVersions_areOfTheStepsFirstWay() {
            rollingBack().with("step-intended", "step=deploy", "attempt=1", "idempotencyKey=x/deploy");
            assertThat(deploy().way).isEqualTo("deploy");
            assertThat(deploy().deadline).isNull();
            with("step-failed", "step=deploy", "attempt=1", "error=gone");
            assertThat(deploy().failures).containsExactly(Map.entry("deploy", "once: gone"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"many", "-1", "", "99999999999999999999"})
        void of_numbersThatCannotBeRead_areNoException(String number) {
            rollingBack()
                    .with("step-intended", "step=deploy", "attempt=" + number, "deadlineMillis=" + number)
                    .with("baseline-noted", "calls=" + number, "failures=" + number)
                    .with("gate-closed", "step=deploy", "gate=x", "verdict=teleported");
            assertThat(deploy().isOpen).isTrue();
            assertThat(deploy().attempt).isNotNegative();
            assertThat(history().baselineFailures).isNotNegative();
        }
    }

    @Nested
    class OddData {

        @Test
        void of_unknownTypeAndFields_areSkipped() {
            RolloutState before = running().history().state;
            assertThat(with("teleported", "where=mars", "share=many").history().state)
                    .isEqualTo(before);
            assertThat(with("exposed", "step=1", "colour=green").history().state.step())
                    .isEqualTo(1);
        }

        @ParameterizedTest
        @CsvSource({"two, 0", "-3, 0", "99999999999999, 0", "'', 0", "1.0, 0", "7, 7"})
        void of_step_isTakenWhereItIsANumber(String step, int expected) {
            assertThat(running().with("exposed", "step=" + step).history().state.step())
                    .isEqualTo(expected);
        }

        @ParameterizedTest
        @CsvSource({"many, 1", "NaN, 1", "-0.5, 1", "7, 1", "Infinity, 1", "'', 1", "0.25, 0.25"})
        void of_share_isTheLargestWhereItCannotBeRead(String share, double expected) {
            assertThat(running().with("growing", "share=" + share).history().highestShare)
                    .isEqualTo(expected);
        }

        @Test
        void of_missingData_isNoException() {
            for (Class<?> kind : RolloutEvent.class.getPermittedSubclasses()) {
                with(kind.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT));
            }
            assertThat(history().sequence).isEqualTo(entries.size());
        }

        @ParameterizedTest
        @ValueSource(strings = {"-PT1H", "PT999999999999H", "PT1S"})
        void of_elapsed_neverGoesBackAndIsNeverAbsurd(Duration elapsed) {
            running().with("continued", Duration.ofMinutes(7)).with("exposed", elapsed, "step=1");
            assertThat(history().elapsed).isEqualTo(Duration.ofMinutes(7));
        }

        @Test
        void of_anyRandomEvents_isNoException() {
            SplittableRandom random = new SplittableRandom(5);
            String[] names = {
                "step",
                "share",
                "acted",
                "trafficStopped",
                "salt",
                "why",
                "plan.x",
                "incarnation",
                "attempt",
                "way",
                "gate",
                "verdict",
                "found",
                "deadlineMillis",
                "what",
                "calls",
                "result"
            };
            String[] values = {"", "true", "false", "-1", "1e999", "NaN", "0.5", "\u0000", "9999999999", "PT1S"};
            for (int i = 0; i < 5_000; i++) {
                Class<?>[] kinds = RolloutEvent.class.getPermittedSubclasses();
                String type = kinds[random.nextInt(kinds.length)]
                        .getSimpleName()
                        .replaceAll("(?<=.)([A-Z])", "-$1")
                        .toLowerCase(Locale.ROOT);
                with(
                        type,
                        Duration.ofSeconds(random.nextLong()),
                        names[random.nextInt(names.length)] + "=" + values[random.nextInt(values.length)]);
                if (random.nextInt(40) == 0) {
                    History history = history();
                    assertThat(history.highestShare).isBetween(0.0, 1.0);
                    assertThat(history.state.step()).isNotNegative();
                    assertThat(history.elapsed.toNanos()).isNotNegative();
                    entries.clear();
                }
            }
        }
    }
}
