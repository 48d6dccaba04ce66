package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Reference;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the columns and constraints of PostgreSQL's tables. */
final class PostgresColumns {

    private static final Set<String> AFTER_DEFAULT = PostgresTokens.words("""
            CONSTRAINT NOT NULL CHECK DEFAULT GENERATED UNIQUE PRIMARY REFERENCES COLLATE DEFERRABLE INITIALLY
            ENFORCED OPTIONS STORAGE COMPRESSION
            """);

    private PostgresColumns() {}

    /** Takes a column's definition: name, type, and what it demands. */
    static ColumnDefinition column(PostgresTokens tokens) throws SyntaxException {
        String name = tokens.name();
        ColumnType type = PostgresTypes.type(tokens);
        return demands(tokens, name, type);
    }

    /** Takes what is demanded of a column of a typed table or a partition, whose type is given elsewhere. */
    static ColumnDefinition columnOfType(PostgresTokens tokens) throws SyntaxException {
        String name = tokens.name();
        tokens.take("WITH", "OPTIONS");
        return demands(tokens, name, null);
    }

    private static ColumnDefinition demands(PostgresTokens tokens, String column, @Nullable ColumnType type)
            throws SyntaxException {
        boolean isSerial = type != null && PostgresTypes.isSerial(type);
        @Nullable ColumnType stored = type == null ? null : PostgresTypes.stored(type);
        boolean isRequired = isSerial;
        @Nullable String defaultValue = null;
        Generation generation = isSerial ? Generation.IDENTITY_BY_DEFAULT : Generation.NONE;
        List<Constraint> constraints = new ArrayList<>();
        String name = "";
        while (!tokens.isAtEnd() && !tokens.at(",") && !tokens.at(")")) {
            if (tokens.take("CONSTRAINT")) {
                name = tokens.name();
                continue;
            }
            if (tokens.take("COLLATE")) {
                String collation = tokens.qualifiedName().toString();
                stored = stored == null ? null : stored.collated(collation);
            } else if (tokens.take("STORAGE") || tokens.take("COMPRESSION")) {
                tokens.name();
            } else if (tokens.take("OPTIONS")) {
                tokens.brackets();
            } else if (tokens.take("NOT", "NULL")) {
                isRequired = true;
                tokens.take("NO", "INHERIT");
                Constraint named = Constraint.of(Constraint.Kind.NOT_NULL, name, List.of(column));
                Constraint written = attributes(tokens, named);
                if (!name.isEmpty()) {
                    constraints.add(written);
                }
            } else if (tokens.take("NULL")) {
                isRequired = false;
            } else if (tokens.take("DEFAULT")) {
                defaultValue = tokens.expression(AFTER_DEFAULT);
            } else if (tokens.take("GENERATED")) {
                Generated generated = generated(tokens);
                generation = generated.generation();
                defaultValue = generated.expression();
                isRequired |= generation == Generation.IDENTITY_ALWAYS || generation == Generation.IDENTITY_BY_DEFAULT;
            } else {
                constraints.add(constraint(tokens, name, List.of(column)));
            }
            name = "";
        }
        return new ColumnDefinition(column, stored, isRequired, defaultValue, null, generation, constraints);
    }

    /** How a value is generated, and from what; null for an identity. */
    private record Generated(
            Generation generation, @Nullable String expression) {}

    /** Takes what stands after GENERATED in the definition of a column. */
    private static Generated generated(PostgresTokens tokens) throws SyntaxException {
        boolean isAlways = tokens.take("ALWAYS");
        if (!isAlways) {
            tokens.expect("BY", "DEFAULT");
        }
        tokens.expect("AS");
        if (tokens.take("IDENTITY")) {
            if (tokens.at("(")) {
                SequenceOptions.of(tokens.brackets());
            }
            return new Generated(isAlways ? Generation.IDENTITY_ALWAYS : Generation.IDENTITY_BY_DEFAULT, null);
        }
        String expression = tokens.brackets().written();
        if (tokens.take("STORED")) {
            return new Generated(Generation.STORED, expression);
        }
        tokens.take("VIRTUAL");
        return new Generated(Generation.VIRTUAL, expression);
    }

    /** Returns whether a constraint of a table comes next, rather than a column. */
    static boolean isAtConstraint(PostgresTokens tokens) {
        return tokens.at("CONSTRAINT")
                || tokens.at("CHECK")
                || tokens.at("UNIQUE")
                || tokens.at("PRIMARY", "KEY")
                || tokens.at("FOREIGN", "KEY")
                || tokens.at("NOT", "NULL")
                || tokens.at("EXCLUDE", "USING")
                || tokens.at("EXCLUDE", "(");
    }

    /** Takes a constraint of a table. */
    static Constraint tableConstraint(PostgresTokens tokens) throws SyntaxException {
        String name = tokens.take("CONSTRAINT") ? tokens.name() : "";
        return constraint(tokens, name, List.of());
    }

    /** Takes a constraint, after its name: of one column, or of a table where no column is given. */
    private static Constraint constraint(PostgresTokens tokens, String name, List<String> column)
            throws SyntaxException {
        boolean isOfColumn = !column.isEmpty();
        if (tokens.take("CHECK")) {
            String condition = tokens.brackets().written();
            return attributes(tokens, with(Constraint.Kind.CHECK, name, column, condition));
        }
        if (tokens.at("UNIQUE") || tokens.at("PRIMARY", "KEY")) {
            Constraint.Kind kind = tokens.take("UNIQUE") ? Constraint.Kind.UNIQUE : Constraint.Kind.PRIMARY_KEY;
            if (kind == Constraint.Kind.PRIMARY_KEY) {
                tokens.expect("PRIMARY", "KEY");
            }
            return attributes(tokens, key(tokens, kind, name, column));
        }
        if (tokens.at("REFERENCES") && isOfColumn) {
            return attributes(tokens, foreignKey(tokens, name, column));
        }
        if (!isOfColumn && tokens.take("FOREIGN", "KEY")) {
            List<String> columns = keyColumns(tokens.brackets());
            return attributes(tokens, foreignKey(tokens, name, columns));
        }
        if (!isOfColumn && tokens.take("NOT", "NULL")) {
            Constraint required = Constraint.of(Constraint.Kind.NOT_NULL, name, List.of(tokens.name()));
            return attributes(tokens, required);
        }
        if (!isOfColumn && tokens.take("EXCLUDE")) {
            return attributes(tokens, exclusion(tokens, name));
        }
        throw tokens.stopped(isOfColumn ? "a column's constraint" : "a constraint");
    }

    private static Constraint with(Constraint.Kind kind, String name, List<String> columns, String expression) {
        return new Constraint(kind, name, columns, expression, null, "", true, true, false);
    }

    private static Constraint key(PostgresTokens tokens, Constraint.Kind kind, String name, List<String> column)
            throws SyntaxException {
        if (column.isEmpty() && tokens.take("USING", "INDEX")) {
            return new Constraint(kind, name, List.of(), "", null, tokens.name(), true, true, false);
        }
        if (tokens.take("NULLS")) {
            tokens.take("NOT");
            tokens.expect("DISTINCT");
        }
        List<String> columns = column.isEmpty() ? keyColumns(tokens.brackets()) : column;
        storage(tokens);
        return Constraint.of(kind, name, columns);
    }

    /** Takes the columns of a key; the last may be a period. */
    private static List<String> keyColumns(PostgresTokens inside) throws SyntaxException {
        List<String> columns = new ArrayList<>();
        do {
            if (inside.at("PERIOD") && inside.token(1).isName()) {
                inside.take("PERIOD");
            }
            columns.add(inside.name());
            inside.take("WITHOUT", "OVERLAPS");
        } while (inside.take(","));
        inside.expectEnd();
        return columns;
    }

    /** Takes what says how the index behind a constraint is stored. */
    private static void storage(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("INCLUDE")) {
            tokens.brackets();
        }
        if (tokens.take("WITH")) {
            tokens.brackets();
        }
        if (tokens.take("USING", "INDEX", "TABLESPACE")) {
            tokens.name();
        }
    }

    private static Constraint foreignKey(PostgresTokens tokens, String name, List<String> columns)
            throws SyntaxException {
        tokens.expect("REFERENCES");
        ObjectName table = tokens.qualifiedName();
        List<String> referenced = tokens.at("(") ? keyColumns(tokens.brackets()) : List.of();
        if (tokens.take("MATCH")) {
            tokens.name();
        }
        String onDelete = "";
        String onUpdate = "";
        while (tokens.at("ON")) {
            tokens.expect("ON");
            if (tokens.take("DELETE")) {
                onDelete = action(tokens);
            } else {
                tokens.expect("UPDATE");
                onUpdate = action(tokens);
            }
        }
        Reference reference = new Reference(table, referenced, onDelete, onUpdate);
        return new Constraint(Constraint.Kind.FOREIGN_KEY, name, columns, "", reference, "", true, true, false);
    }

    private static String action(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("NO", "ACTION")) {
            return "no action";
        }
        if (tokens.take("SET")) {
            String what = tokens.takeAny("NULL", "DEFAULT");
            if (what.isEmpty()) {
                throw tokens.stopped("NULL or DEFAULT");
            }
            if (tokens.at("(")) {
                tokens.brackets();
            }
            return "set " + what.toLowerCase(Locale.ROOT);
        }
        String what = tokens.takeAny("CASCADE", "RESTRICT");
        if (what.isEmpty()) {
            throw tokens.stopped("CASCADE, RESTRICT, SET or NO ACTION");
        }
        return what.toLowerCase(Locale.ROOT);
    }

    private static Constraint exclusion(PostgresTokens tokens, String name) throws SyntaxException {
        if (tokens.take("USING")) {
            tokens.name();
        }
        List<String> columns = indexColumns(tokens.brackets());
        storage(tokens);
        String predicate = tokens.take("WHERE") ? tokens.brackets().written() : "";
        return with(Constraint.Kind.EXCLUSION, name, columns, predicate);
    }

    /** Takes the columns of an index or an exclusion: names, or expressions as written. */
    static List<String> indexColumns(PostgresTokens inside) throws SyntaxException {
        List<String> columns = new ArrayList<>();
        for (PostgresTokens element : inside.elements()) {
            columns.add(indexColumn(element));
        }
        return columns;
    }

    private static String indexColumn(PostgresTokens element) throws SyntaxException {
        if (element.at("(")) {
            return element.brackets().written();
        }
        int start = element.position();
        String name = element.qualifiedName().name();
        if (element.at("(")) {
            element.brackets();
            return element.written(start, element.position());
        }
        if (element.token(0).kind() == Kind.SYMBOL) {
            throw element.stopped("a comma or an operator class");
        }
        return name;
    }

    /** Takes what may stand behind every constraint. */
    private static Constraint attributes(PostgresTokens tokens, Constraint constraint) throws SyntaxException {
        boolean isValidated = true;
        boolean isEnforced = true;
        boolean isDeferrable = false;
        while (true) {
            if (tokens.take("NOT", "DEFERRABLE")) {
                isDeferrable = false;
            } else if (tokens.take("DEFERRABLE") || tokens.take("INITIALLY", "DEFERRED")) {
                isDeferrable = true;
            } else if (tokens.take("NOT", "VALID")) {
                isValidated = false;
            } else if (tokens.take("NOT", "ENFORCED")) {
                isEnforced = false;
            } else if (!(tokens.take("INITIALLY", "IMMEDIATE")
                    || tokens.take("ENFORCED")
                    || tokens.take("NO", "INHERIT"))) {
                break;
            }
        }
        return new Constraint(
                constraint.kind(),
                constraint.name(),
                constraint.columns(),
                constraint.expression(),
                constraint.reference(),
                constraint.usingIndex(),
                isValidated,
                isEnforced,
                isDeferrable);
    }

    /** Takes a default value in ALTER TABLE, up to the next action. */
    static String defaultValue(PostgresTokens tokens) throws SyntaxException {
        return tokens.expression(Set.of());
    }

    /**
     * What is written about the numbers of a sequence.
     *
     * @param changesNumbers whether increment, limits, type, cycling or the next number are among it
     * @param start the number after START WITH or RESTART WITH; null where none is written
     */
    record SequenceOptions(boolean changesNumbers, @Nullable Long start) {

        /** Takes options as long as there are any. */
        static SequenceOptions take(PostgresTokens tokens) throws SyntaxException {
            boolean changesNumbers = false;
            @Nullable Long start = null;
            while (!tokens.isAtEnd()) {
                if (tokens.take("START")) {
                    tokens.take("WITH");
                    start = tokens.number();
                } else if (tokens.take("RESTART")) {
                    boolean isNumbered = tokens.take("WITH") || tokens.token().kind() == Kind.NUMBER || tokens.at("-");
                    start = isNumbered ? Long.valueOf(tokens.number()) : start;
                    changesNumbers = true;
                } else if (tokens.take("INCREMENT")) {
                    tokens.take("BY");
                    tokens.number();
                    changesNumbers = true;
                } else if (tokens.take("MINVALUE") || tokens.take("MAXVALUE")) {
                    tokens.number();
                    changesNumbers = true;
                } else if (tokens.take("NO", "MINVALUE")
                        || tokens.take("NO", "MAXVALUE")
                        || tokens.take("NO", "CYCLE")
                        || tokens.take("CYCLE")) {
                    changesNumbers = true;
                } else if (tokens.take("AS")) {
                    PostgresTypes.type(tokens);
                    changesNumbers = true;
                } else if (tokens.take("CACHE")) {
                    tokens.number();
                } else if (tokens.take("OWNED", "BY") || tokens.take("SEQUENCE", "NAME")) {
                    tokens.qualifiedName();
                } else if (!(tokens.take("LOGGED") || tokens.take("UNLOGGED"))) {
                    break;
                }
            }
            return new SequenceOptions(changesNumbers, start);
        }

        /** Reads options, and nothing else. */
        static SequenceOptions of(PostgresTokens tokens) throws SyntaxException {
            SequenceOptions options = take(tokens);
            tokens.expectEnd();
            return options;
        }
    }
}
