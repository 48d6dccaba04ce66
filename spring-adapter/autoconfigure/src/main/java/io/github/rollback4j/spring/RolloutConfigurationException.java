package io.github.rollback4j.spring;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/** Says which properties are not allowed: all of them, as far as one mistake does not hide another. Contains no secret. */
final class RolloutConfigurationException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    /**
     * One mistake.
     *
     * @param property the property's name
     * @param origin where it was set; empty where that is not known
     * @param message what is wrong, and what is allowed
     */
    record Mistake(String property, String origin, String message) implements Serializable {

        private static final long serialVersionUID = 1;

        static Mistake of(String property, @Nullable Origin origin, String message) {
            return new Mistake(property, origin == null ? "" : origin.toString(), message);
        }

        @Override
        public String toString() {
            return property + ": " + message + (origin.isEmpty() ? "" : " (" + origin + ")");
        }
    }

    private final ArrayList<Mistake> mistakes;

    RolloutConfigurationException(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::toString).collect(Collectors.joining("; ")));
        this.mistakes = new ArrayList<>(mistakes);
    }

    RolloutConfigurationException(String property, String message) {
        this(List.of(new Mistake(property, "", message)));
    }

    List<Mistake> mistakes() {
        return List.copyOf(mistakes);
    }
}
