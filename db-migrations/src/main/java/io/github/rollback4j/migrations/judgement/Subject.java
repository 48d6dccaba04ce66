package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a finding is about.
 *
 * @param object the table, view or other object by the name under which the previous release knows it; null where it is none
 * @param column the column by its old name; empty where it is about the object as a whole, or about something new
 * @param text the same for people, for example {@code booking.price}
 */
public record Subject(@Nullable ObjectName object, String column, String text) {

    /** Nothing in particular. */
    static final Subject NONE = new Subject(null, "", "");

    /** Checks. */
    public Subject {
        Objects.requireNonNull(column, "column");
        Objects.requireNonNull(text, "text");
    }

    static Subject of(ObjectName object) {
        return new Subject(object, "", object.toString());
    }

    static Subject column(ObjectName object, String column) {
        return new Subject(object, column, object + "." + column);
    }

    /** Returns a constraint, trigger or new column of an object. */
    static Subject part(ObjectName object, String part) {
        return new Subject(object, "", part.isEmpty() ? object.toString() : object + "." + part);
    }

    static Subject named(String text) {
        return new Subject(null, "", text);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return text;
    }
}
