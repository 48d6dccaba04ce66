package io.github.rollback4j.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReleaseTest {

    @Test
    void identity_isVersionAndCommit() {
        assertThat(Release.of("checkout", "1.5.0").identity()).isEqualTo("1.5.0");
        assertThat(Release.of("checkout", "1.5.0")
                        .with(Release.COMMIT, "4d1f2c9")
                        .identity())
                .isEqualTo("1.5.0@4d1f2c9");
        assertThat(Release.of("checkout", "1.5.0")
                        .with(Release.LINK, "https://example.org")
                        .identity())
                .isEqualTo("1.5.0");
        assertThat(Release.of("checkout", "1.5.0").with(Release.COMMIT, "4d1f2c9"))
                .hasToString("checkout 1.5.0@4d1f2c9");
    }

    @Test
    void with_existingAttribute_isReplacedInACopy() {
        Release before = Release.of("checkout", "1.5.0").with(Release.SCHEMA_VERSION, "41");
        Release after = before.with(Release.SCHEMA_VERSION, "42");
        assertThat(before.attributes()).isEqualTo(Map.of("schema-version", "41"));
        assertThat(after.attributes()).isEqualTo(Map.of("schema-version", "42"));
    }

    @Test
    void attributes_changedLater_areCopied() {
        SortedMap<String, String> mine = new TreeMap<>(Map.of("region", "eu"));
        Release release = new Release("checkout", "1.5.0", mine);
        mine.put("region", "us");
        assertThat(release.attributes()).containsExactly(Map.entry("region", "eu"));
        assertThatThrownBy(() -> release.attributes().put("a", "b")).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "null", textBlock = """
            ""           | 1     |         |       | component ''
            check out    | 1     |         |       | component 'check out'
            checkout:eu  | 1     |         |       | component 'checkout:eu'
            chéckout     | 1     |         |       | component 'chéckout'
            checkout     | ""    |         |       | version ''
            checkout     | 1 0   |         |       | version '1 0'
            checkout     | 1#2   |         |       | version '1#2'
            checkout     | 1@abc |         |       | version '1@abc'
            checkout     | 1/2   |         |       | version '1/2'
            checkout     | 1     | my link | x     | attribute name 'my link'
            checkout     | 1     | ""      | x     | attribute name ''
            checkout     | 1     | link    | ""    | attribute link has no value
            checkout     | 1     | link    | " "   | attribute link has no value
            checkout     | 1     | link    | null  | attribute link has no value
            checkout     | 1     | commit  | a#2   | commit 'a#2'
            checkout     | 1     | commit  | a b   | commit 'a b'
            """)
    @Tag("R-12")
    void release_badInput_namesOptionValueAndWhatIsAllowed(
            String component, String version, String name, String value, String message) {
        SortedMap<String, String> attributes = new TreeMap<>();
        if (name != null) {
            attributes.put(name, value);
        }
        assertThatThrownBy(() -> new Release(component, version, attributes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("1 to 100");
    }

    @Test
    @Tag("R-12")
    void release_tooLong_isRefused() {
        String longest = "a".repeat(100);
        assertThat(Release.of(longest, longest).with(longest, "b".repeat(1000)).component())
                .hasSize(100);
        assertThatThrownBy(() -> Release.of(longest + "a", "1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Release.of("a", longest + "a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Release.of("a", "1").with("b", "b".repeat(1001)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attribute b has no value or one that is too long: 1 to 1000 characters are allowed");
    }
}
