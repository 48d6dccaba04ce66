package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.Mode;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes events of what the journal keeps of them. */
final class ReadEvents {

    /** The newest version of an event's data that is known here. */
    static final int VERSION = 1;

    private static final Map<String, Class<?>> KINDS = kinds();

    private ReadEvents() {}

    private static Map<String, Class<?>> kinds() {
        Map<String, Class<?>> kinds = new HashMap<>();
        for (Class<?> kind : RolloutEvent.class.getPermittedSubclasses()) {
            kinds.put(type(kind), kind);
        }
        return Map.copyOf(kinds);
    }

    static String type(Class<?> kind) {
        return kind.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    static @Nullable RolloutEvent read(String type, Map<String, String> data) {
        Class<?> kind = KINDS.get(type);
        if (kind == null) {
            return null;
        }
        RecordComponent[] components = kind.getRecordComponents();
        try {
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                values[i] = value(components[i].getType(), components[i].getName(), data);
            }
            Constructor<?> constructor = kind.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            return (RolloutEvent) constructor.newInstance(values);
        } catch (ReflectiveOperationException | IllegalArgumentException odd) {
            return null;
        }
    }

    private static Object value(Class<?> type, String name, Map<String, String> data) {
        if (type == Map.class) {
            Map<String, String> parts = new HashMap<>();
            data.forEach((key, value) -> {
                if (key.startsWith(name + ".")) {
                    parts.put(key.substring(name.length() + 1), value);
                }
            });
            return Map.copyOf(parts);
        }
        String text = data.getOrDefault(name, "");
        if (type == String.class) {
            return text;
        }
        if (type == boolean.class) {
            return Boolean.parseBoolean(text);
        }
        if (type == Mode.class) {
            return text.isEmpty() ? Mode.ACT : Mode.valueOf(text);
        }
        if (type == double.class) {
            return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
        }
        if (type == int.class) {
            return text.isEmpty() ? 0 : Integer.parseInt(text);
        }
        if (type == long.class) {
            return text.isEmpty() ? 0L : Long.parseLong(text);
        }
        throw new IllegalArgumentException("a part of type " + type + " cannot be read");
    }
}
