package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.DeleteRows;
import io.github.rollback4j.migrations.schema.SchemaChange.InsertRows;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows.Assignment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.create.table.ColumnDefinition;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.ConflictActionType;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.insert.InsertConflictAction;
import net.sf.jsqlparser.statement.merge.Merge;
import net.sf.jsqlparser.statement.merge.MergeDelete;
import net.sf.jsqlparser.statement.merge.MergeInsert;
import net.sf.jsqlparser.statement.merge.MergeOperation;
import net.sf.jsqlparser.statement.merge.MergeUpdate;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import net.sf.jsqlparser.statement.upsert.Upsert;
import org.jspecify.annotations.Nullable;

/**
 * Reads H2 and SQL Server: their definitions word by word, rows and queries by JSqlParser. For all other dialects it is asked last,
 * and reads rows, queries, and tables made from queries.
 */
final class JSqlParserGrammar implements Grammar {

    private final SqlDialect dialect;
    private final Folding folding;

    private JSqlParserGrammar(SqlDialect dialect) {
        this.dialect = dialect;
        this.folding = Folding.of(dialect);
    }

    static Grammar of(SqlDialect dialect) {
        return new JSqlParserGrammar(dialect);
    }

    @Override
    public List<SchemaChange> read(String statement) throws SyntaxException {
        if (dialect == SqlDialect.H2 || dialect == SqlDialect.SQLSERVER) {
            try {
                List<SchemaChange> changes = new WordChanges(statement, dialect).read();
                if (!changes.isEmpty()) {
                    return changes;
                }
            } catch (Words.UnexpectedWordException | IllegalArgumentException exception) {
                throw new SyntaxException(String.valueOf(exception.getMessage()));
            }
        }
        Statement parsed = Queries.parse(statement, dialect);
        try {
            return changes(parsed);
        } catch (RuntimeException exception) {
            // Its visitors do not know all of its own tree: an INSERT within WITH, for example.
            throw new SyntaxException("JSqlParser cannot be asked what it reads: " + exception.getMessage());
        }
    }

    private List<SchemaChange> changes(Statement statement) throws SyntaxException {
        if (statement instanceof Insert insert) {
            return List.of(insert(insert));
        }
        if (statement instanceof Upsert upsert) {
            return List.of(new InsertRows(
                    name(upsert.getTable()), others(statement, upsert.getTable(), upsert.getSelect()), true));
        }
        if (statement instanceof Update update) {
            return update(update);
        }
        if (statement instanceof Delete delete) {
            return delete(delete);
        }
        if (statement instanceof Merge merge) {
            return merge(merge);
        }
        if (statement instanceof Select select) {
            return List.of(select(select));
        }
        if (statement instanceof net.sf.jsqlparser.statement.create.table.CreateTable table) {
            return List.of(createTable(table));
        }
        throw new SyntaxException("JSqlParser's "
                + statement.getClass().getSimpleName().toLowerCase(Locale.ROOT) + " has no counterpart here");
    }

    private SchemaChange insert(Insert insert) {
        InsertConflictAction action = insert.getConflictAction();
        boolean orReplaces = (insert.getDuplicateUpdateSets() != null
                        && !insert.getDuplicateUpdateSets().isEmpty())
                || (action != null && action.getConflictActionType() == ConflictActionType.DO_UPDATE);
        return new InsertRows(
                name(insert.getTable()), others(insert, insert.getTable(), insert.getSelect()), orReplaces);
    }

    /** Returns the tables that a statement reads rows from; its own table only where its query names it. */
    private List<ObjectName> others(Statement statement, Table target, @Nullable Select query) {
        List<ObjectName> sources = new ArrayList<>(Queries.sources(statement, folding));
        ObjectName own = name(target);
        boolean isReadToo =
                query != null && Queries.sources((Statement) query, folding).contains(own);
        if (!isReadToo) {
            sources.remove(own);
        }
        return sources;
    }

    private List<SchemaChange> update(Update update) {
        Map<String, ObjectName> aliases = new LinkedHashMap<>();
        alias(aliases, update.getTable());
        joined(aliases, update.getStartJoins());
        boolean isOfSeveral =
                update.getStartJoins() != null && !update.getStartJoins().isEmpty();
        if (update.getFromItem() != null) {
            alias(aliases, update.getFromItem());
        }
        joined(aliases, update.getJoins());
        ObjectName target = resolved(aliases, update.getTable());
        Map<ObjectName, List<Assignment>> assignments = new LinkedHashMap<>();
        List<SchemaChange> changes = new ArrayList<>();
        for (UpdateSet set : update.getUpdateSets()) {
            for (int i = 0; i < set.getColumns().size(); i++) {
                Column column = set.getColumns().get(i);
                ObjectName table = target;
                if (isOfSeveral) {
                    ObjectName named = column.getTable() == null
                            ? null
                            : aliases.get(folding.name(column.getTable().getName()));
                    if (named == null) {
                        changes.add(new NotUnderstood("which table has the column " + column));
                        continue;
                    }
                    table = named;
                }
                boolean isOneByOne = set.getValues().size() == set.getColumns().size();
                Object value = isOneByOne ? set.getValues().get(i) : set.getValues();
                assignments
                        .computeIfAbsent(table, key -> new ArrayList<>())
                        .add(new Assignment(folding.name(column.getColumnName()), value.toString()));
            }
        }
        String where = where(update.getWhere());
        assignments.forEach((table, of) -> changes.add(new UpdateRows(table, of, where)));
        return changes;
    }

    private List<SchemaChange> delete(Delete delete) {
        Map<String, ObjectName> aliases = new LinkedHashMap<>();
        if (delete.getTable() != null) {
            alias(aliases, delete.getTable());
        }
        joined(aliases, delete.getJoins());
        if (delete.getUsingFromItemList() != null) {
            delete.getUsingFromItemList().forEach(item -> alias(aliases, item));
        }
        String where = where(delete.getWhere());
        boolean isOfSeveral = delete.getTables() != null && !delete.getTables().isEmpty();
        List<Table> targets = isOfSeveral ? delete.getTables() : List.of(delete.getTable());
        List<SchemaChange> changes = new ArrayList<>();
        for (Table target : targets) {
            changes.add(new DeleteRows(
                    resolved(aliases, target), where.isEmpty() && aliases.size() > 1 ? "a join" : where));
        }
        return changes;
    }

    private List<SchemaChange> merge(Merge merge) throws SyntaxException {
        if (merge.getOperations() == null || merge.getOperations().isEmpty()) {
            throw new SyntaxException("MERGE without WHEN does nothing that is known here");
        }
        ObjectName table = name(merge.getTable());
        List<ObjectName> sources = new ArrayList<>(Queries.sources(merge, folding));
        sources.remove(table);
        String on = where(merge.getOnCondition());
        List<SchemaChange> changes = new ArrayList<>();
        boolean updates = merge.getOperations().stream().anyMatch(MergeUpdate.class::isInstance);
        for (MergeOperation operation : merge.getOperations()) {
            if (operation instanceof MergeUpdate update) {
                List<Assignment> assignments = new ArrayList<>();
                for (UpdateSet set : update.getUpdateSets()) {
                    for (Column column : set.getColumns()) {
                        assignments.add(new Assignment(
                                folding.name(column.getColumnName()),
                                set.getValues().toString()));
                    }
                }
                changes.add(new UpdateRows(table, assignments, on));
                if (update.getDeleteWhereCondition() != null) {
                    changes.add(new DeleteRows(table, on));
                }
            } else if (operation instanceof MergeDelete) {
                changes.add(new DeleteRows(table, on));
            } else if (operation instanceof MergeInsert) {
                changes.add(new InsertRows(table, sources, updates));
            } else {
                changes.add(new NotUnderstood("a part of MERGE: " + operation));
            }
        }
        return changes;
    }

    /** A query changes nothing. On PostgreSQL it may call what does, and then it is for PostgreSQL's own grammar to say. */
    private SchemaChange select(Select select) throws SyntaxException {
        if (select instanceof PlainSelect plain
                && plain.getIntoTables() != null
                && !plain.getIntoTables().isEmpty()) {
            ObjectName table = name(plain.getIntoTables().get(0));
            boolean isTemporary = table.name().startsWith("#");
            return new CreateTable(
                    table, List.of(), List.of(), List.of(), null, null, select.toString(), false, false, isTemporary);
        }
        if (dialect == SqlDialect.POSTGRESQL && select.toString().contains("(")) {
            throw new SyntaxException("what the query calls is not known here");
        }
        return new NoEffect("a query");
    }

    private SchemaChange createTable(net.sf.jsqlparser.statement.create.table.CreateTable table)
            throws SyntaxException {
        List<ColumnDefinition> columns = table.getColumnDefinitions();
        boolean isOfQuery = table.getSelect() != null
                && (columns == null || columns.isEmpty())
                && (table.getIndexes() == null || table.getIndexes().isEmpty());
        List<String> options = table.getCreateOptionsStrings() == null ? List.of() : table.getCreateOptionsStrings();
        boolean isTemporary =
                options.stream().anyMatch(word -> word.equalsIgnoreCase("TEMPORARY") || word.equalsIgnoreCase("TEMP"));
        if (!isOfQuery) {
            throw new SyntaxException("JSqlParser's tree of a table leaves parts of it out");
        }
        return new CreateTable(
                name(table.getTable()),
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                table.getSelect().toString(),
                table.isIfNotExists(),
                table.isOrReplace(),
                isTemporary);
    }

    // Names.

    private void joined(Map<String, ObjectName> aliases, @Nullable List<Join> joins) {
        if (joins != null) {
            joins.forEach(join -> alias(aliases, join.getFromItem()));
        }
    }

    private void alias(Map<String, ObjectName> aliases, FromItem item) {
        if (item instanceof Table table) {
            String called = table.getAlias() == null
                    ? table.getName()
                    : table.getAlias().getName();
            // The name that is to be updated may be an alias itself: what is joined under it comes later, and counts.
            aliases.put(folding.name(called), name(table));
        }
    }

    private ObjectName resolved(Map<String, ObjectName> aliases, Table table) {
        ObjectName name = name(table);
        ObjectName named = name.schema().isEmpty() ? aliases.get(folding.name(table.getName())) : null;
        return named == null ? name : named;
    }

    private ObjectName name(Table table) {
        return Queries.name(table, folding);
    }

    private static String where(@Nullable Expression condition) {
        return condition == null ? "" : condition.toString();
    }
}
