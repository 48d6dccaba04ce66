package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.PlanPartProvider.Refused;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.planfile.Read.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads nodes by their {@link Shape}, and notes whatever is wrong on the way. For one file and one thread. */
final class ShapeReader {

    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");

    private final Problems problems;
    private final ValueReader values;
    private final PartReader parts;

    ShapeReader(Problems problems, PlanParts known, Bindings bindings, ValueReader values) {
        this.problems = problems;
        this.values = values;
        this.parts = new PartReader(problems, known, bindings, values, this);
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
            value = values.value(option.option(), node, path);
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
            value = parts.part(part, node, path);
        } else if (shape instanceof Shape.Checked) {
            value = parts.check(node, path);
        } else if (shape instanceof Shape.Bound bound) {
            value = parts.bound(bound.type(), node, path);
        } else {
            value = callKey(node, path);
        }
        return value == null ? null : new Read(value, node.line(), node.column(), path, node.shown());
    }

    @Nullable
    Values fields(Shape.Fields shape, Node node, String path) {
        if (!(node instanceof Node.Mapping mapping)) {
            problems.notAllowed(node, path, shape.allowed());
            return null;
        }
        List<String> known = shape.fields().stream().map(Shape.Field::name).toList();
        Map<String, Node.Entry> entries = problems.entries(mapping, path, known);
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.unknownKey(entry, path, key, known);
            }
        });
        Values read = new Values();
        for (Shape.Field field : shape.fields()) {
            Node.Entry entry = entries.get(field.name());
            if (entry != null) {
                read.write(field.name());
                Read value = read(field.shape(), entry.valueOrKey(), Problems.below(path, field.name()));
                if (value != null) {
                    read.put(field.name(), value);
                }
            } else if (field.isRequired()) {
                problems.add(
                        node,
                        Problems.below(path, field.name()),
                        "is missing: " + field.shape().allowed() + " is needed");
            }
        }
        shape.needs().forEach((key, needed) -> {
            Node.Entry entry = entries.get(key);
            if (entry != null && !entries.containsKey(needed)) {
                problems.add(
                        entry.line(),
                        entry.column(),
                        Problems.below(path, key),
                        "is there without " + needed + ": both are allowed, or neither");
            }
        });
        return read;
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
            problems.notAllowed(node, path, shape.allowed());
            return null;
        }
        Read read = read(shape.item(), node, path);
        return read == null ? null : List.of(read);
    }

    private @Nullable Map<String, Read> named(Shape.Named shape, Node node, String path) {
        if (!(node instanceof Node.Mapping mapping) || mapping.entries().size() > Shape.Several.MOST) {
            problems.notAllowed(node, path, shape.allowed());
            return null;
        }
        Map<String, Read> named = new LinkedHashMap<>();
        problems.entries(mapping, path).forEach((key, entry) -> {
            try {
                shape.name().read(key);
            } catch (Refused refused) {
                problems.add(
                        entry.line(),
                        entry.column(),
                        Problems.below(path, key),
                        "the name is not allowed: " + refused.allowed() + " is");
                return;
            }
            Read read = read(new Shape.Value(shape.value()), entry.valueOrKey(), Problems.below(path, key));
            if (read != null) {
                named.put(key, read);
            }
        });
        return named;
    }

    private @Nullable Object callKey(Node node, String path) {
        if (node instanceof Node.Mapping) {
            Values uuid = fields(Layout.UUID_KEY, node, path);
            return uuid == null || !uuid.has("uuid") ? null : UUID.fromString(uuid.text("uuid"));
        }
        if (!(node instanceof Node.Scalar scalar)) {
            problems.notAllowed(node, path, new Shape.CallKey().allowed());
            return null;
        }
        if (!scalar.isPlain() || !WHOLE.matcher(scalar.text()).matches()) {
            return values.filledIn(scalar, path);
        }
        try {
            if (ValueReader.isNumeral(scalar.text())) {
                return Long.valueOf(scalar.text());
            }
        } catch (NumberFormatException tooLarge) {
            // Said below.
        }
        problems.notAllowed(node, path, "a whole number of 63 bits without a zero before it, or a text in quotes,");
        return null;
    }
}
