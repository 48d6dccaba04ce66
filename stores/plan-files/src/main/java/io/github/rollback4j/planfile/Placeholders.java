package io.github.rollback4j.planfile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills in <code>${env:NAME}</code>, <code>${env:NAME:-default}</code> and <code>${file:/run/secrets/name}</code>; <code>$${</code>
 * stands for <code>${</code>. What is filled in is not looked at again. Thread-safe as far as the variables are.
 */
final class Placeholders {

    static final String ALLOWED =
            "${env:NAME}, ${env:NAME:-default} and ${file:/absolute/path} are, and $${ where ${ itself is meant";

    /** How long a text with everything filled in is at most: as long as the texts of options. */
    private static final int LONGEST = 10_000;

    private static final int MOST_IN_A_TEXT = 20;
    private static final int MOST_BYTES_OF_A_FILE = 4 * LONGEST;
    private static final String BEGIN = "${";
    private static final Pattern VARIABLE =
            Pattern.compile("env:([A-Za-z_][A-Za-z0-9_.]{0,255})(?::-(.*))?", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("file:(/[^\\x00]{0,4000}|[A-Za-z]:[\\\\/][^\\x00]{0,4000})");

    /** Says why a text cannot be filled in; names variables and files, never a value. */
    static final class Unresolved extends Exception {
        private static final long serialVersionUID = 1;

        private final String why;

        Unresolved(String why) {
            super(why, null, false, false);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    private final Function<String, @Nullable String> variables;

    Placeholders(Function<String, @Nullable String> variables) {
        this.variables = variables;
    }

    /** Says whether anything is to be filled in, or would be if it were written correctly. */
    static boolean isIn(String text) {
        return text.replace("$" + BEGIN, "").contains(BEGIN);
    }

    /** Says whether there is a placeholder with a value for where nothing is set. */
    static boolean hasDefault(String text) {
        return isIn(text) && text.contains(":-");
    }

    /** Returns a text with everything filled in. */
    String resolve(String text) throws Unresolved {
        return resolve(text, value -> {});
    }

    /** Returns a text with everything filled in, and tells each value. */
    String resolve(String text, Consumer<String> each) throws Unresolved {
        if (!text.contains(BEGIN)) {
            return text;
        }
        StringBuilder resolved = new StringBuilder();
        int at = 0;
        int filled = 0;
        for (int next = text.indexOf(BEGIN); next >= 0; next = text.indexOf(BEGIN, at)) {
            if (next > at && text.charAt(next - 1) == '$') {
                resolved.append(text, at, next - 1).append(BEGIN);
                at = next + BEGIN.length();
                continue;
            }
            int end = text.indexOf('}', next);
            if (end < 0) {
                throw new Unresolved(
                        "placeholder '" + Problems.clipped(text.substring(next)) + "' has no end: a } is needed");
            }
            if (++filled > MOST_IN_A_TEXT) {
                throw new Unresolved("has more than " + MOST_IN_A_TEXT + " placeholders: up to that many are allowed");
            }
            String value = value(text.substring(next + BEGIN.length(), end));
            each.accept(value);
            resolved.append(text, at, next).append(value);
            at = end + 1;
            if (resolved.length() > LONGEST) {
                break;
            }
        }
        resolved.append(text, at, text.length());
        if (resolved.length() > LONGEST) {
            throw new Unresolved("is longer than " + LONGEST
                    + " characters with its placeholders filled in: up to that are allowed");
        }
        return resolved.toString();
    }

    private String value(String placeholder) throws Unresolved {
        Matcher variable = VARIABLE.matcher(placeholder);
        if (variable.matches()) {
            String value = variables.apply(variable.group(1));
            if (value == null && variable.group(2) == null) {
                throw new Unresolved("environment variable " + variable.group(1) + " is not set: a value is needed");
            }
            return value == null ? variable.group(2) : value;
        }
        Matcher file = FILE.matcher(placeholder);
        if (file.matches()) {
            return content(file.group(1));
        }
        throw new Unresolved("placeholder '${" + Problems.clipped(placeholder) + "}' is not allowed: " + ALLOWED);
    }

    private static String content(String name) throws Unresolved {
        String what = "file " + Problems.clipped(name);
        try {
            Path file = Path.of(name);
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                // It may be a pipe, and never end.
                throw new Unresolved(what + " is no regular file: one is needed");
            }
            byte[] bytes;
            try (InputStream stream = Files.newInputStream(file)) {
                bytes = stream.readNBytes(MOST_BYTES_OF_A_FILE + 1);
            }
            if (bytes.length > MOST_BYTES_OF_A_FILE) {
                throw new Unresolved(
                        what + " is larger than " + MOST_BYTES_OF_A_FILE + " bytes: up to that many are allowed");
            }
            String content = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            // The line end that editors and echo put there is no part of a secret.
            return content.endsWith("\r\n")
                    ? content.substring(0, content.length() - 2)
                    : content.endsWith("\n") ? content.substring(0, content.length() - 1) : content;
        } catch (CharacterCodingException malformed) {
            throw new Unresolved(what + " is not written in UTF-8: UTF-8 is needed");
        } catch (NoSuchFileException missing) {
            throw new Unresolved(what + " is not there: it is needed");
        } catch (IOException | InvalidPathException unreadable) {
            throw new Unresolved(
                    what + " cannot be read: " + unreadable.getClass().getName());
        }
    }
}
