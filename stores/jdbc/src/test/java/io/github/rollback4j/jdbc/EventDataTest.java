package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDataTest {

    @Test
    void write_plainText_isWhatAPersonWouldWrite() {
        assertThat(EventData.write(new TreeMap<>(Map.of("step", "1", "name", "5 % für \"alle\" \ud83d\udd04"))))
                .isEqualTo("{\"name\":\"5 % für \\\"alle\\\" \ud83d\udd04\",\"step\":\"1\"}");
        assertThat(EventData.write(new TreeMap<>())).isEqualTo("{}");
    }

    @Test
    void write_whatDatabasesDoNotKeep_isEscaped() {
        assertThat(EventData.write(new TreeMap<>(Map.of("a", "\0\ud83d\n\uffff\udd04"))))
                .isEqualTo("{\"a\":\"\\u0000\\ud83d\\n\\uffff\\udd04\"}");
    }

    @Test
    void read_anyTextWritten_isTheSame() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            SortedMap<String, String> data = new TreeMap<>();
            for (int part = random.nextInt(4); part > 0; part--) {
                data.put(text(random), text(random));
            }
            assertThat(EventData.read(EventData.write(data))).isEqualTo(data);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(12); length > 0; length--) {
            text.append((char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(65_536)));
        }
        return text.toString();
    }

    @Test
    void read_writtenByHand_isUnderstood() {
        assertThat(EventData.read(" {\n \"a\" : \"\\u00FC\\/\\b\\f\" ,\t\"b\":\"\" }\n"))
                .containsExactly(Map.entry("a", "ü/\b\f"), Map.entry("b", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"a\"}",
                "{\"a\":1}",
                "{\"a\":\"1\",}",
                "{\"a\":\"1\"} x",
                "{\"a\":\"1\",\"a\":\"2\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"1"
            })
    void read_somethingElse_isRefused(String text) {
        assertThatThrownBy(() -> EventData.read(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
