package io.github.rollback4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was written on the command line, checked. What is not there comes from the environment, as far as it may.
 *
 * @param command what to do
 * @param operands what stands behind it, without options
 */
record Arguments(
        String command,
        List<String> operands,
        Map<String, String> options,
        Function<String, @Nullable String> environment) {

    /** Options without a value. */
    private static final Set<String> FLAGS = Set.of("statements-complete");

    private static final Set<String> OF_ROLLOUTS = Set.of(
            "store",
            "user",
            "password-file",
            "table-prefix",
            "by",
            "reason",
            "plan",
            "stable",
            "candidate",
            "timeout",
            "poll",
            "html",
            "component");

    static final Set<String> OPTIONS = Stream.concat(OF_ROLLOUTS.stream(), MigrationCommand.OPTIONS.stream())
            .collect(Collectors.toUnmodifiableSet());

    private static final Pattern SIMPLE = Pattern.compile("([0-9]{1,6})(s|m|h)");

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException if an option is unknown, is given twice or has no value
     */
    static Arguments parse(String[] words, Function<String, @Nullable String> environment) {
        List<String> operands = new ArrayList<>();
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < words.length; i++) {
            String word = words[i];
            if (!word.startsWith("--")) {
                operands.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word.substring(2) : word.substring(2, equals);
            if (!OPTIONS.contains(name)) {
                throw new IllegalArgumentException("option --" + name + " is unknown: "
                        + OPTIONS.stream().sorted().map(known -> "--" + known).toList() + " are allowed");
            }
            boolean isFlag = FLAGS.contains(name);
            if (isFlag && equals >= 0) {
                throw new IllegalArgumentException("option --" + name + " has a value: none is allowed");
            }
            if (!isFlag && equals < 0 && i + 1 == words.length) {
                throw new IllegalArgumentException("option --" + name + " has no value: one is needed");
            }
            String value = isFlag ? "" : equals < 0 ? words[++i] : word.substring(equals + 1);
            if (options.put(name, value) != null) {
                throw new IllegalArgumentException("option --" + name + " is given twice: once is allowed");
            }
        }
        if (operands.isEmpty()) {
            throw new IllegalArgumentException("no command is given: see rollback4j help");
        }
        return new Arguments(operands.get(0), List.copyOf(operands.subList(1, operands.size())), options, environment);
    }

    @Nullable
    String option(String name) {
        return options.get(name);
    }

    String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    /** Returns an option that is needed; its variable in the environment stands in for it. */
    String required(String name, String variable) {
        String given = options.get(name);
        String value = given != null ? given : environment.apply(variable);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                    "option --" + name + " is missing: it, or the environment variable " + variable + ", is needed");
        }
        return value;
    }

    /** Returns who asks: the option, else the user of the machine. */
    String by() {
        String user = environment.apply("USER");
        String by = options.getOrDefault("by", user == null ? "" : user);
        if (by.isBlank()) {
            throw new IllegalArgumentException("option --by is missing: the name of who asks is needed");
        }
        return by;
    }

    String reason() {
        String reason = options.get("reason");
        if (reason == null || reason.isBlank()) {
            throw new IllegalArgumentException(
                    "option --reason is missing: why, in a few words without secrets, is needed");
        }
        return reason;
    }

    /** Returns a variable of the environment, empty where it is not set. */
    String variable(String name) {
        String value = environment.apply(name);
        return value == null ? "" : value;
    }

    /** Returns the password in the file that an option names, else that of the environment, else an empty one. */
    String password(String option, String variable) {
        Path file = path(option);
        if (file == null) {
            return variable(variable);
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "option --" + option + " names " + file + ", which cannot be read", unreadable);
        }
    }

    @Nullable
    Path path(String name) {
        String given = options.get(name);
        return given == null ? null : Path.of(given);
    }

    Duration duration(String name, Duration otherwise) {
        String given = options.get(name);
        if (given == null) {
            return otherwise;
        }
        Matcher simple = SIMPLE.matcher(given);
        try {
            Duration duration = !simple.matches()
                    ? Duration.parse(given)
                    : switch (simple.group(2)) {
                        case "s" -> Duration.ofSeconds(Long.parseLong(simple.group(1)));
                        case "m" -> Duration.ofMinutes(Long.parseLong(simple.group(1)));
                        default -> Duration.ofHours(Long.parseLong(simple.group(1)));
                    };
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException("option --" + name + " is " + given + ": more than 0 is allowed");
            }
            return duration;
        } catch (DateTimeParseException odd) {
            throw new IllegalArgumentException(
                    "option --" + name + " is '" + given + "': 30s, 10m, 2h or PT10M is allowed", odd);
        }
    }

    String operand(int place, String what) {
        if (operands.size() <= place) {
            throw new IllegalArgumentException(command + " needs " + what + ": see rollback4j help");
        }
        return operands.get(place);
    }

    void requireNoMore(int most) {
        if (operands.size() > most) {
            throw new IllegalArgumentException("'" + operands.get(most) + "' is too much for " + command + ": "
                    + (most == 0 ? "nothing is" : "up to " + most + " words are") + " allowed behind it");
        }
    }
}
