package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.LockTable;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.RefreshView;
import io.github.rollback4j.migrations.schema.SchemaChange.Reindex;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction.Mark;
import io.github.rollback4j.migrations.schema.SchemaChange.TruncateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads statements of PostgreSQL 18, after the synopses of its manual. Expressions are taken as written, whatever stands in them.
 *
 * <p>A change of owner is a {@link SchemaChange.Revoke} of {@code ownership} from whoever had it, and a {@link SchemaChange.Grant}
 * of it; membership in a role is the privilege {@code membership} of the role.
 */
final class PostgresGrammar implements Grammar {

    private final Supplier<Deadline> deadlines;

    /**
     * Makes a grammar.
     *
     * @param deadlines starts the deadline of each statement
     */
    PostgresGrammar(Supplier<Deadline> deadlines) {
        this.deadlines = deadlines;
    }

    @Override
    public List<SchemaChange> read(String statement) throws SyntaxException {
        return read(PostgresTokens.of(statement, deadlines.get()), false);
    }

    /**
     * Reads one statement.
     *
     * @param isInBlock whether it stands in a block, where INTO names variables
     */
    static List<SchemaChange> read(PostgresTokens tokens, boolean isInBlock) throws SyntaxException {
        List<SchemaChange> changes = change(tokens, isInBlock);
        tokens.expectEnd();
        if (changes.isEmpty()) {
            throw new SyntaxException("nothing is changed by it");
        }
        return changes;
    }

    private static List<SchemaChange> change(PostgresTokens tokens, boolean isInBlock) throws SyntaxException {
        if (PostgresRows.isAtRows(tokens)) {
            return PostgresRows.read(tokens, isInBlock);
        }
        String verb = tokens.token().word();
        if (verb.isEmpty()) {
            throw tokens.stopped("a statement");
        }
        tokens.next();
        return switch (verb) {
            case "CREATE" -> PostgresObjects.create(tokens);
            case "ALTER" -> PostgresObjects.alter(tokens);
            case "DROP" -> PostgresObjects.drop(tokens);
            case "GRANT" -> PostgresRights.grantOrRevoke(tokens, true);
            case "REVOKE" -> PostgresRights.grantOrRevoke(tokens, false);
            case "TRUNCATE" -> truncate(tokens);
            case "COPY" -> PostgresRows.copy(tokens);
            case "DO" -> block(tokens);
            case "SET" -> List.of(set(tokens));
            case "RESET" -> List.of(new SetSession(tokens.qualifiedName().toString(), "default"));
            case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT" -> transaction(tokens, verb);
            case "LOCK" -> lock(tokens);
            case "VACUUM" -> vacuum(tokens);
            case "CLUSTER" -> List.of(cluster(tokens));
            case "REINDEX" -> List.of(reindex(tokens));
            case "REFRESH" -> refresh(tokens);
            case "COMMENT" -> comment(tokens);
            case "EXPLAIN" -> explain(tokens, isInBlock);
            case "DISCARD" -> discard(tokens);
            case "SAVEPOINT",
                    "RELEASE",
                    "SHOW",
                    "ANALYZE",
                    "ANALYSE",
                    "CHECKPOINT",
                    "LISTEN",
                    "UNLISTEN",
                    "DEALLOCATE",
                    "PREPARE",
                    "DECLARE",
                    "FETCH",
                    "MOVE",
                    "CLOSE" -> harmless(tokens, verb);
            case "CALL", "EXECUTE", "NOTIFY", "LOAD", "IMPORT", "REASSIGN", "SECURITY" -> {
                String what = tokens.writtenRest();
                yield List.of(new NotUnderstood(verb + " may do anything: " + what));
            }
            default -> {
                tokens.moveTo(tokens.position() - 1);
                throw tokens.stopped("a statement");
            }
        };
    }

    private static List<SchemaChange> harmless(PostgresTokens tokens, String verb) {
        String what = verb.toLowerCase(Locale.ROOT);
        if (verb.equals("PREPARE") && tokens.at("TRANSACTION")) {
            tokens.writtenRest();
            return List.of(new NotUnderstood("a transaction that is prepared may or may not be committed"));
        }
        tokens.writtenRest();
        return List.of(new NoEffect(what));
    }

    private static List<SchemaChange> truncate(PostgresTokens tokens) throws SyntaxException {
        tokens.take("TABLE");
        List<ObjectName> tables = new ArrayList<>();
        do {
            tokens.take("ONLY");
            tables.add(tokens.qualifiedName());
            tokens.take("*");
        } while (tokens.take(","));
        if (!tokens.take("RESTART", "IDENTITY")) {
            tokens.take("CONTINUE", "IDENTITY");
        }
        boolean cascade = PostgresTables.cascade(tokens);
        return tables.stream()
                .<SchemaChange>map(table -> new TruncateTable(table, cascade))
                .toList();
    }

    private static List<SchemaChange> block(PostgresTokens tokens) throws SyntaxException {
        String language = "plpgsql";
        String body = "";
        boolean hasBody = false;
        while (!tokens.isAtEnd()) {
            if (tokens.take("LANGUAGE")) {
                language = tokens.nameOrString();
            } else {
                body = tokens.string();
                hasBody = true;
            }
        }
        if (!hasBody) {
            throw tokens.stopped("a block");
        }
        if (!language.equalsIgnoreCase("plpgsql")) {
            return List.of(new NotUnderstood("a block in the language " + language));
        }
        return PostgresBlocks.read(body, tokens.deadline());
    }

    private static SchemaChange set(PostgresTokens tokens) throws SyntaxException {
        if (tokens.at("SESSION", "CHARACTERISTICS") || tokens.at("TRANSACTION") || tokens.at("CONSTRAINTS")) {
            String what = tokens.writtenRest();
            return new NoEffect("how transactions behave: " + what);
        }
        if (tokens.at("SESSION", "AUTHORIZATION")) {
            tokens.next();
            tokens.next();
            return new SetSession("session_authorization", tokens.nameOrString());
        }
        if (!tokens.at("LOCAL", "=") && !tokens.at("LOCAL", "TO") && !tokens.take("LOCAL")) {
            tokens.take("SESSION");
        }
        if (tokens.take("TIME", "ZONE")) {
            return new SetSession("timezone", unquoted(tokens));
        }
        if (tokens.take("ROLE")) {
            return new SetSession("role", unquoted(tokens));
        }
        if (tokens.take("NAMES")) {
            return new SetSession("client_encoding", unquoted(tokens));
        }
        if (tokens.take("SCHEMA")) {
            return new SetSession("search_path", unquoted(tokens));
        }
        if (tokens.take("XML", "OPTION")) {
            return new SetSession("xmloption", unquoted(tokens));
        }
        String name = tokens.qualifiedName().toString();
        if (!tokens.take("TO")) {
            tokens.expect("=");
        }
        return new SetSession(name, unquoted(tokens));
    }

    /** Takes a value as written; one string without its quotes. */
    private static String unquoted(PostgresTokens tokens) throws SyntaxException {
        if (tokens.isAtEnd()) {
            throw tokens.stopped("a value");
        }
        if (tokens.at("DEFAULT") && tokens.position() == tokens.end() - 1) {
            return tokens.name();
        }
        boolean isString =
                tokens.position() == tokens.end() - 1 && tokens.token().kind() == Kind.STRING;
        return isString ? tokens.string() : tokens.writtenRest();
    }

    private static List<SchemaChange> transaction(PostgresTokens tokens, String verb) throws SyntaxException {
        if (tokens.at("PREPARED")) {
            tokens.writtenRest();
            return List.of(new NotUnderstood("a transaction that was prepared elsewhere ends"));
        }
        boolean isBegin = verb.equals("BEGIN") || verb.equals("START");
        if (!tokens.take("TRANSACTION") && !verb.equals("START")) {
            tokens.take("WORK");
        }
        if (isBegin) {
            // Isolation and the like follow.
            tokens.writtenRest();
            return List.of(new Transaction(Mark.BEGIN));
        }
        boolean isCommit = verb.equals("COMMIT") || verb.equals("END");
        if (!isCommit && tokens.take("TO")) {
            tokens.take("SAVEPOINT");
            return List.of(new NotUnderstood(
                    "what came after savepoint " + tokens.name() + " is rolled back, and the rest is not"));
        }
        List<SchemaChange> changes = new ArrayList<>();
        changes.add(new Transaction(isCommit ? Mark.COMMIT : Mark.ROLLBACK));
        if (tokens.take("AND")) {
            if (!tokens.take("NO")) {
                changes.add(new Transaction(Mark.BEGIN));
            }
            tokens.expect("CHAIN");
        }
        return changes;
    }

    private static List<SchemaChange> lock(PostgresTokens tokens) throws SyntaxException {
        tokens.take("TABLE");
        List<ObjectName> tables = new ArrayList<>();
        do {
            tokens.take("ONLY");
            tables.add(tokens.qualifiedName());
            tokens.take("*");
        } while (tokens.take(","));
        String mode = "access exclusive";
        if (tokens.take("IN")) {
            StringBuilder words = new StringBuilder();
            while (!tokens.at("MODE")) {
                words.append(words.isEmpty() ? "" : " ").append(tokens.name());
            }
            tokens.expect("MODE");
            mode = words.toString();
        }
        tokens.take("NOWAIT");
        String written = mode;
        return tables.stream()
                .<SchemaChange>map(table -> new LockTable(table, written))
                .toList();
    }

    private static List<SchemaChange> vacuum(PostgresTokens tokens) throws SyntaxException {
        boolean isFull = false;
        if (tokens.at("(")) {
            for (PostgresTokens option : tokens.brackets().elements()) {
                if (option.take("FULL")) {
                    isFull = option.isAtEnd() || isOn(option);
                }
            }
        }
        boolean isOption = true;
        while (isOption) {
            boolean isFullNow = tokens.take("FULL");
            isFull |= isFullNow;
            isOption = isFullNow
                    || !tokens.takeAny("FREEZE", "VERBOSE", "ANALYZE", "ANALYSE")
                            .isEmpty();
        }
        List<ObjectName> tables = new ArrayList<>();
        while (!tokens.isAtEnd()) {
            tokens.take("ONLY");
            tables.add(tokens.qualifiedName());
            tokens.take("*");
            if (tokens.at("(")) {
                tokens.brackets();
            }
            if (!tokens.take(",")) {
                tokens.expectEnd();
            }
        }
        if (!isFull) {
            return List.of(new NoEffect("vacuum"));
        }
        return tables.isEmpty()
                ? List.of(new RewriteTable(null, "VACUUM FULL", false))
                : tables.stream()
                        .<SchemaChange>map(table -> new RewriteTable(table, "VACUUM FULL", false))
                        .toList();
    }

    private static boolean isOn(PostgresTokens option) throws SyntaxException {
        return !Set.of("false", "off", "0", "no").contains(option.nameOrString().toLowerCase(Locale.ROOT));
    }

    private static SchemaChange cluster(PostgresTokens tokens) throws SyntaxException {
        if (tokens.at("(")) {
            tokens.brackets();
        }
        tokens.take("VERBOSE");
        if (tokens.isAtEnd()) {
            return new RewriteTable(null, "CLUSTER", false);
        }
        ObjectName table = tokens.qualifiedName();
        if (tokens.take("ON")) {
            table = tokens.qualifiedName();
        } else if (tokens.take("USING")) {
            tokens.name();
        }
        return new RewriteTable(table, "CLUSTER", false);
    }

    private static SchemaChange reindex(PostgresTokens tokens) throws SyntaxException {
        boolean concurrently = false;
        if (tokens.at("(")) {
            for (PostgresTokens option : tokens.brackets().elements()) {
                if (option.take("CONCURRENTLY")) {
                    concurrently = option.isAtEnd() || isOn(option);
                }
            }
        }
        String kind = tokens.takeAny("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM");
        if (kind.isEmpty()) {
            throw tokens.stopped("INDEX, TABLE, SCHEMA, DATABASE or SYSTEM");
        }
        concurrently |= tokens.take("CONCURRENTLY");
        boolean isNamed = !tokens.isAtEnd() || kind.equals("INDEX") || kind.equals("TABLE") || kind.equals("SCHEMA");
        String what = isNamed ? tokens.qualifiedName().toString() : kind.toLowerCase(Locale.ROOT);
        return new Reindex(what, concurrently);
    }

    private static List<SchemaChange> refresh(PostgresTokens tokens) throws SyntaxException {
        tokens.expect("MATERIALIZED", "VIEW");
        boolean concurrently = tokens.take("CONCURRENTLY");
        ObjectName name = tokens.qualifiedName();
        List<SchemaChange> changes = new ArrayList<>();
        changes.add(new RefreshView(name, concurrently));
        if (tokens.take("WITH", "NO", "DATA")) {
            changes.add(new NotUnderstood(
                    "materialized view " + name + " is emptied, and cannot be read until it is filled"));
        } else {
            tokens.take("WITH", "DATA");
        }
        return changes;
    }

    private static List<SchemaChange> comment(PostgresTokens tokens) throws SyntaxException {
        tokens.expect("ON");
        while (!tokens.isAtEnd() && !(tokens.at("IS") && tokens.position() >= tokens.end() - 2)) {
            tokens.skipBalanced();
        }
        tokens.expect("IS");
        if (!tokens.take("NULL")) {
            tokens.string();
        }
        return List.of(new NoEffect("a comment"));
    }

    private static List<SchemaChange> explain(PostgresTokens tokens, boolean isInBlock) throws SyntaxException {
        boolean isRun = false;
        if (tokens.at("(") && !tokens.token(1).word().equals("SELECT")) {
            PostgresTokens options = tokens.brackets();
            for (PostgresTokens option : options.elements()) {
                isRun |= option.at("ANALYZE") || option.at("ANALYSE");
            }
        }
        isRun |= !tokens.takeAny("ANALYZE", "ANALYSE").isEmpty();
        tokens.take("VERBOSE");
        List<SchemaChange> changes = change(tokens, isInBlock);
        return isRun ? changes : List.of(new NoEffect("a plan is shown"));
    }

    private static List<SchemaChange> discard(PostgresTokens tokens) throws SyntaxException {
        return List.of(
                tokens.name().equals("all") ? new SetSession("all", "default") : new NoEffect("what a session keeps"));
    }
}
