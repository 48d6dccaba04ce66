package io.github.rollback4j.migrations.reading;

import io.debezium.ddl.parser.mariadb.generated.MariaDBLexer;
import io.debezium.ddl.parser.mariadb.generated.MariaDBParser;
import io.debezium.ddl.parser.mysql.generated.MySqlLexer;
import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;
import java.util.function.Function;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.TokenSource;

/** Reads MySQL and MariaDB by Debezium's grammars: two sets of generated classes, whose rules are nearly the same. */
final class DebeziumGrammar implements Grammar {

    private final boolean isMariaDb;
    private final Function<TokenSource, CommonTokenStream> tokens;

    private DebeziumGrammar(boolean isMariaDb, Function<TokenSource, CommonTokenStream> tokens) {
        this.isMariaDb = isMariaDb;
        this.tokens = tokens;
    }

    /**
     * Returns the grammar of MySQL.
     *
     * @param tokens makes the tokens of each statement, and may watch the time there
     */
    static Grammar ofMySql(Function<TokenSource, CommonTokenStream> tokens) {
        return new DebeziumGrammar(false, tokens);
    }

    /**
     * Returns the grammar of MariaDB.
     *
     * @param tokens makes the tokens of each statement, and may watch the time there
     */
    static Grammar ofMariaDb(Function<TokenSource, CommonTokenStream> tokens) {
        return new DebeziumGrammar(true, tokens);
    }

    @Override
    public List<SchemaChange> read(String statement) throws SyntaxException {
        String opened = ExecutableComments.opened(statement, isMariaDb);
        MySqlView view = MySqlView.of(opened, isMariaDb ? SqlDialect.MARIADB : SqlDialect.MYSQL);
        return view == null ? changes(opened) : view.completed(changes(view.frame()));
    }

    private List<SchemaChange> changes(String statement) throws SyntaxException {
        return parse(statement).read(tree -> new MySqlChanges(isMariaDb).of(tree));
    }

    private SyntaxTree parse(String statement) throws SyntaxException {
        try {
            return (isMariaDb ? MariaDb.parser(tokens) : MySql.parser(tokens)).parse(statement);
        } catch (LinkageError error) {
            throw new SyntaxException(
                    "the grammar of MySQL and MariaDB is not on the class path: add io.debezium:debezium-ddl-parser");
        }
    }

    // A class each, so that only the grammar in use is loaded, and none where the library is missing.

    private static final class MySql {

        static GeneratedParser parser(Function<TokenSource, CommonTokenStream> tokens) {
            return new GeneratedParser(
                    MySqlLexer::new, MySqlParser::new, parser -> ((MySqlParser) parser).root(), tokens);
        }
    }

    private static final class MariaDb {

        static GeneratedParser parser(Function<TokenSource, CommonTokenStream> tokens) {
            return new GeneratedParser(
                    MariaDBLexer::new, MariaDBParser::new, parser -> ((MariaDBParser) parser).root(), tokens);
        }
    }
}
