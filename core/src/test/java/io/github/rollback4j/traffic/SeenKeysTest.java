package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeenKeysTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x0123456789ABCDEFL})
    void isFirst_sameKeyAgain_isNot(long position) {
        SeenKeys seen = new SeenKeys(1000);
        assertThat(seen.isFirst(position)).isTrue();
        assertThat(seen.isFirst(position)).isFalse();
        assertThat(seen.isFirst(position)).isFalse();
    }

    @Test
    void isFirst_asManyKeysAsAskedFor_leavesOutOneInNine() {
        int keys = 1 << 14;
        SeenKeys seen = new SeenKeys(keys);
        SplittableRandom random = new SplittableRandom(1);
        int first = 0;
        for (int i = 0; i < keys; i++) {
            first += seen.isFirst(random.nextLong()) ? 1 : 0;
        }
        // 4 (1 - exp(-1/4)) of them are expected to find a bit of their own.
        assertThat((double) first / keys).isCloseTo(4 * -Math.expm1(-.25), within(.01));
    }

    @Test
    void isFirst_fewKeys_leavesOutHardlyAny() {
        SeenKeys seen = new SeenKeys(100_000);
        int first = 0;
        for (long key = 0; key < 1000; key++) {
            first += seen.isFirst(TestTraffic.SPLIT.position(key)) ? 1 : 0;
        }
        assertThat(first).isGreaterThan(990);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 0.5})
    void isFirst_crowded_leavesOutBothArmsAlike(double share) {
        SplittableRandom random = new SplittableRandom(2);
        long threshold = Split.threshold(share);
        int[] calls = new int[2];
        int[] first = new int[2];
        for (int round = 0; round < 200; round++) {
            SeenKeys seen = new SeenKeys(1000);
            for (int i = 0; i < 2000; i++) {
                long position = random.nextLong();
                int arm = Long.compareUnsigned(position, threshold) < 0 ? 1 : 0;
                calls[arm]++;
                first[arm] += seen.isFirst(position) ? 1 : 0;
            }
        }
        double both = (double) (first[0] + first[1]) / (calls[0] + calls[1]);
        assertThat((double) first[1] / calls[1])
                .isCloseTo(both, within(4 * Math.sqrt(both * (1 - both) / calls[1])))
                .isLessThan(.9);
    }

    @Test
    void isFirst_moreKeysThanBits_endsWithNone() {
        SeenKeys seen = new SeenKeys(1);
        SplittableRandom random = new SplittableRandom(3);
        int first = 0;
        for (int i = 0; i < 10_000; i++) {
            first += seen.isFirst(random.nextLong()) ? 1 : 0;
        }
        assertThat(first).isEqualTo(64);
    }

    @Test
    void isFirst_manyThreads_saysSoOncePerKey() throws InterruptedException {
        SeenKeys shared = new SeenKeys(1 << 16);
        SeenKeys alone = new SeenKeys(1 << 16);
        int keys = 20_000;
        int expected = 0;
        for (long key = 0; key < keys; key++) {
            expected += alone.isFirst(TestTraffic.SPLIT.position(key)) ? 1 : 0;
        }
        AtomicInteger first = new AtomicInteger();
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
                for (long key = 0; key < keys; key++) {
                    mine += shared.isFirst(TestTraffic.SPLIT.position(key)) ? 1 : 0;
                }
                first.addAndGet(mine);
            });
            all[t].start();
        }
        go.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(first).hasValue(expected);
    }
}
