package io.github.rollback4j.traffic;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Tells who or what a call is for: a key, and attributes such as tenant, region or a header's value, which the rules of
 * an {@link Audience} may look at.
 *
 * <p>Immutable and thread-safe. Calls with a bare key are cheaper; a subject is needed only where a rule looks at
 * attributes.
 *
 * @param key a {@code String}, {@code Long} or {@code UUID}; the same key gets the same release
 * @param attributes names and values
 */
public record Subject(Object key, Map<String, String> attributes) {

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if the key is of another type; {@code Object.hashCode} never decides
     */
    public Subject {
        if (!(key instanceof String || key instanceof Long || key instanceof UUID)) {
            throw new IllegalArgumentException(
                    "key of type " + (key == null ? "null" : key.getClass().getName())
                            + " is not allowed: String, Long and UUID are, since their hash is the same in every JVM");
        }
        attributes = attributes.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(attributes));
    }

    /** Returns a subject without attributes. */
    public static Subject of(String key) {
        return new Subject(key, Map.of());
    }

    /** Returns a subject without attributes. */
    public static Subject of(long key) {
        return new Subject(key, Map.of());
    }

    /** Returns a subject without attributes. */
    public static Subject of(UUID key) {
        return new Subject(key, Map.of());
    }

    /** Returns this subject with one attribute added or replaced. */
    public Subject with(String name, String value) {
        Map<String, String> more = new TreeMap<>(attributes);
        more.put(name, value);
        return new Subject(key, more);
    }

    /** Returns whether an attribute has this value. */
    public boolean has(String name, String value) {
        return value.equals(attributes.get(name));
    }

    long position(Split split) {
        if (key instanceof String text) {
            return split.position(text);
        }
        return key instanceof Long number ? split.position((long) number) : split.position((UUID) key);
    }
}
