package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.RolloutState.Trigger;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutStateTest {

    /** All states that can be reached from PLANNED in at most two steps up, each with what it allows. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PLANNED                        | START: RUNNING step 1, ROLL_BACK: ROLLED_BACK
                    RUNNING step 1                 | STEP_UP: RUNNING step 2, PAUSE: PAUSED step 1, PAUSE_AND_STOP_TRAFFIC: PAUSED step 1 (traffic stopped), PROMOTE: PROMOTED (rollback window open), ROLL_BACK: ROLLING_BACK
                    PAUSED step 1                  | PAUSE_AND_STOP_TRAFFIC: PAUSED step 1 (traffic stopped), RESUME: RUNNING step 1, PROMOTE: PROMOTED (rollback window open), ROLL_BACK: ROLLING_BACK
                    PAUSED step 1 (traffic stopped)| RESUME: RUNNING step 1, PROMOTE: PROMOTED (rollback window open), ROLL_BACK: ROLLING_BACK
                    PROMOTED (rollback window open)| CLOSE_WINDOW: PROMOTED, ROLL_BACK: ROLLING_BACK
                    PROMOTED                       | nothing
                    ROLLING_BACK                   | FINISH: ROLLED_BACK, CALL_HUMAN: NEEDS_HUMAN
                    NEEDS_HUMAN                    | FINISH: ROLLED_BACK, GO_ON: ROLLING_BACK
                    ROLLED_BACK                    | nothing
                    """)
    void after_eachTrigger_isAllowedOrNot(String name, String allowed) {
        RolloutState state = reachable().stream()
                .filter(each -> plain(each).equals(name.trim()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " cannot be reached"));

        String transitions = Arrays.stream(Trigger.values())
                .filter(trigger -> state.after(trigger) != null)
                .map(trigger -> trigger + ": " + plain(state.after(trigger)))
                .collect(Collectors.joining(", "));

        assertThat(transitions.isEmpty() ? "nothing" : transitions).isEqualTo(allowed.trim());
    }

    @Test
    void after_anyReachableState_candidateIsNeverServedAgainAfterARollback() {
        for (RolloutState state : reachable()) {
            if (state.phase() == Phase.ROLLING_BACK
                    || state.phase() == Phase.ROLLED_BACK
                    || state.phase() == Phase.NEEDS_HUMAN) {
                for (Trigger trigger : Trigger.values()) {
                    RolloutState next = state.after(trigger);
                    if (next != null) {
                        assertThat(next.phase()).isIn(Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.NEEDS_HUMAN);
                    }
                }
            }
        }
    }

    @Test
    void after_whereverTheCandidateServes_rollBackIsAllowed() {
        for (RolloutState state : reachable()) {
            if (state.isWatched()) {
                assertThat(state.after(Trigger.ROLL_BACK)).as("%s", state).isNotNull();
            }
        }
    }

    @Test
    void reachable_allPhases_areCovered() {
        assertThat(reachable()).extracting(RolloutState::phase).contains(Phase.values());
    }

    private static String plain(RolloutState state) {
        return state.toString().replaceFirst(", (.*)", " ($1)");
    }

    private static Set<RolloutState> reachable() {
        Set<RolloutState> seen = new LinkedHashSet<>();
        Deque<RolloutState> open = new ArrayDeque<>(Set.of(RolloutState.PLANNED));
        while (!open.isEmpty()) {
            RolloutState state = open.poll();
            if (state.step() <= 2 && seen.add(state)) {
                for (Trigger trigger : Trigger.values()) {
                    RolloutState next = state.after(trigger);
                    if (next != null) {
                        open.add(next);
                    }
                }
            }
        }
        return seen;
    }
}
