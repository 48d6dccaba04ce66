package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.UsedObjects.Call;
import io.github.rollback4j.migrations.reading.UsedObjects.Conflict;
import io.github.rollback4j.migrations.reading.UsedObjects.UnqualifiedColumn;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.NextValExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.ConflictActionType;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.insert.InsertConflictAction;
import net.sf.jsqlparser.statement.insert.InsertConflictTarget;
import net.sf.jsqlparser.statement.merge.Merge;
import net.sf.jsqlparser.statement.merge.MergeDelete;
import net.sf.jsqlparser.statement.merge.MergeInsert;
import net.sf.jsqlparser.statement.merge.MergeOperation;
import net.sf.jsqlparser.statement.merge.MergeUpdate;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SelectItemVisitor;
import net.sf.jsqlparser.statement.select.SelectVisitor;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import net.sf.jsqlparser.statement.upsert.Upsert;
import net.sf.jsqlparser.util.TablesNamesFinder;
import org.jspecify.annotations.Nullable;

/** Reads {@link UsedObjects} from JSqlParser's tree. */
final class UsageReader {

    private static final Pattern CALL = Pattern.compile(
            "(?is)\\s*\\{?\\s*(?:\\?\\s*=\\s*)?(?:call|exec|execute)\\s+([\\w$.\"`\\[\\]]+)\\s*(?:\\((.*)\\))?\\s*}?\\s*;?\\s*");

    private final SqlDialect dialect;
    private final Folding folding;
    private final Set<ObjectName> reads = new LinkedHashSet<>();
    private final Set<ObjectName> inserts = new LinkedHashSet<>();
    private final Set<ObjectName> updates = new LinkedHashSet<>();
    private final Set<ObjectName> deletes = new LinkedHashSet<>();
    private final Map<ObjectName, Set<String>> columns = new LinkedHashMap<>();
    private final Set<UnqualifiedColumn> unqualified = new LinkedHashSet<>();
    private final List<String> insertedColumns = new ArrayList<>();
    private final Set<String> updatedColumns = new LinkedHashSet<>();
    private final Set<Call> functions = new LinkedHashSet<>();
    private final Set<ObjectName> sequences = new LinkedHashSet<>();
    private final List<String> notUnderstood = new ArrayList<>();
    private boolean selectsStar;
    private boolean insertsWithoutNames;
    private Conflict conflict = new Conflict(List.of(), "", Conflict.Kind.FAIL);

    UsageReader(SqlDialect dialect) {
        this.dialect = dialect;
        this.folding = Folding.of(dialect);
    }

    UsedObjects read(String sql) {
        Matcher call = CALL.matcher(sql);
        if (call.matches()) {
            call(call.group(1), call.group(2));
        } else if (!mergeByKey(sql)) {
            parse(sql);
        }
        return new UsedObjects(
                reads,
                inserts,
                updates,
                deletes,
                columns,
                unqualified,
                selectsStar,
                insertedColumns,
                insertsWithoutNames,
                updatedColumns,
                conflict,
                functions,
                sequences,
                notUnderstood);
    }

    private void parse(String sql) {
        try {
            statement(Queries.parse(sql, dialect));
        } catch (Grammar.SyntaxException exception) {
            notUnderstood.add(String.valueOf(exception.getMessage()));
        } catch (RuntimeException exception) {
            // JSqlParser's visitors do not know all of its own tree.
            notUnderstood.add("a part of the statement cannot be read: " + exception.getMessage());
        }
    }

    private void call(String name, @Nullable String arguments) {
        try {
            ObjectName called = Words.of(name, folding).object();
            int count = 0;
            if (arguments != null && !arguments.isBlank()) {
                Words words = Words.of(arguments, folding);
                do {
                    words.until(",");
                    count++;
                } while (words.take(","));
                words.expectEnd();
            }
            functions.add(new Call(called, count));
        } catch (Words.UnexpectedWordException exception) {
            notUnderstood.add(String.valueOf(exception.getMessage()));
        }
    }

    /** {@code MERGE INTO … KEY (…)} of H2, which JSqlParser does not know. */
    private boolean mergeByKey(String sql) {
        if (dialect != SqlDialect.H2 || !sql.strip().regionMatches(true, 0, "MERGE INTO", 0, 10)) {
            return false;
        }
        try {
            Words words = Words.of(sql, folding);
            words.expect("MERGE", "INTO");
            ObjectName table = words.object();
            List<String> named = words.isNext("(") ? words.columns() : List.of();
            if (!words.isNext("KEY") && !words.isNext("VALUES")) {
                return false;
            }
            List<String> keys = words.take("KEY") ? words.columns() : List.of();
            inserts.add(table);
            updates.add(table);
            insertedColumns.addAll(named);
            insertsWithoutNames = named.isEmpty();
            named.forEach(column -> column(table, column));
            keys.forEach(column -> column(table, column));
            conflict = new Conflict(keys, "", Conflict.Kind.UPDATE);
            if (!words.isNext("VALUES")) {
                notUnderstood.add("the query of MERGE: " + words.rest());
            }
            return true;
        } catch (Words.UnexpectedWordException exception) {
            return false;
        }
    }

    private void statement(Statement statement) {
        Walk walk = new Walk();
        if (statement instanceof Insert insert) {
            walk.insert(insert);
        } else if (statement instanceof Upsert upsert) {
            walk.upsert(upsert);
        } else if (statement instanceof Update update) {
            walk.update(update);
        } else if (statement instanceof Delete delete) {
            walk.delete(delete);
        } else if (statement instanceof Merge merge) {
            walk.merge(merge);
        } else if (statement instanceof Select select) {
            walk.select(select);
        } else {
            notUnderstood.add("a " + statement.getClass().getSimpleName());
        }
    }

    private void column(ObjectName table, String column) {
        columns.computeIfAbsent(table, key -> new LinkedHashSet<>()).add(column);
    }

    /** The tables that names can be of, from the innermost query outwards. */
    private static final class Scope {

        /** By their aliases; a query in place of a table has none. */
        final Map<String, @Nullable ObjectName> tables = new LinkedHashMap<>();

        /** The names of what is selected, which {@code ORDER BY} may use. */
        final Set<String> aliases = new HashSet<>();

        boolean hasQueries;
    }

    private final class Walk extends TablesNamesFinder<Void> {

        private final Deque<Scope> scopes = new ArrayDeque<>();
        private final Set<String> named = new HashSet<>();

        Walk() {
            init(false);
        }

        // Statements.

        void select(Select select) {
            select.accept((SelectVisitor<?>) this, null);
        }

        void insert(Insert insert) {
            ObjectName table = Queries.name(insert.getTable(), folding);
            inserts.add(table);
            with(insert.getWithItemsList());
            Scope scope = new Scope();
            scope.tables.put("EXCLUDED", table);
            scope.tables.put("excluded", table);
            target(scope, insert.getTable());
            names(table, insert.getColumns(), insert.getSetUpdateSets());
            if (insert.getSelect() != null) {
                insert.getSelect().accept((SelectVisitor<?>) this, null);
            }
            scopes.push(scope);
            if (insert.getSetUpdateSets() != null) {
                insert.getSetUpdateSets().forEach(set -> set.getValues().accept(this, null));
            }
            conflict(table, insert);
            if (insert.getReturningClause() != null) {
                insert.getReturningClause().forEach(item -> item.accept((SelectItemVisitor<?>) this, null));
            }
            scopes.pop();
        }

        private void names(ObjectName table, @Nullable ExpressionList<Column> list, @Nullable List<UpdateSet> sets) {
            if (list != null) {
                list.forEach(column -> inserted(table, column));
            }
            if (sets != null) {
                sets.forEach(set -> set.getColumns().forEach(column -> inserted(table, column)));
            }
            insertsWithoutNames = (list == null || list.isEmpty()) && (sets == null || sets.isEmpty());
        }

        private void inserted(ObjectName table, Column column) {
            String name = folding.name(column.getColumnName());
            insertedColumns.add(name);
            column(table, name);
        }

        private void conflict(ObjectName table, Insert insert) {
            if (insert.isModifierIgnore()) {
                conflict = new Conflict(List.of(), "", Conflict.Kind.IGNORE);
            }
            if (insert.getDuplicateUpdateSets() != null
                    && !insert.getDuplicateUpdateSets().isEmpty()) {
                conflict = new Conflict(List.of(), "", Conflict.Kind.UPDATE_BY_ANY_KEY);
                updates.add(table);
                sets(table, insert.getDuplicateUpdateSets());
            }
            InsertConflictAction action = insert.getConflictAction();
            if (action == null) {
                return;
            }
            InsertConflictTarget arbiter = insert.getConflictTarget();
            List<String> keys = new ArrayList<>();
            String constraint = "";
            if (arbiter != null) {
                if (arbiter.getConstraintName() != null) {
                    constraint = folding.name(arbiter.getConstraintName());
                }
                arbiter.getIndexColumnNames().forEach(name -> keys.add(folding.name(name)));
                if (arbiter.getIndexExpression() != null) {
                    keys.add(arbiter.getIndexExpression().toString());
                }
                visitAll(arbiter.getWhereExpression());
            }
            keys.stream().filter(key -> !key.contains("(")).forEach(key -> column(table, key));
            boolean isUpdate = action.getConflictActionType() == ConflictActionType.DO_UPDATE;
            conflict = new Conflict(keys, constraint, isUpdate ? Conflict.Kind.UPDATE : Conflict.Kind.IGNORE);
            if (isUpdate) {
                updates.add(table);
                sets(table, action.getUpdateSets());
                visitAll(action.getWhereExpression());
            }
        }

        void upsert(Upsert upsert) {
            ObjectName table = Queries.name(upsert.getTable(), folding);
            inserts.add(table);
            updates.add(table);
            names(table, upsert.getColumns(), upsert.getUpdateSets());
            conflict = new Conflict(List.of(), "", Conflict.Kind.UPDATE_BY_ANY_KEY);
            Scope scope = new Scope();
            target(scope, upsert.getTable());
            if (upsert.getSelect() != null) {
                upsert.getSelect().accept((SelectVisitor<?>) this, null);
            }
            scopes.push(scope);
            if (upsert.getUpdateSets() != null) {
                upsert.getUpdateSets().forEach(set -> set.getValues().accept(this, null));
            }
            if (upsert.getDuplicateUpdateSets() != null) {
                sets(table, upsert.getDuplicateUpdateSets());
            }
            scopes.pop();
        }

        void update(Update update) {
            with(update.getWithItemsList());
            Scope scope = new Scope();
            target(scope, update.getTable());
            ofJoins(scope, update.getStartJoins());
            of(scope, update.getFromItem());
            ofJoins(scope, update.getJoins());
            scopes.push(scope);
            joins(update.getStartJoins());
            visitItem(update.getFromItem());
            joins(update.getJoins());
            boolean isOfSeveral =
                    update.getStartJoins() != null && !update.getStartJoins().isEmpty();
            ObjectName target = resolved(scope, update.getTable());
            if (target == null) {
                notUnderstood.add("what is updated: " + update.getTable());
            } else if (isOfSeveral) {
                update.getUpdateSets().forEach(this::setOfSeveral);
            } else {
                updates.add(target);
                sets(target, update.getUpdateSets());
            }
            scope.tables.values().stream()
                    .filter(table -> table != null && !table.equals(target))
                    .forEach(reads::add);
            visitAll(update.getWhere());
            order(update.getOrderByElements());
            if (update.getReturningClause() != null) {
                update.getReturningClause().forEach(item -> item.accept((SelectItemVisitor<?>) this, null));
            }
            scopes.pop();
        }

        private void setOfSeveral(UpdateSet set) {
            for (Column column : set.getColumns()) {
                visitAll(column);
                updatedColumns.add(folding.name(column.getColumnName()));
                Scope scope = scopes.peek();
                Table qualifier = column.getTable();
                ObjectName table = qualifier == null || scope == null
                        ? null
                        : scope.tables.get(folding.object(qualifier.getName()));
                if (table == null) {
                    notUnderstood.add("which table has the column " + column);
                } else {
                    updates.add(table);
                }
            }
            set.getValues().accept(this, null);
        }

        private void sets(ObjectName table, List<UpdateSet> sets) {
            for (UpdateSet set : sets) {
                for (Column column : set.getColumns()) {
                    String name = folding.name(column.getColumnName());
                    updatedColumns.add(name);
                    column(table, name);
                }
                set.getValues().accept(this, null);
            }
        }

        void delete(Delete delete) {
            with(delete.getWithItemsList());
            Scope scope = new Scope();
            if (delete.getTable() != null) {
                target(scope, delete.getTable());
            }
            if (delete.getUsingFromItemList() != null) {
                delete.getUsingFromItemList().forEach(item -> of(scope, item));
            }
            ofJoins(scope, delete.getJoins());
            scopes.push(scope);
            boolean isOfSeveral =
                    delete.getTables() != null && !delete.getTables().isEmpty();
            for (Table target : isOfSeveral ? delete.getTables() : List.of(delete.getTable())) {
                ObjectName table = resolved(scope, target);
                if (table == null) {
                    notUnderstood.add("what is deleted from: " + target);
                } else {
                    deletes.add(table);
                }
            }
            scope.tables.values().stream()
                    .filter(table -> table != null && !deletes.contains(table))
                    .forEach(reads::add);
            if (delete.getUsingFromItemList() != null) {
                delete.getUsingFromItemList().forEach(this::visitItem);
            }
            joins(delete.getJoins());
            visitAll(delete.getWhere());
            order(delete.getOrderByElements());
            if (delete.getReturningClause() != null) {
                delete.getReturningClause().forEach(item -> item.accept((SelectItemVisitor<?>) this, null));
            }
            scopes.pop();
        }

        void merge(Merge merge) {
            with(merge.getWithItemsList());
            ObjectName table = Queries.name(merge.getTable(), folding);
            Scope scope = new Scope();
            target(scope, merge.getTable());
            of(scope, merge.getFromItem());
            visitItem(merge.getFromItem());
            scopes.push(scope);
            visitAll(merge.getOnCondition());
            for (MergeOperation operation : merge.getOperations()) {
                if (operation instanceof MergeUpdate update) {
                    updates.add(table);
                    sets(table, update.getUpdateSets());
                    visitAll(update.getAndPredicate());
                    visitAll(update.getWhereCondition());
                    if (update.getDeleteWhereCondition() != null) {
                        deletes.add(table);
                        visitAll(update.getDeleteWhereCondition());
                    }
                } else if (operation instanceof MergeInsert insert) {
                    inserts.add(table);
                    names(table, insert.getColumns(), null);
                    insert.getValues().accept(this, null);
                    visitAll(insert.getAndPredicate());
                    visitAll(insert.getWhereCondition());
                } else if (operation instanceof MergeDelete) {
                    deletes.add(table);
                } else {
                    notUnderstood.add("a part of MERGE: " + operation);
                }
            }
            conflict = new Conflict(List.of(), "", Conflict.Kind.UPDATE_BY_ANY_KEY);
            scopes.pop();
        }

        private void with(@Nullable List<WithItem<?>> items) {
            if (items != null) {
                items.forEach(this::item);
            }
        }

        // Queries.

        @Override
        public <S> Void visit(WithItem<?> item, S context) {
            item(item);
            return null;
        }

        private void item(WithItem<?> item) {
            named.add(folding.object(item.getAliasName()));
            Object inside = item.getParenthesedStatement();
            if (!(inside instanceof Select select)) {
                notUnderstood.add("a statement within WITH: " + item.getAliasName());
                return;
            }
            select(select);
        }

        @Override
        public <S> Void visit(PlainSelect select, S context) {
            with(select.getWithItemsList());
            Scope scope = new Scope();
            of(scope, select.getFromItem());
            ofJoins(scope, select.getJoins());
            select.getSelectItems().stream()
                    .filter(item -> item.getAlias() != null)
                    .forEach(item ->
                            scope.aliases.add(folding.name(item.getAlias().getName())));
            scopes.push(scope);
            scope.tables.values().stream().filter(java.util.Objects::nonNull).forEach(reads::add);
            Set<String> aliases = new HashSet<>(scope.aliases);
            // An alias is not known where the rows are chosen.
            scope.aliases.clear();
            select.getSelectItems().forEach(item -> item.accept((SelectItemVisitor<?>) this, context));
            visitItem(select.getFromItem());
            joins(select.getJoins());
            visitAll(select.getWhere());
            scope.aliases.addAll(aliases);
            if (select.getDistinct() != null && select.getDistinct().getOnSelectItems() != null) {
                select.getDistinct()
                        .getOnSelectItems()
                        .forEach(item -> item.accept((SelectItemVisitor<?>) this, context));
            }
            if (select.getGroupBy() != null && select.getGroupBy().getGroupByExpressionList() != null) {
                for (Object expression : select.getGroupBy().getGroupByExpressionList()) {
                    visitAll((Expression) expression);
                }
            }
            visitAll(select.getHaving());
            visitAll(select.getQualify());
            order(select.getOrderByElements());
            if (select.getOracleHierarchical() != null) {
                select.getOracleHierarchical().accept(this, context);
            }
            scopes.pop();
            return null;
        }

        @Override
        public <S> Void visit(SetOperationList list, S context) {
            with(list.getWithItemsList());
            list.getSelects().forEach(select -> select.accept((SelectVisitor<?>) this, context));
            // ORDER BY names what is selected, of whatever table.
            return null;
        }

        private void order(@Nullable List<OrderByElement> elements) {
            if (elements != null) {
                elements.forEach(element -> visitAll(element.getExpression()));
            }
        }

        private void joins(@Nullable List<Join> joins) {
            if (joins == null) {
                return;
            }
            for (Join join : joins) {
                visitItem(join.getFromItem());
                join.getOnExpressions().forEach(this::visitAll);
                join.getUsingColumns().forEach(column -> {
                    String name = folding.name(column.getColumnName());
                    Scope scope = scopes.peek();
                    if (scope != null) {
                        // Of both sides, at least.
                        unqualified.add(new UnqualifiedColumn(name, candidates(scope)));
                    }
                });
            }
        }

        private void visitItem(@Nullable FromItem item) {
            if (item != null && !(item instanceof Table)) {
                item.accept(this, null);
            }
        }

        private void visitAll(@Nullable Expression expression) {
            if (expression != null) {
                expression.accept(this, null);
            }
        }

        // Tables in question.

        private void ofJoins(Scope scope, @Nullable List<Join> joins) {
            if (joins != null) {
                joins.forEach(join -> of(scope, join.getFromItem()));
            }
        }

        private void of(Scope scope, @Nullable FromItem item) {
            if (item instanceof Table table) {
                target(scope, table);
            } else if (item != null) {
                scope.hasQueries = true;
                if (item.getAlias() != null) {
                    scope.tables.put(folding.object(item.getAlias().getName()), null);
                }
            }
        }

        private void target(Scope scope, Table table) {
            ObjectName name = Queries.name(table, folding);
            String called = table.getAlias() == null
                    ? name.name()
                    : folding.object(table.getAlias().getName());
            boolean isQuery = name.schema().isEmpty() && named.contains(name.name());
            boolean isAliasOfOther =
                    scope.tables.containsKey(called) && table.getAlias() == null && scope.tables.get(called) != null;
            scope.hasQueries |= isQuery;
            if (!isAliasOfOther && !isSystem(name)) {
                scope.tables.put(called, isQuery ? null : name);
            }
        }

        private boolean isSystem(ObjectName name) {
            return name.schema().isEmpty() && name.name().equalsIgnoreCase("dual");
        }

        /** Returns what is meant by the name of a table that is written to, which may be an alias; null where it is a query. */
        private @Nullable ObjectName resolved(Scope scope, Table table) {
            ObjectName name = Queries.name(table, folding);
            return name.schema().isEmpty() && scope.tables.containsKey(name.name())
                    ? scope.tables.get(name.name())
                    : name;
        }

        private List<ObjectName> candidates(Scope innermost) {
            Set<ObjectName> candidates = new LinkedHashSet<>();
            boolean isReached = false;
            for (Scope scope : scopes) {
                isReached |= scope == innermost;
                if (isReached) {
                    scope.tables.forEach((alias, table) -> {
                        if (table != null) {
                            candidates.add(table);
                        }
                    });
                }
            }
            return List.copyOf(candidates);
        }

        // Names.

        @Override
        public <S> Void visit(Table table, S context) {
            return null;
        }

        @Override
        public <S> Void visit(Column column, S context) {
            String name = folding.name(column.getColumnName());
            Table qualifier = column.getTable();
            if (qualifier != null && qualifier.getName() != null) {
                qualified(name, qualifier);
                return null;
            }
            Scope innermost = scopes.peek();
            if (innermost == null || innermost.aliases.contains(name) || isKeyword(name)) {
                return null;
            }
            boolean isSure =
                    scopes.size() == 1 && !innermost.hasQueries && new HashSet<>(innermost.tables.values()).size() == 1;
            if (isSure) {
                column(candidates(innermost).get(0), name);
            } else if (!(innermost.tables.isEmpty() && scopes.size() == 1)) {
                unqualified.add(new UnqualifiedColumn(name, candidates(innermost)));
            }
            return null;
        }

        private boolean isKeyword(String name) {
            return Set.of("default", "true", "false", "sysdate", "rownum", "level", "current_user")
                    .contains(name.toLowerCase(Locale.ROOT));
        }

        private void qualified(String name, Table qualifier) {
            ObjectName written = Queries.name(qualifier, folding);
            boolean isSequence = name.equalsIgnoreCase("nextval") || name.equalsIgnoreCase("currval");
            for (Scope scope : scopes) {
                if (written.schema().isEmpty() && scope.tables.containsKey(written.name())) {
                    ObjectName table = scope.tables.get(written.name());
                    if (table != null) {
                        column(table, name);
                    }
                    return;
                }
                if (scope.tables.containsValue(written)) {
                    column(written, name);
                    return;
                }
            }
            if (isSequence) {
                sequences.add(written);
            } else {
                notUnderstood.add("whose column " + qualifier + "." + name + " is");
            }
        }

        @Override
        public <S> Void visit(AllColumns all, S context) {
            selectsStar = true;
            return null;
        }

        @Override
        public <S> Void visit(AllTableColumns all, S context) {
            selectsStar = true;
            return null;
        }

        @Override
        public <S> Void visit(SelectItem<?> item, S context) {
            visitAll(item.getExpression());
            return null;
        }

        @Override
        public <S> Void visit(Function function, S context) {
            List<String> path = function.getMultipartName();
            String last = folding.name(path.get(path.size() - 1));
            String schema = path.size() > 1 ? folding.object(path.get(path.size() - 2)) : "";
            ExpressionList<?> arguments = function.getParameters();
            int count = arguments == null ? 0 : arguments.size();
            boolean isStar = count == 1 && arguments != null && arguments.get(0) instanceof AllColumns;
            boolean isSequence = last.equalsIgnoreCase("nextval")
                    || last.equalsIgnoreCase("currval")
                    || last.equalsIgnoreCase("setval")
                    || last.equalsIgnoreCase("lastval");
            if (isSequence && arguments != null && count > 0) {
                sequence(arguments.get(0));
                return null;
            }
            functions.add(new Call(new ObjectName(schema, last), count));
            if (arguments != null && !isStar) {
                arguments.forEach(argument -> argument.accept(this, context));
            }
            return null;
        }

        @Override
        public <S> Void visit(AnalyticExpression analytic, S context) {
            int count = analytic.getExpression() == null ? 0 : 1;
            functions.add(new Call(ObjectName.of(folding.name(analytic.getName())), count));
            visitAll(analytic.getExpression());
            visitAll(analytic.getDefaultValue());
            visitAll(analytic.getOffset());
            visitAll(analytic.getFilterExpression());
            if (analytic.getPartitionExpressionList() != null) {
                analytic.getPartitionExpressionList().forEach(part -> visitAll((Expression) part));
            }
            order(analytic.getOrderByElements());
            order(analytic.getFuncOrderBy());
            return null;
        }

        private void sequence(Object argument) {
            if (argument instanceof StringValue text) {
                try {
                    sequences.add(Words.of(text.getValue(), folding).object());
                } catch (Words.UnexpectedWordException exception) {
                    notUnderstood.add("the sequence " + text);
                }
            } else if (argument instanceof Column column) {
                Table qualifier = column.getTable();
                String schema =
                        qualifier == null || qualifier.getName() == null ? "" : folding.object(qualifier.getName());
                sequences.add(new ObjectName(schema, folding.object(column.getColumnName())));
            } else {
                notUnderstood.add("the sequence " + argument);
            }
        }

        @Override
        public <S> Void visit(NextValExpression next, S context) {
            List<String> names = next.getNameList();
            String last = folding.object(names.get(names.size() - 1));
            sequences.add(new ObjectName(names.size() > 1 ? folding.object(names.get(names.size() - 2)) : "", last));
            return null;
        }
    }
}
