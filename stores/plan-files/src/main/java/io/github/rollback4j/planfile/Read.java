package io.github.rollback4j.planfile;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was read of one place of a file.
 *
 * @param value what a {@link Shape} reads: of an option its value, of fields {@link Values}, of several a list of these, of
 *     names a map of these, of a part the part
 * @param line where it is
 * @param column where it is
 * @param path where it is in the plan
 * @param shown what is written there, as it may be shown
 */
record Read(Object value, int line, int column, String path, String shown) {

    /** Returns where it is, for people. */
    String place() {
        return line > 0 ? "in line " + line : "at " + path;
    }

    /** What was read of a mapping; keys whose values are wrong are missing. For one thread. */
    static final class Values {

        private final Map<String, Read> byName = new LinkedHashMap<>();
        private final Set<String> written = new HashSet<>();

        /** Notes that a key is there, whatever its value is. */
        void write(String name) {
            written.add(name);
        }

        /** Says whether a key is there, even if its value is wrong. */
        boolean isWritten(String name) {
            return written.contains(name);
        }

        void put(String name, Read read) {
            byName.put(name, read);
        }

        @Nullable
        Read read(String name) {
            return byName.get(name);
        }

        boolean has(String name) {
            return byName.containsKey(name);
        }

        /** Returns a value; null where there is none. */
        <T> @Nullable T value(String name, Class<T> type) {
            Read read = byName.get(name);
            return read == null ? null : type.cast(read.value);
        }

        /** Returns a text; empty where there is none. */
        String text(String name) {
            String text = value(name, String.class);
            return text == null ? "" : text;
        }

        boolean isTrue(String name) {
            return Boolean.TRUE.equals(value(name, Boolean.class));
        }

        /** Returns the items of a list; none where there is none. */
        List<Read> items(String name) {
            Read read = byName.get(name);
            return read == null ? List.of() : read.items();
        }

        /** Returns the fields of a mapping; none where there is none. */
        Values fields(String name) {
            Read read = byName.get(name);
            return read == null ? new Values() : (Values) read.value;
        }

        /** Returns what is behind names that the file chose. */
        Map<String, Read> named(String name) {
            Read read = byName.get(name);
            Map<String, Read> named = new LinkedHashMap<>();
            if (read != null) {
                ((Map<?, ?>) read.value).forEach((key, each) -> named.put((String) key, (Read) each));
            }
            return named;
        }
    }

    /** Returns the items of a list. */
    List<Read> items() {
        return ((List<?>) value).stream().map(Read.class::cast).toList();
    }

    /** Returns the fields of a mapping. */
    Values fields() {
        return (Values) value;
    }
}
