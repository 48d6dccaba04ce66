package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {

    private static final Split SPLIT = Split.parse("0123456789abcdeffedcba9876543210");

    // The vectors were computed by a second implementation, in Python. A change of one of them is a new version.

    @Tag("R-3")
    @ParameterizedTest
    @CsvSource({
        "'', 383305522b11681d",
        "a, 6c6da0045c8d76b8",
        "customer-42, 9fb79b017a4f4132",
        "alice@example.org, b41690fdfc2679bb",
        "Zürich \uD83D\uDE80, ed86e1c52d24c362"
    })
    void position_string_isPinned(String key, String position) {
        assertThat(Long.toHexString(SPLIT.position(key))).isEqualTo(position);
        assertThat(Split.VERSION).isEqualTo(1);
    }

    @Tag("R-3")
    @ParameterizedTest
    @CsvSource({
        "0, 383305522b11681d",
        "1, a3c9b62e670860ac",
        "-1, ce00501355f8471c",
        "42, 990faef3e3f361fe",
        "9223372036854775807, 1b8ec03114d4e61b",
        "-9223372036854775808, 340844e5c7322832"
    })
    void position_long_isPinned(long key, String position) {
        assertThat(Long.toHexString(SPLIT.position(key))).isEqualTo(position);
    }

    @Tag("R-3")
    @ParameterizedTest
    @CsvSource({
        "00000000-0000-0000-0000-000000000000, 383305522b11681d",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6, 3bc7cb4cec6ac0bf",
        "123e4567-e89b-42d3-a456-426614174000, a460f3987aefceaf"
    })
    void position_uuid_isPinned(UUID key, String position) {
        assertThat(Long.toHexString(SPLIT.position(key))).isEqualTo(position);
    }

    @Test
    void named_sameName_isPinned() {
        assertThat(Split.named("platform")).hasToString("f8e8c03659098cf710d1488db095d920");
        assertThat(Split.named("other")).isNotEqualTo(Split.named("platform"));
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                0x1p-53,
                1e-9,
                0.0001,
                0.01,
                0.05,
                0.25,
                0.4999999,
                0.5,
                0.50000001,
                0.99,
                0.999999,
                1 - 0x1p-53
            })
    void threshold_thenShare_isTheSameWithinAPosition(double share) {
        assertThat(Split.share(Split.threshold(share)))
                .isCloseTo(share, within(0x1p-63))
                .isLessThanOrEqualTo(share);
    }

    @Test
    void threshold_largerShare_isLarger() {
        long before = 0;
        for (int i = 1; i < 10_000; i++) {
            long threshold = Split.threshold(i / 10_000.0);
            assertThat(Long.compareUnsigned(threshold, before)).isPositive();
            before = threshold;
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0001, 0.01, 0.05, 0.25, 0.5, 0.99})
    void position_millionKeys_meetsTheShare(double share) {
        int keys = 1_000_000;
        long threshold = Split.threshold(share);
        int longs = 0;
        int strings = 0;
        for (int i = 0; i < keys; i++) {
            longs += Long.compareUnsigned(SPLIT.position((long) i), threshold) < 0 ? 1 : 0;
            strings += Long.compareUnsigned(SPLIT.position("customer-" + i), threshold) < 0 ? 1 : 0;
        }
        double fourSigma = 4 * Math.sqrt(keys * share * (1 - share));
        assertThat((double) longs).isCloseTo(keys * share, within(fourSigma));
        assertThat((double) strings).isCloseTo(keys * share, within(fourSigma));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void position_twoSalts_areIndependent(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Split one = Split.random(random);
        Split other = Split.random(random);
        assertThat(chiSquare(one, other)).as("seed %d", seed).isLessThan(15.1); // 0.0001, one degree of freedom
        assertThat(chiSquare(one, new Split(one.first(), other.second()))).isLessThan(15.1);
        assertThat(chiSquare(one, new Split(other.first(), one.second()))).isLessThan(15.1);
    }

    private static double chiSquare(Split one, Split other) {
        int keys = 200_000;
        long threshold = Split.threshold(0.25);
        double[][] counts = new double[2][2];
        for (long key = 0; key < keys; key++) {
            int a = Long.compareUnsigned(one.position(key), threshold) < 0 ? 1 : 0;
            int b = Long.compareUnsigned(other.position(key), threshold) < 0 ? 1 : 0;
            counts[a][b]++;
        }
        double sum = 0;
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) {
                double expected = (counts[a][0] + counts[a][1]) * (counts[0][b] + counts[1][b]) / keys;
                sum += (counts[a][b] - expected) * (counts[a][b] - expected) / expected;
            }
        }
        return sum;
    }

    @Tag("R-3")
    @DisplayName("R-3: a growing share never moves a key back")
    @Test
    void threshold_shareGrows_neverMovesAKeyBack() {
        double[] shares = {0, 0.0001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.99, 1 - 0x1p-53};
        for (long key = 0; key < 10_000; key++) {
            boolean candidate = false;
            for (double share : shares) {
                boolean now = Long.compareUnsigned(SPLIT.position(key), Split.threshold(share)) < 0;
                assertThat(candidate && !now).as("key %d at %s", key, share).isFalse();
                candidate = now;
            }
        }
    }

    @Test
    void parse_toString_isTheSame() {
        Split split = new Split(-2, 3);
        assertThat(split).hasToString("fffffffffffffffe0000000000000003");
        assertThat(Split.parse(split.toString())).isEqualTo(split);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "12",
                "0123456789abcdeffedcba987654321g",
                "+123456789abcdef+edcba9876543210",
                "0123456789abcdeffedcba98765432100"
            })
    void parse_notHexadecimal_saysWhatIsAllowed(String salt) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Split.parse(salt))
                .withMessage("salt '" + salt + "' is not allowed: 32 hexadecimal digits are");
    }
}
