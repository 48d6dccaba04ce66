package io.github.rollback4j.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    @Test
    void of_anyData_isSortedAndCopied() {
        Map<String, String> mine = new HashMap<>(Map.of("b", "2", "a", "1", "c", "3"));
        Journal.Event event = Journal.Event.of("exposed", NOON, Duration.ofSeconds(1), mine);
        mine.put("d", "4");
        assertThat(event.version()).isEqualTo(1);
        assertThat(event.data()).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"), Map.entry("c", "3"));
        assertThatThrownBy(() -> event.data().put("d", "4")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void equals_sameParts_isTheSameEvent() {
        Journal.Event event = Journal.Event.of("exposed", NOON, Duration.ofSeconds(1), Map.of("a", "1"));
        assertThat(event)
                .isEqualTo(
                        new Journal.Event("exposed", 1, NOON, Duration.ofSeconds(1), new TreeMap<>(Map.of("a", "1"))))
                .isNotEqualTo(Journal.Event.of("exposed", NOON, Duration.ofSeconds(2), Map.of("a", "1")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""      | 1
            " "     | 1
            exposed | 0
            exposed | -1
            """)
    void event_badTypeOrVersion_isRefused(String type, int version) {
        assertThatThrownBy(() -> new Journal.Event(type, version, NOON, Duration.ZERO, new TreeMap<>()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("event type '" + type + "', version " + version
                        + " is not allowed: a type that is not blank and a version from 1 are");
    }
}
