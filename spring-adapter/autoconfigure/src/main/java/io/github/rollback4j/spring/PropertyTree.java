package io.github.rollback4j.spring;

import io.github.rollback4j.spring.RolloutConfigurationException.Mistake;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/**
 * A property and those below it, with where each was set. As Spring Boot does it, of two sources the higher one wins, property by
 * property, but a list as a whole; and neither case nor hyphens of a name count.
 */
final class PropertyTree {

    private static final Pattern SEGMENT = Pattern.compile("\\[(\\d+)]|([^.\\[]+)");
    private static final Pattern PLACEHOLDER_OF_A_FILE = Pattern.compile("\\$\\{(?:env|file):([^}]*)}");

    private final ConfigurationPropertyName name;
    private final Map<String, PropertyTree> children = new LinkedHashMap<>();
    private String key;
    private boolean isList;
    private @Nullable ConfigurationProperty property;

    private PropertyTree(ConfigurationPropertyName name, String key) {
        this.name = name;
        this.key = key;
    }

    /** Reads all properties below a name; the tree is empty where there is none. */
    static PropertyTree of(Environment environment, String root) {
        ConfigurationPropertyName name = ConfigurationPropertyName.of(root);
        PropertyTree all = new PropertyTree(name, root);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource listed) {
                PropertyTree its = new PropertyTree(name, root);
                listed.stream().filter(name::isAncestorOf).forEach(each -> its.add(each, listed));
                all.take(its);
            }
        }
        return all;
    }

    private void add(ConfigurationPropertyName added, IterableConfigurationPropertySource source) {
        ConfigurationProperty value = source.getConfigurationProperty(added);
        if (value == null) {
            return;
        }
        PropertyTree at = this;
        for (int index = name.getNumberOfElements(); index < added.getNumberOfElements(); index++) {
            PropertyTree parent = at;
            String spelling = added.getElement(index, Form.ORIGINAL);
            if (added.isNumericIndex(index)) {
                parent.isList = true;
            }
            int size = index + 1;
            at = parent.children.computeIfAbsent(
                    uniform(spelling), same -> new PropertyTree(added.chop(size), spelling));
        }
        at.property = value;
    }

    /** Takes from a source, or from defaults, what is not here yet. */
    private void take(PropertyTree lower) {
        if (lower.key.length() > key.length()) {
            // An environment variable has no hyphens.
            key = lower.key;
        }
        if (isEmpty()) {
            isList = lower.isList;
            property = lower.property;
        } else if (isLeaf() || isList || lower.isLeaf() || lower.isList) {
            return;
        }
        lower.children.forEach(
                (its, child) -> children.computeIfAbsent(its, same -> new PropertyTree(child.name, child.key))
                        .take(child));
    }

    /** Returns this, and what it does not say as the other says it. */
    PropertyTree orElse(PropertyTree other) {
        PropertyTree both = new PropertyTree(name, key);
        both.take(this);
        both.take(other);
        return both;
    }

    /** Returns this without some of what is directly below it. */
    PropertyTree without(String... keys) {
        PropertyTree rest = new PropertyTree(name, key);
        rest.take(this);
        for (String each : keys) {
            rest.children.remove(uniform(each));
        }
        return rest;
    }

    private static String uniform(String key) {
        return key.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    private boolean isEmpty() {
        return children.isEmpty() && property == null;
    }

    private boolean isLeaf() {
        return children.isEmpty();
    }

    /** Returns what is directly below this, in the order in which it was found. */
    List<PropertyTree> children() {
        return List.copyOf(children.values());
    }

    /** Returns what has this key directly below this. */
    @Nullable
    PropertyTree child(String its) {
        return children.get(uniform(its));
    }

    /** Returns the last part of the name, as it is written. */
    String key() {
        return key;
    }

    /** Returns the property's name. */
    String name() {
        return name.toString();
    }

    /** Says what is wrong with it. */
    Mistake mistake(String message) {
        return Mistake.of(name(), origin(), message);
    }

    /** Says what is wrong at a path below this, for example {@code signals[0].error-rate}. */
    Mistake mistake(String path, String message) {
        PropertyTree at = this;
        Matcher segment = SEGMENT.matcher(path);
        int found = 0;
        while (segment.find()) {
            PropertyTree next = at.child(segment.group(1) == null ? segment.group(2) : segment.group(1));
            if (next == null) {
                break;
            }
            at = next;
            found = segment.end();
        }
        String rest = path.substring(found);
        String missing = rest.isEmpty() || rest.startsWith(".") || rest.startsWith("[") ? rest : "." + rest;
        return Mistake.of(at.name() + missing, at.origin(), message);
    }

    private @Nullable Origin origin() {
        if (property != null) {
            return property.getOrigin();
        }
        return children.values().stream().findFirst().map(PropertyTree::origin).orElse(null);
    }

    /** Returns its value as text, or null where it has none. */
    @Nullable
    String text(Environment environment, Consumer<Mistake> mistakes) {
        Object value = isLeaf() ? value(environment, mistakes) : null;
        return value == null ? null : value.toString();
    }

    /** Returns whether it is a number with a fraction: what was written is lost then. */
    boolean isFraction() {
        return property != null && (property.getValue() instanceof Double || property.getValue() instanceof Float);
    }

    /** Returns what is below this, by key. */
    Map<String, @Nullable Object> values(Environment environment, Consumer<Mistake> mistakes) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (PropertyTree child : children.values()) {
            values.put(child.key, child.value(environment, mistakes));
        }
        return values;
    }

    private @Nullable Object value(Environment environment, Consumer<Mistake> mistakes) {
        if (isList) {
            return list(environment, mistakes);
        }
        if (!isLeaf()) {
            return values(environment, mistakes);
        }
        Object value = property == null ? null : property.getValue();
        if (value == null || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        return filledIn(value.toString(), environment, mistakes);
    }

    private List<@Nullable Object> list(Environment environment, Consumer<Mistake> mistakes) {
        List<@Nullable Object> items = new ArrayList<>();
        for (int index = 0; index < children.size(); index++) {
            PropertyTree item = child(String.valueOf(index));
            if (item == null) {
                mistakes.accept(mistake("[" + index + "] is missing: a list is numbered from 0, without gaps"));
                return items;
            }
            items.add(item.value(environment, mistakes));
        }
        return items;
    }

    private String filledIn(String text, Environment environment, Consumer<Mistake> mistakes) {
        Matcher ofAFile = PLACEHOLDER_OF_A_FILE.matcher(text);
        if (ofAFile.find()) {
            // Spring would take what stands behind the colon for a default, and with it the name of a secret for the
            // secret.
            mistakes.accept(mistake("'" + ofAFile.group()
                    + "' is a placeholder of plan files: here ${NAME} is allowed, which" + " Spring fills in"));
            return "";
        }
        try {
            return environment.resolveRequiredPlaceholders(text);
        } catch (IllegalArgumentException unknown) {
            mistakes.accept(
                    mistake("contains a placeholder that cannot be filled in: an environment variable or property of"
                            + " that name is allowed"));
            return "";
        }
    }
}
