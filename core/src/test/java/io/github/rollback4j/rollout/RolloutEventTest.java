package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.Mode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RolloutEventTest {

    static Stream<Class<?>> kinds() {
        return Arrays.stream(RolloutEvent.class.getPermittedSubclasses());
    }

    private static Object sample(Class<?> type, String name) {
        if (type == String.class) {
            return "the " + name;
        }
        if (type == int.class) {
            return 7;
        }
        if (type == long.class) {
            return 70L;
        }
        if (type == double.class) {
            return 0.25;
        }
        if (type == boolean.class) {
            return true;
        }
        if (type == Mode.class) {
            return Mode.RECOMMEND;
        }
        if (type == Map.class) {
            return Map.of("x", "1", "y", "2");
        }
        throw new AssertionError("the test knows no sample of " + type);
    }

    private static RolloutEvent sample(Class<?> kind) throws ReflectiveOperationException {
        RecordComponent[] components = kind.getRecordComponents();
        Object[] values = Arrays.stream(components)
                .map(component -> sample(component.getType(), component.getName()))
                .toArray();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return (RolloutEvent) kind.getDeclaredConstructor(types).newInstance(values);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void data_eachKind_namesAllItsPartsAsText(Class<?> kind) throws ReflectiveOperationException {
        RolloutEvent event = sample(kind);
        assertThat(kind).isPublic();
        assertThat(event.type()).matches("[a-z]+(-[a-z]+)*");
        List<String> expected = new ArrayList<>();
        for (RecordComponent component : kind.getRecordComponents()) {
            if (component.getType() == Map.class) {
                expected.add(component.getName() + ".x=1");
                expected.add(component.getName() + ".y=2");
            } else {
                expected.add(component.getName() + "=" + sample(component.getType(), component.getName()));
            }
        }
        assertThat(event.data().entrySet()).extracting(Object::toString).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** The journal keeps these names for good: an older version of the library reads them. */
    @Test
    void type_allKinds_areTheNamesOfTheJournal() throws ReflectiveOperationException {
        List<String> types = new ArrayList<>();
        for (Class<?> kind : kinds().toList()) {
            types.add(sample(kind).type());
        }
        assertThat(types)
                .containsExactlyInAnyOrder(
                        "planned",
                        "not-started",
                        "started",
                        "continued",
                        "growing",
                        "exposed",
                        "paused",
                        "resumed",
                        "decided",
                        "evidence-kept",
                        "counted",
                        "overdue",
                        "ratio-mismatch",
                        "dismissed",
                        "step-intended",
                        "step-sent",
                        "step-looked-up",
                        "step-asked",
                        "step-done",
                        "step-failed",
                        "gate-opened",
                        "gate-closed",
                        "baseline-noted",
                        "baseline-kept",
                        "traffic-refused",
                        "traffic-resumed",
                        "verified",
                        "preflighted",
                        "overridden",
                        "tried-again",
                        "handed-over",
                        "requested",
                        "answered",
                        "led",
                        "divided",
                        "edges-frozen",
                        "notified",
                        "not-notified",
                        "drafted",
                        "approved",
                        "escalated",
                        "acknowledged",
                        "drill-began",
                        "drill-ended",
                        "rolled-back",
                        "needs-human",
                        "promoted",
                        "window-closed",
                        "reported",
                        "controlled",
                        "closed");
    }
}
