package io.github.rollback4j.migrations.reading;

import io.debezium.ddl.parser.mariadb.generated.MariaDBLexer;
import io.debezium.ddl.parser.mariadb.generated.MariaDBParser;
import io.debezium.ddl.parser.mysql.generated.MySqlLexer;
import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;

/** Reads MySQL and MariaDB by Debezium's grammars: two sets of generated classes, whose rules are nearly the same. */
final class DebeziumGrammar implements Grammar {

    private final boolean isMariaDb;

    private DebeziumGrammar(boolean isMariaDb) {
        this.isMariaDb = isMariaDb;
    }

    static Grammar ofMySql() {
        return new DebeziumGrammar(false);
    }

    static Grammar ofMariaDb() {
        return new DebeziumGrammar(true);
    }

    @Override
    public List<SchemaChange> read(String statement) throws SyntaxException {
        try {
            GeneratedParser parser = isMariaDb ? MariaDb.parser() : MySql.parser();
            SyntaxTree root = parser.parse(ExecutableComments.opened(statement, isMariaDb));
            return new MySqlChanges(isMariaDb).of(root);
        } catch (StackOverflowError error) {
            throw new SyntaxException("the statement is nested too deeply");
        } catch (RuntimeException exception) {
            // A tree that the reader does not expect: what it has read so far may be a half.
            return List.of(new SchemaChange.NotUnderstood(
                    "the statement is built otherwise than expected: " + exception.getMessage()));
        } catch (LinkageError error) {
            throw new SyntaxException(
                    "the grammar of MySQL and MariaDB is not on the class path: add io.debezium:debezium-ddl-parser");
        }
    }

    // A class each, so that only the grammar in use is loaded, and none where the library is missing.

    private static final class MySql {

        static GeneratedParser parser() {
            return new GeneratedParser(MySqlLexer::new, MySqlParser::new, parser -> ((MySqlParser) parser).root());
        }
    }

    private static final class MariaDb {

        static GeneratedParser parser() {
            return new GeneratedParser(
                    MariaDBLexer::new, MariaDBParser::new, parser -> ((MariaDBParser) parser).root());
        }
    }
}
