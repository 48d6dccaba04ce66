package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.spring.RolloutConfigurationException.Mistake;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Knows which properties there are, so that a slip is not silently without effect. */
final class KnownProperties {

    static final String PREFIX = "rollback4j";

    /** Break-glass words, which core reads itself, from where nothing else needs to work. */
    private static final String CONTROL = "control";

    private static final Logger LOG = LoggerFactory.getLogger(KnownProperties.class);
    private static final Set<String> OF_THE_PROCESS = Set.of(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);

    private KnownProperties() {}

    /** Returns those that nobody knows, with the nearest that somebody does. */
    static List<Mistake> unknown(Environment environment) {
        ConfigurationPropertyName prefix = ConfigurationPropertyName.of(PREFIX);
        Map<String, Mistake> mistakes = new LinkedHashMap<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource listed) {
                boolean isOfTheProcess = source.getUnderlyingSource() instanceof PropertySource<?> underlying
                        && OF_THE_PROCESS.contains(underlying.getName());
                listed.stream()
                        .filter(prefix::isAncestorOf)
                        .filter(name -> !isKnown(name, isOfTheProcess))
                        .forEach(name -> {
                            Mistake mistake = mistake(name, listed);
                            if (isOfTheProcess) {
                                // A step that is a command hands such variables on to what it starts.
                                LOG.warn("{}", mistake);
                            } else {
                                mistakes.putIfAbsent(name.toString(), mistake);
                            }
                        });
            }
        }
        return List.copyOf(mistakes.values());
    }

    private static boolean isKnown(ConfigurationPropertyName name, boolean isOfTheProcess) {
        String first = name.getElement(1, Form.UNIFORM);
        if (first.equals(ConfiguredPlans.ROLLOUTS) || first.equals(ConfiguredPlans.DEFAULTS)) {
            return true;
        }
        String uniform =
                uniform(name.chop(name.getNumberOfElements()).toString().substring(PREFIX.length() + 1));
        return (isOfTheProcess && uniform.equals(CONTROL))
                || names().stream().anyMatch(known -> uniform(known).equals(uniform));
    }

    private static Mistake mistake(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        String given = name.toString().substring(PREFIX.length() + 1);
        String message;
        if (given.equals(CONTROL)) {
            message =
                    "is read from the environment variable ROLLBACK4J_CONTROL or a system property alone, since it must hold"
                            + " when nothing else does: " + PREFIX + ".control-file is allowed here";
        } else {
            List<String> known = Stream.concat(
                            names().stream(), Stream.of(ConfiguredPlans.ROLLOUTS, ConfiguredPlans.DEFAULTS))
                    .toList();
            String nearest = PlanParts.nearest(given, known);
            message = "is unknown" + (nearest == null ? "" : ", '" + PREFIX + "." + nearest + "' is the nearest") + ": "
                    + String.join(", ", known) + " are allowed below " + PREFIX;
        }
        var property = source.getConfigurationProperty(name);
        return Mistake.of(name.toString(), property == null ? null : property.getOrigin(), message);
    }

    /** Returns the names below {@code rollback4j}, but for plans. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        add(names, "", Rollback4jProperties.class);
        return names;
    }

    private static void add(Set<String> names, String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = prefix + DataObjectPropertyName.toDashedForm(component.getName());
            if (component.getType().isRecord()) {
                add(names, name + ".", component.getType());
            } else {
                names.add(name);
            }
        }
    }

    private static String uniform(String name) {
        StringBuilder letters = new StringBuilder();
        name.chars()
                .filter(Character::isLetterOrDigit)
                .map(Character::toLowerCase)
                .forEach(letters::appendCodePoint);
        return letters.toString();
    }
}
