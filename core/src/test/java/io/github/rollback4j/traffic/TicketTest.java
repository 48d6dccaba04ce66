package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TicketTest {

    @Test
    void parts_all_shareNoBit() {
        long flags = Ticket.CANDIDATE
                | Ticket.KEYED
                | Ticket.WEIGHED
                | Ticket.TIMED
                | Ticket.SHADOW
                | Ticket.WATCHED
                | Ticket.FIRST_CALL
                | Ticket.COMPARED;
        assertThat(Long.bitCount(flags)).isEqualTo(8);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            int cohort = random.nextInt() & Ticket.COHORT_MASK;
            long fingerprint = Ticket.fingerprintBits(random.nextLong());
            long ticket = flags | Ticket.cohortBits(cohort) | fingerprint;
            assertThat(Ticket.cohort(ticket)).isEqualTo(cohort);
            assertThat(Ticket.fingerprint(ticket)).isEqualTo(Ticket.fingerprint(fingerprint));
            assertThat(flags & fingerprint).isZero();
            assertThat(Ticket.fingerprint(ticket)).isBetween(0, (1 << Ticket.FINGERPRINT_BITS) - 1);
        }
    }

    @Test
    void cohortBits_cohortBeyondItsBits_keepsTheLowest() {
        assertThat(Ticket.cohort(Ticket.cohortBits((1 << 28) + 5))).isEqualTo(5);
        assertThat(Ticket.cohort(Ticket.cohortBits(-1))).isEqualTo(Ticket.COHORT_MASK);
    }

    @Test
    void flags_eachAlone_isRead() {
        assertThat(Ticket.arm(Ticket.CANDIDATE)).isEqualTo(Arm.CANDIDATE);
        assertThat(Ticket.arm(~Ticket.CANDIDATE)).isEqualTo(Arm.STABLE);
        assertThat(Ticket.isTimed(Ticket.TIMED)).isTrue();
        assertThat(Ticket.isTimed(~Ticket.TIMED)).isFalse();
        assertThat(Ticket.isWeighed(Ticket.WEIGHED)).isTrue();
        assertThat(Ticket.isWeighed(~Ticket.WEIGHED)).isFalse();
        assertThat(Ticket.isShadowed(Ticket.SHADOW)).isTrue();
        assertThat(Ticket.isShadowed(~Ticket.SHADOW)).isFalse();
        assertThat(Ticket.isKeyed(Ticket.KEYED)).isTrue();
        assertThat(Ticket.isKeyed(~Ticket.KEYED)).isFalse();
        assertThat(Ticket.isCompared(Ticket.FIRST_CALL)).isTrue();
        assertThat(Ticket.isCompared(Ticket.COMPARED)).isTrue();
        assertThat(Ticket.isCompared(~(Ticket.FIRST_CALL | Ticket.COMPARED))).isFalse();
    }

    @Test
    void fingerprint_withinASmallShare_collidesAsOftenAsOverAll() {
        // 20,000 fingerprints of 27 bits: n² / 2^28 = 1.5 collisions are expected, whichever positions they come from.
        for (double share : new double[] {1e-4, 0.05, 1}) {
            SplittableRandom random = new SplittableRandom(7);
            java.util.Set<Integer> seen = new java.util.HashSet<>();
            for (int i = 0; i < 20_000; i++) {
                long position = (long) (random.nextDouble() * share * 0x1p63) * 2;
                seen.add(Ticket.fingerprint(Ticket.fingerprintBits(position)));
            }
            assertThat((double) seen.size()).as("share %s", share).isCloseTo(20_000, within(8.0));
        }
    }
}
