package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanPartProvider.Bound;
import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanParts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tells editors what a plan's file may say: a JSON Schema, draft 2020-12, made from what the loader itself reads by.
 *
 * <p>It says as much as a schema can. What only shows when several places are seen together, how long a duration is, and whether
 * placeholders can be filled in, {@link PlanFile} alone says. The schema of core's parts lies beside this class as {@code
 * rollback-plan.schema.json}.
 */
public final class PlanSchema {

    private static final String ID =
            "https://raw.githubusercontent.com/rollback4j/rollback4j/main/stores/plan-files/src/main/resources/io/github/"
                    + "rollback4j/planfile/rollback-plan.schema.json";

    /** What YAML may take a text for that has no quotes. */
    private static final List<String> SCALAR = List.of("string", "number", "boolean");

    /** As {@code Option.read} takes it: a number with a unit, or ISO 8601. */
    private static final String DURATION = "^([0-9]{1,18}(ms|s|m|h|d)|[Pp](?=.)([0-9]+[Dd])?"
            + "([Tt](?=.)([0-9]+[Hh])?([0-9]+[Mm])?([0-9]+([.,][0-9]+)?[Ss])?)?)$";

    private static final String INSTANT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
            + "(Z|[+-][0-9]{2}(:[0-9]{2})?)$";

    /** What stands at several places. */
    private static final SortedMap<String, Shape.Fields> NAMED =
            new TreeMap<>(Map.of("step", Layout.STEP, "release", Layout.RELEASE));

    private static final String REF = "$ref";
    private static final String TYPE = "type";
    private static final String DESCRIPTION = "description";
    private static final String ANY_OF = "anyOf";
    private static final String PATTERN = "pattern";

    private final PlanParts parts;

    private PlanSchema(PlanParts parts) {
        this.parts = parts;
    }

    /**
     * Returns the schema of files that name these parts, as text; the same for the same parts.
     *
     * @param parts what files may name, for example {@link PlanParts#load()}
     */
    public static String of(PlanParts parts) {
        return JsonText.of(new PlanSchema(parts).root());
    }

    private Map<String, Object> root() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("$id", ID);
        root.put("title", "Rollback plan");
        root.put(DESCRIPTION, "What a team decided beforehand: how a release is rolled out, watched and taken back.");
        root.putAll(fields(Layout.ROOT));
        Map<String, Object> definitions = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            definitions.put(key(kind), part(kind));
        }
        definitions.put(
                "check",
                described(
                        "A check that the application has bound, by its name.",
                        anyOf(value(Layout.named("name", "A name.")), fields(Layout.CHECK))));
        definitions.put(
                "placeholder",
                described(
                        "Filled in when the plan is read, or, where it is a secret, at each use.",
                        map(TYPE, "string", PATTERN, "\\$\\{(env|file):")));
        NAMED.forEach((name, fields) -> definitions.put(name, fields(fields)));
        definitions.put("duration", map(TYPE, "string", PATTERN, DURATION));
        root.put("$defs", definitions);
        return root;
    }

    private static String key(Kind kind) {
        return Layout.word(kind);
    }

    private Map<String, Object> of(Shape shape) {
        if (shape instanceof Shape.Value value) {
            return value(value.option());
        }
        if (shape instanceof Shape.Fields fields) {
            for (Map.Entry<String, Shape.Fields> named : NAMED.entrySet()) {
                if (named.getValue().equals(fields)) {
                    return ref(named.getKey());
                }
            }
            return fields(fields);
        }
        if (shape instanceof Shape.Several several) {
            Map<String, Object> list = map(TYPE, "array", "items", of(several.item()));
            if (several.least() > 0) {
                list.put("minItems", several.least());
            }
            list.put("maxItems", Shape.Several.MOST);
            return several.isOneAllowed() ? anyOf(of(several.item()), list) : list;
        }
        if (shape instanceof Shape.Named named) {
            return map(
                    TYPE,
                    "object",
                    "propertyNames",
                    map(PATTERN, whole(named.name())),
                    "additionalProperties",
                    value(named.value()),
                    "maxProperties",
                    Shape.Several.MOST);
        }
        if (shape instanceof Shape.Either either) {
            return map(
                    TYPE,
                    "object",
                    "if",
                    map("required", List.of(either.key())),
                    "then",
                    fields(either.with()),
                    "else",
                    fields(either.without()));
        }
        if (shape instanceof Shape.Part part) {
            return ref(key(part.kind()));
        }
        if (shape instanceof Shape.Checked) {
            return ref("check");
        }
        if (shape instanceof Shape.Bound) {
            return value(Layout.named("name", "A name."));
        }
        return anyOf(map(TYPE, SCALAR), fields(Layout.UUID_KEY));
    }

    private Map<String, Object> fields(Shape.Fields shape) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Shape.Field field : shape.fields()) {
            properties.put(
                    field.name(),
                    field.shape() instanceof Shape.Value value
                            ? described(field.description(), value.option())
                            : described(field.description(), of(field.shape())));
            if (field.isRequired()) {
                required.add(field.name());
            }
        }
        Map<String, Object> object = map(TYPE, "object", "properties", properties);
        if (!required.isEmpty()) {
            object.put("required", required);
        }
        if (!shape.needs().isEmpty()) {
            Map<String, Object> needs = new LinkedHashMap<>();
            shape.needs().forEach((key, other) -> needs.put(key, List.of(other)));
            object.put("dependentRequired", needs);
        }
        object.put("additionalProperties", false);
        return object;
    }

    private Map<String, Object> part(Kind kind) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> alone = new ArrayList<>();
        for (String name : parts.names(kind)) {
            PlanPartProvider provider = parts.provider(kind, name);
            Shape.Fields options = Shape.Fields.of(
                    provider.options().stream().map(Shape.Field::of).toArray(Shape.Field[]::new));
            Map<String, Object> property = fields(options);
            if (provider.options().stream().noneMatch(Option::isRequired)) {
                alone.add(name);
                property.put(TYPE, List.of("object", "null"));
            }
            properties.put(name, described(provider.description(), property));
        }
        properties.put(
                Layout.BIND,
                described(
                        "What the application has bound, by its name.",
                        anyOf(value(Layout.named("name", "A name.")), fields(Layout.bound(kind)))));
        Map<String, Object> withOptions = map(
                TYPE,
                "object",
                "properties",
                properties,
                "additionalProperties",
                false,
                "minProperties",
                1,
                "maxProperties",
                1);
        String description = "A " + kind + ": its name, with its options where there are some.";
        return described(
                description,
                alone.isEmpty()
                        ? anyOf(withOptions, placeholder())
                        : anyOf(map("enum", alone), withOptions, placeholder()));
    }

    // ---- Options.

    private static Map<String, Object> described(String description, Option option) {
        Map<String, Object> described = map(
                DESCRIPTION,
                description + " Allowed: " + option.allowed() + "."
                        + (option.type() == PlanPartProvider.Type.SECRET
                                ? " Better than the secret itself is ${env:NAME} or ${file:/run/secrets/name}."
                                : ""));
        if (option.defaultValue() != null) {
            described.put("default", typed(option));
        }
        described.putAll(value(option));
        return described;
    }

    private static Object typed(Option option) {
        Object value = option.read(option.defaultValue());
        if (value instanceof double[] numbers) {
            List<Object> list = new ArrayList<>();
            for (double number : numbers) {
                list.add(number);
            }
            return list;
        }
        return value instanceof Number || value instanceof Boolean ? value : String.valueOf(option.defaultValue());
    }

    private static Map<String, Object> value(Option option) {
        return switch (option.type()) {
            case TEXT -> text(option);
            case WHOLE_NUMBER -> orPlaceholder(bounded("integer", option));
            case NUMBER -> orPlaceholder(bounded("number", option));
            case DURATION -> orPlaceholder(ref("duration"));
            case INSTANT -> orPlaceholder(map(TYPE, "string", PATTERN, INSTANT));
            case YES_NO -> orPlaceholder(map("enum", List.of(true, false, "true", "false", "yes", "no")));
            case LIST_OF_NUMBERS ->
                anyOf(
                        map(
                                TYPE,
                                "array",
                                "items",
                                orPlaceholder(bounded("number", option)),
                                "minItems",
                                1,
                                "maxItems",
                                1000),
                        bounded("number", option),
                        map(TYPE, "string", PATTERN, "^[-+.,0-9eE ]+$"),
                        placeholder());
            case LIST_OF_TEXTS -> map(TYPE, "array", "items", text(option), "minItems", 1, "maxItems", 1000);
            case URI -> orPlaceholder(map(TYPE, "string", PATTERN, "^[A-Za-z][A-Za-z0-9+.-]*:."));
            case SECRET -> map(TYPE, SCALAR, "minLength", 1, "maxLength", 10_000);
            case SECRETS_BY_NAME ->
                map(
                        TYPE,
                        "object",
                        "additionalProperties",
                        map(TYPE, SCALAR, "maxLength", 10_000),
                        "maxProperties",
                        1000);
        };
    }

    private static Map<String, Object> text(Option option) {
        if (!option.choices().isEmpty()) {
            return orPlaceholder(map("enum", option.choices()));
        }
        Map<String, Object> text = map(TYPE, SCALAR);
        Bound least = option.least();
        Bound most = option.most();
        if (least != null) {
            text.put("minLength", (long) least.value() + (least.inclusive() ? 0 : 1));
        }
        if (most != null) {
            text.put("maxLength", (long) most.value() - (most.inclusive() ? 0 : 1));
        }
        if (option.pattern() != null) {
            text.put(PATTERN, whole(option));
        }
        return text.size() == 1 ? text : orPlaceholder(text);
    }

    /** Returns the pattern of a text as a whole; that of any text where it has none. */
    private static String whole(Option option) {
        return option.pattern() == null ? "^" : "^(?:" + option.pattern() + ")$";
    }

    private static Map<String, Object> bounded(String type, Option option) {
        Map<String, Object> number = map(TYPE, type);
        Bound least = option.least();
        Bound most = option.most();
        if (least != null) {
            number.put(least.inclusive() ? "minimum" : "exclusiveMinimum", least.value());
        }
        if (most != null) {
            number.put(most.inclusive() ? "maximum" : "exclusiveMaximum", most.value());
        }
        return number;
    }

    // ---- Pieces of schemas.

    private static Map<String, Object> placeholder() {
        return ref("placeholder");
    }

    private static Map<String, Object> ref(String definition) {
        return map(REF, "#/$defs/" + definition);
    }

    private static Map<String, Object> orPlaceholder(Map<String, Object> schema) {
        return anyOf(schema, placeholder());
    }

    private static Map<String, Object> anyOf(Object... schemas) {
        return map(ANY_OF, List.of(schemas));
    }

    private static Map<String, Object> described(String description, Map<String, Object> schema) {
        Map<String, Object> described = map(DESCRIPTION, description);
        described.putAll(schema);
        return described;
    }

    private static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
