package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Refused;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.planfile.Read.Values;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.strategy.Check;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Creates the parts that a file names, and finds what it says is bound; notes what is wrong. For one file and one thread. */
final class PartReader {

    /** A check by the name that it has in the plan. */
    record NamedCheck(String name, Check check) {}

    private static final Set<Kind> SHARED = Set.of(Kind.GATE, Kind.NOTIFIER);

    private final Problems problems;
    private final PlanParts known;
    private final Bindings bindings;
    private final ValueReader values;
    private final ShapeReader shapes;
    private final Map<String, Object> shared = new HashMap<>();

    PartReader(Problems problems, PlanParts known, Bindings bindings, ValueReader values, ShapeReader shapes) {
        this.problems = problems;
        this.known = known;
        this.bindings = bindings;
        this.values = values;
        this.shapes = shapes;
    }

    @Nullable
    Object part(Shape.Part shape, Node node, String path) {
        Kind kind = shape.kind();
        if (node instanceof Node.Scalar scalar) {
            String name = values.filledIn(scalar, path);
            return name == null ? null : created(kind, name, null, node, path);
        }
        if (!(node instanceof Node.Mapping mapping)) {
            problems.notAllowed(node, path, shape.allowed());
            return null;
        }
        Map<String, Node.Entry> entries = problems.entries(mapping, path, known.names(kind));
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
        Map<String, Option> described = new LinkedHashMap<>();
        try {
            known.provider(kind, name).options().forEach(option -> described.put(option.name(), option));
        } catch (RuntimeException | LinkageError unknown) {
            // Or its provider has forgotten what it said when it was loaded.
            problems.add(line, column, path, values.withoutFilledIn(String.valueOf(unknown.getMessage())));
            return null;
        }
        String place = Problems.below(path, name);
        Map<String, Node> nodes = new LinkedHashMap<>();
        int before = problems.count();
        Map<String, Object> raws = raws(described, options, place, nodes);
        described.forEach((option, description) -> {
            if (description.isRequired() && !nodes.containsKey(option)) {
                problems.add(
                        line,
                        column,
                        Problems.below(place, option),
                        "is missing: " + description.allowed() + " is needed");
            }
        });
        if (problems.count() > before) {
            return null;
        }
        try {
            return known.create(kind.type(), name, raws);
        } catch (Refused refused) {
            Node node = nodes.get(refused.option());
            problems.add(
                    node == null ? line : node.line(),
                    node == null ? column : node.column(),
                    Problems.below(place, refused.option()),
                    node == null
                            ? "has the default value " + refused.value() + ", which is not allowed here: "
                                    + refused.allowed() + " is"
                            : ValueReader.refused(refused, node));
        } catch (IllegalArgumentException failed) {
            // Its stack trace would quote what is struck out of the message.
            problems.causedBy(values.isFilledIn() ? null : failed.getCause());
            problems.add(
                    line, column, place, values.withoutFilledIn(Problems.oneLine(String.valueOf(failed.getMessage()))));
        }
        return null;
    }

    /** Returns the options' values as {@link PlanParts} takes them; those that are wrong are missing. */
    private Map<String, Object> raws(
            Map<String, Option> described, Node.@Nullable Entry options, String path, Map<String, Node> nodes) {
        Map<String, Object> raws = new HashMap<>();
        if (options == null || (options.value() instanceof Node.Scalar scalar && scalar.isNull())) {
            return raws;
        }
        if (!(options.value() instanceof Node.Mapping mapping)) {
            // Without the value: it may be the secret of a part that has only this option.
            problems.add(
                    options.value(), path, options.value().words() + " is not allowed: a mapping of its options is");
            // They are not missing, too.
            described.keySet().forEach(option -> nodes.put(option, options.value()));
            return raws;
        }
        problems.entries(mapping, path, described.keySet()).forEach((key, entry) -> {
            Option option = described.get(key);
            if (option == null) {
                problems.unknownKey(entry, path, key, List.copyOf(described.keySet()));
                return;
            }
            Node node = entry.valueOrKey();
            nodes.put(key, node);
            Object raw = values.raw(option, node, Problems.below(path, key));
            if (raw == null) {
                return;
            }
            try {
                option.read(raw);
                raws.put(key, raw);
            } catch (Refused refused) {
                problems.add(node, Problems.below(path, key), ValueReader.refused(refused, node));
            }
        });
        return raws;
    }

    private @Nullable Object boundPart(Kind kind, Node.@Nullable Entry options, Node at, String path) {
        String place = Problems.below(path, Layout.BIND);
        Node node = options == null ? at : options.valueOrKey();
        if (options == null) {
            problems.notAllowed(at, path, "'bind' with the name of what is bound");
            return null;
        }
        if (node instanceof Node.Scalar scalar) {
            if (scalar.isNull()) {
                problems.add(node, place, "has no value: the name of what is bound is needed");
                return null;
            }
            return bound(kind.type(), node, place);
        }
        Values given = shapes.fields(Layout.bound(kind), node, place);
        Read name = given == null ? null : given.read("name");
        if (given == null || name == null) {
            return null;
        }
        Object object = bindings.get(kind.type(), (String) name.value());
        if (object == null) {
            problems.add(
                    name.line(),
                    name.column(),
                    name.path(),
                    values.withoutFilledIn(bindings.missing(kind.type(), (String) name.value())));
            return null;
        }
        return object instanceof FailureSignal signal ? limited(signal, given, node, place) : object;
    }

    private @Nullable Object limited(FailureSignal signal, Values given, Node node, String path) {
        Set<String> limits =
                new HashSet<>(Set.of("not-above", "not-below", "per-second", "readings", "during", "every"));
        limits.removeIf(name -> !given.has(name));
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
        Double notAbove = given.value("not-above", Double.class);
        Double notBelow = given.value("not-below", Double.class);
        if (notAbove != null && notBelow != null) {
            problems.add(node, path, "has both not-above and not-below: one of them is allowed");
            return null;
        }
        LimitSignal limited = notAbove != null ? limit.notAbove(notAbove) : limit;
        limited = notBelow != null ? limited.notBelow(notBelow) : limited;
        limited = given.isTrue("per-second") ? limited.perSecond() : limited;
        Duration every = given.value("every", Duration.class);
        limited = every != null ? limited.every(every) : limited;
        Long readings = given.value("readings", Long.class);
        Duration during = given.value("during", Duration.class);
        return readings == null && during == null
                ? limited
                : limited.forAtLeast(
                        readings == null ? 3 : Math.toIntExact(readings),
                        during == null ? Duration.ofSeconds(10) : during);
    }

    @Nullable
    Object bound(Class<?> type, Node node, String path) {
        Object name = values.value(Layout.named("name", "The name to which the application has bound it."), node, path);
        if (name == null) {
            return null;
        }
        Object object = bindings.get(type, (String) name);
        if (object == null) {
            problems.add(node, path, values.withoutFilledIn(bindings.missing(type, (String) name)));
        }
        return object;
    }

    @Nullable
    NamedCheck check(Node node, String path) {
        if (node instanceof Node.Mapping) {
            Values given = shapes.fields(Layout.CHECK, node, path);
            Read bind = given == null ? null : given.read(Layout.BIND);
            if (given == null || bind == null) {
                return null;
            }
            Object check = bindings.get(Check.class, (String) bind.value());
            if (check == null) {
                problems.add(
                        bind.line(),
                        bind.column(),
                        bind.path(),
                        values.withoutFilledIn(bindings.missing(Check.class, (String) bind.value())));
                return null;
            }
            return given.has("name") ? new NamedCheck(given.text("name"), (Check) check) : null;
        }
        if (!(node instanceof Node.Scalar scalar)) {
            problems.notAllowed(node, path, new Shape.Checked().allowed());
            return null;
        }
        Object check = bound(Check.class, scalar, path);
        String name = check == null ? null : values.filledIn(scalar, path);
        return check == null || name == null ? null : new NamedCheck(name, (Check) check);
    }
}
