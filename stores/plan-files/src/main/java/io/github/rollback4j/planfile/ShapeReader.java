package io.github.rollback4j.planfile;

import static io.github.rollback4j.plan.PlanPartProvider.Type.LIST_OF_NUMBERS;
import static io.github.rollback4j.plan.PlanPartProvider.Type.LIST_OF_TEXTS;
import static io.github.rollback4j.plan.PlanPartProvider.Type.NUMBER;
import static io.github.rollback4j.plan.PlanPartProvider.Type.SECRET;
import static io.github.rollback4j.plan.PlanPartProvider.Type.SECRETS_BY_NAME;
import static io.github.rollback4j.plan.PlanPartProvider.Type.WHOLE_NUMBER;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Refused;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.planfile.Read.Values;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.strategy.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads nodes by their {@link Shape}, and notes whatever is wrong on the way. For one file and one thread. */
final class ShapeReader {

    /** A check by the name that it has in the plan. */
    record NamedCheck(String name, Check check) {}

    /** As JSON has numbers, and with a plus, or without a digit before or after the point. */
    private static final Pattern NUMERAL =
            Pattern.compile("[+-]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");

    private static final Pattern LEADING_ZERO = Pattern.compile("[+-]?0[0-9].*", Pattern.DOTALL);
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
    private static final Set<PlanPartProvider.Type> LISTS = Set.of(LIST_OF_NUMBERS, LIST_OF_TEXTS);
    private static final Set<Kind> SHARED = Set.of(Kind.GATE, Kind.NOTIFIER);
    private static final int MOST_FILLED_IN = 500;
    private static final int SHORTEST_STRUCK_OUT = 4;

    private final Problems problems;
    private final PlanParts parts;
    private final Bindings bindings;
    private final Placeholders placeholders;
    private final Map<String, Object> shared = new HashMap<>();
    private final List<String> inlineSecrets = new ArrayList<>();
    private final Set<String> filledInValues = new HashSet<>();
    private int filledIn;

    ShapeReader(Problems problems, PlanParts parts, Bindings bindings, Placeholders placeholders) {
        this.problems = problems;
        this.parts = parts;
        this.bindings = bindings;
        this.placeholders = placeholders;
    }

    /** Returns the places of secrets that are written into the file itself. */
    List<String> inlineSecrets() {
        return inlineSecrets;
    }

    /** Reads a node; null where something is wrong with all of it. */
    @Nullable
    Read read(Shape shape, Node node, String path) {
        if (node instanceof Node.Scalar scalar && scalar.isNull()) {
            problems.add(node, path, "has no value: " + shape.allowed() + " is needed");
            return null;
        }
        Object value;
        if (shape instanceof Shape.Value option) {
            value = value(option.option(), node, path);
        } else if (shape instanceof Shape.Fields fields) {
            value = fields(fields, node, path);
        } else if (shape instanceof Shape.Several several) {
            value = several(several, node, path);
        } else if (shape instanceof Shape.Named named) {
            value = named(named, node, path);
        } else if (shape instanceof Shape.Either either) {
            boolean with =
                    node instanceof Node.Mapping mapping && mapping.entries().containsKey(either.key());
            value = fields(with ? either.with() : either.without(), node, path);
        } else if (shape instanceof Shape.Part part) {
            value = part(part, node, path);
        } else if (shape instanceof Shape.Checked) {
            value = check(node, path);
        } else if (shape instanceof Shape.Bound bound) {
            value = bound(bound.type(), node, path);
        } else {
            value = callKey(node, path);
        }
        return value == null ? null : new Read(value, node.line(), node.column(), path, written(node));
    }

    private void wrong(Node node, String path, String allowed) {
        problems.add(node, path, written(node) + " is not allowed: " + allowed + " is");
    }

    /** Returns what is written, placeholders as they are written; only for what cannot be a secret. */
    private static String written(Node node) {
        return node instanceof Node.Scalar scalar
                ? "the value '" + Problems.clipped(scalar.text()) + "'"
                : node.words();
    }

    private static String below(String path, String key) {
        return path.isEmpty() ? Problems.clipped(key) : path + "." + Problems.clipped(key);
    }

    /** Returns the entries of a mapping, and notes keys that are there twice. */
    private Map<String, Node.Entry> entries(Node.Mapping mapping, String path) {
        mapping.repeated()
                .forEach((key, again) -> problems.add(
                        again.line(),
                        again.column(),
                        below(path, key),
                        "is there twice, before in line " + again.firstLine() + ": each key once is allowed"));
        return mapping.entries();
    }

    private void unknown(Node.Entry entry, String path, String key, List<String> known) {
        String nearest = PlanParts.nearest(key, known);
        // Without the value: it may be a secret under a name that is misspelt.
        problems.add(
                entry.line(),
                entry.column(),
                below(path, key),
                "is unknown" + (nearest == null ? "" : ", '" + nearest + "' is the nearest") + ": "
                        + (known.isEmpty() ? "none" : String.join(", ", known))
                        + (known.size() < 2 ? " is allowed here" : " are allowed here"));
    }

    private @Nullable Values fields(Shape.Fields shape, Node node, String path) {
        if (!(node instanceof Node.Mapping mapping)) {
            wrong(node, path, shape.allowed());
            return null;
        }
        Map<String, Node.Entry> entries = entries(mapping, path);
        List<String> known = shape.fields().stream().map(Shape.Field::name).toList();
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                unknown(entry, path, key, known);
            }
        });
        Values values = new Values();
        for (Shape.Field field : shape.fields()) {
            Node.Entry entry = entries.get(field.name());
            if (entry != null) {
                values.write(field.name());
                Read read = read(field.shape(), valueOrKey(entry), below(path, field.name()));
                if (read != null) {
                    values.put(field.name(), read);
                }
            } else if (field.isRequired()) {
                problems.add(
                        node,
                        below(path, field.name()),
                        "is missing: " + field.shape().allowed() + " is needed");
            }
        }
        shape.needs().forEach((key, needed) -> {
            Node.Entry entry = entries.get(key);
            if (entry != null && !entries.containsKey(needed)) {
                problems.add(
                        entry.line(),
                        entry.column(),
                        below(path, key),
                        "is there without " + needed + ": both are allowed, or neither");
            }
        });
        return values;
    }

    /** Returns a key's value; where nothing is written, at the key's place: the scanner puts it wherever it goes on. */
    private static Node valueOrKey(Node.Entry entry) {
        return entry.value() instanceof Node.Scalar scalar
                        && scalar.isPlain()
                        && scalar.text().isEmpty()
                ? new Node.Scalar(entry.line(), entry.column(), "", true)
                : entry.value();
    }

    private @Nullable List<Read> several(Shape.Several shape, Node node, String path) {
        List<Read> reads = new ArrayList<>();
        if (node instanceof Node.Sequence sequence) {
            List<Node> items = sequence.items();
            if (items.size() < shape.least() || items.size() > Shape.Several.MOST) {
                problems.add(
                        node,
                        path,
                        "a list of " + items.size() + " is not allowed: " + shape.least() + " to " + Shape.Several.MOST
                                + " items are");
                return null;
            }
            for (int i = 0; i < items.size(); i++) {
                Read read = read(shape.item(), items.get(i), path + "[" + i + "]");
                if (read != null) {
                    reads.add(read);
                }
            }
            return reads;
        }
        if (!shape.isOneAllowed()) {
            wrong(node, path, shape.allowed());
            return null;
        }
        Read read = read(shape.item(), node, path);
        return read == null ? null : List.of(read);
    }

    private @Nullable Map<String, Read> named(Shape.Named shape, Node node, String path) {
        if (!(node instanceof Node.Mapping mapping) || mapping.entries().size() > Shape.Several.MOST) {
            wrong(node, path, shape.allowed());
            return null;
        }
        Map<String, Read> named = new LinkedHashMap<>();
        entries(mapping, path).forEach((key, entry) -> {
            try {
                shape.name().read(key);
            } catch (Refused refused) {
                problems.add(
                        entry.line(),
                        entry.column(),
                        below(path, key),
                        "the name is not allowed: " + refused.allowed() + " is");
                return;
            }
            Read read = read(new Shape.Value(shape.value()), valueOrKey(entry), below(path, key));
            if (read != null) {
                named.put(key, read);
            }
        });
        return named;
    }

    // ---- Values.

    private @Nullable Object value(Option option, Node node, String path) {
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

    private static String refused(Refused refused, Node node) {
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
    private @Nullable Object raw(Option option, Node node, String path) {
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
        wrong(node, path, option.allowed());
        return null;
    }

    private @Nullable List<Object> list(Option option, Node.Sequence sequence, String path) {
        List<Object> items = new ArrayList<>();
        int before = problems.count();
        for (int i = 0; i < sequence.items().size(); i++) {
            Node item = sequence.items().get(i);
            String place = path + "[" + i + "]";
            if (!(item instanceof Node.Scalar scalar)) {
                wrong(item, place, option.allowed());
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
        if (text == null || !isNumber || NUMERAL.matcher(text.strip()).matches()) {
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

    private @Nullable String filledIn(Node.Scalar scalar, String path) {
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
        entries(mapping, path).forEach((key, entry) -> {
            String place = below(path, key);
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

    // ---- Parts, and what is bound.

    private @Nullable Object part(Shape.Part shape, Node node, String path) {
        Kind kind = shape.kind();
        if (node instanceof Node.Scalar scalar) {
            String name = filledIn(scalar, path);
            return name == null ? null : created(kind, name, null, node, path);
        }
        if (!(node instanceof Node.Mapping mapping)) {
            wrong(node, path, shape.allowed());
            return null;
        }
        Map<String, Node.Entry> entries = entries(mapping, path);
        if (entries.size() != 1) {
            problems.add(
                    node,
                    path,
                    "has " + entries.size() + " keys" + (entries.isEmpty() ? "" : " (" + keys(entries) + ")")
                            + ": one is allowed, the name of " + Shape.Part.article(kind)
                            + ", with its options indented below it");
            return null;
        }
        Map.Entry<String, Node.Entry> only = entries.entrySet().iterator().next();
        return created(kind, only.getKey(), only.getValue(), node, path);
    }

    private static String keys(Map<String, Node.Entry> entries) {
        return String.join(
                        ", ",
                        entries.keySet().stream()
                                .limit(5)
                                .map(Problems::clipped)
                                .toList())
                + (entries.size() > 5 ? ", …" : "");
    }

    /** Creates a part; gates and notifiers that are written the same are the same, as in code that uses one twice. */
    private @Nullable Object created(Kind kind, String name, Node.@Nullable Entry options, Node at, String path) {
        if (name.equals(Layout.BIND)) {
            return boundPart(kind, options, at, path);
        }
        if (!SHARED.contains(kind)) {
            return createdByProvider(kind, name, options, at, path);
        }
        StringBuilder written = new StringBuilder(kind + " " + name + " ");
        if (options != null) {
            write(options.value(), written);
        }
        Object before = shared.get(written.toString());
        if (before != null) {
            return before;
        }
        Object part = createdByProvider(kind, name, options, at, path);
        if (part != null) {
            shared.put(written.toString(), part);
        }
        return part;
    }

    /** Writes a node such that two nodes are written the same only where they say the same. */
    private static void write(Node node, StringBuilder text) {
        if (node instanceof Node.Scalar scalar) {
            text.append(scalar.isNull() ? "-" : scalar.text().length() + ":" + scalar.text());
        } else if (node instanceof Node.Sequence sequence) {
            text.append('[');
            sequence.items().forEach(item -> write(item, text));
            text.append(']');
        } else if (node instanceof Node.Mapping mapping) {
            text.append('{');
            mapping.entries().forEach((key, entry) -> {
                text.append(key.length()).append(':').append(key);
                write(entry.value(), text);
            });
            text.append('}');
        }
    }

    private @Nullable Object createdByProvider(
            Kind kind, String name, Node.@Nullable Entry options, Node at, String path) {
        int line = options == null ? at.line() : options.line();
        int column = options == null ? at.column() : options.column();
        PlanPartProvider provider;
        try {
            provider = parts.provider(kind, name);
        } catch (IllegalArgumentException unknown) {
            problems.add(line, column, path, String.valueOf(unknown.getMessage()));
            return null;
        }
        String place = below(path, name);
        Map<String, Node> nodes = new LinkedHashMap<>();
        int before = problems.count();
        Map<String, Object> raws = raws(provider, options, place, nodes);
        provider.options().stream()
                .filter(Option::isRequired)
                .filter(option -> !nodes.containsKey(option.name()))
                .forEach(option -> problems.add(
                        line, column, below(place, option.name()), "is missing: " + option.allowed() + " is needed"));
        if (problems.count() > before) {
            return null;
        }
        try {
            return parts.create(kind.type(), name, raws);
        } catch (Refused refused) {
            Node node = nodes.get(refused.option());
            problems.add(
                    node == null ? line : node.line(),
                    node == null ? column : node.column(),
                    below(place, refused.option()),
                    node == null
                            ? "has the default value " + refused.value() + ", which is not allowed here: "
                                    + refused.allowed() + " is"
                            : refused(refused, node));
        } catch (IllegalArgumentException failed) {
            problems.add(line, column, place, withoutFilledIn(failed));
        }
        return null;
    }

    /** Returns the options' values as the provider's description takes them; those that are wrong are missing. */
    private Map<String, Object> raws(
            PlanPartProvider provider, Node.@Nullable Entry options, String path, Map<String, Node> nodes) {
        Map<String, Object> raws = new HashMap<>();
        if (options == null || (options.value() instanceof Node.Scalar scalar && scalar.isNull())) {
            return raws;
        }
        if (!(options.value() instanceof Node.Mapping mapping)) {
            // Without the value: it may be the secret of a part that has only this option.
            problems.add(
                    options.value(), path, options.value().words() + " is not allowed: a mapping of its options is");
            // They are not missing, too.
            provider.options().forEach(option -> nodes.put(option.name(), options.value()));
            return raws;
        }
        List<String> known = provider.options().stream().map(Option::name).toList();
        Map<String, Option> byName = new HashMap<>();
        provider.options().forEach(option -> byName.put(option.name(), option));
        entries(mapping, path).forEach((key, entry) -> {
            Option option = byName.get(key);
            if (option == null) {
                unknown(entry, path, key, known);
                return;
            }
            Node node = valueOrKey(entry);
            nodes.put(key, node);
            Object raw = raw(option, node, below(path, key));
            if (raw == null) {
                return;
            }
            try {
                option.read(raw);
                raws.put(key, raw);
            } catch (Refused refused) {
                problems.add(node, below(path, key), refused(refused, node));
            }
        });
        return raws;
    }

    /** Returns why a provider failed, without what was filled in. */
    private String withoutFilledIn(IllegalArgumentException failed) {
        String message = Problems.oneLine(String.valueOf(failed.getMessage()));
        for (String value : filledInValues) {
            message = value.length() < SHORTEST_STRUCK_OUT ? message : message.replace(value, "(not shown)");
        }
        // Its stack trace would quote what was struck out of the message.
        problems.causedBy(filledInValues.isEmpty() ? failed.getCause() : null);
        return message;
    }

    private @Nullable Object boundPart(Kind kind, Node.@Nullable Entry options, Node at, String path) {
        String place = below(path, Layout.BIND);
        Node node = options == null ? at : valueOrKey(options);
        if (options == null) {
            wrong(at, path, "'bind' with the name of what is bound");
            return null;
        }
        if (node instanceof Node.Scalar scalar) {
            if (scalar.isNull()) {
                problems.add(node, place, "has no value: the name of what is bound is needed");
                return null;
            }
            return bound(kind.type(), node, place);
        }
        Values values = fields(Layout.bound(kind), node, place);
        Read name = values == null ? null : values.read("name");
        if (values == null || name == null) {
            return null;
        }
        Object object = bindings.get(kind.type(), (String) name.value());
        if (object == null) {
            problems.add(name.line(), name.column(), name.path(), bindings.missing(kind.type(), (String) name.value()));
            return null;
        }
        return object instanceof FailureSignal signal ? limited(signal, values, node, place) : object;
    }

    private @Nullable Object limited(FailureSignal signal, Values values, Node node, String path) {
        Set<String> limits =
                new HashSet<>(Set.of("not-above", "not-below", "per-second", "readings", "during", "every"));
        limits.removeIf(name -> !values.has(name));
        if (limits.isEmpty()) {
            return signal;
        }
        if (!(signal instanceof LimitSignal limit)) {
            problems.add(
                    node,
                    path,
                    "signal " + signal.name() + " is bound to a "
                            + signal.getClass().getSimpleName() + ": only a LimitSignal takes a limit from the file");
            return null;
        }
        Double notAbove = values.value("not-above", Double.class);
        Double notBelow = values.value("not-below", Double.class);
        if (notAbove != null && notBelow != null) {
            problems.add(node, path, "has both not-above and not-below: one of them is allowed");
            return null;
        }
        LimitSignal limited = notAbove != null ? limit.notAbove(notAbove) : limit;
        limited = notBelow != null ? limited.notBelow(notBelow) : limited;
        limited = values.isTrue("per-second") ? limited.perSecond() : limited;
        Duration every = values.value("every", Duration.class);
        limited = every != null ? limited.every(every) : limited;
        Long readings = values.value("readings", Long.class);
        Duration during = values.value("during", Duration.class);
        return readings == null && during == null
                ? limited
                : limited.forAtLeast(
                        readings == null ? 3 : Math.toIntExact(readings),
                        during == null ? Duration.ofSeconds(10) : during);
    }

    private @Nullable Object bound(Class<?> type, Node node, String path) {
        Object name = value(Layout.named("name", "The name to which the application has bound it."), node, path);
        if (name == null) {
            return null;
        }
        Object object = bindings.get(type, (String) name);
        if (object == null) {
            problems.add(node, path, bindings.missing(type, (String) name));
        }
        return object;
    }

    private @Nullable NamedCheck check(Node node, String path) {
        if (node instanceof Node.Mapping) {
            Values values = fields(Layout.CHECK, node, path);
            Read bind = values == null ? null : values.read(Layout.BIND);
            if (values == null || bind == null) {
                return null;
            }
            Object check = bindings.get(Check.class, (String) bind.value());
            if (check == null) {
                problems.add(
                        bind.line(), bind.column(), bind.path(), bindings.missing(Check.class, (String) bind.value()));
                return null;
            }
            return values.has("name") ? new NamedCheck(values.text("name"), (Check) check) : null;
        }
        if (!(node instanceof Node.Scalar scalar)) {
            wrong(node, path, new Shape.Checked().allowed());
            return null;
        }
        Object check = bound(Check.class, scalar, path);
        String name = check == null ? null : filledIn(scalar, path);
        return check == null || name == null ? null : new NamedCheck(name, (Check) check);
    }

    private @Nullable Object callKey(Node node, String path) {
        if (node instanceof Node.Mapping) {
            Values values = fields(Layout.UUID_KEY, node, path);
            return values == null || !values.has("uuid") ? null : UUID.fromString(values.text("uuid"));
        }
        if (!(node instanceof Node.Scalar scalar)) {
            wrong(node, path, new Shape.CallKey().allowed());
            return null;
        }
        if (!scalar.isPlain() || !WHOLE.matcher(scalar.text()).matches()) {
            return filledIn(scalar, path);
        }
        try {
            if (NUMERAL.matcher(scalar.text()).matches()) {
                return Long.valueOf(scalar.text());
            }
        } catch (NumberFormatException tooLarge) {
            // Said below.
        }
        wrong(node, path, "a whole number of 63 bits without a zero before it, or a text in quotes,");
        return null;
    }
}
