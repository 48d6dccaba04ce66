package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SampleTest {

    private final Sample sample = new Sample();

    private void take(int from, int to) {
        for (int i = from; i < to; i++) {
            sample.take(i);
        }
    }

    @Test
    void isEnough_aThousandValues_andNotOneLess() {
        take(0, 999);
        assertThat(sample.isEnough()).isFalse();
        take(999, 1000);
        assertThat(sample.isEnough()).isTrue();
    }

    @Test
    void values_notFull_areThoseTaken() {
        assertThat(sample.values()).isEmpty();
        take(0, 3);
        assertThat(sample.values()).containsExactly(0, 1, 2);
        sample.take(-2.5);
        assertThat(sample.values()).containsExactly(0, 1, 2, -2.5);
    }

    @Test
    void values_full_areTheLatest() {
        take(0, 4096);
        assertThat(sample.values()).hasSize(4096).contains(0, 4095);
        take(4096, 5000);
        assertThat(sample.values()).hasSize(4096).doesNotContain(0, 903).contains(904, 4095, 4999);
        assertThat(sample.isEnough()).isTrue();
    }

    @Test
    void take_moreThanAnIntHolds_goesOn() throws ReflectiveOperationException {
        take(0, 4096);
        Field taken = Sample.class.getDeclaredField("taken");
        taken.setAccessible(true);
        ((AtomicInteger) taken.get(sample)).set(Integer.MAX_VALUE);
        sample.take(-1);
        sample.take(-2);
        assertThat(sample.isEnough()).isTrue();
        assertThat(sample.values()).hasSize(4096).contains(-1, -2, 1);
    }
}
