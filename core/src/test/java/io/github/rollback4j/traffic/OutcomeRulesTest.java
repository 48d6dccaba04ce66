package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class OutcomeRulesTest {

    private static final OutcomeRules DEFAULTS = OutcomeRules.defaults();

    private static final class MyTimeoutException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Nested
    class Defaults {

        @Test
        void ofException_anyThrowable_fails() {
            assertThat(DEFAULTS.ofException(new IOException())).isEqualTo(Outcome.FAILURE);
            assertThat(DEFAULTS.ofException(new StackOverflowError())).isEqualTo(Outcome.FAILURE);
        }

        @Test
        void ofException_callerGaveUp_isCancelled() {
            assertThat(DEFAULTS.ofException(new CancellationException())).isEqualTo(Outcome.CANCELLED);
            assertThat(DEFAULTS.ofException(new InterruptedException())).isEqualTo(Outcome.CANCELLED);
            assertThat(DEFAULTS.ofException(new CompletionException(new CancellationException())))
                    .isEqualTo(Outcome.CANCELLED);
        }

        @Test
        void ofResult_anything_succeeds() {
            assertThat(DEFAULTS.ofResult(null)).isEqualTo(Outcome.SUCCESS);
            assertThat(DEFAULTS.ofResult("500")).isEqualTo(Outcome.SUCCESS);
        }

        @Test
        void isTimeout_knownTypes_isTrue() {
            assertThat(DEFAULTS.isTimeout(new TimeoutException())).isTrue();
            assertThat(DEFAULTS.isTimeout(new SocketTimeoutException())).isTrue();
            assertThat(DEFAULTS.isTimeout(new HttpTimeoutException("late"))).isTrue();
            assertThat(DEFAULTS.isTimeout(new MyTimeoutException())).isTrue();
            assertThat(DEFAULTS.isTimeout(new ExecutionException(new TimeoutException())))
                    .isTrue();
            assertThat(DEFAULTS.isTimeout(new IOException())).isFalse();
        }
    }

    @Test
    void ofException_wrappedTwice_isJudgedByTheInnermost() {
        OutcomeRules rules = DEFAULTS.ignore(IllegalArgumentException.class);
        Throwable wrapped =
                new ExecutionException(new CompletionException(new IllegalArgumentException(new IOException())));
        assertThat(rules.ofException(wrapped)).isEqualTo(Outcome.IGNORED);
    }

    @Test
    @SuppressWarnings("NullAway")
    void ofException_wrapperWithoutCauseOrInACircle_fails() {
        assertThat(DEFAULTS.ofException(new CompletionException("none", null))).isEqualTo(Outcome.FAILURE);
        Exception one = new ExecutionException("one", null);
        Exception two = new ExecutionException("two", one);
        IOException three = new IOException(two);
        assertThat(DEFAULTS.ofException(three)).isEqualTo(Outcome.FAILURE);
    }

    @Test
    void ofException_severalRules_ignoredBeforeCancelledBeforeFailing() {
        OutcomeRules rules = DEFAULTS.failOnlyOn("io", IOException.class::isInstance)
                .ignore("bad input", IllegalArgumentException.class::isInstance)
                .cancelledOn(RuntimeException.class);
        assertThat(rules.ofException(new IllegalArgumentException())).isEqualTo(Outcome.IGNORED);
        assertThat(rules.ofException(new IllegalStateException())).isEqualTo(Outcome.CANCELLED);
        assertThat(rules.ofException(new IOException())).isEqualTo(Outcome.FAILURE);
        assertThat(rules.ofException(new Exception())).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void ofResult_failingResult_fails() {
        OutcomeRules rules = DEFAULTS.failOnResult("500", result -> Objects.equals(result, 500));
        assertThat(rules.ofResult(500)).isEqualTo(Outcome.FAILURE);
        assertThat(rules.ofResult(200)).isEqualTo(Outcome.SUCCESS);
        assertThat(rules.ofResult(null)).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void isTimeout_ownType_isTrue() {
        assertThat(DEFAULTS.timeoutOn(IOException.class).isTimeout(new IOException()))
                .isTrue();
    }

    @Test
    void ofException_ruleThrows_isTakenAsNotGiven() {
        OutcomeRules rules = DEFAULTS.ignore("broken", OutcomeRulesTest::broken);
        assertThat(rules.ofException(new IOException())).isEqualTo(Outcome.FAILURE);
        assertThat(rules.ofResult("x")).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void ofException_failOnlyOnThrows_fails() {
        OutcomeRules rules = DEFAULTS.failOnlyOn("broken", OutcomeRulesTest::broken);
        assertThat(rules.ofException(new IOException())).isEqualTo(Outcome.FAILURE);
    }

    @Test
    void ofResult_ruleThrows_othersStillDecide() {
        OutcomeRules rules =
                DEFAULTS.failOnResult("broken", OutcomeRulesTest::broken).failOnResult("null", Objects::isNull);
        assertThat(rules.ofResult(null)).isEqualTo(Outcome.FAILURE);
        assertThat(rules.ofResult(1)).isEqualTo(Outcome.SUCCESS);
    }

    private static boolean broken(Object value) {
        throw new IllegalStateException("broken for " + value);
    }

    @Test
    void with_newRules_leavesTheOldOnesAsTheyWere() {
        DEFAULTS.ignore(IOException.class);
        assertThat(DEFAULTS.ofException(new IOException())).isEqualTo(Outcome.FAILURE);
    }

    @Test
    void toString_rules_namesThem() {
        assertThat(DEFAULTS.failOnlyOn("io", thrown -> true)
                        .ignore(IOException.class)
                        .cancelledOn(RuntimeException.class)
                        .failOnResult("500", result -> false)
                        .timeoutOn(IOException.class))
                .hasToString("only named exceptions fail; fails only on io; ignores java.io.IOException; cancelled on"
                        + " java.lang.RuntimeException; fails on result 500; time-out on java.io.IOException");
    }
}
