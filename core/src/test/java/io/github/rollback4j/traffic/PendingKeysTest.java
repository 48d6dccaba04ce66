package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PendingKeysTest {

    private static final int SECOND_PLACE = 1 << 23;

    private final PendingKeys keys = new PendingKeys(4);

    @Test
    void began_pending_isFound() {
        assertThat(keys.began(2, 0)).isTrue();
        assertThat(keys.began(2, SECOND_PLACE + 17)).isTrue();
        assertThat(keys.fingerprint(2, 0)).isZero();
        assertThat(keys.fingerprint(2, 1)).isEqualTo(SECOND_PLACE + 17);
        assertThat(keys.fingerprint(2, 2)).isEqualTo(-1);
        assertThat(keys.fingerprint(1, 0)).isEqualTo(-1);
    }

    @Test
    void began_placeTaken_isNotWatched() {
        keys.began(0, 5);
        assertThat(keys.began(0, 6)).isFalse();
        assertThat(keys.fingerprint(0, 0)).isEqualTo(5);
    }

    @Test
    void ended_watched_isFoundNoMoreAndThePlaceIsUsed() {
        keys.began(0, 5);
        keys.ended(0, 5);
        assertThat(keys.fingerprint(0, 0)).isEqualTo(-1);
        assertThat(keys.began(0, 6)).isFalse();
    }

    @Test
    void ended_placeOfAnother_leavesIt() {
        keys.began(0, 5);
        keys.ended(0, 6);
        assertThat(keys.fingerprint(0, 0)).isEqualTo(5);
    }

    @Test
    void clear_used_isFreeAgain() {
        keys.began(3, 5);
        keys.began(2, 6);
        keys.clear(3);
        assertThat(keys.fingerprint(3, 0)).isEqualTo(-1);
        assertThat(keys.fingerprint(2, 0)).isEqualTo(6);
        assertThat(keys.began(3, 7)).isTrue();
    }

    @Test
    void began_largestFingerprint_hasAPlace() {
        int largest = (1 << Ticket.FINGERPRINT_BITS) - 1;
        assertThat(keys.began(3, largest)).isTrue();
        assertThat(keys.fingerprint(3, keys.places() - 1)).isEqualTo(largest);
    }
}
