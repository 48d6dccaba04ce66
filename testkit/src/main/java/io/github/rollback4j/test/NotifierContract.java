package io.github.rollback4j.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Communication.Severity;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.Notifier.Message;
import io.github.rollback4j.strategy.Check;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link Notifier} must do. Extend it and give it a target that the test can look at. */
public abstract class NotifierContract {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    /** Creates the contract. */
    protected NotifierContract() {}

    /** Returns a notifier whose target takes messages. */
    protected abstract Notifier notifier() throws Exception;

    /** Returns a notifier whose target refuses them, or is not there; null where that cannot be. */
    protected abstract @Nullable Notifier brokenNotifier() throws Exception;

    /** Returns what has arrived at the target in this test, one for each message, with all of its text. */
    protected abstract List<String> received() throws Exception;

    /** Returns what must be shown nowhere: tokens, the paths of URLs. Default: nothing. */
    protected List<String> secrets() {
        return List.of();
    }

    private static Message message(Occasion occasion, String subject, String text, @Nullable Instant nextUpdate) {
        return new Message(
                "checkout:1.4.2..1.5.0#1/on-call/" + occasion + "/1",
                "checkout:1.4.2..1.5.0#1",
                "on-call",
                occasion,
                occasion.severity(),
                subject,
                text,
                NOON,
                nextUpdate,
                occasion.severity() == Severity.CRITICAL);
    }

    private void assertShowsNoSecret(String shown) {
        assertThat(secrets()).allSatisfy(secret -> assertThat(shown).doesNotContain(secret));
    }

    @Test
    void name_isAllowed_andStaysTheSame() throws Exception {
        assertThat(notifier().name())
                .matches("[a-z0-9][a-z0-9-]{0,62}")
                .isEqualTo(notifier().name());
    }

    @Test
    void description_isOneLine_staysTheSame_andShowsNoSecret() throws Exception {
        String description = notifier().description();
        assertThat(description)
                .isNotBlank()
                .doesNotContain("\n", "\r")
                .isEqualTo(notifier().description());
        assertShowsNoSecret(description);
        assertShowsNoSecret(notifier().toString());
    }

    @Test
    void check_targetIsThere_passes_andSendsNothing() throws Exception {
        Check.Result result = notifier().check();
        assertThat(result.passed()).as(result.detail()).isTrue();
        assertThat(result.detail()).isNotBlank();
        assertThat(received()).isEmpty();
        assertShowsNoSecret(result.detail());
    }

    @Test
    void check_targetIsBroken_fails_andShowsNoSecret() throws Exception {
        Notifier broken = brokenNotifier();
        if (broken != null) {
            StringWriter shown = new StringWriter();
            boolean[] passed = {false};
            Throwable thrown = catchThrowable(() -> {
                Check.Result result = broken.check();
                passed[0] = result.passed();
                shown.append(result.detail());
            });
            if (thrown != null) {
                thrown.printStackTrace(new PrintWriter(shown, true));
            }
            assertThat(passed[0]).isFalse();
            assertShowsNoSecret(shown.toString());
        }
    }

    @Test
    void send_eachOccasion_arrives() throws Exception {
        for (Occasion occasion : Occasion.values()) {
            notifier().send(message(occasion, "checkout 1.5.0: " + occasion, "All is well.\nAsk: on-call", NOON));
        }
        notifier().send(message(Occasion.UPDATE, "no promise", "Nothing is promised.", null));
        assertThat(received()).hasSize(Occasion.values().length + 1);
    }

    @Test
    void send_again_doesNotFail() throws Exception {
        Message message = message(Occasion.ROLLBACK, "once", "Twice under one delivery id.", NOON);
        notifier().send(message);
        notifier().send(message);
        assertThat(received()).isNotEmpty();
    }

    @Test
    void send_hostileAndLongText_arrives() throws Exception {
        String hostile = "<script>alert(1)</script> *b* _i_ `c` [l](http://x) @here \" ' \\ {} %s ${x} \u0000\u001b[31m"
                + "\u202E\u2028 ]]> 漢 😀 \ud83d";
        notifier()
                .send(message(Occasion.ROLLBACK, "arrives " + hostile, "arrives\n" + hostile + "x".repeat(4000), NOON));
        assertThat(received())
                .singleElement()
                .satisfies(shown -> assertThat(shown).contains("arrives"));
    }

    @Test
    void send_targetIsBroken_throws_andShowsNoSecret() throws Exception {
        Notifier broken = brokenNotifier();
        if (broken != null) {
            Throwable thrown = catchThrowable(() -> broken.send(message(Occasion.ROLLBACK, "subject", "text", NOON)));
            StringWriter shown = new StringWriter();
            assertThat(thrown).isNotNull();
            thrown.printStackTrace(new PrintWriter(shown, true));
            assertShowsNoSecret(shown.toString());
        }
    }
}
