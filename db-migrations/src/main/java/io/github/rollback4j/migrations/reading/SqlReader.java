package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.ScriptSplitter.Comment;
import io.github.rollback4j.migrations.reading.ScriptSplitter.Piece;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Reads scripts of one dialect. Thread-safe; to be shared, since grammars get faster the more they have read. Never throws for what
 * a script says, never leaves a statement out, and gives each statement 5 seconds at most.
 */
public final class SqlReader {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** What a grammar's recursion is sure to bear, and nobody writes. */
    private static final int DEEPEST = 300;

    private static final int LONGEST = 4_000_000;

    private static final String TOO_DEEP = "it is nested too deeply";

    private final SqlDialect dialect;
    private final List<Grammar> grammars;

    private SqlReader(SqlDialect dialect, List<Grammar> grammars) {
        this.dialect = dialect;
        this.grammars = grammars;
    }

    /** Returns the reader of a dialect. */
    public static SqlReader of(SqlDialect dialect) {
        return of(dialect, LIMIT, System::nanoTime);
    }

    static SqlReader of(SqlDialect dialect, Duration limit, LongSupplier nanoTicker) {
        Supplier<Deadline> deadlines = () -> Deadline.after(limit, nanoTicker);
        List<Grammar> grammars = switch (dialect) {
            // What it refuses nobody else can read rightly.
            case POSTGRESQL -> List.of(new PostgresGrammar(deadlines));
            case MYSQL ->
                List.of(
                        DebeziumGrammar.ofMySql(tokens -> new TimedTokens(tokens, deadlines.get())),
                        JSqlParserGrammar.of(dialect));
            case MARIADB ->
                List.of(
                        DebeziumGrammar.ofMariaDb(tokens -> new TimedTokens(tokens, deadlines.get())),
                        JSqlParserGrammar.of(dialect));
            case ORACLE ->
                List.of(
                        new OracleGrammar(tokens -> new TimedTokens(tokens, deadlines.get())),
                        JSqlParserGrammar.of(dialect));
            case H2, SQLSERVER -> List.of(JSqlParserGrammar.of(dialect));
        };
        return new SqlReader(dialect, grammars);
    }

    /** Returns a reader that asks these grammars, in this order. */
    static SqlReader of(SqlDialect dialect, List<Grammar> grammars) {
        return new SqlReader(dialect, List.copyOf(grammars));
    }

    /** Reads a script: its statements in order, and what each changes. What is empty, or only a comment, is left away. */
    public List<Statement> read(String script) {
        return ScriptSplitter.split(script, dialect).stream()
                .map(piece -> new Statement(piece.text(), piece.line(), changesOf(piece)))
                .toList();
    }

    /**
     * Returns the comments that stand before a script's statements. Those behind the last statement belong to none.
     *
     * @return one list for each statement that {@link #read} returns
     */
    List<List<Comment>> commentsBefore(String script) {
        return ScriptSplitter.split(script, dialect).stream()
                .map(Piece::comments)
                .toList();
    }

    private List<SchemaChange> changesOf(Piece piece) {
        if (!piece.problem().isEmpty()) {
            return notUnderstood(piece.problem());
        }
        if (piece.kind() == Piece.Kind.CLIENT_ONLY) {
            return List.of(new NoEffect("a command for the client"));
        }
        if (piece.nesting() > DEEPEST) {
            return notUnderstood(TOO_DEEP);
        }
        if (piece.code().length() > LONGEST) {
            return notUnderstood("it is longer than " + LONGEST + " characters");
        }
        Set<String> reasons = new LinkedHashSet<>();
        for (Grammar grammar : grammars) {
            try {
                List<SchemaChange> changes = grammar.read(piece.code());
                if (!changes.isEmpty()) {
                    return changes;
                }
                reasons.add("the grammar failed: it found nothing");
            } catch (SyntaxException | Deadline.Passed e) {
                reasons.add(String.valueOf(e.getMessage()));
            } catch (StackOverflowError e) {
                reasons.add(TOO_DEEP);
            } catch (LinkageError e) {
                reasons.add("the grammar's library is not on the class path: " + e.getMessage());
            } catch (RuntimeException e) {
                // A grammar that fails must not be taken for one that found nothing.
                reasons.add("the grammar failed: " + e);
            }
        }
        return notUnderstood(
                reasons.isEmpty() ? "no grammar of " + dialect + " is at hand" : String.join("; ", reasons));
    }

    private static List<SchemaChange> notUnderstood(String reason) {
        return List.of(new NotUnderstood(reason));
    }
}
