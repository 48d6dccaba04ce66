package io.github.rollback4j.plan;

import io.github.rollback4j.strategy.Check;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/** The gates that need nothing but the JDK. */
final class Gates {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final int LONGEST_TEXT = 500;

    private Gates() {}

    /** Looks by a function of its own. */
    private record Looking(String name, String description, Look look) implements Gate {

        @FunctionalInterface
        interface Look {
            Result at(Question question) throws Exception;
        }

        Looking {
            requireName(name);
        }

        @Override
        public Result look(Question question) throws Exception {
            return look.at(question);
        }

        @Override
        public String toString() {
            return description;
        }
    }

    static Gate ofCheck(String name, Check check) {
        Objects.requireNonNull(check, "check");
        return new Looking(name, name + ": a check of the application's own", question -> {
            Check.Result result = check.run();
            return result.passed() ? Gate.Result.open(result.detail()) : Gate.Result.blocked(result.detail());
        });
    }

    static Gate approval(String name, String who) {
        requireText(name, "who approves", who);
        return new Looking(
                name, name + ": " + who + " must approve", question -> Gate.Result.ask(who + " must approve"));
    }

    static Gate freeze(String name, Instant from, Instant until, String why) {
        requireText(name, "reason", why);
        if (!until.isAfter(from)) {
            throw new IllegalArgumentException("gate " + name + " freezes from " + from + " until " + until
                    + ": an end after the beginning is allowed");
        }
        return new Looking(
                name,
                name + ": freeze from " + from + " until " + until + " (" + why + ")",
                question -> question.now().isBefore(from) || !question.now().isBefore(until)
                        ? Gate.Result.open("no freeze is in force")
                        : Gate.Result.ask("freeze until " + until + ": " + why));
    }

    static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '" + name + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are");
        }
        return name;
    }

    private static void requireText(String name, String what, String text) {
        if (text.isBlank() || text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException("gate " + name + ": " + what + " has " + text.length()
                    + " characters: 1 to " + LONGEST_TEXT + " that are not all blank are allowed");
        }
    }
}
