package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.PlanParts;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The objects of the application that a file may name. Immutable. */
final class Bindings {

    private final Map<Class<?>, SortedMap<String, Object>> byType;

    private Bindings(Map<Class<?>, SortedMap<String, Object>> byType) {
        this.byType = byType;
    }

    static Bindings none() {
        return new Bindings(Map.of());
    }

    Bindings with(Class<?> type, String name, Object object) {
        Map<Class<?>, SortedMap<String, Object>> more = new HashMap<>(byType);
        SortedMap<String, Object> named = new TreeMap<>(more.getOrDefault(type, new TreeMap<>()));
        if (named.putIfAbsent(name, object) != null) {
            throw new IllegalArgumentException(
                    "a " + type.getSimpleName() + " is bound to '" + name + "' already: each name once is allowed");
        }
        more.put(type, named);
        return new Bindings(more);
    }

    /** Returns what is bound; null where nothing is. */
    @Nullable
    Object get(Class<?> type, String name) {
        SortedMap<String, Object> named = byType.get(type);
        return named == null ? null : named.get(name);
    }

    /** Says that nothing is bound to a name, and what is. */
    String missing(Class<?> type, String name) {
        SortedMap<String, Object> named = byType.getOrDefault(type, new TreeMap<>());
        String nearest = PlanParts.nearest(name, named.keySet());
        return "no " + type.getSimpleName() + " is bound to '" + Problems.clipped(name) + "'"
                + (nearest == null ? "" : ", '" + nearest + "' is the nearest")
                + (named.isEmpty()
                        ? ": the application has bound none"
                        : ": bound are " + String.join(", ", named.keySet()));
    }
}
