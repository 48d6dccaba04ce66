package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.evidence.Evidence;
import org.junit.jupiter.api.Test;

class ComparedCountsTest {

    private final ComparedCounts counts = new ComparedCounts(3);

    private long[] latencies(int slot, boolean keyed, int arm, int binOfPending) {
        long[] sums = new long[Evidence.BINS];
        boolean any = counts.addLatencies(slot, keyed, arm, binOfPending, sums);
        assertThat(any).isEqualTo(java.util.Arrays.stream(sums).sum() > 0);
        return sums;
    }

    private static long[] bins(int... binsAndCounts) {
        long[] bins = new long[Evidence.BINS];
        for (int i = 0; i < binsAndCounts.length; i += 2) {
            bins[binsAndCounts[i]] = binsAndCounts[i + 1];
        }
        return bins;
    }

    @Test
    void addLatencies_ofEachSlotUnitAndArm_areApart() {
        int n = 0;
        for (int slot = 0; slot < 3; slot++) {
            for (int unit = 0; unit < 2; unit++) {
                for (int arm = 0; arm < 2; arm++) {
                    n++;
                    for (int i = 0; i < n; i++) {
                        counts.beginLatency(slot, unit == 1, arm);
                        counts.endLatency(slot, unit == 1, arm, n);
                    }
                }
            }
        }
        n = 0;
        for (int slot = 0; slot < 3; slot++) {
            for (int unit = 0; unit < 2; unit++) {
                for (int arm = 0; arm < 2; arm++) {
                    n++;
                    assertThat(latencies(slot, unit == 1, arm, 0)).isEqualTo(bins(n, n));
                }
            }
            assertThat(counts.firstCalls(slot, 0) + counts.firstCalls(slot, 1)).isZero();
        }
    }

    @Test
    void addLatencies_notEnded_areAllInOneBin() {
        for (int i = 0; i < 5; i++) {
            counts.beginLatency(1, true, 0);
        }
        counts.endLatency(1, true, 0, 4);
        counts.endLatency(1, true, 0, 19);
        assertThat(latencies(1, true, 0, 7)).isEqualTo(bins(4, 1, 7, 3, 19, 1));
        assertThat(latencies(1, true, 0, 19)).isEqualTo(bins(4, 1, 19, 4));
    }

    @Test
    void addLatencies_toWhatIsThere_addsUp() {
        counts.beginLatency(0, false, 1);
        counts.endLatency(0, false, 1, 2);
        long[] sums = bins(2, 5, 3, 1);
        assertThat(counts.addLatencies(0, false, 1, 0, sums)).isTrue();
        assertThat(sums).isEqualTo(bins(2, 6, 3, 1));
        assertThat(counts.addLatencies(0, false, 0, 0, sums)).isFalse();
        assertThat(sums).isEqualTo(bins(2, 6, 3, 1));
    }

    @Test
    void forgetLatency_takesTheBeginningBack() {
        counts.beginLatency(0, false, 1);
        counts.beginLatency(0, false, 1);
        counts.forgetLatency(0, false, 1);
        assertThat(latencies(0, false, 1, 3)).isEqualTo(bins(3, 1));
        counts.forgetLatency(0, false, 1);
        assertThat(latencies(0, false, 1, 3)).isEqualTo(bins());
    }

    @Test
    void addLatencies_moreEndsThanBeginnings_areNeverLessThanNothing() {
        counts.beginLatency(0, false, 0);
        counts.endLatency(0, false, 0, 5);
        counts.endLatency(0, false, 0, 5);
        assertThat(latencies(0, false, 0, 9)).isEqualTo(bins(5, 2));
    }

    @Test
    void firstCalls_ofEachOutcome_areCountedAsWhatTheyAre() {
        for (int i = 0; i < 20; i++) {
            counts.beginFirstCall(2, 1);
        }
        end(4, Outcome.SUCCESS);
        end(3, Outcome.FAILURE);
        end(2, Outcome.CANCELLED);
        end(1, Outcome.IGNORED);
        assertThat(counts.firstCalls(2, 1)).isEqualTo(20);
        assertThat(counts.goodFirstCalls(2, 1)).isEqualTo(4);
        assertThat(counts.voidFirstCalls(2, 1)).isEqualTo(3);
        assertThat(counts.reportedFirstCalls(2, 1)).isEqualTo(10);
        assertThat(counts.firstCalls(2, 0) + counts.reportedFirstCalls(2, 0)).isZero();
        assertThat(counts.firstCalls(1, 1) + counts.reportedFirstCalls(1, 1)).isZero();
    }

    private void end(int times, Outcome outcome) {
        for (int i = 0; i < times; i++) {
            counts.endFirstCall(2, 1, outcome);
        }
    }

    @Test
    void clear_oneSlot_leavesTheOthers() {
        for (int slot = 0; slot < 3; slot++) {
            for (int arm = 0; arm < 2; arm++) {
                counts.beginFirstCall(slot, arm);
                counts.endFirstCall(slot, arm, Outcome.CANCELLED);
                for (int bin = 0; bin < Evidence.BINS; bin++) {
                    counts.beginLatency(slot, true, arm);
                    counts.endLatency(slot, true, arm, bin);
                    counts.beginLatency(slot, false, arm);
                }
            }
        }
        counts.clear(1);
        for (int slot = 0; slot < 3; slot++) {
            for (int arm = 0; arm < 2; arm++) {
                boolean cleared = slot == 1;
                assertThat(counts.firstCalls(slot, arm)).isEqualTo(cleared ? 0 : 1);
                assertThat(counts.voidFirstCalls(slot, arm)).isEqualTo(cleared ? 0 : 1);
                assertThat(latencies(slot, true, arm, 0)).containsOnly(cleared ? 0 : 1);
                assertThat(latencies(slot, false, arm, 6)).isEqualTo(cleared ? bins() : bins(6, Evidence.BINS));
            }
        }
    }
}
