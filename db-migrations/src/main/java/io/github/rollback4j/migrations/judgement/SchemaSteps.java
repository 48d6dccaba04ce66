package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.schema.SchemaChange;

/** Goes through changes, one after the other, and leaves the schema as they do. */
final class SchemaSteps {

    private final TableSteps tables;
    private final ObjectSteps objects;

    SchemaSteps(SchemaState state) {
        this.tables = new TableSteps(state);
        this.objects = new ObjectSteps(state);
    }

    void apply(SchemaChange change, Place place) {
        if (!tables.apply(change, place)) {
            objects.apply(change, place);
        }
    }
}
