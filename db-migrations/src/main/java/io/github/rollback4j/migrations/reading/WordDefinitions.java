package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.Constraint.Reference;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;

/** Columns and constraints of H2 and SQL Server, read from words. */
final class WordDefinitions {

    /** What ends the expression of a default. */
    private static final String[] AFTER_DEFAULT = {
        ",",
        "NOT NULL",
        "NOT FOR",
        "NULL",
        "CONSTRAINT",
        "PRIMARY",
        "UNIQUE",
        "CHECK",
        "REFERENCES",
        "COMMENT",
        "COLLATE",
        "GENERATED",
        "IDENTITY",
        "AUTO_INCREMENT",
        "ON UPDATE",
        "WITH VALUES",
        "BEFORE",
        "AFTER",
        "FIRST",
        "INVISIBLE",
        "VISIBLE",
        "SELECTIVITY",
        "ROWGUIDCOL",
        "SPARSE",
        "FOR"
    };

    private final Words words;
    private final WordTypes types;
    private final boolean isSqlServer;

    WordDefinitions(Words words, SqlDialect dialect) {
        this.words = words;
        this.types = new WordTypes(words, dialect);
        this.isSqlServer = dialect == SqlDialect.SQLSERVER;
    }

    /**
     * A column, and whether {@code NULL} is written.
     *
     * @param isHidden whether it is made invisible
     */
    record Column(ColumnDefinition definition, boolean isNullable, boolean isHidden) {}

    ColumnType type() {
        return types.type();
    }

    /** Takes a column. */
    Column column() {
        String name = words.name();
        if (isSqlServer && words.take("AS")) {
            return computed(name);
        }
        boolean isSerial = words.isNext("SERIAL") || words.isNext("BIGSERIAL") || words.isNext("IDENTITY");
        return column(name, types.type(), isSerial ? Generation.IDENTITY_BY_DEFAULT : Generation.NONE);
    }

    private Column computed(String name) {
        words.inBrackets();
        boolean isStored = words.take("PERSISTED");
        Generation generation = isStored ? Generation.STORED : Generation.VIRTUAL;
        return column(name, null, generation);
    }

    private Column column(String name, @org.jspecify.annotations.Nullable ColumnType first, Generation generated) {
        ColumnType type = first;
        Generation generation = generated;
        boolean isRequired = false;
        boolean isNullable = false;
        boolean isHidden = false;
        String defaultValue = null;
        String onUpdate = null;
        List<Constraint> constraints = new ArrayList<>();
        while (!words.isAtEnd() && !words.isNext(",") && !words.isNext(")")) {
            if (words.take("NOT", "NULL")) {
                isRequired = true;
            } else if (words.take("NULL")) {
                isNullable = true;
            } else if (words.isNext("DEFAULT", "ON", "NULL")) {
                throw words.unexpected();
            } else if (words.take("DEFAULT")) {
                defaultValue = defaultValue();
            } else if (words.take("ON", "UPDATE")) {
                onUpdate = words.until(AFTER_DEFAULT);
            } else if (words.take("COLLATE")) {
                String collation = words.name();
                type = type == null ? null : type.collated(collation.toLowerCase(java.util.Locale.ROOT));
            } else if (words.isNext("GENERATED")) {
                generation = generation();
            } else if (!isSqlServer && words.take("AS")) {
                words.inBrackets();
                generation = Generation.STORED;
            } else if (words.take("IDENTITY") || words.take("AUTO_INCREMENT")) {
                generation = Generation.IDENTITY_BY_DEFAULT;
                if (words.isNext("(")) {
                    words.inBrackets();
                }
            } else if (words.take("INVISIBLE")) {
                isHidden = true;
            } else if (words.take("NOT", "FOR", "REPLICATION")
                    || words.take("VISIBLE")
                    || words.take("SPARSE")
                    || words.take("ROWGUIDCOL")
                    || words.take("WITH", "VALUES")) {
                // Nothing that a statement of the release could notice.
            } else if (words.take("COMMENT") || words.take("SELECTIVITY")) {
                words.next();
            } else if (words.isNext("BEFORE") || words.isNext("AFTER") || words.isNext("FIRST")) {
                break;
            } else if (isSqlServer && words.isNext("CONSTRAINT") && isNamedDefault()) {
                words.next();
                words.name();
                words.expect("DEFAULT");
                defaultValue = defaultValue();
            } else if (!isSqlServer && isNamedNotNull()) {
                words.next();
                words.name();
            } else {
                Constraint constraint = constraint(List.of(name));
                constraints.add(constraint);
            }
        }
        return new Column(
                new ColumnDefinition(name, type, isRequired, defaultValue, onUpdate, generation, constraints),
                isNullable,
                isHidden);
    }

    private boolean isNamedDefault() {
        Words.Word word = words.peek(2);
        return word != null && word.is("DEFAULT");
    }

    private boolean isNamedNotNull() {
        Words.Word word = words.peek(2);
        return words.isNext("CONSTRAINT") && word != null && (word.is("NOT") || word.is("NULL"));
    }

    /** Takes the expression of a default. */
    String defaultValue() {
        String value = words.until(AFTER_DEFAULT);
        // NEXT VALUE FOR: the last word looks like the FOR that names the column.
        return value.matches("(?is)NEXT\\s+VALUE") && words.take("FOR")
                ? value + " FOR " + words.until(AFTER_DEFAULT)
                : value;
    }

    /** Takes {@code GENERATED …}. */
    Generation generation() {
        words.expect("GENERATED");
        boolean isDefault = words.take("BY", "DEFAULT");
        if (!isDefault) {
            words.expect("ALWAYS");
        }
        words.expect("AS");
        if (words.take("IDENTITY")) {
            if (words.isNext("(")) {
                words.inBrackets();
            }
            return isDefault ? Generation.IDENTITY_BY_DEFAULT : Generation.IDENTITY_ALWAYS;
        }
        // AS ROW START of SQL Server's history of rows is not known here.
        words.inBrackets();
        return Generation.STORED;
    }

    boolean isConstraintNext() {
        return words.isNext("CONSTRAINT")
                || words.isNext("PRIMARY", "KEY")
                || words.isNext("UNIQUE")
                || words.isNext("FOREIGN", "KEY")
                || words.isNext("CHECK");
    }

    /**
     * Takes a constraint.
     *
     * @param inline the column beside which it stands; empty where it stands on its own
     */
    Constraint constraint(List<String> inline) {
        String name = "";
        if (words.take("CONSTRAINT")) {
            words.take("IF", "NOT", "EXISTS");
            name = words.name();
        }
        Constraint constraint;
        if (words.take("PRIMARY", "KEY")) {
            constraint = Constraint.of(Kind.PRIMARY_KEY, name, keyColumns(inline));
        } else if (words.take("UNIQUE")) {
            if (words.takeOneOf("KEY", "INDEX").isEmpty()) {
                words.take("NULLS", "DISTINCT");
            } else if (!words.isNext("(")) {
                name = name.isEmpty() ? words.name() : name;
            }
            constraint = Constraint.of(Kind.UNIQUE, name, keyColumns(inline));
        } else if (words.take("FOREIGN", "KEY")) {
            List<String> columns = words.columns();
            constraint = foreignKey(name, columns);
        } else if (words.isNext("REFERENCES") && !inline.isEmpty()) {
            constraint = foreignKey(name, inline);
        } else if (words.take("CHECK")) {
            words.take("NOT", "FOR", "REPLICATION");
            constraint = new Constraint(Kind.CHECK, name, inline, words.inBrackets(), null, "", true, true, false);
        } else {
            throw words.unexpected();
        }
        // H2: rows that exist are not looked at.
        boolean isUnchecked = !isSqlServer && words.take("NOCHECK");
        if (!isSqlServer && !isUnchecked) {
            words.take("CHECK");
        }
        words.take("NOT", "DEFERRABLE");
        return isUnchecked ? unvalidated(constraint) : constraint;
    }

    static Constraint unvalidated(Constraint constraint) {
        return new Constraint(
                constraint.kind(),
                constraint.name(),
                constraint.columns(),
                constraint.expression(),
                constraint.reference(),
                constraint.usingIndex(),
                false,
                constraint.isEnforced(),
                constraint.isDeferrable());
    }

    private List<String> keyColumns(List<String> inline) {
        words.take("HASH");
        words.takeOneOf("CLUSTERED", "NONCLUSTERED");
        List<String> columns = inline.isEmpty() || words.isNext("(") ? words.columns() : inline;
        indexOptions();
        return columns;
    }

    /** Takes how an index is stored. */
    void indexOptions() {
        if (!isSqlServer) {
            if (words.take("INDEX")) {
                words.object();
            }
            return;
        }
        while (words.isNext("WITH", "(")
                || (words.isNext("ON") && !words.isNext("ON", "DELETE") && !words.isNext("ON", "UPDATE"))) {
            if (words.take("WITH")) {
                words.inBrackets();
            } else {
                words.next();
                words.name();
                if (words.isNext("(")) {
                    words.inBrackets();
                }
            }
        }
    }

    private Constraint foreignKey(String name, List<String> columns) {
        words.expect("REFERENCES");
        ObjectName table = words.object();
        List<String> to = words.isNext("(") ? words.columns() : List.of();
        String onDelete = "";
        String onUpdate = "";
        while (words.isNext("ON", "DELETE") || words.isNext("ON", "UPDATE") || words.isNext("NOT", "FOR")) {
            if (words.take("NOT", "FOR", "REPLICATION")) {
                continue;
            }
            words.expect("ON");
            boolean isDelete = words.next().is("DELETE");
            String action = action();
            onDelete = isDelete ? action : onDelete;
            onUpdate = isDelete ? onUpdate : action;
        }
        Reference reference = new Reference(table, to, onDelete, onUpdate);
        return new Constraint(Kind.FOREIGN_KEY, name, columns, "", reference, "", true, true, false);
    }

    private String action() {
        if (words.take("SET", "NULL")) {
            return "set null";
        }
        if (words.take("SET", "DEFAULT")) {
            return "set default";
        }
        if (words.take("NO", "ACTION")) {
            return "no action";
        }
        String action = words.takeOneOf("CASCADE", "RESTRICT");
        if (action.isEmpty()) {
            throw words.unexpected();
        }
        return action;
    }
}
