package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FailingKeysTest {

    private final FailingKeys keys = new FailingKeys(1000);

    @Test
    void note_firstFailure_hasNoGroup() {
        assertThat(keys.note(0, 0)).isEqualTo(FailingKeys.NO_GROUP);
        assertThat(keys.note((1 << Ticket.FINGERPRINT_BITS) - 1, 15)).isEqualTo(FailingKeys.NO_GROUP);
    }

    @Test
    void note_sameGroup_isNotFirst() {
        keys.note(7, 3);
        assertThat(keys.note(7, 3)).isEqualTo(FailingKeys.NOT_FIRST);
    }

    @Test
    void note_laterGroup_returnsThePrevious() {
        keys.note(7, 0);
        assertThat(keys.note(7, 4)).isZero();
        assertThat(keys.note(7, 15)).isEqualTo(4);
        assertThat(keys.note(7, 15)).isEqualTo(FailingKeys.NOT_FIRST);
    }

    @Test
    void note_earlierGroup_isNotFirst() {
        keys.note(7, 4);
        assertThat(keys.note(7, 3)).isEqualTo(FailingKeys.NOT_FIRST);
        assertThat(keys.note(7, 5)).isEqualTo(4);
    }

    @Test
    void note_keysWithTheSamePlace_areToldApart() {
        for (int i = 0; i < 20; i++) {
            assertThat(keys.note(5 + (i << 11), 0)).isEqualTo(FailingKeys.NO_GROUP);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(keys.note(5 + (i << 11), 0)).isEqualTo(FailingKeys.NOT_FIRST);
        }
    }

    @Test
    void note_asManyKeysAsAskedFor_findRoom() {
        SplittableRandom random = new SplittableRandom(3);
        int first = 0;
        for (int i = 0; i < 1000; i++) {
            first += keys.note(random.nextInt(1 << Ticket.FINGERPRINT_BITS), 0) == FailingKeys.NO_GROUP ? 1 : 0;
        }
        assertThat(first).isBetween(999, 1000);
    }

    @Test
    void note_full_dropsFurtherKeys() {
        FailingKeys few = new FailingKeys(1);
        int first = 0;
        for (int i = 0; i < 10_000; i++) {
            first += few.note(i * 31, 0) == FailingKeys.NO_GROUP ? 1 : 0;
        }
        assertThat(first).isEqualTo(128);
        assertThat(few.note(99_999_999, 1)).isEqualTo(FailingKeys.NOT_FIRST);
    }

    @Test
    void note_manyThreads_countsEachKeyOnce() throws InterruptedException {
        int threads = 4;
        FailingKeys shared = new FailingKeys(5000);
        AtomicInteger first = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        Thread[] all = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            all[t] = new Thread(() -> {
                await(go);
                for (int key = 0; key < 5000; key++) {
                    first.addAndGet(shared.note(key * 7919, 2) == FailingKeys.NO_GROUP ? 1 : 0);
                }
            });
            all[t].start();
        }
        go.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(first).hasValue(5000);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
