package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AddColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.AddConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateIndex;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import io.github.rollback4j.migrations.schema.SchemaChange.DeleteRows;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.DropConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.EnableTrigger;
import io.github.rollback4j.migrations.schema.SchemaChange.InsertRows;
import io.github.rollback4j.migrations.schema.SchemaChange.LockTable;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.RedefineColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction.Mark;
import io.github.rollback4j.migrations.schema.SchemaChange.TruncateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows.Assignment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a statement of Oracle changes. What is not named here is not understood. */
final class OracleChanges {

    private final List<SchemaChange> changes = new ArrayList<>();

    /** Reads the rule {@code sql_script}. */
    List<SchemaChange> of(SyntaxTree script) {
        for (SyntaxTree part : script.parts()) {
            if (part.rule().equals("unit_statement")) {
                read(part.parts().get(0));
            } else if (part.rule().startsWith("sql_plus")) {
                add(new NotUnderstood("a command of SQL*Plus: " + part.text()));
            }
        }
        if (changes.isEmpty()) {
            add(new NoEffect("nothing but comments"));
        }
        return List.copyOf(changes);
    }

    private void read(SyntaxTree tree) {
        switch (tree.rule()) {
            case "transaction_control_statements", "data_manipulation_language_statements" ->
                read(tree.parts().get(0));
            case "create_table" -> createTable(tree);
            case "alter_table" -> alterTable(tree);
            case "drop_table" -> drop(ObjectKind.TABLE, tree, "tableview_name");
            case "truncate_table" -> add(new TruncateTable(table(tree), tree.has("CASCADE")));
            case "rename_object" -> {
                // A table, view, sequence or synonym: the statement does not say which.
                List<SyntaxTree> names = tree.all("object_name");
                add(new Rename(
                        ObjectKind.TABLE, OracleNames.object(names.get(0)), OracleNames.object(names.get(1)), null));
            }
            case "create_index" -> createIndex(tree);
            case "alter_index" -> alterIndex(tree);
            case "drop_index" -> drop(ObjectKind.INDEX, tree, "index_name");
            case "create_view", "create_materialized_view" -> createView(tree);
            case "drop_view" -> drop(ObjectKind.VIEW, tree, "tableview_name");
            case "drop_materialized_view" -> drop(ObjectKind.MATERIALIZED_VIEW, tree, "tableview_name");
            case "create_synonym" -> createSynonym(tree);
            case "create_sequence" ->
                add(new SchemaChange.CreateSequence(OracleNames.object(tree.one("sequence_name")), false));
            case "alter_sequence" ->
                add(new SchemaChange.AlterSequence(
                        OracleNames.object(tree.one("sequence_name")),
                        tree.all("sequence_spec").stream().anyMatch(OracleChanges::changesNumbers)));
            case "drop_sequence" -> drop(ObjectKind.SEQUENCE, tree, "sequence_name");
            case "create_trigger" -> createTrigger(tree);
            case "alter_trigger" -> alterTrigger(tree);
            case "drop_trigger" -> drop(ObjectKind.TRIGGER, tree, "trigger_name");
            case "create_function_body" -> createRoutine(tree, "function_name");
            case "create_procedure_body" -> createRoutine(tree, "procedure_name");
            case "drop_function" -> drop(ObjectKind.ROUTINE, tree, "function_name");
            case "drop_procedure" -> drop(ObjectKind.ROUTINE, tree, "procedure_name");
            case "drop_type" -> drop(ObjectKind.TYPE, tree, "type_name");
            case "alter_function", "alter_procedure", "alter_package" -> add(new NoEffect("COMPILE"));
            case "insert_statement" -> insert(tree);
            case "update_statement" -> update(tree);
            case "delete_statement" -> add(new DeleteRows(target(tree.one("general_table_ref")), where(tree)));
            case "merge_statement" -> merge(tree);
            // A function called by a query can neither write nor commit (ORA-14551).
            case "select_statement" -> add(new NoEffect("a query"));
            case "explain_statement", "analyze" -> add(new NoEffect(tree.rule()));
            case "lock_table_statement" -> lockTables(tree);
            case "commit_statement" -> add(new Transaction(Mark.COMMIT));
            case "rollback_statement" -> {
                if (tree.has("TO")) {
                    not("a part of the transaction does not hold: " + tree.text());
                } else {
                    add(new Transaction(Mark.ROLLBACK));
                }
            }
            case "savepoint_statement" -> add(new NoEffect("a savepoint"));
            case "set_transaction_command" -> add(new SetSession("transaction", tree.text()));
            case "alter_session" -> alterSession(tree);
            case "comment_on_column", "comment_on_table", "comment_on_materialized" -> add(new NoEffect("COMMENT"));
            case "grant_statement" -> grant(tree);
            case "revoke_statement" -> revoke(tree);
            case "create_user" -> add(new NoEffect("a new account"));
            case "create_tablespace", "create_directory", "create_context" -> add(new NoEffect(tree.rule()));
            default -> notKnown(tree);
        }
    }

    // Tables.

    private void createTable(SyntaxTree tree) {
        SyntaxTree relational = tree.first("relational_table");
        if (relational == null) {
            notKnown(tree);
            return;
        }
        ObjectName table = table(tree);
        List<ColumnDefinition> columns = new ArrayList<>();
        List<Constraint> constraints = new ArrayList<>();
        List<String> notUnderstood = new ArrayList<>();
        for (SyntaxTree property : relational.all("relational_property")) {
            SyntaxTree part = property.parts().get(0);
            switch (part.rule()) {
                case "column_definition", "virtual_column_definition" -> {
                    OracleDefinitions.Column column = OracleDefinitions.column(part);
                    columns.add(column.definition());
                    column.notUnderstood().stream()
                            .filter(what -> !what.startsWith("whether SELECT *") && !what.startsWith("a default"))
                            .forEach(notUnderstood::add);
                }
                case "out_of_line_constraint" -> {
                    Constraint constraint = OracleDefinitions.constraint(part, List.of());
                    if (constraint == null) {
                        notUnderstood.add(part.text());
                    } else {
                        constraints.add(constraint);
                    }
                }
                case "supplemental_logging_props" -> {}
                default -> notUnderstood.add(part.text());
            }
        }
        List<SyntaxTree> queries = tree.deep("select_only_statement");
        add(new CreateTable(
                table,
                columns,
                constraints,
                List.of(),
                null,
                null,
                queries.isEmpty() ? "" : queries.get(0).text(),
                tree.has("EXISTS"),
                false,
                tree.has("PRIVATE")));
        notUnderstood.forEach(this::not);
    }

    private void alterTable(SyntaxTree tree) {
        ObjectName table = table(tree);
        int before = changes.size();
        List<SyntaxTree> parts = tree.parts();
        for (int i = 3; i < parts.size(); i++) {
            SyntaxTree part = parts.get(i);
            switch (part.rule()) {
                case "memoptimize_read_write_clause" -> add(new NoEffect(part.text()));
                case "alter_table_properties" -> property(table, part);
                case "constraint_clauses" -> constraints(table, part);
                case "column_clauses" -> columns(table, part.parts().get(0));
                case "alter_table_partitioning" ->
                    partitioning(table, part.parts().get(0));
                case "move_table_clause" -> add(new RewriteTable(table, "MOVE", false));
                case "enable_disable_clause" -> enable(table, part);
                case "enable_or_disable" -> {
                    if (i + 1 < parts.size() && parts.get(i + 1).rule().equals("ALL")) {
                        add(new EnableTrigger(table, "all", part.has("ENABLE")));
                    } else {
                        add(new NoEffect("TABLE LOCK"));
                    }
                }
                default -> {
                    if (!part.isToken()) {
                        not("what ALTER TABLE " + part.text() + " does is not known here");
                    }
                }
            }
        }
        if (changes.size() == before) {
            not("what " + tree.text() + " does is not known here");
        }
    }

    private void property(ObjectName table, SyntaxTree tree) {
        if (tree.has("RENAME")) {
            ObjectName to = table(tree);
            // Oracle renames within the schema only.
            add(new Rename(ObjectKind.TABLE, table, to.schema().isEmpty() ? table.named(to.name()) : to, null));
        } else if (tree.has("shrink_clause")) {
            add(new RewriteTable(table, "SHRINK", false));
        } else if (tree.has("READ") && tree.has("WRITE")) {
            add(new NoEffect("READ WRITE"));
        } else if (tree.has("alter_table_properties_1")
                && !tree.one("alter_table_properties_1").has("upgrade_table_clause")) {
            add(new NoEffect("storage of " + table));
        } else {
            not("what ALTER TABLE " + tree.text() + " does is not known here");
        }
    }

    private void columns(ObjectName table, SyntaxTree tree) {
        switch (tree.rule()) {
            case "rename_column_clause" ->
                add(new RenameColumn(
                        table,
                        OracleNames.last(tree.one("old_column_name")),
                        OracleNames.last(tree.one("new_column_name"))));
            case "add_modify_drop_column_clauses" -> {
                for (SyntaxTree part : tree.parts()) {
                    switch (part.rule()) {
                        case "constraint_clauses" -> constraints(table, part);
                        case "add_column_clause" -> addColumns(table, part);
                        case "modify_column_clauses" -> modifyColumns(table, part);
                        case "drop_column_clause" -> dropColumns(table, part);
                        default -> not("what ALTER TABLE " + part.text() + " does is not known here");
                    }
                }
            }
            default -> not("what ALTER TABLE " + tree.text() + " does is not known here");
        }
    }

    private void addColumns(ObjectName table, SyntaxTree tree) {
        for (SyntaxTree part : tree.parts()) {
            if (part.rule().endsWith("column_definition")) {
                OracleDefinitions.Column column = OracleDefinitions.column(part);
                add(new AddColumn(table, column.definition(), false, ""));
                // Nobody has read or written a new column yet.
                column.notUnderstood().stream()
                        .filter(what -> !what.startsWith("whether SELECT *") && !what.startsWith("a default"))
                        .forEach(this::not);
            }
        }
    }

    private void modifyColumns(ObjectName table, SyntaxTree tree) {
        for (SyntaxTree part : tree.parts()) {
            switch (part.rule()) {
                case "modify_col_properties" -> {
                    OracleDefinitions.Column column = OracleDefinitions.column(part);
                    add(new RedefineColumn(
                            table, column.definition().name(), column.definition(), false, "", column.isNullable()));
                    column.notUnderstood().forEach(this::not);
                    if (part.has("ENCRYPT") || part.has("DECRYPT")) {
                        add(new RewriteTable(table, part.text(), false));
                    }
                }
                case "modify_col_visibility" ->
                    not("whether SELECT * and INSERT without names see the column "
                            + OracleNames.last(part.one("column_name")));
                case "MODIFY", "(", ")", "," -> {}
                default -> not("what ALTER TABLE " + tree.text() + " does is not known here");
            }
        }
    }

    private void dropColumns(ObjectName table, SyntaxTree tree) {
        List<SyntaxTree> names = tree.all("column_name");
        if (names.isEmpty()) {
            add(new RewriteTable(table, tree.text(), false));
        }
        for (SyntaxTree name : names) {
            add(new DropColumn(table, OracleNames.last(name), false, tree.has("CASCADE")));
        }
    }

    private void constraints(ObjectName table, SyntaxTree tree) {
        if (tree.has("ADD")) {
            List<SyntaxTree> added = tree.all("out_of_line_constraint");
            for (SyntaxTree part : added) {
                Constraint constraint = OracleDefinitions.constraint(part, List.of());
                if (constraint == null) {
                    not("what the constraint " + part.text() + " does is not known here");
                } else {
                    add(new AddConstraint(table, constraint));
                }
            }
            if (added.isEmpty() || tree.has("out_of_line_ref_constraint")) {
                not("what ALTER TABLE " + tree.text() + " does is not known here");
            }
        } else if (tree.has("RENAME")) {
            add(new RenameConstraint(
                    table,
                    OracleNames.last(tree.one("old_constraint_name")),
                    OracleNames.last(tree.one("new_constraint_name"))));
        } else if (tree.has("drop_constraint_clause")) {
            tree.all("drop_constraint_clause").forEach(part -> dropConstraint(table, part));
        } else {
            modifyConstraint(table, tree);
        }
    }

    private void dropConstraint(ObjectName table, SyntaxTree tree) {
        boolean cascade = tree.has("CASCADE");
        if (tree.has("PRIMARY")) {
            add(new DropConstraint(table, "", Kind.PRIMARY_KEY, false, cascade));
        } else if (tree.has("constraint_name")) {
            add(new DropConstraint(table, OracleNames.last(tree.one("constraint_name")), null, false, cascade));
        } else {
            not("which constraint is dropped: " + tree.text());
        }
    }

    private void modifyConstraint(ObjectName table, SyntaxTree tree) {
        SyntaxTree name = tree.first("constraint_name");
        SyntaxTree state = tree.first("constraint_state");
        if (name == null || state == null || !isKnown(state)) {
            not("what ALTER TABLE " + tree.text() + " does is not known here");
            return;
        }
        String constraint = OracleNames.last(name);
        if (state.has("VALIDATE") && !state.has("ENABLE")) {
            add(new SchemaChange.ValidateConstraint(table, constraint));
        } else {
            add(new AlterConstraint(table, constraint, null, state.has("ENABLE")));
        }
    }

    /** Disabled and validated at once, a constraint keeps all rows from being written. */
    private static boolean isKnown(SyntaxTree state) {
        return (state.has("ENABLE") || state.has("DISABLE") != state.has("VALIDATE"))
                && !state.has("DEFERRABLE")
                && !state.has("INITIALLY");
    }

    private void enable(ObjectName table, SyntaxTree tree) {
        SyntaxTree name = tree.first("constraint_name");
        boolean isHeld = tree.has("DISABLE") && tree.has("VALIDATE");
        if (name == null || isHeld) {
            not("which constraint is enabled or disabled: " + tree.text());
        } else {
            add(new AlterConstraint(table, OracleNames.last(name), null, tree.has("ENABLE")));
        }
    }

    private void partitioning(ObjectName table, SyntaxTree tree) {
        switch (tree.rule()) {
            case "drop_table_partition", "truncate_table_partition" -> {
                List<String> names = tree.deep("partition_name").stream()
                        .map(OracleNames::last)
                        .toList();
                if (names.isEmpty()) {
                    not("which partition loses its rows: " + tree.text());
                } else if (tree.rule().startsWith("drop")) {
                    add(new SchemaChange.DropPartition(table, names));
                } else {
                    add(new SchemaChange.TruncatePartition(table, names));
                }
            }
            case "add_table_partition" -> {
                List<SyntaxTree> names = tree.deep("partition_name");
                ObjectName partition = names.isEmpty() ? table.named("PARTITION") : OracleNames.object(names.get(0));
                add(new SchemaChange.AttachPartition(table, partition));
            }
            case "exchange_table_partition" -> {
                // The rows of the one become those of the other.
                add(new SchemaChange.DetachPartition(table, OracleNames.object(tree.one("partition_name")), false));
                add(new SchemaChange.AttachPartition(table, table(tree)));
            }
            case "merge_table_partition", "split_table_partition", "coalesce_table_partition" ->
                add(new RewriteTable(table, tree.parts().get(0).rule() + " PARTITION", false));
            default -> not("what ALTER TABLE " + tree.text() + " does is not known here");
        }
    }

    // Indexes, views, sequences, triggers, routines.

    private void createIndex(SyntaxTree tree) {
        SyntaxTree on = tree.first("table_index_clause");
        if (on == null) {
            notKnown(tree);
            return;
        }
        List<String> columns = on.all("index_expr").stream()
                .map(part -> part.has("column_name") ? OracleNames.last(part.one("column_name")) : part.text())
                .toList();
        add(new CreateIndex(
                OracleNames.object(tree.one("index_name")),
                table(on),
                columns,
                "",
                tree.has("UNIQUE"),
                tree.tokens().anyMatch("ONLINE"::equals),
                tree.has("EXISTS")));
    }

    private void alterIndex(SyntaxTree tree) {
        ObjectName index = OracleNames.object(tree.one("index_name"));
        SyntaxTree set = tree.first("alter_index_ops_set2");
        if (set == null) {
            add(new NoEffect("storage of " + index));
        } else if (set.has("rebuild_clause")) {
            add(new SchemaChange.Reindex(index.toString(), set.tokens().anyMatch("ONLINE"::equals)));
        } else if (set.has("RENAME")) {
            ObjectName to = OracleNames.object(set.one("new_index_name"));
            add(new Rename(ObjectKind.INDEX, index, to.in(index.schema()), null));
        } else if (set.has("visible_or_invisible") || set.has("COALESCE") || set.has("monitoring_nomonitoring")) {
            add(new NoEffect("storage of " + index));
        } else {
            notKnown(tree);
        }
    }

    private void createView(SyntaxTree tree) {
        SyntaxTree query = tree.one("select_only_statement");
        SyntaxTree options = tree.first("view_options");
        SyntaxTree named = options == null ? null : options.first("view_alias_constraint");
        if (options != null && named == null) {
            notKnown(tree);
            return;
        }
        List<String> columns = named == null
                ? selected(query)
                : named.all("table_alias").stream()
                        .map(alias -> OracleNames.folded(alias.text()))
                        .toList();
        boolean isMaterialized = tree.rule().equals("create_materialized_view");
        add(new CreateView(
                table(tree),
                columns,
                query.text(),
                sources(List.of(query)),
                isMaterialized,
                tree.has("REPLACE"),
                tree.has("EXISTS")));
    }

    /** A synonym is read as what it is used for: a view of all columns by another name. */
    private void createSynonym(SyntaxTree tree) {
        List<SyntaxTree> schemas = tree.all("schema_name");
        boolean isPublic = tree.has("PUBLIC");
        if (tree.has("link_name")) {
            not("an object of another database: " + tree.text());
            return;
        }
        String name = OracleNames.last(tree.one("synonym_name"));
        String target = OracleNames.last(tree.one("schema_object_name"));
        boolean isTargetQualified = tree.text().toUpperCase(Locale.ROOT).matches("(?s).*\\bFOR\\s+[^\\s.]+\\s*\\..*");
        String ofTarget = isTargetQualified ? OracleNames.last(schemas.get(schemas.size() - 1)) : "";
        boolean isQualified = !isPublic && schemas.size() > (isTargetQualified ? 1 : 0);
        ObjectName synonym = new ObjectName(isQualified ? OracleNames.last(schemas.get(0)) : "", name);
        ObjectName of = new ObjectName(ofTarget, target);
        add(new CreateView(
                synonym, List.of("*"), "SELECT * FROM " + of, List.of(of), false, tree.has("REPLACE"), false));
    }

    private static boolean changesNumbers(SyntaxTree spec) {
        return !Set.of("CACHE", "NOCACHE", "ORDER", "NOORDER", "KEEP", "NOKEEP")
                .contains(spec.parts().get(0).rule());
    }

    private void createTrigger(SyntaxTree tree) {
        List<SyntaxTree> events = tree.deep("dml_event_clause");
        if (events.isEmpty()) {
            notKnown(tree);
            return;
        }
        add(new SchemaChange.CreateTrigger(
                OracleNames.object(tree.one("trigger_name")), table(events.get(0)), tree.has("REPLACE")));
    }

    private void alterTrigger(SyntaxTree tree) {
        List<SyntaxTree> names = tree.all("trigger_name");
        if (tree.has("RENAME")) {
            add(new Rename(
                    ObjectKind.TRIGGER, OracleNames.object(names.get(0)), OracleNames.object(names.get(1)), null));
        } else if (tree.has("COMPILE")) {
            add(new NoEffect("COMPILE"));
        } else {
            not("which table the trigger is on: " + tree.text());
        }
    }

    private void createRoutine(SyntaxTree tree, String nameRule) {
        List<CreateRoutine.Parameter> parameters = new ArrayList<>();
        SyntaxTree written = tree.first("parameters_clause");
        if (written != null) {
            for (SyntaxTree parameter : written.all("parameter")) {
                SyntaxTree spec = parameter.first("type_spec");
                SyntaxTree type = spec == null ? null : spec.first("datatype");
                if (!parameter.has("OUT") || parameter.has("IN")) {
                    parameters.add(new CreateRoutine.Parameter(
                            OracleNames.last(parameter.one("parameter_name")),
                            type == null ? null : OracleDefinitions.type(type),
                            parameter.has("default_value_part")));
                }
            }
        }
        SyntaxTree returns = tree.first("type_spec");
        add(new CreateRoutine(
                OracleNames.object(tree.one(nameRule)),
                parameters,
                returns == null ? "" : returns.text().toLowerCase(Locale.ROOT),
                tree.text().replaceFirst("\\s*;$", ""),
                tree.has("REPLACE")));
    }

    private void drop(ObjectKind kind, SyntaxTree tree, String nameRule) {
        add(new Drop(
                kind,
                OracleNames.object(tree.one(nameRule)),
                null,
                null,
                tree.has("EXISTS"),
                tree.has("CASCADE"),
                tree.tokens().anyMatch("ONLINE"::equals)));
    }

    // Rows.

    private void insert(SyntaxTree tree) {
        SyntaxTree single = tree.first("single_table_insert");
        if (single != null) {
            insertInto(single.one("insert_into_clause"), single.all("select_statement"));
            return;
        }
        SyntaxTree several = tree.one("multi_table_insert");
        several.deep("insert_into_clause").forEach(into -> insertInto(into, several.all("select_statement")));
    }

    private void insertInto(SyntaxTree into, List<SyntaxTree> queries) {
        add(new InsertRows(target(into.one("general_table_ref")), sources(queries), false));
    }

    private void update(SyntaxTree tree) {
        SyntaxTree set = tree.one("update_set_clause");
        List<SyntaxTree> clauses = set.all("column_based_update_set_clause");
        if (clauses.isEmpty()) {
            notKnown(tree);
            return;
        }
        add(new UpdateRows(target(tree.one("general_table_ref")), assignments(clauses), where(tree)));
    }

    private static List<Assignment> assignments(List<SyntaxTree> clauses) {
        List<Assignment> assignments = new ArrayList<>();
        for (SyntaxTree clause : clauses) {
            SyntaxTree several = clause.first("paren_column_list");
            List<String> names = several == null
                    ? List.of(OracleNames.last(clause.one("column_name")))
                    : OracleNames.columns(several);
            String value = clause.parts().get(2).text();
            names.forEach(name -> assignments.add(new Assignment(name, value)));
        }
        return assignments;
    }

    private void merge(SyntaxTree tree) {
        ObjectName table = table(tree);
        SyntaxTree updates = tree.first("merge_update_clause");
        SyntaxTree using = tree.one("selected_tableview");
        String on = tree.one("condition").text();
        if (updates != null) {
            add(new UpdateRows(table, assignments(updates.all("merge_element")), on));
            if (updates.has("merge_update_delete_part")) {
                add(new DeleteRows(table, on));
            }
        }
        if (tree.has("merge_insert_clause")) {
            SyntaxTree source = using.first("tableview_name");
            List<ObjectName> sources = source == null ? sources(List.of(using)) : List.of(OracleNames.object(source));
            add(new InsertRows(table, sources, updates != null));
        }
    }

    private void lockTables(SyntaxTree tree) {
        for (SyntaxTree element : tree.all("lock_table_element")) {
            add(new LockTable(table(element), tree.one("lock_mode").text().toLowerCase(Locale.ROOT)));
        }
    }

    private static ObjectName target(SyntaxTree generalTableRef) {
        List<SyntaxTree> names =
                generalTableRef.one("dml_table_expression_clause").all("tableview_name");
        if (names.size() != 1) {
            throw new SyntaxTree.UnreadableTreeException("rows of what is written: " + generalTableRef.text());
        }
        return OracleNames.object(names.get(0));
    }

    private static String where(SyntaxTree tree) {
        SyntaxTree where = tree.first("where_clause");
        return where == null ? "" : where.parts().get(where.parts().size() - 1).text();
    }

    private static List<ObjectName> sources(List<SyntaxTree> queries) {
        Set<String> named = new HashSet<>();
        Set<ObjectName> sources = new LinkedHashSet<>();
        for (SyntaxTree query : queries) {
            query.deep("query_name").forEach(name -> named.add(OracleNames.last(name)));
            query.deep("dml_table_expression_clause").forEach(clause -> collect(clause, sources));
        }
        sources.removeIf(name -> name.schema().isEmpty() && named.contains(name.name()));
        sources.remove(ObjectName.of("DUAL"));
        return List.copyOf(sources);
    }

    private static void collect(SyntaxTree clause, Set<ObjectName> sources) {
        clause.all("tableview_name").forEach(name -> sources.add(OracleNames.object(name)));
        clause.deep("dml_table_expression_clause").forEach(inner -> collect(inner, sources));
    }

    private static List<String> selected(SyntaxTree query) {
        List<SyntaxTree> lists = query.one("subquery").deep("selected_list");
        SyntaxTree list = lists.get(0);
        if (list.has("*")) {
            return List.of("*");
        }
        return list.all("select_list_elements").stream()
                .map(OracleChanges::selectedName)
                .toList();
    }

    private static String selectedName(SyntaxTree element) {
        if (element.has("*")) {
            return "*";
        }
        SyntaxTree alias = element.first("column_alias");
        if (alias != null) {
            return OracleNames.folded(
                    alias.parts().get(alias.parts().size() - 1).text());
        }
        String written = element.text();
        boolean isName = written.matches("(\"[^\"]+\"|[\\w$#]+)(\\s*\\.\\s*(\"[^\"]+\"|[\\w$#]+))*");
        return isName ? OracleNames.last(element) : written;
    }

    // The session, and rights.

    private void alterSession(SyntaxTree tree) {
        SyntaxTree set = tree.first("alter_session_set_clause");
        if (set == null) {
            add(new NoEffect(tree.text()));
        } else {
            add(new SetSession(
                    set.one("parameter_name").text().toLowerCase(Locale.ROOT),
                    MySqlTypes.unquoted(set.one("parameter_value").text())));
        }
    }

    private void grant(SyntaxTree tree) {
        SyntaxTree on = tree.first("grant_object_name");
        if (on == null) {
            // A role or a right of the whole system: what was allowed stays allowed.
            add(new NoEffect("GRANT"));
            return;
        }
        SyntaxTree name = on.first("tableview_name");
        if (name == null) {
            notKnown(tree);
            return;
        }
        List<String> roles = tree.all("grantee_name").stream()
                .map(OracleNames::last)
                .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
        if (tree.has("PUBLIC")) {
            roles.add("PUBLIC");
        }
        List<String> privileges = tree.parts().stream()
                .filter(part -> Set.of("object_privilege", "system_privilege", "role_name")
                        .contains(part.rule()))
                .map(part -> part.text().toLowerCase(Locale.ROOT))
                .toList();
        add(new SchemaChange.Grant(privileges, ObjectKind.TABLE, List.of(OracleNames.object(name)), roles));
    }

    private void revoke(SyntaxTree tree) {
        SyntaxTree objects = tree.first("revoke_object_privileges");
        List<SyntaxTree> on =
                objects == null ? List.of() : objects.one("on_object_clause").parts();
        List<SyntaxTree> from = objects == null ? List.of() : objects.deep("revokee_clause");
        if (objects == null || on.size() != 2 || from.isEmpty()) {
            not("what was allowed by the right or the role: " + tree.text());
            return;
        }
        List<String> privileges = objects.all("object_privilege").stream()
                .map(part -> part.text().toLowerCase(Locale.ROOT))
                .toList();
        List<String> roles = from.get(0).parts().stream()
                .filter(part -> !part.rule().equals(","))
                .map(part -> OracleNames.folded(part.text()))
                .toList();
        add(new SchemaChange.Revoke(
                privileges.isEmpty() ? List.of("all") : privileges,
                ObjectKind.TABLE,
                List.of(OracleNames.object(on.get(1))),
                roles));
    }

    // Words.

    private static ObjectName table(SyntaxTree tree) {
        return OracleNames.object(tree.one("tableview_name"));
    }

    private void add(SchemaChange change) {
        changes.add(change);
    }

    private void not(String reason) {
        changes.add(new NotUnderstood(reason));
    }

    private void notKnown(SyntaxTree tree) {
        not("what " + String.join(" ", tree.tokens().limit(3).toList()) + " does is not known here");
    }
}
