package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AddColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.AddConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.DropConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.EnableTrigger;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.RedefineColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.SetGeneration;
import java.util.ArrayList;
import java.util.List;

/** What an {@code ALTER TABLE} of H2 or SQL Server changes. */
final class WordAlterTable {

    private final Words words;
    private final boolean isSqlServer;
    private final WordDefinitions definitions;
    private final List<SchemaChange> changes = new ArrayList<>();
    private ObjectName table = ObjectName.of("?");

    WordAlterTable(Words words, SqlDialect dialect) {
        this.words = words;
        this.isSqlServer = dialect == SqlDialect.SQLSERVER;
        this.definitions = new WordDefinitions(words, dialect);
    }

    /** Reads what stands behind {@code ALTER TABLE}. */
    List<SchemaChange> read() {
        words.take("IF", "EXISTS");
        table = words.object();
        if (words.take("WITH", "NOCHECK")) {
            withCheck(false);
        } else if (words.take("WITH", "CHECK")) {
            withCheck(true);
        } else if (words.take("ADD")) {
            add(true);
        } else if (words.take("DROP")) {
            drop();
        } else if (words.take("ALTER")) {
            words.take("COLUMN");
            alterColumn();
        } else if (words.take("RENAME")) {
            rename();
        } else if (words.isNext("CHECK", "CONSTRAINT") || words.isNext("NOCHECK", "CONSTRAINT")) {
            enforce();
        } else if (words.isNext("ENABLE", "TRIGGER") || words.isNext("DISABLE", "TRIGGER")) {
            boolean isEnabled = words.next().is("ENABLE");
            words.expect("TRIGGER");
            do {
                add(new EnableTrigger(table, words.take("ALL") ? "all" : words.name(), isEnabled));
            } while (words.take(","));
        } else if (words.take("SET", "REFERENTIAL_INTEGRITY")) {
            referentialIntegrity();
        } else if (isSqlServer && words.take("REBUILD")) {
            if (words.take("WITH")) {
                words.inBrackets();
            }
            add(new RewriteTable(table, "REBUILD", false));
        } else {
            throw words.unexpected();
        }
        words.expectEnd();
        return List.copyOf(changes);
    }

    // ADD.

    private void withCheck(boolean isValidated) {
        if (words.take("ADD")) {
            add(isValidated);
        } else if (words.isNext("CHECK", "CONSTRAINT")) {
            words.next();
            words.next();
            if (words.isNext("ALL")) {
                throw words.unexpected();
            }
            String name = words.name();
            add(new AlterConstraint(table, name, null, true));
            if (isValidated) {
                add(new SchemaChange.ValidateConstraint(table, name));
            }
        } else {
            throw words.unexpected();
        }
    }

    private void add(boolean isValidated) {
        boolean isInBrackets = words.isNext("(");
        if (isInBrackets) {
            words.next();
        }
        do {
            addOne(isValidated);
        } while (words.take(","));
        if (isInBrackets) {
            words.expect(")");
        }
    }

    private void addOne(boolean isValidated) {
        if (isSqlServer && (words.isNext("DEFAULT") || isNamedDefault())) {
            if (words.take("CONSTRAINT")) {
                words.name();
            }
            words.expect("DEFAULT");
            String value = definitions.defaultValue();
            words.expect("FOR");
            add(new SetDefault(table, words.name(), value));
            words.take("WITH", "VALUES");
        } else if (definitions.isConstraintNext()) {
            Constraint constraint = definitions.constraint(List.of());
            add(new AddConstraint(table, isValidated ? constraint : WordDefinitions.unvalidated(constraint)));
        } else {
            words.take("COLUMN");
            boolean ifNotExists = words.take("IF", "NOT", "EXISTS");
            WordDefinitions.Column column = definitions.column();
            String position = "";
            if (words.take("FIRST")) {
                position = "first";
            } else if (words.take("AFTER")) {
                position = words.name();
            } else if (words.take("BEFORE")) {
                // What stands before the other column is not known here, but that it is not the end.
                words.name();
                position = "first";
            }
            add(new AddColumn(table, column.definition(), ifNotExists, position));
        }
    }

    private boolean isNamedDefault() {
        Words.Word word = words.peek(2);
        return words.isNext("CONSTRAINT") && word != null && word.is("DEFAULT");
    }

    // DROP, RENAME.

    private void drop() {
        boolean isConstraint = false;
        do {
            if (words.take("PRIMARY", "KEY")) {
                add(new DropConstraint(table, "", Kind.PRIMARY_KEY, false, false));
                continue;
            }
            if (words.take("CONSTRAINT")) {
                isConstraint = true;
            } else if (words.take("COLUMN")) {
                isConstraint = false;
            } else if (isSqlServer && !isConstraint && changes.isEmpty()) {
                // Without a word between, it is a constraint.
                isConstraint = true;
            }
            boolean ifExists = words.take("IF", "EXISTS");
            boolean isInBrackets = words.take("(");
            do {
                String name = words.name();
                boolean cascade = words.take("CASCADE");
                words.take("RESTRICT");
                add(
                        isConstraint
                                ? new DropConstraint(table, name, null, ifExists, cascade)
                                : new DropColumn(table, name, ifExists, cascade));
            } while (isInBrackets && words.take(","));
            if (isInBrackets) {
                words.expect(")");
            }
            if (isSqlServer && words.take("WITH")) {
                words.inBrackets();
            }
        } while (words.take(","));
    }

    private void rename() {
        if (words.take("TO")) {
            add(new Rename(ObjectKind.TABLE, table, words.object().in(table.schema()), null));
            return;
        }
        boolean isConstraint = words.take("CONSTRAINT");
        if (!isConstraint) {
            words.expect("COLUMN");
        }
        String from = words.name();
        words.expect("TO");
        String to = words.name();
        add(isConstraint ? new SchemaChange.RenameConstraint(table, from, to) : new RenameColumn(table, from, to));
    }

    private void enforce() {
        boolean isEnforced = words.next().is("CHECK");
        words.expect("CONSTRAINT");
        if (words.isNext("ALL")) {
            throw words.unexpected();
        }
        do {
            add(new AlterConstraint(table, words.name(), null, isEnforced));
        } while (words.take(","));
    }

    private void referentialIntegrity() {
        if (words.take("FALSE")) {
            add(new NoEffect("foreign keys are not looked at"));
            return;
        }
        words.expect("TRUE");
        words.takeOneOf("CHECK", "NOCHECK");
        add(new NoEffect("foreign keys are looked at again"));
    }

    // ALTER COLUMN.

    private void alterColumn() {
        boolean ifExists = words.take("IF", "EXISTS");
        String name = words.name();
        if (isSqlServer) {
            redefineForSqlServer(name);
        } else if (words.take("RENAME", "TO")) {
            add(new RenameColumn(table, name, words.name()));
        } else if (words.take("SET")) {
            set(name);
        } else if (words.take("DROP")) {
            dropFrom(name);
        } else if (words.take("RESTART")) {
            Long start = words.take("WITH") ? Numbers.whole(words.next().text()) : null;
            add(new SetGeneration(table, name, Generation.IDENTITY_BY_DEFAULT, start));
        } else if (words.take("SELECTIVITY")) {
            words.next();
            add(new NoEffect("SELECTIVITY" + (ifExists ? " IF EXISTS" : "")));
        } else if (words.take("TYPE")) {
            changeType(name);
        } else {
            words.back(words.position() - 1);
            WordDefinitions.Column column = definitions.column();
            if (column.isHidden()) {
                throw new Words.UnexpectedWordException("whether SELECT * sees the column " + name);
            }
            add(new RedefineColumn(table, name, column.definition(), true, "", column.isNullable()));
        }
    }

    private void changeType(String name) {
        ColumnType type = definitions.type();
        String using = words.take("USING") ? words.until() : "";
        add(new SchemaChange.ChangeColumnType(table, name, type, using));
    }

    private void set(String name) {
        if (words.take("DATA", "TYPE")) {
            changeType(name);
        } else if (words.isNext("DEFAULT", "ON", "NULL")) {
            throw words.unexpected();
        } else if (words.take("DEFAULT")) {
            add(new SetDefault(table, name, definitions.defaultValue()));
        } else if (words.take("NOT", "NULL")) {
            add(new SchemaChange.SetNotNull(table, name));
        } else if (words.take("NULL")) {
            add(new SchemaChange.DropNotNull(table, name));
        } else if (words.take("GENERATED")) {
            boolean isDefault = words.take("BY", "DEFAULT");
            if (!isDefault) {
                words.expect("ALWAYS");
            }
            words.take("AS", "IDENTITY");
            Generation generation = isDefault ? Generation.IDENTITY_BY_DEFAULT : Generation.IDENTITY_ALWAYS;
            add(new SetGeneration(table, name, generation, null));
        } else {
            throw words.unexpected();
        }
    }

    private void dropFrom(String name) {
        if (words.take("DEFAULT")) {
            add(new SchemaChange.DropDefault(table, name));
        } else if (words.take("NOT", "NULL")) {
            add(new SchemaChange.DropNotNull(table, name));
        } else if (words.take("IDENTITY") || words.take("EXPRESSION")) {
            words.take("IF", "EXISTS");
            add(new SetGeneration(table, name, Generation.NONE, null));
        } else {
            throw words.unexpected();
        }
    }

    private void redefineForSqlServer(String name) {
        if (words.isNext("ADD") || words.isNext("DROP")) {
            throw words.unexpected();
        }
        words.back(words.position() - 1);
        WordDefinitions.Column column = definitions.column();
        add(new RedefineColumn(table, name, column.definition(), true, "", column.isNullable()));
        if (words.take("WITH")) {
            words.inBrackets();
        }
    }

    private void add(SchemaChange change) {
        changes.add(change);
    }
}
