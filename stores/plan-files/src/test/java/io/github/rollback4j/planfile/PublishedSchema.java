package io.github.rollback4j.planfile;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.rollback4j.plan.PlanParts;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.databind.json.JsonMapper;

/** The schema as an editor uses it: on YAML that another reader than ours has read. */
final class PublishedSchema {

    private static final JsonMapper JSON = new JsonMapper();

    private final Schema schema;

    PublishedSchema(PlanParts parts) {
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(PlanSchema.of(parts), InputFormat.JSON);
    }

    /** Returns what is wrong with a file. */
    List<String> problems(String file) {
        Object read = new Load(LoadSettings.builder()
                        .setAllowDuplicateKeys(true)
                        .setSchema(new CoreSchema())
                        .build())
                .loadFromString(file);
        requireNoCircle(read, 0);
        return schema.validate(JSON.valueToTree(read)).stream()
                .map(Object::toString)
                .toList();
    }

    private static void requireNoCircle(Object read, int depth) {
        if (depth > 100) {
            throw new IllegalArgumentException("deeper than JSON is");
        }
        if (read instanceof Map<?, ?> map) {
            map.values().forEach(value -> requireNoCircle(value, depth + 1));
        } else if (read instanceof List<?> list) {
            list.forEach(value -> requireNoCircle(value, depth + 1));
        }
    }

    /** Returns what it makes of a file, in a word. */
    String verdict(String file) {
        try {
            return problems(file).isEmpty() ? "passes" : "refuses";
        } catch (YamlEngineException | IllegalArgumentException unreadable) {
            return "cannot read";
        }
    }
}
