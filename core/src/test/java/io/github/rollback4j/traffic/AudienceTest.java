package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.traffic.Audience.Selection;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AudienceTest {

    @Test
    void everyone_anySubject_isDecidedByTheCoin() {
        assertThat(Audience.everyone().isEveryone()).isTrue();
        assertThat(Audience.everyone().select(Subject.of("a"))).isEqualTo(Selection.COIN);
        assertThat(Audience.everyone().select(null)).isEqualTo(Selection.COIN);
    }

    @Test
    void select_severalRules_firstKindWins() {
        Audience audience = Audience.everyone()
                .only("eu", subject -> subject.has("region", "eu"))
                .candidateFor("tester", "denied")
                .stableFor("denied")
                .candidateWhen("beta", subject -> subject.has("beta", "yes"));
        assertThat(audience.isEveryone()).isFalse();
        assertThat(audience.select(Subject.of("denied"))).isEqualTo(Selection.STABLE);
        assertThat(audience.select(Subject.of("tester"))).isEqualTo(Selection.CANDIDATE);
        assertThat(audience.select(Subject.of("x").with("beta", "yes"))).isEqualTo(Selection.CANDIDATE);
        assertThat(audience.select(Subject.of("x").with("region", "us"))).isEqualTo(Selection.STABLE);
        assertThat(audience.select(Subject.of("x").with("region", "eu"))).isEqualTo(Selection.COIN);
    }

    @Test
    void select_withoutKey_isNotInALimitedAudience() {
        assertThat(Audience.everyone().only("eu", subject -> true).select(null)).isEqualTo(Selection.STABLE);
        assertThat(Audience.everyone().candidateFor("a").select(null)).isEqualTo(Selection.COIN);
    }

    @Test
    void stableFor_keysOfEachType_areFound() {
        UUID uuid = new UUID(3, 4);
        Audience audience = Audience.everyone().stableFor("a", 5, 6L, uuid);
        assertThat(audience.select(Subject.of("a"))).isEqualTo(Selection.STABLE);
        assertThat(audience.select(Subject.of(5))).isEqualTo(Selection.STABLE);
        assertThat(audience.select(Subject.of(6))).isEqualTo(Selection.STABLE);
        assertThat(audience.select(Subject.of(uuid))).isEqualTo(Selection.STABLE);
        assertThat(audience.select(Subject.of("5"))).isEqualTo(Selection.COIN);
    }

    @Test
    @SuppressWarnings("NullAway")
    void candidateFor_otherKey_saysWhatIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Audience.everyone().candidateFor('c'))
                .withMessageStartingWith("key of type java.lang.Character is not allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Audience.everyone().candidateFor("a", null))
                .withMessageStartingWith("key of type null is not allowed");
    }

    @Test
    void holdBack_share_holdsTheSameKeysBackInEveryRollout() {
        Audience one = Audience.everyone().holdBack("platform", 0.1);
        Audience two = Audience.everyone().holdBack("platform", 0.1);
        Audience other = Audience.everyone().holdBack("growth", 0.1);
        int held = 0;
        int both = 0;
        for (long key = 0; key < 10_000; key++) {
            Selection selection = one.select(Subject.of(key));
            assertThat(two.select(Subject.of(key))).isEqualTo(selection);
            held += selection == Selection.STABLE ? 1 : 0;
            both += selection == Selection.STABLE && other.select(Subject.of(key)) == Selection.STABLE ? 1 : 0;
        }
        assertThat((double) held).isCloseTo(1000, within(120.0));
        assertThat((double) both).isCloseTo(100, within(40.0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, 0.51, Double.NaN, Double.POSITIVE_INFINITY})
    void holdBack_shareOutOfRange_saysWhatIsAllowed(double share) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Audience.everyone().holdBack("h", share))
                .withMessage("holdback h has share " + share + ": more than 0 and at most 0.5 is allowed");
    }

    @Test
    void toString_rules_namesThemInOrder() {
        assertThat(Audience.everyone()).hasToString("everyone");
        assertThat(Audience.everyone()
                        .only("eu", subject -> true)
                        .holdBack("h", 0.05)
                        .candidateFor("t", 7)
                        .stableWhen("bank", subject -> true))
                .hasToString(
                        "everyone; stable for bank; candidate for 2 keys (58ca09e8542526a8); only eu; holdback h 0.05");
    }
}
