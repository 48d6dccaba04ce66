package io.github.rollback4j.spring;

import io.github.rollback4j.migrations.gate.DatabaseGate;
import io.github.rollback4j.migrations.gate.VerdictTable;
import io.github.rollback4j.plan.PlanPartProvider;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;

/** A gate that goes by the verdict which was recorded in the service's database when the candidate's migrations ran. */
record DatabasePart(ObjectProvider<Rollback4jProperties> properties, ListableBeanFactory beans)
        implements PlanPartProvider {

    private static final String NAME = "name";
    private static final String UNDONE_BY = "undone-by";

    @Override
    public Kind kind() {
        return Kind.GATE;
    }

    @Override
    public String name() {
        return DatabaseGate.DEFAULT_NAME;
    }

    @Override
    public String description() {
        return "Keeps the rollback from crossing migrations that the previous release cannot live with, by the verdict"
                + " that was recorded when they ran.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.withDefault(NAME, Type.TEXT, DatabaseGate.DEFAULT_NAME, "The name of the gate."),
                Option.optional(
                        UNDONE_BY, Type.TEXT, "The step that carries out the undo, where one is needed and proved."));
    }

    @Override
    public Object create(Options values) {
        DataSource database = database(values);
        DatabaseGate gate = DatabaseGate.of(VerdictTable.in(database)).named(values.text(NAME));
        return values.has(UNDONE_BY) ? gate.undoneBy(values.text(UNDONE_BY)) : gate;
    }

    private DataSource database(Options values) {
        String named = properties.getObject().store().dataSource();
        DataSource database = named != null && beans.containsBean(named)
                ? beans.getBean(named, DataSource.class)
                : beans.getBeanProvider(DataSource.class).getIfUnique();
        if (database == null) {
            throw values.refused(
                    NAME,
                    "a gate of a service with one data source, a primary one, or one that rollback4j.store.data-source"
                            + " names");
        }
        return database;
    }
}
