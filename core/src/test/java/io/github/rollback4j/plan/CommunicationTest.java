package io.github.rollback4j.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.rollback4j.plan.Communication.Group;
import io.github.rollback4j.plan.Communication.Occasion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommunicationTest {

    private static final Map<String, String> VALUES = Map.of(
            "what", "1.5.0 is taken back",
            "why", "errors {component} $1 \\",
            "component", "checkout",
            "stable", "1.4.2",
            "candidate", "1.5.0",
            "rollout", "checkout:1.4.2..1.5.0#1",
            "next-update", "12:20 UTC",
            "data-loss", "none");

    private static Group group(String name) {
        return Group.of(name, "the " + name, Notifier.log("log"));
    }

    @Nested
    class Templates {

        @Test
        void filled_allPlaceholders_areFilledOnce() {
            Group group = group("customers")
                    .saying("{what} ({why}): {component} {candidate} to {stable}, {rollout}.\nNext: {next-update}."
                            + " Data: {data-loss}");
            assertThat(group.filled(VALUES))
                    .as("what is filled in is not looked at again")
                    .isEqualTo("1.5.0 is taken back (errors {component} $1 \\): checkout 1.5.0 to 1.4.2,"
                            + " checkout:1.4.2..1.5.0#1.\nNext: 12:20 UTC. Data: none");
        }

        @Test
        void filled_valueIsMissing_isRefused() {
            Map<String, String> values = new HashMap<>(VALUES);
            values.remove("why");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group("customers").saying("{why}").filled(values))
                    .withMessage("group customers: there is no value for {why}");
        }

        @ParameterizedTest
        @CsvSource({
            "hello {waht}, {waht}",
            "hello {What}, {What}",
            "hello {}, {}",
            "hello { what }, { what }",
            "hello {what, {",
            "hello what}, }",
            "{{what}}, {",
        })
        @Tag("R-12")
        void saying_otherBraces_areRefused(String template, String named) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group("customers").saying(template))
                    .withMessage("group customers: template has " + named + ": {what}, {why}, {component}, {stable},"
                            + " {candidate}, {rollout}, {next-update}, {data-loss} are allowed, and no other braces");
        }
    }

    @Nested
    @Tag("R-12")
    class Refused {

        @Test
        void channels_ofOneName_areRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group("support").orBy(Notifier.log("log")))
                    .withMessage(
                            "group support has two channels log: each name once is allowed, since the journal tells"
                                    + " them apart by it");
        }

        @Test
        void group_thatNobodyEscalatesTo_isToldSomething() {
            Group boss = group("boss").onlyWhenEscalated();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Communication.of(group("on-call"), boss))
                    .withMessage("group boss is told nothing: an occasion, or a group that escalates to it, is needed");
            assertThat(Communication.of(group("on-call").acknowledgedWithin(Duration.ofMinutes(10), "boss"), boss)
                            .groups())
                    .hasSize(2);
        }

        @Test
        void chain_toNowhereOrInACircle_isRefused() {
            Group onCall = group("on-call").acknowledgedWithin(Duration.ofMinutes(10), "boss");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Communication.of(onCall))
                    .withMessage("group on-call escalates to 'boss', which is not there: [on-call] are allowed");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Communication.of(
                            onCall, group("boss").acknowledgedWithin(Duration.ofMinutes(10), "on-call")))
                    .withMessageContaining("escalates in a circle");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Communication.of(group("on-call"), group("on-call")))
                    .withMessage("group on-call is named twice: each name once is allowed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT59S", "PT-1S", "P8D"})
        void times_outsideTheirRange_areRefused(Duration time) {
            assertThatIllegalArgumentException().isThrownBy(() -> group("g").updatesEvery(time));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group("g").acknowledgedWithin(time, ""))
                    .withMessageContaining("acknowledgeWithin " + time);
        }
    }

    @Test
    void description_namesWhatWasChosen() {
        assertThat(group("on-call").description())
                .isEqualTo("the on-call, by log: writes to the log, on rollback scope update needs-human rolled-back,"
                        + " updates every PT20M");
        assertThat(group("boss")
                        .onlyWhenEscalated()
                        .acknowledgedWithin(Duration.ofMinutes(10), "")
                        .description())
                .isEqualTo("the boss, by log: writes to the log, only when escalated, acknowledged within PT10M");
        assertThat(group("customers")
                        .on(Occasion.ROLLED_BACK)
                        .after(Duration.ofMinutes(2))
                        .approvedBy("Product Owner")
                        .saying("{what}")
                        .description())
                .isEqualTo("the customers, by log: writes to the log, on rolled-back, after PT2M, approved by Product"
                        + " Owner, saying: {what}");
    }
}
