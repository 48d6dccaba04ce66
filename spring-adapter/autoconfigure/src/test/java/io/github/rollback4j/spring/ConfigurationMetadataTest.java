package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import io.github.rollback4j.planfile.PlanFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What editors offer is what there is. */
class ConfigurationMetadataTest {

    /** Keys of a plan that make no sense as a default of all rollouts. */
    private static final Set<String> OF_ONE_ROLLOUT = Set.of("$schema", "format", "component", "stable", "candidate");

    private static Map<String, Map<String, Object>> described() throws IOException {
        try (InputStream metadata =
                Rollback4jProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            List<Map<String, Object>> properties = JsonPath.parse(metadata).read("$.properties");
            return properties.stream()
                    .collect(Collectors.toMap(
                            property -> property.get("name").toString().substring("rollback4j.".length()),
                            property -> property,
                            (one, other) -> {
                                throw new AssertionError(one + " is there twice");
                            },
                            LinkedHashMap::new));
        }
    }

    private static Map<String, Map<String, Object>> planKeys() throws IOException {
        try (InputStream schema = PlanFile.class.getResourceAsStream("rollback-plan.schema.json")) {
            Map<String, Map<String, Object>> keys = JsonPath.parse(schema).read("$.properties");
            keys.keySet().removeAll(OF_ONE_ROLLOUT);
            return keys;
        }
    }

    private static Map<String, Parameter> components(String prefix, Class<?> type) {
        Map<String, Parameter> components = new LinkedHashMap<>();
        for (Parameter component : type.getDeclaredConstructors()[0].getParameters()) {
            String name = prefix + DataObjectPropertyName.toDashedForm(component.getName());
            if (component.getType().isRecord()) {
                components.putAll(components(name + ".", component.getType()));
            } else {
                components.put(name, component);
            }
        }
        return components;
    }

    @Test
    void names_areThoseThatAreRead() throws IOException {
        Set<String> known = new TreeSet<>(KnownProperties.names());
        known.add("rollouts");
        planKeys().keySet().forEach(key -> known.add("defaults." + key));
        assertThat(described().keySet()).containsExactlyInAnyOrderElementsOf(known);
    }

    @Test
    void typesAndDefaults_areThoseOfTheCode() throws IOException {
        Map<String, Map<String, Object>> described = described();
        Set<String> withDefaults = new TreeSet<>();
        components("", Rollback4jProperties.class).forEach((name, component) -> {
            Map<String, Object> its = described.get(name);
            assertThat(its.get("type"))
                    .as(name)
                    .isEqualTo(org.springframework.util.ClassUtils.resolvePrimitiveIfNecessary(component.getType())
                            .getName());
            assertThat(its.get("description").toString()).as(name).endsWith(".");
            DefaultValue byDefault = component.getAnnotation(DefaultValue.class);
            if (byDefault != null) {
                withDefaults.add(name);
                assertThat(its.get("defaultValue"))
                        .as(name)
                        .asString()
                        .isEqualTo(byDefault.value()[0]);
            }
        });
        assertThat(withDefaults).contains("enabled", "store.type", "boot-loop-guard.within");
    }

    @Test
    void defaultsOfPlans_areDescribedAsInThePlansSchema() throws IOException {
        Map<String, Map<String, Object>> described = described();
        planKeys().forEach((key, its) -> {
            assertThat(described.get("defaults." + key).get("description"))
                    .as(key)
                    .isEqualTo(its.get("description"));
            assertThat(described.get("defaults." + key).get("defaultValue"))
                    .as(key)
                    .isEqualTo(its.get("default"));
        });
    }
}
