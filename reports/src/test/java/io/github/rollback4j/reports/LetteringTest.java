package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LetteringTest {

    @Test
    void apart_enoughRoom_staysWhereItIsWanted() {
        assertThat(Lettering.apart(new double[] {90, 10, 50}, 18, 0, 100)).containsExactly(90, 10, 50);
    }

    @Test
    void apart_cluster_staysAroundWhereItIsWanted() {
        assertThat(Lettering.apart(new double[] {50, 50, 50}, 18, 0, 100)).containsExactly(32, 50, 68);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void apart_noRoomToSpare_keepsTheDistanceInsideTheBounds(int seed) {
        double[] wanted = new SplittableRandom(seed).doubles(11, -50, 250).toArray();
        double[] apart = Lettering.apart(wanted, 20, 0, 200);
        Arrays.sort(apart);
        for (int i = 0; i < apart.length; i++) {
            assertThat(apart[i]).isEqualTo(20 * i, within(1e-9));
        }
    }

    @Test
    void shortened_wideText_fits() {
        assertThat(Lettering.shortened("error-rate", 12, 200)).isEqualTo("error-rate");
        assertThat(Lettering.shortened("error-rate", 12, 57)).isEqualTo("error…");
        assertThat(Lettering.width(Lettering.shortened("WWWWWWWWWW", 12, 60), 12))
                .isLessThanOrEqualTo(60);
        assertThat(Lettering.shortened("😀😀😀", 12, 30)).isEqualTo("😀…");
    }
}
