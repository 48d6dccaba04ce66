package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AddColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.AddConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AttachPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.DetachPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.DropConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.DropDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.DropPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.OnlineMode;
import io.github.rollback4j.migrations.schema.SchemaChange.RedefineColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.TruncatePartition;
import io.github.rollback4j.migrations.schema.SchemaChange.TruncateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the specifications of an {@code ALTER TABLE} of MySQL or MariaDB change. */
final class MySqlAlterTable {

    private final MySqlDefinitions definitions;
    private final List<SchemaChange> changes = new ArrayList<>();
    private ObjectName table = ObjectName.of("?");
    private String algorithm = "";
    private String lock = "";

    MySqlAlterTable(boolean isMariaDb) {
        this.definitions = new MySqlDefinitions(isMariaDb);
    }

    /** Reads the rule {@code alterTable}. */
    List<SchemaChange> of(SyntaxTree tree) {
        table = MySqlNames.object(tree.one("tableName"));
        if (tree.has("IGNORE")) {
            not("rows that stand in the way are deleted: ALTER IGNORE TABLE");
        }
        tree.all("alterSpecification").forEach(this::read);
        SyntaxTree partitions = tree.first("partitionDefinitions");
        if (partitions != null) {
            partitionBy(partitions);
        }
        if (!algorithm.isEmpty() || !lock.isEmpty()) {
            changes.add(0, new OnlineMode(table, algorithm, lock));
        }
        if (changes.isEmpty()) {
            changes.add(new NoEffect("ALTER TABLE without a specification"));
        }
        return List.copyOf(changes);
    }

    private void read(SyntaxTree tree) {
        switch (tree.form()) {
            case "alterByTableOption" -> tree.all("tableOption").forEach(this::option);
            case "alterByAddColumn" -> {
                List<SyntaxTree> names = tree.all("uid");
                addColumn(MySqlNames.folded(names.get(0)), tree.one("columnDefinition"), tree, position(tree, 1));
            }
            case "alterByAddColumns" -> {
                List<SyntaxTree> names = tree.all("uid");
                List<SyntaxTree> columns = tree.all("columnDefinition");
                for (int i = 0; i < names.size(); i++) {
                    addColumn(MySqlNames.folded(names.get(i)), columns.get(i), tree, "");
                }
            }
            case "alterByAddDefinitions" ->
                tree.all("createDefinition").forEach(definition -> addDefinition(definition, tree));
            case "alterByAddIndex", "alterByAddUniqueKey", "alterByAddSpecialIndex" ->
                add(MySqlChanges.index(table, tree, tree.has("ifNotExists")));
            case "alterByAddPrimaryKey", "alterByAddForeignKey", "alterByAddCheckTableConstraint" -> {
                Constraint constraint = definitions.constraint(tree);
                if (constraint == null) {
                    not(tree.text());
                } else {
                    add(new AddConstraint(table, constraint));
                }
            }
            case "alterByNotExistingPrimaryKey" ->
                add(new AddConstraint(
                        table, Constraint.of(Kind.PRIMARY_KEY, "", List.of(MySqlNames.folded(tree.one("uid"))))));
            case "alterByAlterCheckTableConstraint" -> {
                List<SyntaxTree> names = tree.all("uid");
                if (names.size() == 1 && tree.has("ENFORCED")) {
                    add(new AlterConstraint(table, MySqlNames.folded(names.get(0)), null, !tree.has("NOT")));
                } else {
                    not(tree.text());
                }
            }
            case "alterBySetAlgorithm" -> algorithm = MySqlChanges.after(tree, "ALGORITHM");
            case "alterByLock" -> lock = MySqlChanges.after(tree, "LOCK");
            case "alterByChangeDefault", "alterByAlterColumnDefault" -> changeDefault(tree);
            case "alterByChangeColumn" -> {
                List<SyntaxTree> names = tree.all("uid");
                redefine(MySqlNames.folded(names.get(0)), MySqlNames.folded(names.get(1)), tree, position(tree, 2));
            }
            case "alterByModifyColumn" -> {
                String name = MySqlNames.folded(tree.all("uid").get(0));
                redefine(name, name, tree, position(tree, 1));
            }
            case "alterByRenameColumn" -> {
                List<SyntaxTree> names = tree.all("uid");
                add(new RenameColumn(table, MySqlNames.folded(names.get(0)), MySqlNames.folded(names.get(1))));
            }
            case "alterByDropColumn" ->
                add(new DropColumn(table, MySqlNames.folded(tree.one("uid")), tree.has("ifExists"), false));
            case "alterByDropConstraintCheck" ->
                add(new DropConstraint(
                        table,
                        MySqlNames.folded(tree.one("uid")),
                        tree.has("CHECK") ? Kind.CHECK : null,
                        tree.has("ifExists"),
                        false));
            case "alterByDropPrimaryKey" -> add(new DropConstraint(table, "", Kind.PRIMARY_KEY, false, false));
            case "alterByDropForeignKey" ->
                add(new DropConstraint(
                        table, MySqlNames.folded(tree.one("uid")), Kind.FOREIGN_KEY, tree.has("ifExists"), false));
            case "alterByDropIndex" ->
                add(MySqlChanges.droppedIndex(table, MySqlNames.folded(tree.one("uid")), tree.has("ifExists")));
            case "alterByRenameIndex" -> {
                List<SyntaxTree> names = tree.all("uid");
                add(new Rename(
                        ObjectKind.INDEX,
                        table.named(MySqlNames.folded(names.get(0))),
                        table.named(MySqlNames.folded(names.get(1))),
                        table));
            }
            case "alterByRename" -> {
                SyntaxTree to = tree.first("fullId");
                ObjectName renamed = MySqlNames.object(to == null ? tree.one("uid") : to);
                add(new Rename(ObjectKind.TABLE, table, renamed, null));
            }
            case "alterByAlterIndexVisibility", "alterByAlterIndexIgnore" ->
                add(new NoEffect("whether queries are planned with an index"));
            case "alterByDisableKeys", "alterByEnableKeys" -> add(new NoEffect("indexes of MyISAM"));
            case "alterByValidate", "alterByDefaultCharset" -> add(new NoEffect(tree.text()));
            case "alterByOrder", "alterByForce" -> add(new RewriteTable(table, tree.text(), false));
            case "alterByConvertCharset" -> add(new RewriteTable(table, tree.text(), true));
            case "alterPartition" -> partition(tree.one("alterPartitionSpecification"));
            default -> not("what ALTER TABLE " + tree.text() + " does is not known here");
        }
    }

    // Columns.

    private void addColumn(String name, SyntaxTree definition, SyntaxTree specification, String position) {
        MySqlDefinitions.Column column = definitions.column(name, definition);
        add(new AddColumn(table, column.definition(), specification.has("ifNotExists"), position));
        // Nobody has read a new column yet: that it is invisible makes no difference.
        column.notUnderstood().stream()
                .filter(part -> !part.startsWith("an invisible"))
                .forEach(this::not);
    }

    private void addDefinition(SyntaxTree definition, SyntaxTree specification) {
        switch (definition.form()) {
            case "columnDeclaration" ->
                addColumn(
                        MySqlNames.column(definition.parts().get(0)),
                        definition.one("columnDefinition"),
                        specification,
                        "");
            case "indexDeclaration" -> add(MySqlChanges.index(table, definition.one("indexColumnDefinition"), false));
            case "constraintDeclaration" -> {
                SyntaxTree inside = definition.one("tableConstraint");
                Constraint constraint = definitions.constraint(inside);
                if (constraint == null) {
                    not(definition.text());
                } else if (constraint.kind() == Kind.UNIQUE) {
                    add(MySqlChanges.index(table, inside, false));
                } else {
                    boolean isEnforced = !(definition.has("NOT") && definition.has("ENFORCED"));
                    add(new AddConstraint(table, isEnforced ? constraint : MySqlDefinitions.notEnforced(constraint)));
                }
            }
            default -> not(definition.text());
        }
    }

    private void redefine(String from, String to, SyntaxTree tree, String position) {
        MySqlDefinitions.Column column = definitions.column(to, tree.one("columnDefinition"));
        add(new RedefineColumn(table, from, column.definition(), true, position, column.isNullable()));
        column.notUnderstood().forEach(this::not);
        if (column.isComputed()) {
            not("whether the column " + to + " is computed as before");
        }
    }

    private void changeDefault(SyntaxTree tree) {
        String column = MySqlNames.folded(tree.one("uid"));
        if (tree.has("DROP")) {
            add(new DropDefault(table, column));
        } else if (!tree.has("DEFAULT")) {
            not("whether SELECT * and INSERT without names see the column " + column);
        } else {
            List<SyntaxTree> parts = tree.parts();
            SyntaxTree value = tree.first("defaultValue");
            if (value != null) {
                add(new SetDefault(table, column, MySqlDefinitions.defaultValue(value)));
            } else {
                SyntaxTree expression = tree.first("expression");
                add(new SetDefault(
                        table,
                        column,
                        expression == null ? parts.get(parts.size() - 1).text() : "(" + expression.text() + ")"));
            }
        }
    }

    private static String position(SyntaxTree tree, int nameOfOther) {
        if (tree.has("FIRST")) {
            return "first";
        }
        return tree.has("AFTER") ? MySqlNames.folded(tree.all("uid").get(nameOfOther)) : "";
    }

    // Storage.

    private void option(SyntaxTree option) {
        switch (option.form()) {
            case "tableOptionEngine" -> {
                add(new RewriteTable(table, option.text(), false));
                SyntaxTree engine = option.first("engineName");
                if (engine == null || !engine.text().replaceAll("['`\"]", "").equalsIgnoreCase("innodb")) {
                    not("what the engine keeps of transactions, keys and rows: " + option.text());
                }
            }
            case "tableOptionRowFormat",
                    "tableOptionKeyBlockSize",
                    "tableOptionEncryption",
                    "tableOptionEncrypted",
                    "tableOptionTablespace",
                    "tableOptionChecksum",
                    "tableOptionPackKeys",
                    "tableOptionPageCompressed",
                    "tableOptionTransactional" -> add(new RewriteTable(table, option.text(), false));
            case "tableOptionAutoIncrement",
                    "tableOptionComment",
                    "tableOptionCharset",
                    "tableOptionCollate",
                    "tableOptionAverage",
                    "tableOptionCompression",
                    "tableOptionPageCompressionLevel",
                    "tableOptionEncryptionKeyId",
                    "tableOptionDelay",
                    "tableOptionMaxRows",
                    "tableOptionMinRows",
                    "tableOptionPassword",
                    "tableOptionEngineAttribute",
                    "tableOptionSecondaryEngine",
                    "tableOptionSecondaryEngineAttribute",
                    "tableOptionAutoextendSize",
                    "tableOptionDataDirectory",
                    "tableOptionIndexDirectory",
                    "tableOptionRecalculation",
                    "tableOptionPersistent",
                    "tableOptionSamplePage" -> add(new NoEffect(option.text()));
            default -> not("what ALTER TABLE " + option.text() + " does is not known here");
        }
    }

    private void partitionBy(SyntaxTree partitions) {
        add(new RewriteTable(table, "PARTITION BY", false));
        String function = partitions.one("partitionFunctionDefinition").form();
        if (!function.equals("partitionFunctionHash") && !function.equals("partitionFunctionKey")) {
            not("which rows have no partition, and are refused");
        }
    }

    private void partition(SyntaxTree tree) {
        switch (tree.form()) {
            case "alterByAddPartition" ->
                tree.all("partitionDefinition")
                        .forEach(partition -> add(new AttachPartition(table, partitionName(partition.one("uid")))));
            case "alterByDropPartition" -> add(new DropPartition(table, partitions(tree)));
            case "alterByTruncatePartition" ->
                add(tree.has("ALL") ? new TruncateTable(table, false) : new TruncatePartition(table, partitions(tree)));
            case "alterByExchangePartition" -> {
                // The rows of the one become those of the other.
                add(new DetachPartition(table, partitionName(tree.one("uid")), false));
                add(new AttachPartition(table, MySqlNames.object(tree.one("tableName"))));
            }
            case "alterByCoalescePartition",
                    "alterByReorganizePartition",
                    "alterByOptimizePartition",
                    "alterByRebuildPartition",
                    "alterByRepairPartition",
                    "alterByRemovePartitioning" -> add(new RewriteTable(table, words(tree), false));
            case "alterByAnalyzePartition", "alterByCheckPartition", "alterByUpgradePartitioning" ->
                add(new NoEffect(words(tree)));
            default -> not("what ALTER TABLE " + tree.text() + " does is not known here");
        }
    }

    private static ObjectName partitionName(SyntaxTree uid) {
        return ObjectName.of(MySqlNames.folded(uid));
    }

    private static List<String> partitions(SyntaxTree tree) {
        return MySqlNames.foldedList(tree.one("uidList"));
    }

    private static String words(SyntaxTree tree) {
        return String.join(" ", tree.tokens().limit(2).toList()).toUpperCase(Locale.ROOT);
    }

    private void add(SchemaChange change) {
        changes.add(change);
    }

    private void not(String reason) {
        changes.add(new NotUnderstood(reason));
    }
}
