package io.github.rollback4j.migrations.reading;

import io.debezium.antlr.CaseChangingCharStream;
import io.debezium.ddl.parser.oracle.generated.PlSqlLexer;
import io.debezium.ddl.parser.oracle.generated.PlSqlParser;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;
import java.util.function.Function;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.TokenSource;

/** Reads Oracle by Debezium's grammar, and the few forms that it does not know word by word. */
final class OracleGrammar implements Grammar {

    private final Function<TokenSource, CommonTokenStream> tokens;

    /**
     * Makes a grammar.
     *
     * @param tokens makes the tokens of each statement, and may watch the time there
     */
    OracleGrammar(Function<TokenSource, CommonTokenStream> tokens) {
        this.tokens = tokens;
    }

    @Override
    public List<SchemaChange> read(String statement) throws SyntaxException {
        OracleWords words;
        try {
            words = new OracleWords(statement);
        } catch (Words.UnexpectedWordException exception) {
            // Quotes of Oracle's own: q'[it's]'.
            return changes(statement);
        }
        try {
            List<SchemaChange> known = words.read();
            return known.isEmpty() ? words.completed(changes(words.statement())) : known;
        } catch (Words.UnexpectedWordException exception) {
            throw new SyntaxException(String.valueOf(exception.getMessage()));
        }
    }

    private List<SchemaChange> changes(String statement) throws SyntaxException {
        return parse(statement).read(tree -> new OracleChanges().of(tree));
    }

    /** Some rules of the grammar want the semicolon that is cut off at the end of a statement, some forbid it. */
    private SyntaxTree parse(String statement) throws SyntaxException {
        try {
            GeneratedParser parser = PlSql.parser(tokens);
            try {
                return parser.parse(statement);
            } catch (SyntaxException exception) {
                try {
                    return parser.parse(statement + "\n;");
                } catch (SyntaxException again) {
                    throw exception;
                }
            }
        } catch (LinkageError error) {
            throw new SyntaxException(
                    "the grammar of Oracle is not on the class path: add io.debezium:debezium-ddl-parser");
        }
    }

    // A class of its own, so that the grammar is loaded only where it is used.

    private static final class PlSql {

        static GeneratedParser parser(Function<TokenSource, CommonTokenStream> tokens) {
            return new GeneratedParser(
                    characters -> new PlSqlLexer(new CaseChangingCharStream(characters, true)),
                    PlSqlParser::new,
                    parser -> ((PlSqlParser) parser).sql_script(),
                    tokens);
        }
    }
}
