package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.rollout.Windows.Count;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WindowsTest {

    private final Windows windows = new Windows();

    private void add(int number, long calls, long bad) {
        windows.add(number, Count.of(calls, bad));
    }

    @Test
    void highRate_elevenWindows_isUnknown() {
        for (int i = 0; i < 11; i++) {
            add(i, 1_000, 1);
        }
        assertThat(windows.highRate()).isNaN();
    }

    @Test
    void highRate_twelveWindows_isTheWorst() {
        for (int i = 0; i < 12; i++) {
            add(i, 1_000, i);
        }
        assertThat(windows.highRate()).isEqualTo(.011);
    }

    @Test
    void highRate_twoHundredWindows_leavesOutTheTwoWorst() {
        for (int i = 0; i < 200; i++) {
            add(i, 1_000, i);
        }
        assertThat(windows.highRate()).isEqualTo(.197);
    }

    /** One of ten calls that fails says nothing of a rate of a tenth. */
    @Test
    void rates_windowsWithFewCalls_arePutTogether() {
        for (int i = 0; i < 12 * 20; i++) {
            add(i, 10, i % 20 == 0 ? 1 : 0);
        }
        assertThat(windows.rates()).hasSize(12).containsOnly(.005);
    }

    @Test
    void rates_fewCallsAtTheEnd_areLeftOut() {
        add(1, 200, 2);
        add(2, 199, 199);
        assertThat(windows.rates()).containsExactly(.01);
    }

    @Test
    void add_moreFailuresThanCalls_areAsManyCalls() {
        add(1, 3, 5);
        assertThat(windows.byNumber()).containsEntry(1L, new Count(5, 5));
    }

    @Test
    void merge_sameWindow_takesWhereMoreIsKnown() {
        add(1, 100, 1);
        add(2, 50, 1);
        Windows others = new Windows();
        others.add(1, Count.of(40, 0));
        others.add(2, Count.of(80, 3));
        others.add(3, Count.of(7, 0));
        assertThat(others.notIn(windows)).isEqualTo(1);
        windows.merge(others);
        assertThat(windows.text()).isEqualTo("1:100:1 2:80:3 3:7:0");
    }

    @Test
    void of_whatWasWritten_isTheSame() {
        add(5_000_000, 100, 1);
        add(5_000_002, 80, 0);
        assertThat(Windows.of(windows.text()).byNumber()).isEqualTo(windows.byNumber());
    }

    @Test
    void of_partsThatCannotBeRead_areSkipped() {
        assertThat(Windows.of("x 1:2:1 1:2 1:2:3:4 -1:2:3 9:99999999999999999999:1 4:5:0")
                        .text())
                .isEqualTo("1:2:1 4:5:0");
    }

    @Test
    void keepLast_forgetsTheOldest() {
        add(1, 1, 0);
        add(2, 1, 0);
        add(3, 1, 0);
        windows.keepLast(2);
        assertThat(windows.text()).isEqualTo("2:1:0 3:1:0");
    }

    @Test
    void number_countsFromTheEpoch() {
        assertThat(Windows.number(Instant.ofEpochSecond(299), Windows.WINDOW)).isZero();
        assertThat(Windows.number(Instant.ofEpochSecond(300), Windows.WINDOW)).isEqualTo(1);
        assertThat(Windows.number(Instant.ofEpochSecond(-1), Windows.WINDOW)).isEqualTo(-1);
    }

    @Test
    void page_ofAnInstance_isReadAsItWas() {
        add(7, 100, 1);
        Windows slices = new Windows();
        slices.add(11, Count.of(3, 1));
        ServingPage read = ServingPage.of(new ServingPage(true, true, slices, windows).bytes());
        assertThat(read.isStable()).isTrue();
        assertThat(read.isRefusing()).isTrue();
        assertThat(read.slices().text()).isEqualTo("11:3:1");
        assertThat(read.windows().text()).isEqualTo("7:100:1");
    }

    @Test
    void page_ofAnotherVersion_isReadAsFarAsItIsKnown() {
        ServingPage read = ServingPage.of("latency 9:9:9\nwindows-5m 7:100:1\n\nslices-1s 4:4:4".getBytes());
        assertThat(read.isStable()).isFalse();
        assertThat(read.isRefusing()).isFalse();
        assertThat(read.slices().size()).isZero();
        assertThat(read.windows().text()).isEqualTo("7:100:1");
    }
}
