package io.github.rollback4j.migrations.reading;

import io.debezium.antlr.CaseChangingCharStream;
import io.debezium.ddl.parser.oracle.generated.PlSqlLexer;
import io.debezium.ddl.parser.oracle.generated.PlSqlParser;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;

/** Reads Oracle by Debezium's grammar, and the few forms that it does not know word by word. */
final class OracleGrammar implements Grammar {

    @Override
    public List<SchemaChange> read(String statement) throws SyntaxException {
        try {
            return changes(statement);
        } catch (StackOverflowError error) {
            throw new SyntaxException("the statement is nested too deeply");
        } catch (RuntimeException exception) {
            // A tree that the reader does not expect: what it has read so far may be a half.
            return List.of(new SchemaChange.NotUnderstood(
                    "the statement is built otherwise than expected: " + exception.getMessage()));
        } catch (LinkageError error) {
            throw new SyntaxException(
                    "the grammar of Oracle is not on the class path: add io.debezium:debezium-ddl-parser");
        }
    }

    private static List<SchemaChange> changes(String statement) throws SyntaxException {
        OracleWords words;
        try {
            words = new OracleWords(statement);
        } catch (Words.UnexpectedWordException exception) {
            // Quotes of Oracle's own: q'[it's]'.
            return new OracleChanges().of(parse(statement));
        }
        try {
            List<SchemaChange> known = words.read();
            return known.isEmpty() ? words.completed(new OracleChanges().of(parse(words.statement()))) : known;
        } catch (Words.UnexpectedWordException exception) {
            throw new SyntaxException(String.valueOf(exception.getMessage()));
        }
    }

    /** Some rules of the grammar want the semicolon that is cut off at the end of a statement, some forbid it. */
    private static SyntaxTree parse(String statement) throws SyntaxException {
        GeneratedParser parser = PlSql.parser();
        try {
            return parser.parse(statement);
        } catch (SyntaxException exception) {
            try {
                return parser.parse(statement + "\n;");
            } catch (SyntaxException again) {
                throw exception;
            }
        }
    }

    // A class of its own, so that the grammar is loaded only where it is used.

    private static final class PlSql {

        static GeneratedParser parser() {
            return new GeneratedParser(
                    characters -> new PlSqlLexer(new CaseChangingCharStream(characters, true)),
                    PlSqlParser::new,
                    parser -> ((PlSqlParser) parser).sql_script());
        }
    }
}
