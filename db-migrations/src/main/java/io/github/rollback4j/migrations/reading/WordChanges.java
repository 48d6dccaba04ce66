package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateIndex;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the definitions of H2 and SQL Server change, read word by word: JSqlParser's tree of a definition leaves parts of it out. Every
 * word has to be accounted for, or the statement is not understood.
 */
final class WordChanges {

    private final Words words;
    private final SqlDialect dialect;
    private final boolean isSqlServer;
    private final Folding folding;
    private final WordDefinitions definitions;
    private final List<SchemaChange> changes = new ArrayList<>();

    WordChanges(String statement, SqlDialect dialect) {
        this.folding = Folding.of(dialect);
        this.words = Words.of(statement, folding);
        this.dialect = dialect;
        this.isSqlServer = dialect == SqlDialect.SQLSERVER;
        this.definitions = new WordDefinitions(words, dialect);
    }

    /**
     * Reads the statement; empty where it is none of these, but rows perhaps.
     *
     * @throws Words.UnexpectedWordException if it begins as one of these, and goes on otherwise
     */
    List<SchemaChange> read() {
        if (words.isAtEnd()) {
            return List.of(new NoEffect("nothing but comments"));
        }
        if (words.take("ALTER", "TABLE")) {
            return new WordAlterTable(words, dialect).read();
        }
        if (!statement()) {
            return List.of();
        }
        words.expectEnd();
        return List.copyOf(changes);
    }

    private boolean statement() {
        if (words.take("CREATE")) {
            create();
        } else if (words.take("DROP")) {
            drop();
        } else if (words.take("ALTER")) {
            alter();
        } else if (words.take("TRUNCATE", "TABLE")) {
            truncate();
        } else if (words.take("COMMENT", "ON")) {
            words.rest();
            add(new NoEffect("COMMENT"));
        } else if (words.isNext("GRANT") || words.isNext("REVOKE") || words.isNext("DENY")) {
            rights();
        } else if (words.isNext("SET")) {
            set();
        } else if (words.take("USE")) {
            add(new SetSession("schema", words.name()));
        } else if (words.isNext("EXEC") || words.isNext("EXECUTE") || words.isNext("SP_RENAME")) {
            execute();
        } else if (words.isNext("MERGE", "INTO")) {
            return mergeByKey();
        } else {
            return session();
        }
        return true;
    }

    private boolean session() {
        if (words.take("EXPLAIN")) {
            words.rest();
            add(new NoEffect("nothing is changed"));
        } else if (words.take("PRINT") || words.take("ANALYZE") || words.take("SCRIPT")) {
            words.restOfOne();
            add(new NoEffect("nothing is changed"));
        } else if (words.take("CHECKPOINT") || words.take("UPDATE", "STATISTICS") || words.take("SHOW")) {
            words.restOfOne();
            add(new NoEffect("nothing is changed"));
        } else if (words.take("BEGIN", "TRANSACTION")
                || words.take("BEGIN", "TRAN")
                || words.take("START", "TRANSACTION")) {
            words.restOfOne();
            add(new Transaction(Mark.BEGIN));
        } else if (words.take("COMMIT")) {
            words.takeOneOf("TRANSACTION", "TRAN", "WORK");
            words.restOfOne();
            add(new Transaction(Mark.COMMIT));
        } else if (words.take("ROLLBACK")) {
            words.takeOneOf("TRANSACTION", "TRAN", "WORK");
            // With a name behind it, only what came after a savepoint does not hold.
            words.expectEnd();
            add(new Transaction(Mark.ROLLBACK));
        } else if (words.take("SAVEPOINT") || words.take("SAVE")) {
            words.restOfOne();
            add(new NoEffect("a savepoint"));
        } else {
            return false;
        }
        return true;
    }

    // CREATE.

    private void create() {
        boolean orReplace = words.take("OR", "REPLACE") || words.take("OR", "ALTER");
        words.takeOneOf("FORCE");
        if (isNextTable()) {
            createTable(orReplace);
        } else if (words.take("VIEW")) {
            createView(orReplace, words.take("IF", "NOT", "EXISTS"));
        } else if (isNextIndex()) {
            createIndex();
        } else if (words.take("SEQUENCE")) {
            boolean ifNotExists = words.take("IF", "NOT", "EXISTS");
            add(new SchemaChange.CreateSequence(words.object(), ifNotExists));
            words.restOfOne();
        } else if (words.take("SCHEMA") || words.take("DATABASE")) {
            boolean ifNotExists = words.take("IF", "NOT", "EXISTS");
            add(new SchemaChange.CreateSchema(words.name(), ifNotExists));
            if (words.take("AUTHORIZATION")) {
                words.name();
            }
        } else if (words.take("DOMAIN")) {
            createDomain();
        } else if (isSqlServer && words.take("TYPE")) {
            ObjectName name = words.object();
            words.expect("FROM");
            ColumnType base = definitions.type();
            boolean isConstrained = words.take("NOT", "NULL");
            words.take("NULL");
            add(new SchemaChange.CreateDomain(name, base, isConstrained));
        } else if (words.take("SYNONYM")) {
            synonym(orReplace);
        } else if (words.take("TRIGGER")) {
            createTrigger(orReplace);
        } else if (isSqlServer
                && !words.takeOneOf("PROCEDURE", "PROC", "FUNCTION").isEmpty()) {
            createRoutine(orReplace);
        } else if (!isSqlServer && words.take("ALIAS")) {
            words.take("IF", "NOT", "EXISTS");
            add(new CreateRoutine(words.object(), List.of(), "", words.rest(), orReplace));
        } else if (isSqlServer && words.take("STATISTICS")) {
            words.restOfOne();
            add(new NoEffect("statistics"));
        } else if (words.take("USER") || words.take("ROLE") || words.take("LOGIN")) {
            words.until("ALTER", "DROP", "CREATE", "GRANT");
            add(new NoEffect("a new account"));
        } else {
            throw words.unexpected();
        }
    }

    private boolean isNextTable() {
        return words.isNext("TABLE")
                || words.isNext("CACHED")
                || words.isNext("MEMORY")
                || words.isNext("GLOBAL")
                || words.isNext("LOCAL")
                || words.isNext("TEMPORARY")
                || words.isNext("TEMP");
    }

    private void createTable(boolean orReplace) {
        words.takeOneOf("CACHED", "MEMORY");
        boolean isGlobal = words.take("GLOBAL");
        words.take("LOCAL");
        boolean isTemporary = !words.takeOneOf("TEMPORARY", "TEMP").isEmpty();
        words.expect("TABLE");
        boolean ifNotExists = words.take("IF", "NOT", "EXISTS");
        ObjectName table = words.object();
        List<ColumnDefinition> columns = new ArrayList<>();
        List<Constraint> constraints = new ArrayList<>();
        List<SchemaChange> indexes = new ArrayList<>();
        if (words.take("(")) {
            do {
                if (definitions.isConstraintNext()) {
                    constraints.add(definitions.constraint(List.of()));
                } else if (words.isNext("INDEX") || words.isNext("KEY")) {
                    words.next();
                    ObjectName name = table.named(words.name());
                    boolean isUnique = words.take("UNIQUE");
                    words.takeOneOf("CLUSTERED", "NONCLUSTERED");
                    indexes.add(new CreateIndex(name, table, words.columns(), "", isUnique, false, false));
                    definitions.indexOptions();
                } else {
                    columns.add(definitions.column().definition());
                }
                // SQL Server lets a comma stand behind the last.
            } while (words.take(",") && !(isSqlServer && words.isNext(")")));
            words.expect(")");
        }
        tableOptions();
        String query = "";
        if (words.take("AS")) {
            query = words.until("WITH DATA", "WITH NO DATA");
            words.take("WITH", "NO", "DATA");
            words.take("WITH", "DATA");
        } else if (columns.isEmpty() && constraints.isEmpty()) {
            throw words.unexpected();
        }
        boolean endsWithSession =
                (isTemporary && !isGlobal) || (isSqlServer && table.name().startsWith("#"));
        add(new CreateTable(
                table, columns, constraints, List.of(), null, null, query, ifNotExists, orReplace, endsWithSession));
        changes.addAll(indexes);
    }

    private void tableOptions() {
        while (true) {
            if (words.take("ON", "COMMIT")) {
                words.until("AS", "NOT PERSISTENT", "TRANSACTIONAL");
            } else if (isSqlServer && (words.take("ON") || words.take("TEXTIMAGE_ON"))) {
                words.name();
                if (words.isNext("(")) {
                    words.inBrackets();
                }
            } else if (words.take("WITH") || words.take("COMMENT")) {
                words.until("AS", "ON", "TEXTIMAGE_ON");
            } else if (!words.take("NOT", "PERSISTENT") && !words.take("TRANSACTIONAL")) {
                return;
            }
        }
    }

    private boolean isNextIndex() {
        int at = words.position();
        boolean isKind;
        do {
            isKind = !words.takeOneOf("UNIQUE", "CLUSTERED", "NONCLUSTERED", "SPATIAL", "HASH", "NULLS", "DISTINCT")
                    .isEmpty();
        } while (isKind);
        boolean isIndex = words.isNext("INDEX");
        words.back(at);
        return isIndex;
    }

    private void createIndex() {
        boolean isUnique = words.take("UNIQUE");
        words.take("NULLS", "DISTINCT");
        words.takeOneOf("CLUSTERED", "NONCLUSTERED");
        words.takeOneOf("SPATIAL", "HASH");
        words.expect("INDEX");
        boolean ifNotExists = words.take("IF", "NOT", "EXISTS");
        ObjectName name = words.isNext("ON") ? null : words.object();
        words.expect("ON");
        ObjectName table = words.object();
        List<String> columns = words.columns();
        if (words.take("INCLUDE")) {
            words.columns();
        }
        String predicate = words.take("WHERE") ? words.until("WITH", "ON") : "";
        String options = "";
        if (words.take("WITH")) {
            options = words.inBrackets();
        }
        if (words.take("ON")) {
            words.name();
        }
        // The database makes up a name that nobody can know.
        ObjectName called = name == null ? table.named(table.name() + "_" + String.join("_", columns)) : name;
        boolean isOnline =
                options.replaceAll("\\s", "").toUpperCase(Locale.ROOT).contains("ONLINE=ON");
        add(new CreateIndex(
                isSqlServer ? called.in(table.schema()) : called,
                table,
                columns,
                predicate,
                isUnique,
                isOnline,
                ifNotExists));
    }

    private void createView(boolean orReplace, boolean ifNotExists) {
        ObjectName name = words.object();
        List<String> named = words.isNext("(") ? words.columns() : List.of();
        if (isSqlServer && words.take("WITH")) {
            words.until("AS");
        }
        words.expect("AS");
        String text = words.rest();
        Queries.Query query = Queries.read(text, dialect);
        if (query == null) {
            add(new CreateView(name, named, text, List.of(), false, orReplace, ifNotExists));
            add(new NotUnderstood("the query of the view " + name));
            return;
        }
        List<String> columns = named.isEmpty() ? query.columns() : named;
        add(new CreateView(name, columns, text, query.sources(), false, orReplace, ifNotExists));
    }

    /** A synonym is read as what it is used for: a view of all columns by another name. */
    private void synonym(boolean orReplace) {
        ObjectName name = words.object();
        words.expect("FOR");
        ObjectName target = words.object();
        add(new CreateView(name, List.of("*"), "SELECT * FROM " + target, List.of(target), false, orReplace, false));
    }

    private void createDomain() {
        words.take("IF", "NOT", "EXISTS");
        ObjectName name = words.object();
        words.take("AS");
        ColumnType base = definitions.type();
        String rest = words.restOfOne().toUpperCase(Locale.ROOT);
        add(new SchemaChange.CreateDomain(name, base, rest.contains("CHECK") || rest.contains("NOT NULL")));
    }

    private void createTrigger(boolean orReplace) {
        words.take("IF", "NOT", "EXISTS");
        ObjectName name = words.object();
        while (!words.take("ON")) {
            words.next();
        }
        if (words.isNext("DATABASE") || words.isNext("ALL")) {
            throw words.unexpected();
        }
        add(new SchemaChange.CreateTrigger(name, words.object(), orReplace));
        words.rest();
    }

    private void createRoutine(boolean orReplace) {
        ObjectName name = words.object();
        boolean isInBrackets = words.take("(");
        List<CreateRoutine.Parameter> parameters = new ArrayList<>();
        Words.Word word = words.peek();
        while (word != null && word.text().startsWith("@")) {
            String parameter = words.name();
            words.take("AS");
            ColumnType type = definitions.type();
            words.take("NULL");
            boolean hasDefault = words.take("=");
            if (hasDefault) {
                words.until(",", "OUTPUT", "OUT", "READONLY", "AS", "WITH");
            }
            boolean isOutput = !words.takeOneOf("OUTPUT", "OUT").isEmpty();
            words.take("READONLY");
            if (!isOutput) {
                parameters.add(new CreateRoutine.Parameter(parameter, type, hasDefault));
            }
            if (!words.take(",")) {
                break;
            }
            word = words.peek();
        }
        if (isInBrackets) {
            words.expect(")");
        }
        String returns =
                words.take("RETURNS") ? words.until("AS", "WITH", "BEGIN").toLowerCase(Locale.ROOT) : "";
        if (words.take("WITH")) {
            words.until("AS");
        }
        words.take("AS");
        add(new CreateRoutine(name, parameters, returns, words.rest(), orReplace));
    }

    // DROP.

    private void drop() {
        ObjectKind kind = kind();
        boolean ifExists = words.take("IF", "EXISTS");
        List<ObjectName> names = new ArrayList<>();
        do {
            names.add(words.object());
            if (kind == ObjectKind.INDEX && words.take("ON")) {
                ObjectName index = names.remove(names.size() - 1);
                ObjectName table = words.object();
                add(new Drop(kind, index.in(table.schema()), table, null, ifExists, false, false));
            }
        } while (words.take(","));
        ifExists |= words.take("IF", "EXISTS");
        boolean cascade = words.take("CASCADE");
        words.take("RESTRICT");
        words.take("CONSTRAINTS");
        if (isSqlServer && words.take("WITH")) {
            words.inBrackets();
        }
        if (isSqlServer && kind == ObjectKind.TRIGGER && words.isNext("ON")) {
            throw words.unexpected();
        }
        for (ObjectName name : names) {
            boolean isOld =
                    isSqlServer && kind == ObjectKind.INDEX && !name.schema().isEmpty();
            // DROP INDEX table.index
            add(
                    isOld
                            ? new Drop(
                                    kind,
                                    ObjectName.of(name.name()),
                                    ObjectName.of(name.schema()),
                                    null,
                                    ifExists,
                                    cascade,
                                    false)
                            : new Drop(kind, name, null, null, ifExists, cascade, false));
        }
    }

    private ObjectKind kind() {
        Words.Word word = words.next();
        return switch (word.text().toUpperCase(Locale.ROOT)) {
            case "TABLE" -> ObjectKind.TABLE;
            case "VIEW" -> ObjectKind.VIEW;
            // Read as a view when it is made.
            case "SYNONYM" -> ObjectKind.VIEW;
            case "INDEX" -> ObjectKind.INDEX;
            case "SEQUENCE" -> ObjectKind.SEQUENCE;
            case "SCHEMA" -> ObjectKind.SCHEMA;
            case "DATABASE" -> ObjectKind.DATABASE;
            case "DOMAIN" -> ObjectKind.DOMAIN;
            case "TYPE" -> ObjectKind.TYPE;
            case "TRIGGER" -> ObjectKind.TRIGGER;
            case "FUNCTION", "PROCEDURE", "PROC", "ALIAS", "AGGREGATE" -> ObjectKind.ROUTINE;
            case "CONSTANT" -> ObjectKind.OTHER;
            default -> throw new Words.UnexpectedWordException("what DROP " + word.text() + " does is not known here");
        };
    }

    // ALTER, but not of tables.

    private void alter() {
        if (isSqlServer && words.take("VIEW")) {
            createView(true, false);
        } else if (words.take("VIEW")) {
            boolean ifExists = words.take("IF", "EXISTS");
            ObjectName view = words.object();
            if (words.take("RECOMPILE")) {
                add(new NoEffect("RECOMPILE" + (ifExists ? " IF EXISTS" : "")));
            } else {
                words.expect("RENAME", "TO");
                add(new Rename(ObjectKind.VIEW, view, words.object().in(view.schema()), null));
            }
        } else if (isSqlServer
                && !words.takeOneOf("PROCEDURE", "PROC", "FUNCTION").isEmpty()) {
            createRoutine(true);
        } else if (isSqlServer && words.take("TRIGGER")) {
            createTrigger(true);
        } else if (words.take("SEQUENCE")) {
            words.take("IF", "EXISTS");
            ObjectName name = words.object();
            String options = words.restOfOne().toUpperCase(Locale.ROOT);
            boolean changesNumbers = !options.matches("((NO\\s+)?CACHE(\\s+\\d+)?\\s*)+");
            add(new SchemaChange.AlterSequence(name, changesNumbers));
        } else if (words.take("INDEX")) {
            alterIndex();
        } else if (words.take("SCHEMA")) {
            String schema = words.name();
            if (words.take("TRANSFER")) {
                transfer(schema);
            } else {
                words.expect("RENAME", "TO");
                add(new Rename(ObjectKind.SCHEMA, ObjectName.of(schema), ObjectName.of(words.name()), null));
            }
        } else {
            throw words.unexpected();
        }
    }

    private void transfer(String schema) {
        ObjectKind kind = ObjectKind.TABLE;
        if (words.take("OBJECT", ":", ":") || words.take("TYPE", ":", ":")) {
            Words.Word first = words.peek(-3);
            kind = first != null && first.is("TYPE") ? ObjectKind.TYPE : ObjectKind.TABLE;
        }
        add(new SchemaChange.MoveToSchema(kind, words.object(), schema));
    }

    private void alterIndex() {
        words.take("IF", "EXISTS");
        ObjectName index = words.object();
        if (words.take("RENAME", "TO")) {
            add(new Rename(ObjectKind.INDEX, index, words.object().in(index.schema()), null));
            return;
        }
        words.expect("ON");
        ObjectName table = words.object();
        String how = words.takeOneOf("REBUILD", "REORGANIZE");
        if (how.isEmpty()) {
            throw words.unexpected();
        }
        String options = words.isNext("WITH", "(") ? alterIndexOptions() : "";
        options = options.replaceAll("\\s", "").toUpperCase(Locale.ROOT);
        add(new SchemaChange.Reindex(
                index + " on " + table, how.equals("reorganize") || options.contains("ONLINE=ON")));
    }

    private String alterIndexOptions() {
        words.expect("WITH");
        return words.inBrackets();
    }

    // Rights, the session, procedures of the system.

    private void truncate() {
        add(new SchemaChange.TruncateTable(words.object(), false));
        if (!words.take("RESTART", "IDENTITY")) {
            words.take("CONTINUE", "IDENTITY");
        }
    }

    private void rights() {
        boolean isGrant = words.isNext("GRANT");
        words.next();
        words.take("GRANT", "OPTION", "FOR");
        String written = words.until("ON", "TO", "FROM");
        List<String> privileges = new ArrayList<>();
        for (String privilege : written.split(",(?![^(]*\\))", -1)) {
            String name = privilege.strip().toLowerCase(Locale.ROOT);
            privileges.add(name.startsWith("all") ? "all" : name);
        }
        if (!words.take("ON")) {
            words.restOfOne();
            add(
                    isGrant
                            ? new NoEffect("GRANT of a role")
                            : new NotUnderstood("what was allowed by the right or the role: " + written));
            return;
        }
        ObjectKind kind = ObjectKind.TABLE;
        if (words.take("SCHEMA")) {
            kind = ObjectKind.SCHEMA;
            words.take(":", ":");
        } else {
            words.take("OBJECT", ":", ":");
        }
        List<ObjectName> objects = new ArrayList<>();
        do {
            objects.add(words.object());
        } while (words.take(","));
        if (words.isNext("(")) {
            words.columns();
        }
        if (!words.take("TO")) {
            words.expect("FROM");
        }
        List<String> roles = new ArrayList<>();
        do {
            roles.add(words.name());
        } while (words.take(","));
        words.take("WITH", "GRANT", "OPTION");
        words.take("CASCADE");
        add(
                isGrant
                        ? new SchemaChange.Grant(privileges, kind, objects, roles)
                        : new SchemaChange.Revoke(privileges, kind, objects, roles));
    }

    private void set() {
        words.expect("SET");
        Words.Word first = words.next();
        if (first.text().startsWith("@")) {
            throw new Words.UnexpectedWordException("a variable of a batch: " + first.text());
        }
        if (!words.take("=")) {
            words.take("TO");
        }
        String value = words.restOfOne();
        add(new SetSession(first.text().toLowerCase(Locale.ROOT), MySqlTypes.unquoted(value)));
    }

    /** Of the procedures that can be called, those that rename and those that remark are known. */
    private void execute() {
        words.takeOneOf("EXEC", "EXECUTE");
        List<String> procedure = words.dotted();
        String name = folding.name(procedure.get(procedure.size() - 1));
        if (isSqlServer && name.matches("sp_(add|update|drop)extendedproperty")) {
            words.restOfOne();
            add(new NoEffect("a remark"));
            return;
        }
        if (!isSqlServer || !name.equals("sp_rename")) {
            throw new Words.UnexpectedWordException("what the procedure " + String.join(".", procedure) + " does");
        }
        List<String> arguments = new ArrayList<>();
        do {
            Words.Word word = words.next();
            if (word.text().startsWith("@") && words.take("=")) {
                word = words.next();
            }
            arguments.add(
                    word.kind() == Words.Kind.TEXT
                            ? MySqlTypes.unquoted(word.text().replaceFirst("^[nN]'", "'"))
                            : word.text());
        } while (words.take(","));
        if (arguments.size() < 2 || arguments.size() > 3) {
            throw new Words.UnexpectedWordException("sp_rename with " + arguments.size() + " arguments");
        }
        String kind = arguments.size() == 3 ? arguments.get(2).toUpperCase(Locale.ROOT) : "OBJECT";
        renamed(kind, arguments.get(0), folding.name(arguments.get(1)));
    }

    private void renamed(String kind, String from, String to) {
        Words path = Words.of(from, folding);
        List<String> names = path.dotted().stream().map(folding::name).toList();
        path.expectEnd();
        String last = names.get(names.size() - 1);
        if (kind.equals("COLUMN") || kind.equals("INDEX")) {
            if (names.size() < 2) {
                throw new Words.UnexpectedWordException("sp_rename of a column without its table: " + from);
            }
            ObjectName table =
                    new ObjectName(names.size() > 2 ? names.get(names.size() - 3) : "", names.get(names.size() - 2));
            add(
                    kind.equals("COLUMN")
                            ? new SchemaChange.RenameColumn(table, last, to)
                            : new Rename(ObjectKind.INDEX, table.named(last), table.named(to), table));
        } else if (Set.of("OBJECT", "USERDATATYPE").contains(kind)) {
            ObjectName object = new ObjectName(names.size() > 1 ? names.get(names.size() - 2) : "", last);
            ObjectKind of = kind.equals("OBJECT") ? ObjectKind.TABLE : ObjectKind.TYPE;
            add(new Rename(of, object, object.named(to), null));
        } else {
            throw new Words.UnexpectedWordException("sp_rename of a " + kind);
        }
    }

    /** {@code MERGE INTO … KEY (…)} of H2, which updates what has the key and inserts the rest. */
    private boolean mergeByKey() {
        if (isSqlServer) {
            return false;
        }
        int at = words.position();
        words.expect("MERGE", "INTO");
        ObjectName table = words.object();
        if (words.isNext("(")) {
            words.columns();
        }
        boolean isValues = words.isNext("VALUES") || words.isNext("KEY") || words.isNext("SELECT");
        if (!isValues) {
            words.back(at);
            return false;
        }
        if (words.take("KEY")) {
            words.columns();
        }
        String rows = words.rest();
        boolean isQuery = rows.toUpperCase(Locale.ROOT).startsWith("SELECT");
        Queries.Query query = isQuery ? Queries.read(rows, dialect) : null;
        add(new SchemaChange.InsertRows(table, query == null ? List.of() : query.sources(), true));
        return true;
    }

    private void add(SchemaChange change) {
        changes.add(change);
    }
}
