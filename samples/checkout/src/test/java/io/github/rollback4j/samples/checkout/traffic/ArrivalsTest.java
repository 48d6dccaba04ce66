package io.github.rollback4j.samples.checkout.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private static List<Request> requests(long seed) {
        Arrivals arrivals = new Arrivals(seed, 200_000, 400);
        return Stream.generate(arrivals::next).limit(40_000).toList();
    }

    @Test
    void next_sameSeed_isTheSame_anotherIsNot() {
        assertThat(requests(1)).isEqualTo(requests(1)).isNotEqualTo(requests(2));
    }

    @Test
    void next_rate_isTheOneAskedFor_inOrder() {
        List<Request> requests = requests(1);
        assertThat(requests).isSortedAccordingTo((a, b) -> a.at().compareTo(b.at()));
        assertThat(requests).extracting(Request::number).startsWith(1L, 2L, 3L);
        Duration settled = requests.get(39_999).at().minus(requests.get(9_999).at());
        assertThat(30_000 / (settled.toNanos() / 1e9)).isCloseTo(400, within(12.0));
    }

    @Test
    void next_customers_someComeOftenAndMostSeldom() {
        Map<Integer, Long> visits =
                requests(1).stream().collect(Collectors.groupingBy(Request::customer, Collectors.counting()));
        assertThat(visits.keySet()).allMatch(customer -> customer >= 1 && customer <= 200_000);
        assertThat(visits.size()).as("different customers").isGreaterThan(20_000);
        assertThat(visits.getOrDefault(1, 0L)).as("the most frequent one's").isBetween(100L, 400L);
    }

    @Test
    void next_oneInFive_asksAgainAfterSomeSeconds() {
        Map<Integer, List<Request>> ofSeldomOnes = requests(1).stream()
                .filter(request -> request.customer() > 100_000)
                .collect(Collectors.groupingBy(Request::customer));
        long all = ofSeldomOnes.values().stream().mapToLong(List::size).sum();
        long again = ofSeldomOnes.values().stream()
                .mapToLong(requests -> requests.size() - 1)
                .sum();
        assertThat((double) again / all).isBetween(0.2, 0.35);
    }
}
