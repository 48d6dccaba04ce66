package io.github.rollback4j.planfile;

import static io.github.rollback4j.plan.PlanPartProvider.Type.LIST_OF_NUMBERS;
import static io.github.rollback4j.plan.PlanPartProvider.Type.LIST_OF_TEXTS;
import static io.github.rollback4j.plan.PlanPartProvider.Type.NUMBER;
import static io.github.rollback4j.plan.PlanPartProvider.Type.SECRET;
import static io.github.rollback4j.plan.PlanPartProvider.Type.SECRETS_BY_NAME;
import static io.github.rollback4j.plan.PlanPartProvider.Type.WHOLE_NUMBER;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Refused;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of options, with their placeholders filled in, and notes what is wrong with them; secrets it reads at each
 * use. For one file and one thread.
 */
final class ValueReader {

    /** As JSON has numbers, and with a plus, or without a digit before or after the point. */
    private static final Pattern NUMERAL =
            Pattern.compile("[+-]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");

    private static final Pattern LEADING_ZERO = Pattern.compile("[+-]?0[0-9].*", Pattern.DOTALL);
    private static final Set<PlanPartProvider.Type> LISTS = Set.of(LIST_OF_NUMBERS, LIST_OF_TEXTS);
    private static final int MOST_FILLED_IN = 500;
    private static final int SHORTEST_STRUCK_OUT = 4;

    private final Problems problems;
    private final Placeholders placeholders;
    private final List<String> inlineSecrets = new ArrayList<>();
    private final Set<String> filledInValues = new HashSet<>();
    private int filledIn;

    ValueReader(Problems problems, Placeholders placeholders) {
        this.problems = problems;
        this.placeholders = placeholders;
    }

    /** Returns the places of secrets that are written into the file itself. */
    List<String> inlineSecrets() {
        return inlineSecrets;
    }

    /** Says whether a text is a number that means the same to everybody: 010 is eight to some. */
    static boolean isNumeral(String text) {
        return NUMERAL.matcher(text).matches();
    }

    /** Says whether anything was filled in yet. */
    boolean isFilledIn() {
        return !filledInValues.isEmpty();
    }

    /** Returns a message of somebody else without what was filled in. */
    String withoutFilledIn(String message) {
        String without = message;
        for (String value : filledInValues) {
            without = value.length() < SHORTEST_STRUCK_OUT ? without : without.replace(value, "(not shown)");
        }
        return without;
    }

    @Nullable
    Object value(Option option, Node node, String path) {
        Object raw = raw(option, node, path);
        if (raw == null) {
            return null;
        }
        try {
            return option.read(raw);
        } catch (Refused refused) {
            problems.add(node, path, refused(refused, node));
            return null;
        }
    }

    static String refused(Refused refused, Node node) {
        return refused.value() == null
                ? "has no value: " + refused.allowed() + " is needed"
                : "the value " + shown(refused.value(), node) + " is not allowed: " + refused.allowed() + " is";
    }

    /** Returns a value as it may be shown: of what was filled in, only what the file says. */
    private static String shown(String shown, Node node) {
        return node instanceof Node.Scalar scalar && Placeholders.isIn(scalar.text())
                ? "of '" + Problems.clipped(scalar.text()) + "' (not shown)"
                : shown;
    }

    /** Returns a value as the option's reader takes it, with everything filled in; null where something is wrong with it. */
    @Nullable
    Object raw(Option option, Node node, String path) {
        if (node instanceof Node.Scalar scalar) {
            if (scalar.isNull()) {
                problems.add(node, path, "has no value: " + option.allowed() + " is needed");
                return null;
            }
            return option.type() == SECRET ? secret(scalar, path, false) : text(option, scalar, path);
        }
        if (node instanceof Node.Sequence sequence && LISTS.contains(option.type())) {
            return list(option, sequence, path);
        }
        if (node instanceof Node.Mapping mapping && option.type() == SECRETS_BY_NAME) {
            return secrets(option, mapping, path);
        }
        problems.notAllowed(node, path, option.allowed());
        return null;
    }

    private @Nullable List<Object> list(Option option, Node.Sequence sequence, String path) {
        List<Object> items = new ArrayList<>();
        int before = problems.count();
        for (int i = 0; i < sequence.items().size(); i++) {
            Node item = sequence.items().get(i);
            String place = path + "[" + i + "]";
            if (!(item instanceof Node.Scalar scalar)) {
                problems.notAllowed(item, place, option.allowed());
            } else if (scalar.isNull()) {
                problems.add(item, place, "has no value: " + option.allowed() + " is needed");
            } else {
                Object text = text(option, scalar, place);
                if (text != null) {
                    items.add(text);
                }
            }
        }
        return problems.count() == before ? items : null;
    }

    /** Returns a text with everything filled in; of a number it is one that means the same to everybody. */
    private @Nullable String text(Option option, Node.Scalar scalar, String path) {
        String text = filledIn(scalar, path);
        boolean isNumber = option.type() == NUMBER
                || option.type() == WHOLE_NUMBER
                || (option.type() == LIST_OF_NUMBERS && text != null && text.indexOf(',') < 0);
        if (text == null || !isNumber || isNumeral(text.strip())) {
            return text;
        }
        problems.add(
                scalar,
                path,
                "the value " + shown("'" + Problems.clipped(text) + "'", scalar) + " is not allowed: "
                        + option.allowed()
                        + (LEADING_ZERO.matcher(text.strip()).matches() ? ", without a zero before it," : "") + " is");
        return null;
    }

    @Nullable
    String filledIn(Node.Scalar scalar, String path) {
        String text = scalar.text();
        if (Placeholders.isIn(text) && ++filledIn > MOST_FILLED_IN) {
            problems.add(
                    scalar,
                    path,
                    "is one of more than " + MOST_FILLED_IN + " values with a placeholder: up to " + MOST_FILLED_IN
                            + " are allowed");
            return null;
        }
        try {
            String filled = placeholders.resolve(text, filledInValues::add);
            int wrong = NodeReader.notAllowed(filled, "\t\n");
            if (wrong >= 0) {
                problems.add(scalar, path, "with its placeholders filled in, " + NodeReader.named(filled, wrong));
                return null;
            }
            return filled;
        } catch (Placeholders.Unresolved unresolved) {
            problems.add(scalar, path, unresolved.why());
            return null;
        }
    }

    /** Returns a secret's supplier, or its text where it is written into the file; looks once whether it is there now. */
    private @Nullable Object secret(Node.Scalar scalar, String path, boolean mayBeEmpty) {
        String text = scalar.text();
        if (Placeholders.isIn(text) && ++filledIn > MOST_FILLED_IN) {
            problems.add(
                    scalar,
                    path,
                    "is one of more than " + MOST_FILLED_IN + " values with a placeholder: up to " + MOST_FILLED_IN
                            + " are allowed");
            return null;
        }
        if (Placeholders.hasDefault(text)) {
            problems.add(
                    scalar,
                    path,
                    "has a placeholder with a default value, which would be a secret in the file: one without is allowed");
            return null;
        }
        try {
            String now = placeholders.resolve(text, filledInValues::add);
            if (!Placeholders.isIn(text)) {
                inlineSecrets.add(problems.file() + ":" + scalar.line() + ":" + scalar.column() + ": " + path);
                return now;
            }
            if (now.isBlank() && !mayBeEmpty) {
                problems.add(
                        scalar,
                        path,
                        "'" + Problems.clipped(text) + "' is empty: a secret, which is never shown, is needed");
                return null;
            }
        } catch (Placeholders.Unresolved unresolved) {
            problems.add(scalar, path, unresolved.why());
            return null;
        }
        String place = problems.file() + ": " + path;
        Supplier<String> atEachUse = () -> {
            try {
                return placeholders.resolve(text);
            } catch (Placeholders.Unresolved unresolved) {
                throw new IllegalStateException(place + ": " + unresolved.why());
            }
        };
        return atEachUse;
    }

    private @Nullable Map<String, Object> secrets(Option option, Node.Mapping mapping, String path) {
        Map<String, Object> secrets = new LinkedHashMap<>();
        int before = problems.count();
        problems.entries(mapping, path).forEach((key, entry) -> {
            String place = Problems.below(path, key);
            if (!(entry.value() instanceof Node.Scalar scalar)) {
                problems.add(
                        entry.line(), entry.column(), place, entry.value().words() + " is not allowed: a secret is");
            } else if (scalar.isNull()) {
                problems.add(entry.line(), entry.column(), place, "has no value: " + option.allowed() + " is needed");
            } else {
                Object secret = secret(scalar, place, true);
                if (secret != null) {
                    secrets.put(key, secret);
                }
            }
        });
        return problems.count() == before ? secrets : null;
    }
}
