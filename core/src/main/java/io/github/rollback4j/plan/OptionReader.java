package io.github.rollback4j.plan;

import io.github.rollback4j.plan.PlanPartProvider.Bound;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Refused;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the value of an option from what people write in files, and says what is wrong with it. */
final class OptionReader {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");
    private static final int LONGEST_TEXT = 10_000;
    private static final int LONGEST_NUMBER = 100;
    private static final int LONGEST_LIST = 1000;
    private static final int LONGEST_SHOWN = 100;
    private static final String SECRET = "(secret, not shown)";

    /** Says that a value is not what the option's type, range, choices or pattern allow. */
    private static final class NotAllowed extends Exception {
        private static final long serialVersionUID = 1;

        NotAllowed() {
            super(null, null, false, false);
        }
    }

    private OptionReader() {}

    /**
     * Reads a value.
     *
     * @param part whose option it is, for the message; empty where the reader says so
     * @throws Refused if the value is not allowed
     */
    static Object read(String part, Option option, @Nullable Object raw) {
        if (raw == null) {
            throw new Refused(part, option.name(), null, option.allowed());
        }
        try {
            return value(option, raw);
        } catch (NotAllowed wrong) {
            throw new Refused(part, option.name(), shown(option, raw), option.allowed());
        }
    }

    private static Object value(Option option, Object raw) throws NotAllowed {
        return switch (option.type()) {
            case TEXT -> text(option, raw);
            case WHOLE_NUMBER -> whole(option, number(raw));
            case NUMBER -> inRange(option, number(raw)).doubleValue();
            case DURATION -> duration(option, raw);
            case INSTANT -> instant(raw);
            case YES_NO -> yesNo(raw);
            case LIST_OF_NUMBERS -> numbers(option, raw);
            case LIST_OF_TEXTS -> texts(option, raw);
            case URI -> uri(raw);
            case SECRET -> secret(raw);
            case SECRETS_BY_NAME -> secrets(raw);
        };
    }

    private static String text(Option option, Object raw) throws NotAllowed {
        // A file says 1.0 or true where a text is meant, and its reader takes it for a number or a boolean.
        if (!(raw instanceof CharSequence || raw instanceof Number || raw instanceof Boolean)) {
            throw new NotAllowed();
        }
        String text = raw.toString();
        boolean isAllowed = text.length() <= LONGEST_TEXT
                && (option.choices().isEmpty() || option.choices().contains(text))
                && (option.pattern() == null || Pattern.matches(option.pattern(), text));
        if (!isAllowed) {
            throw new NotAllowed();
        }
        inRange(option, BigDecimal.valueOf(text.length()));
        return text;
    }

    private static BigDecimal number(Object raw) throws NotAllowed {
        String text = raw instanceof Number || raw instanceof CharSequence
                ? raw.toString().strip()
                : "";
        if (text.length() > LONGEST_NUMBER) {
            throw new NotAllowed();
        }
        try {
            BigDecimal number = new BigDecimal(text);
            if (!Double.isFinite(number.doubleValue())) {
                throw new NotAllowed();
            }
            return number;
        } catch (NumberFormatException notANumber) {
            throw new NotAllowed();
        }
    }

    private static long whole(Option option, BigDecimal number) throws NotAllowed {
        try {
            return inRange(option, number).longValueExact();
        } catch (ArithmeticException notWhole) {
            throw new NotAllowed();
        }
    }

    private static BigDecimal inRange(Option option, BigDecimal value) throws NotAllowed {
        Bound least = option.least();
        Bound most = option.most();
        int aboveLeast = least == null ? 1 : value.compareTo(BigDecimal.valueOf(least.value()));
        int belowMost = most == null ? 1 : BigDecimal.valueOf(most.value()).compareTo(value);
        if (aboveLeast < 0
                || belowMost < 0
                || (least != null && aboveLeast == 0 && !least.inclusive())
                || (most != null && belowMost == 0 && !most.inclusive())) {
            throw new NotAllowed();
        }
        return value;
    }

    private static Duration duration(Option option, Object raw) throws NotAllowed {
        Duration duration;
        if (raw instanceof Duration given) {
            duration = given;
        } else if (raw instanceof CharSequence) {
            duration = duration(raw.toString().strip());
        } else {
            // A bare number does not say its unit.
            throw new NotAllowed();
        }
        if (duration.isNegative() && option.least() == null) {
            throw new NotAllowed();
        }
        inRange(option, BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9)));
        return duration;
    }

    private static Duration duration(String text) throws NotAllowed {
        try {
            Matcher simple = DURATION.matcher(text);
            if (!simple.matches()) {
                return Duration.parse(text);
            }
            long amount = Long.parseLong(simple.group(1));
            return switch (simple.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        } catch (DateTimeException | ArithmeticException notADuration) {
            throw new NotAllowed();
        }
    }

    private static Instant instant(Object raw) throws NotAllowed {
        if (raw instanceof Instant given) {
            return given;
        }
        try {
            return OffsetDateTime.parse(raw.toString().strip()).toInstant();
        } catch (DateTimeException notAnInstant) {
            throw new NotAllowed();
        }
    }

    private static boolean yesNo(Object raw) throws NotAllowed {
        return switch (raw.toString().strip().toLowerCase(Locale.ROOT)) {
            case "true", "yes" -> true;
            case "false", "no" -> false;
            default -> throw new NotAllowed();
        };
    }

    private static double[] numbers(Option option, Object raw) throws NotAllowed {
        List<?> elements = raw instanceof CharSequence
                ? List.of(raw.toString().split(",", -1))
                : raw instanceof Number ? List.of(raw) : elements(raw);
        double[] numbers = new double[requireLength(elements)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = inRange(option, number(elements.get(i))).doubleValue();
        }
        return numbers;
    }

    private static List<String> texts(Option option, Object raw) throws NotAllowed {
        // A single text is refused: whether "a b, c" is one, two or three is anybody's guess.
        List<?> elements = elements(raw);
        List<String> texts = new ArrayList<>(requireLength(elements));
        for (Object element : elements) {
            texts.add(text(option, element));
        }
        return List.copyOf(texts);
    }

    private static int requireLength(List<?> elements) throws NotAllowed {
        if (elements.isEmpty() || elements.size() > LONGEST_LIST) {
            throw new NotAllowed();
        }
        return elements.size();
    }

    private static List<?> elements(Object raw) throws NotAllowed {
        List<Object> elements = new ArrayList<>();
        if (raw instanceof Collection<?> collection) {
            elements.addAll(collection);
        } else if (raw.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(raw); i++) {
                elements.add(Array.get(raw, i));
            }
        } else {
            throw new NotAllowed();
        }
        if (elements.contains(null)) {
            throw new NotAllowed();
        }
        return elements;
    }

    private static URI uri(Object raw) throws NotAllowed {
        try {
            URI uri = raw instanceof URI given ? given : new URI(raw.toString().strip());
            if (!uri.isAbsolute()) {
                throw new NotAllowed();
            }
            return uri;
        } catch (URISyntaxException notAUri) {
            throw new NotAllowed();
        }
    }

    private static Supplier<?> secret(Object raw) throws NotAllowed {
        if (raw instanceof Supplier<?> supplier) {
            return supplier;
        }
        String secret = secretText(raw);
        if (secret.isBlank()) {
            throw new NotAllowed();
        }
        return () -> secret;
    }

    private static Map<String, Supplier<?>> secrets(Object raw) throws NotAllowed {
        if (!(raw instanceof Map<?, ?> given) || given.size() > LONGEST_LIST) {
            throw new NotAllowed();
        }
        Map<String, Supplier<?>> secrets = new TreeMap<>();
        for (Map.Entry<?, ?> entry : given.entrySet()) {
            if (entry.getKey() == null || entry.getValue() == null) {
                throw new NotAllowed();
            }
            // A variable may be empty, a secret that something is signed with may not.
            Object value = entry.getValue();
            String text = value instanceof Supplier ? "" : secretText(value);
            secrets.put(entry.getKey().toString(), value instanceof Supplier<?> supplier ? supplier : () -> text);
        }
        return secrets;
    }

    private static String secretText(Object raw) throws NotAllowed {
        if (!(raw instanceof CharSequence || raw instanceof Number || raw instanceof Boolean)
                || raw.toString().length() > LONGEST_TEXT) {
            throw new NotAllowed();
        }
        return raw.toString();
    }

    // ---- What people are shown.

    /** Returns a value as it may be shown: of a secret nothing, of a URI its scheme and host. */
    static String shown(Option option, Object value) {
        if (option.type() == PlanPartProvider.Type.SECRET) {
            return SECRET;
        }
        if (option.type() == PlanPartProvider.Type.SECRETS_BY_NAME) {
            return value instanceof Map<?, ?> named ? "with " + named.keySet() + " " + SECRET : SECRET;
        }
        if (option.type() == PlanPartProvider.Type.URI) {
            return shownUri(value);
        }
        return "'" + clipped(plain(value)) + "'";
    }

    private static String plain(Object value) {
        if (!value.getClass().isArray()) {
            return value.toString();
        }
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < Math.min(LONGEST_SHOWN, Array.getLength(value)); i++) {
            Object element = Array.get(value, i);
            elements.add(element instanceof Double number ? plain(number.doubleValue()) : String.valueOf(element));
        }
        return String.join(", ", elements);
    }

    private static String shownUri(Object value) {
        try {
            URI uri = value instanceof URI given
                    ? given
                    : new URI(value.toString().strip());
            if (uri.getScheme() != null && uri.getHost() != null) {
                return "'" + uri.getScheme() + "://" + uri.getHost() + "' (the rest is not shown)";
            }
        } catch (URISyntaxException notAUri) {
            // It may still be a secret.
        }
        return "(URI, not shown)";
    }

    /** Returns a text without line breaks and other control characters, shortened. */
    static String clipped(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}\u2028\u2029]", " ");
        return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
    }

    /** Returns what an option allows, in words. */
    static String allowed(Option option) {
        StringBuilder words = new StringBuilder();
        if (option.choices().isEmpty()) {
            words.append(option.type());
            String range = range(option);
            if (!range.isEmpty()) {
                words.append(
                        switch (option.type()) {
                            case TEXT -> " with a length of ";
                            case LIST_OF_NUMBERS -> ", each ";
                            case LIST_OF_TEXTS -> ", each with a length of ";
                            case DURATION -> " of ";
                            default -> ", ";
                        });
                words.append(range);
            }
        } else {
            words.append("one of ").append(String.join(", ", option.choices()));
        }
        if (!option.rule().isEmpty()) {
            words.append(", ").append(option.rule());
        }
        if (option.type() == PlanPartProvider.Type.DURATION) {
            words.append(" (written as 500ms, 30s, 10m, 1h, 2d or PT10M)");
        } else if (option.type() == PlanPartProvider.Type.INSTANT) {
            words.append(" (written as 2026-12-20T18:00:00Z or 2026-12-20T19:00:00+01:00)");
        }
        return words.toString();
    }

    private static String range(Option option) {
        Bound least = option.least();
        Bound most = option.most();
        if (least != null && most != null && least.inclusive() && most.inclusive()) {
            String from = shown(option.type(), least);
            return least.value() == most.value() ? from : from + " to " + shown(option.type(), most);
        }
        List<String> parts = new ArrayList<>();
        if (least != null) {
            parts.add((least.inclusive() ? "at least " : "more than ") + shown(option.type(), least));
        }
        if (most != null) {
            parts.add((most.inclusive() ? "at most " : "less than ") + shown(option.type(), most));
        }
        return String.join(" and ", parts);
    }

    private static String shown(PlanPartProvider.Type type, Bound bound) {
        if (type != PlanPartProvider.Type.DURATION) {
            return plain(bound.value());
        }
        long millis = Math.round(bound.value() * 1000);
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds / 3600 + "h";
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
