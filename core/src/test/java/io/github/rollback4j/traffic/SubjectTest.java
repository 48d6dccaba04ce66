package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SubjectTest {

    @Test
    void new_otherKeyType_saysWhatIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Subject(3.5, Map.of()))
                .withMessage("key of type java.lang.Double is not allowed: String, Long and UUID are, since their hash"
                        + " is the same in every JVM");
    }

    @Test
    @SuppressWarnings("NullAway")
    void new_nullKey_saysWhatIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Subject(null, Map.of()))
                .withMessageStartingWith("key of type null is not allowed");
    }

    @Test
    void attributes_changedAfterwards_stayAsTheyWere() {
        Map<String, String> attributes = new HashMap<>(Map.of("region", "eu"));
        Subject subject = new Subject("a", attributes);
        attributes.put("region", "us");
        assertThat(subject.has("region", "eu")).isTrue();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> subject.attributes().put("region", "us"));
    }

    @Test
    void with_attribute_addsOrReplaces() {
        Subject subject =
                Subject.of("a").with("region", "eu").with("plan", "free").with("region", "us");
        assertThat(subject.attributes()).containsExactlyInAnyOrderEntriesOf(Map.of("region", "us", "plan", "free"));
        assertThat(subject.has("plan", "paid")).isFalse();
        assertThat(subject.has("tenant", "x")).isFalse();
    }

    @Test
    void position_eachKeyType_isThatOfTheBareKey() {
        Split split = TestTraffic.SPLIT;
        UUID uuid = new UUID(1, 2);
        assertThat(Subject.of("a").position(split)).isEqualTo(split.position("a"));
        assertThat(Subject.of(5).position(split)).isEqualTo(split.position(5L));
        assertThat(Subject.of(uuid).position(split)).isEqualTo(split.position(uuid));
        assertThat(Subject.of(5).with("a", "b").position(split)).isEqualTo(split.position(5L));
    }
}
