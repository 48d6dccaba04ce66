package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributedKeysTest {

    private static final int MOST = (1 << Ticket.FINGERPRINT_BITS) - 1;

    private final AttributedKeys keys = new AttributedKeys(1000);

    @ParameterizedTest
    @CsvSource({"0, 1, 0", "0, 268435455, 1", "134217727, 1, 1", "77, 12345, 0"})
    void record_aKeyThatWasNoted_returnsItsCohortAndArm(int fingerprint, int cohort, int arm) {
        keys.note(fingerprint, cohort, arm);
        long entry = keys.record(fingerprint, 3);
        assertThat(AttributedKeys.cohort(entry)).isEqualTo(cohort);
        assertThat(AttributedKeys.arm(entry)).isEqualTo(arm);
    }

    @Test
    void record_aKeyThatWasNot_isNone() {
        assertThat(keys.record(5, 0)).isEqualTo(AttributedKeys.NONE);
        keys.note(5, 1, 0);
        assertThat(keys.record(6, 0)).isEqualTo(AttributedKeys.NONE);
        assertThat(keys.record(MOST, 0)).isEqualTo(AttributedKeys.NONE);
    }

    @Test
    void record_oneMetricTwice_countsOnce() {
        keys.note(5, 9, 1);
        for (int metric = 0; metric < AttributedKeys.METRICS; metric++) {
            long entry = keys.record(5, metric);
            assertThat(entry).isNotEqualTo(AttributedKeys.NONE);
            assertThat(AttributedKeys.cohort(entry)).isEqualTo(9);
            assertThat(AttributedKeys.arm(entry)).isEqualTo(1);
            assertThat(keys.record(5, metric)).isEqualTo(AttributedKeys.NONE);
        }
    }

    @Test
    void note_sameKeyLater_keepsItsFirstCall() {
        keys.note(5, 9, 1);
        keys.note(5, 12, 0);
        long entry = keys.record(5, 0);
        assertThat(AttributedKeys.cohort(entry)).isEqualTo(9);
        assertThat(AttributedKeys.arm(entry)).isEqualTo(1);
        assertThat(keys.record(5, 0)).isEqualTo(AttributedKeys.NONE);
    }

    @Test
    void note_sameKeyOftenAgain_takesNoRoom() {
        AttributedKeys few = new AttributedKeys(1);
        for (int i = 0; i < 1000; i++) {
            few.note(5, 1 + i, 0);
        }
        for (int key = 6; key < 66; key++) {
            few.note(key, 9, 1);
        }
        for (int key = 6; key < 66; key++) {
            assertThat(few.record(key, 0)).isNotEqualTo(AttributedKeys.NONE);
        }
    }

    @Test
    void note_cohortBeyondItsBits_keepsTheLowest() {
        keys.note(5, (1 << 28) + 7, 0);
        assertThat(AttributedKeys.cohort(keys.record(5, 0))).isEqualTo(7);
    }

    @Test
    void note_keysWithTheSamePlace_areToldApart() {
        for (int i = 0; i < 20; i++) {
            keys.note(5 + (i << 20), 100 + i, i & 1);
        }
        for (int i = 19; i >= 0; i--) {
            long entry = keys.record(5 + (i << 20), 2);
            assertThat(AttributedKeys.cohort(entry)).isEqualTo(100 + i);
            assertThat(AttributedKeys.arm(entry)).isEqualTo(i & 1);
        }
    }

    @Test
    void note_atTheEndOfTheTable_goesOnAtItsBeginning() {
        keys.note(MOST, 1, 0);
        keys.note(MOST - (1 << 20), 2, 0);
        assertThat(AttributedKeys.cohort(keys.record(MOST, 0))).isEqualTo(1);
        assertThat(AttributedKeys.cohort(keys.record(MOST - (1 << 20), 0))).isEqualTo(2);
    }

    @Test
    void note_randomKeys_areWhatAMapSays() {
        SplittableRandom random = new SplittableRandom(6);
        AttributedKeys many = new AttributedKeys(5000);
        Map<Integer, long[]> expected = new HashMap<>();
        for (int i = 0; i < 5000; i++) {
            int fingerprint = random.nextInt(MOST + 1);
            int cohort = 1 + random.nextInt(1000);
            int arm = random.nextInt(2);
            many.note(fingerprint, cohort, arm);
            expected.putIfAbsent(fingerprint, new long[] {cohort, arm});
        }
        expected.forEach((fingerprint, of) -> {
            long entry = many.record(fingerprint, 7);
            assertThat(AttributedKeys.cohort(entry)).isEqualTo((int) of[0]);
            assertThat(AttributedKeys.arm(entry)).isEqualTo((int) of[1]);
            assertThat(many.record(fingerprint, 7)).isEqualTo(AttributedKeys.NONE);
        });
        for (int i = 0; i < 5000; i++) {
            int fingerprint = random.nextInt(MOST + 1);
            if (!expected.containsKey(fingerprint)) {
                assertThat(many.record(fingerprint, 0)).isEqualTo(AttributedKeys.NONE);
            }
        }
    }

    @Test
    void note_full_leavesOutFurtherKeysWhateverTheirArm() {
        AttributedKeys few = new AttributedKeys(1);
        int[] noted = new int[2];
        for (int i = 0; i < 10_000; i++) {
            few.note(i * 31, 5, i & 1);
        }
        for (int i = 0; i < 10_000; i++) {
            long entry = few.record(i * 31, 0);
            if (entry != AttributedKeys.NONE) {
                noted[AttributedKeys.arm(entry)]++;
            }
        }
        assertThat(noted[0] + noted[1]).isEqualTo(128);
        assertThat(noted[0]).isBetween(40, 88);
    }

    @Test
    void record_manyThreads_countsEachKeyAndMetricOnce() throws InterruptedException {
        int many = 3000;
        AttributedKeys shared = new AttributedKeys(many);
        AtomicInteger recorded = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        Thread[] all = new Thread[4];
        for (int t = 0; t < all.length; t++) {
            all[t] = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
                int mine = 0;
                for (int key = 0; key < many; key++) {
                    shared.note(key * 7919, 1 + key, key & 1);
                    for (int metric = 0; metric < 3; metric++) {
                        long entry = shared.record(key * 7919, metric);
                        if (entry != AttributedKeys.NONE) {
                            mine += AttributedKeys.cohort(entry) == 1 + key ? 1 : 1_000_000;
                        }
                    }
                }
                recorded.addAndGet(mine);
            });
            all[t].start();
        }
        go.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(recorded).hasValue(3 * many);
    }
}
