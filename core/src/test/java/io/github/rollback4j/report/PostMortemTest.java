package io.github.rollback4j.report;

import static io.github.rollback4j.report.Told.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.report.PostMortem.Action.Result;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostMortemTest {

    private static Told takenBack() {
        return Told.rollout().pass("99s").decided(true, 40).now(new RolloutEvent.RolledBack());
    }

    private static Instant after(long seconds) {
        return NOON.plusSeconds(seconds);
    }

    @Nested
    class Facts {

        @Test
        void of_aRollback_knowsWhatItWasAndWhat_itWasDecidedBy() {
            PostMortem postMortem = takenBack().postMortem();

            assertThat(postMortem.phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(postMortem.subject().rollout()).isEqualTo("checkout:1.4.2..1.5.0@c0ffee#1");
            assertThat(postMortem.subject().component()).isEqualTo("checkout");
            assertThat(postMortem.subject().stable()).isEqualTo("1.4.2");
            assertThat(postMortem.subject().candidate()).isEqualTo("1.5.0@c0ffee");
            assertThat(postMortem.subject().plan()).containsEntry("mode", "ACT");
            assertThat(postMortem.trigger()).satisfies(trigger -> {
                assertThat(trigger.signal()).isEqualTo("error-rate");
                assertThat(trigger.log10Evidence()).isEqualTo(2.5);
                assertThat(trigger.isActed()).isTrue();
                assertThat(trigger.byPerson()).isFalse();
            });
            assertThat(postMortem.markdown())
                    .startsWith("# checkout 1.5.0 was taken back\n")
                    .contains(
                            "error-rate spoke against it 1 min after the first harm; rollback4j took it back by itself at"
                                    + " 12:01:40 UTC on 3 January 2030. Since then all calls go to 1.4.2");
        }

        @Test
        void times_ofARollback_beginWithTheFirstHarm() {
            PostMortem.Times times = takenBack().postMortem().times();

            assertThat(times.started()).isEqualTo(after(1));
            assertThat(times.firstFailure()).isEqualTo(after(40));
            assertThat(times.harmed()).isEqualTo(after(40));
            assertThat(times.detected()).isEqualTo(after(100));
            assertThat(times.decided()).isEqualTo(after(100));
            assertThat(times.trafficBack()).isEqualTo(after(100));
            assertThat(times.toDetect()).isEqualTo(Duration.ofSeconds(60));
            assertThat(times.toRestore()).isEqualTo(Duration.ofSeconds(60));
        }

        @Test
        void harm_whereTheEvidenceRoseLaterThanTheFirstFailure_isThen() {
            Map<String, String> facts = Told.counts(2_000, 10, 200, 8);
            facts.put("first-failure", "PT5S");
            facts.put("rising-since", "PT1M30S");

            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .now(new RolloutEvent.Decided("error-rate", "why", 2, Mode.ACT, true, "rollback4j", facts))
                    .postMortem();

            assertThat(postMortem.times().firstFailure()).isEqualTo(after(5));
            assertThat(postMortem.times().harmed()).isEqualTo(after(90));
            assertThat(postMortem.times().toDetect()).isEqualTo(Duration.ofSeconds(10));
        }

        @Test
        void impact_ofARollback_isCountedAgainstStablesRateAtTheDecision() {
            PostMortem.Impact impact = Told.rollout()
                    .pass("99s")
                    .decided(true, 40)
                    .now(new RolloutEvent.RolledBack())
                    .after("31s", new RolloutEvent.Counted(Told.counts(9_000, 900, 204, 10)))
                    .postMortem()
                    .impact();

            assertThat(impact.candidateCalls()).isEqualTo(204);
            assertThat(impact.candidateFailures()).isEqualTo(10);
            // Of stable what was counted until the decision: afterwards it may have been hit by something else.
            assertThat(impact.stableFailures()).isEqualTo(10);
            assertThat(impact.excess()).isEqualTo(10 - 204 * .005, within(1e-9));
            assertThat(impact.highestShare()).isEqualTo(.1);
            assertThat(impact.exposed()).isEqualTo(Duration.ofSeconds(99));
            assertThat(impact.isFinal()).isTrue();
            assertThat(impact.isAtLeast()).isFalse();
        }

        @Test
        void impact_withCallsUnderWay_isNotFinal() {
            Map<String, String> facts = Told.counts(2_000, 10, 200, 8);
            facts.put("candidate-pending", "4");
            Told told = Told.rollout()
                    .now(new RolloutEvent.Decided("error-rate", "w", 2, Mode.ACT, true, "rollback4j", facts));

            assertThat(told.postMortem().impact().isFinal()).isFalse();
            assertThat(told.postMortem().markdown()).contains("under way when this was counted may be missing");
        }

        @Test
        void forcedCalls_ofTheCandidate_areHarmToo() {
            Map<String, String> facts = Told.counts(2_000, 10, 200, 8);
            facts.put("candidate-apart-calls", "50");
            facts.put("candidate-apart-failures", "50");

            PostMortem.Impact impact = Told.rollout()
                    .now(new RolloutEvent.Decided("error-rate", "w", 2, Mode.ACT, true, "rollback4j", facts))
                    .postMortem()
                    .impact();

            assertThat(impact.candidateFailures()).isEqualTo(58);
            assertThat(impact.candidateCalls()).isEqualTo(250);
        }

        @Test
        void about_theReleases_isShownAsLinksWhereItIsOne() {
            String markdown = new Told()
                    .now(new RolloutEvent.Planned(
                            "a 1",
                            "a 2",
                            1,
                            "",
                            Map.of(),
                            "",
                            1,
                            "",
                            "",
                            Map.of(
                                    "candidate.link", "https://example.com/2",
                                    "candidate.diff", "javascript:alert(1)")))
                    .postMortem()
                    .markdown();

            assertThat(markdown)
                    .contains("- **The candidate:** <https://example.com/2>")
                    .contains("- **What changed:** javascript:alert(1)")
                    .doesNotContain("<javascript");
        }

        @Test
        void oldJournal_withoutFacts_saysWhatItDoesNotKnow() {
            PostMortem postMortem = Told.rollout()
                    .after(
                            "99s",
                            new RolloutEvent.Decided(
                                    "error-rate",
                                    "stable failed 1 of 9, the candidate 9 of 9",
                                    2.5,
                                    Mode.ACT,
                                    true,
                                    "rollback4j"))
                    .now(new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.impact().candidateCalls()).isEqualTo(-1);
            assertThat(postMortem.impact().excess()).isNaN();
            assertThat(postMortem.times().harmed()).isNull();
            assertThat(postMortem.times().toDetect()).isNull();
            assertThat(postMortem.times().trafficBack()).isEqualTo(after(100));
            assertThat(postMortem.markdown())
                    .contains("| **unknown** | **unknown** | **unknown** | **10 %** |")
                    .contains("What was counted at the decision is not in the journal.")
                    .contains("Stable failed 1 of 9, the candidate 9 of 9.")
                    .contains("How the evidence went was not kept.");
        }
    }

    @Nested
    class People {

        @Test
        void recommendation_thatIsApproved_wasDecidedByItsSignal() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(false, 40)
                    .pass("5m")
                    .decidedByPerson("8 of 200 failed")
                    .now(new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.trigger()).satisfies(trigger -> {
                assertThat(trigger.signal()).isEqualTo("error-rate");
                assertThat(trigger.byPerson()).isTrue();
                assertThat(trigger.isActed()).isTrue();
            });
            assertThat(postMortem.times().toDetect()).isEqualTo(Duration.ofSeconds(60));
            assertThat(postMortem.times().toRestore()).isEqualTo(Duration.ofSeconds(360));
            assertThat(postMortem.impact().candidateFailures()).isEqualTo(12);
            assertThat(postMortem.markdown()).contains("the rollback was approved at 12:06:40 UTC");
        }

        @Test
        void recommendation_thatNobodyActedUpon_isLeftToDo() {
            PostMortem postMortem =
                    Told.rollout().pass("99s").decided(false, 40).postMortem();

            assertThat(postMortem.phase()).isEqualTo(Phase.RUNNING);
            assertThat(postMortem.times().trafficBack()).isNull();
            assertThat(postMortem.open())
                    .first()
                    .asString()
                    .contains("Approve or dismiss")
                    .contains("still has 10 % of the calls");
            assertThat(postMortem.markdown()).startsWith("# checkout 1.5.0: a rollback is recommended\n");
        }

        @Test
        void recommendation_thatWasDismissed_isNoTrigger() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(false, 40)
                    .after("60s", new RolloutEvent.Dismissed("ann", "the load test"))
                    .postMortem();

            assertThat(postMortem.trigger()).isNull();
            assertThat(postMortem.review().due()).isNull();
            assertThat(postMortem.open()).isEmpty();
            assertThat(postMortem.markdown()).contains("No signal and no person has spoken against the candidate");
        }

        @Test
        void rollback_byAPerson_namesNobodyAsItsCause() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decidedByPerson("prices are wrong")
                    .now(new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.trigger()).satisfies(trigger -> {
                assertThat(trigger.signal()).isEqualTo("person");
                assertThat(trigger.why()).isEqualTo("prices are wrong");
            });
            String beforeTheTimeline =
                    postMortem.markdown().substring(0, postMortem.markdown().indexOf("## Timeline"));
            assertThat(beforeTheTimeline)
                    .contains("People decided against it and took it back")
                    .contains("Prices are wrong.")
                    .doesNotContain("wilhelmina");
        }

        @Test
        void person_afterADismissedRecommendation_isTheTrigger() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(false, 40)
                    .now(new RolloutEvent.Dismissed("ann", "no"))
                    .pass("60s")
                    .decidedByPerson("it was right after all")
                    .postMortem();

            assertThat(postMortem.trigger())
                    .satisfies(trigger -> assertThat(trigger.signal()).isEqualTo("person"));
            assertThat(postMortem.times().detected()).isEqualTo(after(160));
        }

        @Test
        void breakGlass_beforeTheDecision_isWhenTheTrafficWasBack() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(false, 40)
                    .after("10s", new RolloutEvent.Controlled(true, false, "file", "", ""))
                    .pass("60s")
                    .decidedByPerson("8 of 200 failed")
                    .postMortem();

            assertThat(postMortem.times().trafficBack()).isEqualTo(after(110));
            assertThat(postMortem.times().toRestore()).isEqualTo(Duration.ofSeconds(70));
            assertThat(postMortem.impact().exposed()).isEqualTo(Duration.ofSeconds(109));
            assertThat(postMortem.open()).anySatisfy(open -> assertThat(open).contains("Lift the break-glass control"));
        }
    }

    @Nested
    class Done {

        @Test
        void steps_ofARollback_areToldWithTriesReferenceAndEnd() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(true, 40)
                    .now(new RolloutEvent.StepIntended("deploy", "deploy", "k", 1, 1_000))
                    .after("1s", new RolloutEvent.StepFailed("deploy", "deploy", 1, "503"))
                    .after("1s", new RolloutEvent.StepIntended("deploy", "deploy", "k", 2, 1_000))
                    .after("1s", new RolloutEvent.StepFailed("deploy", "deploy", 2, "503 again"))
                    .after("1s", new RolloutEvent.StepIntended("deploy", "script", "k", 1, 1_000))
                    .now(new RolloutEvent.StepSent("deploy", "script", "https://ci.example.com/7"))
                    .after("1s", new RolloutEvent.StepDone("deploy", "script", "deployed", "rollback4j"))
                    .postMortem();

            assertThat(postMortem.measures().failedTries()).isEqualTo(2);
            assertThat(postMortem.measures().actions()).hasSize(2);
            assertThat(postMortem.measures().actions().get(0)).satisfies(action -> {
                assertThat(action.way()).isEqualTo("deploy");
                assertThat(action.result()).isEqualTo(Result.FAILED);
                assertThat(action.tries()).isEqualTo(2);
                assertThat(action.detail()).isEqualTo("503 again");
            });
            assertThat(postMortem.measures().actions().get(1)).satisfies(action -> {
                assertThat(action.way()).isEqualTo("script");
                assertThat(action.result()).isEqualTo(Result.DONE);
                assertThat(action.reference()).isEqualTo("https://ci.example.com/7");
                assertThat(action.begun()).isEqualTo(after(104));
                assertThat(action.ended()).isEqualTo(after(105));
            });
            assertThat(postMortem.markdown())
                    .contains(
                            "| deploy, script | done | 1 | 2030-01-03 12:01:45 | <https://ci.example.com/7> | deployed |")
                    .contains("2 tries failed.");
        }

        @Test
        void step_thatAPersonDid_isOneActionOfTheirs() {
            PostMortem postMortem = Told.rollout()
                    .decided(true, 0)
                    .now(new RolloutEvent.StepIntended("purge", "purge", "k", 1, 1_000))
                    .now(new RolloutEvent.StepAsked("purge", "purge the cache"))
                    .after("60s", new RolloutEvent.StepDone("purge", "", "purged", "ada"))
                    .postMortem();

            assertThat(postMortem.measures().actions()).hasSize(1).first().satisfies(action -> {
                assertThat(action.result()).isEqualTo(Result.DONE);
                assertThat(action.by()).isEqualTo("ada");
            });
            assertThat(postMortem.open()).noneMatch(open -> open.contains("purge"));
        }

        @Test
        void step_ofAnOldJournal_withoutAWay_isTheLibrarys() {
            PostMortem postMortem = Told.rollout()
                    .decided(true, 0)
                    .now("step-intended", Map.of("step", "purge", "attempt", "1"))
                    .now("step-done", Map.of("step", "purge", "detail", "purged", "by", "rollback4j"))
                    .postMortem();

            assertThat(postMortem.measures().actions())
                    .hasSize(1)
                    .first()
                    .satisfies(action -> assertThat(action.way()).isEqualTo("purge"));
        }

        @Test
        void halfFinished_saysWhatItWaitsFor() {
            PostMortem postMortem = Told.rollout()
                    .decided(true, 0)
                    .now(new RolloutEvent.StepIntended("purge", "purge", "k", 1, 1_000))
                    .now(new RolloutEvent.StepAsked("purge", "purge the cache"))
                    .now(new RolloutEvent.GateClosed("database", "deploy", "ask", "the team must approve"))
                    .postMortem();

            assertThat(postMortem.phase()).isEqualTo(Phase.ROLLING_BACK);
            assertThat(postMortem.open())
                    .containsExactly(
                            "Do step purge, and acknowledge it: purge the cache",
                            "Gate database is not open for step deploy: the team must approve");
            assertThat(postMortem.times().back()).isNull();
            assertThat(postMortem.markdown())
                    .startsWith("# checkout 1.5.0 is being taken back\n")
                    .contains("the steps back are not all done");
        }

        @Test
        void gate_thatOpenedLater_isNotLeftToDo() {
            PostMortem postMortem = Told.rollout()
                    .decided(true, 0)
                    .now(new RolloutEvent.GateClosed("database", "deploy", "wait", "a migration runs"))
                    .now(new RolloutEvent.GateOpened("database", "deploy", "it is over", "grace"))
                    .postMortem();

            assertThat(postMortem.open()).containsExactly("Wait for the steps back: they are not all done");
            assertThat(postMortem.measures().gates())
                    .extracting(PostMortem.GateAnswer::says)
                    .containsExactly("wait", "open");
        }

        @Test
        void messages_areToldWithWhoHasReadThem() {
            PostMortem postMortem = Told.rollout()
                    .decided(true, 0)
                    .now(new RolloutEvent.Notified("on-call", "pager", "rollback", "d-1"))
                    .now(new RolloutEvent.NotNotified("product", "chat", "rollback", "d-2", "no such channel"))
                    .now(new RolloutEvent.Notified("product", "mail", "rollback", "d-2"))
                    .after("60s", new RolloutEvent.Acknowledged("on-call", "d-1", "ada"))
                    .now(new RolloutEvent.Escalated("product", "team", "d-2", "not acknowledged"))
                    .postMortem();

            assertThat(postMortem.measures().messages())
                    .extracting(PostMortem.Message::group, PostMortem.Message::channel, PostMortem.Message::error)
                    .containsExactly(
                            tuple("on-call", "pager", ""),
                            tuple("product", "chat", "no such channel"),
                            tuple("product", "mail", ""));
            assertThat(postMortem.measures().messages().get(0).acknowledgedAt()).isEqualTo(after(61));
            assertThat(postMortem.measures().messages().get(2).escalatedTo()).isEqualTo("team");
            assertThat(postMortem.open()).contains("Speak to product: they have not acknowledged rollback");
        }

        @Test
        void verification_thatNobodyMade_isLeftToDo() {
            assertThat(takenBack().postMortem().open())
                    .containsExactly("Make sure that stable is healthy: nobody has looked");
            assertThat(takenBack()
                            .now(new RolloutEvent.Verified("healthy", "0.2 % failed"))
                            .postMortem()
                            .open())
                    .isEmpty();
        }

        @Test
        void preflight_isShownAsItWas() {
            PostMortem postMortem = Told.rollout()
                    .now(new RolloutEvent.Preflighted(true, Map.of("way back deploy", "passed: it answers")))
                    .postMortem();

            assertThat(postMortem.measures().preflight()).containsEntry("way back deploy", "passed: it answers");
        }
    }

    @Nested
    class Review {

        @Test
        void due_ofWhatWasNotSevere_isFiveWorkingDaysAfterItWasDetected() {
            PostMortem.Review review = takenBack().postMortem().review();

            assertThat(review.severe()).isFalse();
            // From Thursday, a weekend between.
            assertThat(review.due()).isEqualTo(LocalDate.parse("2030-01-10"));
        }

        @Test
        void due_whereOnlyPeopleCouldFinish_isThreeDaysAfter() {
            PostMortem postMortem = Told.rollout()
                    .decided(true, 0)
                    .now(new RolloutEvent.NeedsHuman("step deploy failed"))
                    .now(new RolloutEvent.StepDone("deploy", "", "by hand", "ada"))
                    .now(new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.review().severe()).isTrue();
            assertThat(postMortem.review().reasons()).containsExactly("people had to finish the rollback");
            assertThat(postMortem.review().due()).isEqualTo(LocalDate.parse("2030-01-06"));
        }

        @Test
        void severe_manyFailedCalls_orAnUnhealthyStable_are() {
            PostMortem postMortem = takenBack().postMortem();

            assertThat(postMortem.severeAbove(7).review().reasons()).containsExactly("more than 7 calls failed");
            assertThat(postMortem.severeAbove(8).review().severe()).isFalse();
            assertThat(takenBack()
                            .now(new RolloutEvent.Verified("unhealthy", "5 % fail"))
                            .postMortem()
                            .review()
                            .reasons())
                    .containsExactly("stable was not healthy after it");
            assertThatThrownBy(() -> postMortem.severeAbove(-1)).hasMessageContaining("-1");
        }
    }

    @Nested
    class Time {

        @Test
        void restart_inTheMiddle_itsDowntimeIsTimeToRestore() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(true, 40)
                    .now(new RolloutEvent.StepIntended("deploy", "deploy", "k", 1, 1_000))
                    .now(new RolloutEvent.Closed("ROLLING_BACK"))
                    .wallClock("2030-01-03T12:11:40Z")
                    .now(new RolloutEvent.Continued(1, "ROLLING_BACK"))
                    .after("20s", new RolloutEvent.StepDone("deploy", "deploy", "done", "rollback4j"))
                    .now(new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.times().toRestore()).isEqualTo(Duration.ofSeconds(60));
            assertThat(postMortem.times().toBack()).isEqualTo(Duration.ofSeconds(60 + 600 + 20));
            assertThat(postMortem.impact().isAtLeast()).isFalse();
        }

        @Test
        void leaderKilled_theTimeUntilTheNextLeads_isTimeToRestore() {
            PostMortem postMortem = Told.rollout()
                    .now(new RolloutEvent.Led("pod-1-a", "pod-1", 1))
                    .pass("99s")
                    .decided(true, 40)
                    .now(new RolloutEvent.StepIntended("deploy", "deploy", "k", 1, 1_000))
                    .wallClock("2030-01-03T12:02:00Z")
                    .now(new RolloutEvent.Led("pod-2-b", "pod-2", 2))
                    .now(new RolloutEvent.StepLookedUp("deploy", "deploy", "under-way", "run 77"))
                    .now(new RolloutEvent.StepLookedUp("deploy", "deploy", "done", "run 77"))
                    .now(new RolloutEvent.StepDone("deploy", "deploy", "done", "rollback4j"))
                    .after("1s", new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.times().toBack()).isEqualTo(Duration.ofSeconds(60 + 20 + 1));
            assertThat(postMortem.measures().unseenTries()).isOne();
            assertThat(postMortem.document().markdown()).contains("Nobody saw the end of 1 try");
        }

        @Test
        void restart_countsOfEachProcess_areAddedUp() {
            Map<String, String> second = Told.counts(500, 5, 50, 6);
            second.put("counted-since", "PT1M");
            second.put("first-failure", "PT1M5S");

            PostMortem postMortem = Told.rollout()
                    .after("59s", new RolloutEvent.Counted(Told.counts(1_000, 2, 100, 1)))
                    .now(new RolloutEvent.Closed("RUNNING step 1"))
                    .wallClock("2030-01-03T13:00:00Z")
                    .now(new RolloutEvent.Continued(1, "RUNNING step 1"))
                    .after("10s", new RolloutEvent.Decided("error-rate", "w", 2, Mode.ACT, true, "rollback4j", second))
                    .postMortem();

            assertThat(postMortem.impact().candidateCalls()).isEqualTo(150);
            assertThat(postMortem.impact().candidateFailures()).isEqualTo(7);
            assertThat(postMortem.times().harmed()).isEqualTo("2030-01-03T13:00:05Z");
            assertThat(postMortem.impact().exposed()).isEqualTo(Duration.ofSeconds(69));
        }

        @Test
        void process_thatWasKilled_makesItAtLeast() {
            PostMortem postMortem = Told.rollout()
                    .wallClock("2030-01-03T12:30:00Z")
                    .now(new RolloutEvent.Continued(1, "RUNNING step 1"))
                    .pass("10s")
                    .decided(true, 5)
                    .postMortem();

            assertThat(postMortem.impact().isAtLeast()).isTrue();
            assertThat(postMortem.markdown()).contains("**at least 8**");
        }

        @Test
        void clock_thatJumpsBackwards_changesNoDuration() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .wallClock("2030-01-03T09:00:00Z")
                    .decided(true, 40)
                    .wallClock("2030-01-02T09:00:00Z")
                    .after("30s", new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.times().toDetect()).isEqualTo(Duration.ofSeconds(60));
            assertThat(postMortem.times().toBack()).isEqualTo(Duration.ofSeconds(90));
        }

        @Test
        void clock_thatJumpsBackwardsOverARestart_isNoDowntime() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(true, 40)
                    .wallClock("2030-01-01T00:00:00Z")
                    .now(new RolloutEvent.Continued(1, "ROLLING_BACK"))
                    .after("30s", new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.times().toBack()).isEqualTo(Duration.ofSeconds(90));
        }

        @Test
        void rollout_ofHours_isToldInHours() {
            PostMortem postMortem = Told.rollout()
                    .pass("30h")
                    .decided(true, 3_600)
                    .after("2h", new RolloutEvent.RolledBack())
                    .postMortem();

            assertThat(postMortem.markdown())
                    .contains("for 1 d 6 h in all")
                    .contains("| **1 d 5 h** | **1 d 5 h** |")
                    .contains("and at 20:00:01 UTC all steps back were done");
        }

        @Test
        void exposure_thatWasTakenAwayForATime_isNotCountedThen() {
            PostMortem postMortem = Told.rollout()
                    .after("10s", new RolloutEvent.Paused("ann", "", true))
                    .after("1h", new RolloutEvent.Resumed("ann"))
                    .after("10s", new RolloutEvent.Paused("ann", "", false))
                    .after("10s", new RolloutEvent.Promoted("ann"))
                    .after("10s", new RolloutEvent.WindowClosed())
                    .postMortem();

            assertThat(postMortem.impact().exposed()).isEqualTo(Duration.ofSeconds(40));
            assertThat(postMortem.impact().highestShare()).isEqualTo(1);
            assertThat(postMortem.phase()).isEqualTo(Phase.PROMOTED);
            assertThat(postMortem.trigger()).isNull();
        }
    }

    @Nested
    class Evidence {

        private EvidenceCurve curve(int fromSecond, int toSecond) {
            List<EvidencePoint> points = new ArrayList<>();
            for (int second = fromSecond; second <= toSecond; second += 10) {
                points.add(new EvidencePoint(Duration.ofSeconds(second), .1, List.of(second / 50.0)));
            }
            return new EvidenceCurve(List.of("error-rate"), 2, points);
        }

        @Test
        void evidence_ofTheJournalAlone_isItsCurve() {
            PostMortem postMortem = Told.rollout()
                    .pass("99s")
                    .decided(true, 40)
                    .now(RolloutEvent.EvidenceKept.of(curve(0, 100)))
                    .postMortem();

            assertThat(Objects.requireNonNull(postMortem.evidence()).points())
                    .last()
                    .isEqualTo(new EvidencePoint(Duration.ofSeconds(100), .1, List.of(2.0)));
            assertThat(postMortem.markdown()).contains("| 1 min 40 s | 10 % | 2.00 |");
        }

        @Test
        void evidence_overARestart_isJoined() {
            PostMortem postMortem = Told.rollout()
                    .now(RolloutEvent.EvidenceKept.of(curve(0, 100)))
                    .now(new RolloutEvent.Continued(1, "RUNNING"))
                    .now(RolloutEvent.EvidenceKept.of(curve(60, 200)))
                    .postMortem();

            assertThat(Objects.requireNonNull(postMortem.evidence()).points())
                    .extracting(point -> point.elapsed().toSeconds())
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .startsWith(0L)
                    .endsWith(200L);
        }

        @Test
        void evidence_thatCannotBeRead_isNone() {
            PostMortem postMortem = Told.rollout()
                    .now("evidence-kept", Map.of("signals", "x", "log10Threshold", "2", "points", "garbage"))
                    .postMortem();

            assertThat(postMortem.evidence()).isNull();
        }
    }

    @Nested
    class WhateverTheJournalHolds {

        static Stream<Class<?>> kinds() {
            return Arrays.stream(RolloutEvent.class.getPermittedSubclasses());
        }

        private static String type(Class<?> kind) {
            return kind.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        }

        @Test
        void nothing_isAPostMortemToo() {
            PostMortem postMortem = PostMortem.of(List.of());

            assertThat(postMortem.phase()).isEqualTo(Phase.PLANNED);
            assertThat(postMortem.subject().rollout()).isEqualTo("unknown");
            assertThat(postMortem.markdown()).contains("# unknown unknown has not started");
        }

        @ParameterizedTest
        @MethodSource("kinds")
        void event_withoutItsData_isSurvived(Class<?> kind) {
            assertThatCode(() -> Told.rollout()
                            .now(type(kind), Map.of())
                            .decided(true, 0)
                            .now(type(kind), Map.of())
                            .postMortem()
                            .markdown())
                    .doesNotThrowAnyException();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " ",
                    "NaN",
                    "-1",
                    "1e999",
                    "99999999999999999999",
                    "PT-5S",
                    "PT99999999999999999H",
                    "true",
                    "https://u:p@evil.example/",
                    "\uD800",
                    "\u202E",
                    "a\nb"
                })
        void events_withValuesOfAnotherForm_areSurvived(String value) {
            Told told = Told.rollout();
            kinds().forEach(kind -> {
                Map<String, String> data = new TreeMap<>();
                for (RecordComponent component : kind.getRecordComponents()) {
                    data.put(component.getName(), value);
                }
                for (String fact : Told.counts(1, 1, 1, 1).keySet()) {
                    data.put("facts." + fact, value);
                }
                data.put("facts.first-failure", value);
                data.put("facts.rising-since", value);
                data.put("about.candidate.link", value);
                told.now(type(kind), data);
            });

            assertThatCode(() -> told.postMortem().markdown()).doesNotThrowAnyException();
        }

        @Test
        void events_ofALaterVersion_areToldAndSkipped() {
            PostMortem postMortem = Told.rollout()
                    .now(new Journal.Event(
                            "teleported", 7, after(50), Duration.ofSeconds(50), new TreeMap<>(Map.of("to", "mars"))))
                    .pass("99s")
                    .decided(true, 40)
                    .postMortem();

            assertThat(postMortem.times().toDetect()).isEqualTo(Duration.ofSeconds(60));
            assertThat(postMortem.markdown()).contains("Event teleported, version 7, which this version does not know");
        }

        @Test
        void times_outsideTheCalendar_areSurvived() {
            List<Journal.Entry> entries =
                    new ArrayList<>(Told.rollout().decided(true, 0).entries());
            for (Instant at : List.of(Instant.MIN, Instant.MAX, Instant.EPOCH)) {
                for (Duration elapsed : List.of(
                        Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE), Duration.ofNanos(-1))) {
                    for (String type : List.of("planned", "continued", "decided", "rolled-back", "closed")) {
                        entries.add(new Journal.Entry(
                                entries.size() + 1,
                                0,
                                Journal.Event.of(
                                        type, at, elapsed, Map.of("acted", "true", "facts.first-failure", "PT0S"))));
                    }
                }
            }

            assertThatCode(() -> PostMortem.of(entries).markdown()).doesNotThrowAnyException();
        }

        @Test
        void events_inAnyOrder_areSurvived() {
            SplittableRandom random = new SplittableRandom(5);
            List<Class<?>> kinds = kinds().toList();
            for (int run = 0; run < 200; run++) {
                Told told = new Told();
                for (int i = 0; i < 30; i++) {
                    told.pass(random.nextInt(100) + "s");
                    told.now(
                            type(kinds.get(random.nextInt(kinds.size()))),
                            Map.of(
                                    "share",
                                    "0.1",
                                    "step",
                                    "deploy",
                                    "way",
                                    random.nextBoolean() ? "" : "deploy",
                                    "acted",
                                    Boolean.toString(random.nextBoolean()),
                                    "allToStable",
                                    Boolean.toString(random.nextBoolean()),
                                    "trafficStopped",
                                    Boolean.toString(random.nextBoolean()),
                                    "group",
                                    "team",
                                    "deliveryId",
                                    "d"));
                }
                assertThatCode(() -> told.postMortem().markdown()).doesNotThrowAnyException();
            }
        }

        @Test
        void text_fromOutside_neitherFormatsNorLinks() {
            String hostile = "<img src=x onerror=alert(1)> **b** [a](https://evil.example) | `c` https://evil.example";
            Told told = Told.rollout();
            kinds().forEach(kind -> {
                Map<String, String> data = new TreeMap<>();
                for (RecordComponent component : kind.getRecordComponents()) {
                    data.put(component.getName(), hostile);
                }
                data.put("facts.explanation", hostile);
                data.put("facts.tolerated", hostile);
                data.put("items." + hostile, hostile);
                data.put("about." + hostile, hostile);
                data.put("plan.criteria", hostile);
                told.now(type(kind), data);
            });

            String markdown = told.postMortem().markdown();

            assertThat(markdown)
                    .doesNotContain("<img", "**b**", "[a]", "`c`", "<https://evil", " https://evil")
                    .contains("&lt;img src=x onerror=alert(1)&gt;");
            // No cell more than the table has columns.
            assertThat(markdown.lines().filter(line -> line.startsWith("| ") && line.contains("img")))
                    .allSatisfy(line -> assertThat(
                                    line.chars().filter(c -> c == '|').count())
                            .isBetween(3L, 7L));
        }
    }

    @Test
    void page_hasTheMarkedPlacesForPeople() {
        assertThat(takenBack().postMortem().markdown())
                .contains("Post-mortem · Draft, review due Thursday, 10 January 2030")
                .contains("## Left to do")
                .contains("### What contributed\n\n> **To fill in:")
                .contains("### Five whys")
                .contains("> 5. …")
                .contains("What went well?", "What went wrong?", "Where were we lucky?")
                .contains("| What | Owner | Due | Ticket |")
                .contains("### What customers are told")
                .contains("Blameless")
                .contains("Error budget:** not stated by the plan");
    }
}
