package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the blocks of {@code DO}, in PL/pgSQL. A statement under IF, CASE, EXCEPTION or in a loop counts as if it ran, once. For
 * one block; for one thread.
 */
final class PostgresBlocks {

    private final PostgresTokens tokens;
    private final List<SchemaChange> changes = new ArrayList<>();

    private PostgresBlocks(PostgresTokens tokens) {
        this.tokens = tokens;
    }

    /** Reads the body of a block; what is not understood in it is said among its changes. */
    static List<SchemaChange> read(String body, Deadline deadline) throws SyntaxException {
        PostgresBlocks blocks = new PostgresBlocks(PostgresTokens.of(body, deadline));
        try {
            blocks.block();
            blocks.tokens.take(";");
            blocks.tokens.expectEnd();
        } catch (SyntaxException e) {
            blocks.changes.add(new NotUnderstood("in the block: " + e.getMessage()));
        }
        return blocks.changes.isEmpty()
                ? List.of(new NoEffect("a block that changes nothing"))
                : List.copyOf(blocks.changes);
    }

    private void block() throws SyntaxException {
        label();
        if (tokens.take("DECLARE")) {
            while (!tokens.at("BEGIN")) {
                if (!tokens.take("DECLARE")) {
                    effects(untilSemicolon());
                }
            }
        }
        tokens.expect("BEGIN");
        statements();
        if (tokens.take("EXCEPTION")) {
            while (tokens.take("WHEN")) {
                until("THEN");
                statements();
            }
        }
        tokens.expect("END");
        if (tokens.token().isName()) {
            tokens.name();
        }
    }

    private void label() throws SyntaxException {
        if (tokens.take("<<")) {
            tokens.name();
            tokens.expect(">>");
        }
    }

    private static final Set<String> ENDINGS = Set.of("END", "ELSE", "ELSIF", "ELSEIF", "EXCEPTION", "WHEN");

    private void statements() throws SyntaxException {
        while (!tokens.atAny(ENDINGS)) {
            if (tokens.isAtEnd()) {
                throw tokens.stopped("END");
            }
            statement();
        }
    }

    private void statement() throws SyntaxException {
        label();
        switch (tokens.token().word()) {
            case "DECLARE", "BEGIN" -> {
                block();
                tokens.expect(";");
            }
            case "IF" -> choice();
            case "CASE" -> cases();
            case "LOOP", "WHILE", "FOR", "FOREACH" -> loop();
            case "EXECUTE" -> execute(untilSemicolon());
            case "PERFORM" -> {
                PostgresTokens expression = untilSemicolon();
                expression.expect("PERFORM");
                effects(expression.rest());
            }
            case "RAISE", "ASSERT", "RETURN", "EXIT", "CONTINUE", "NULL", "GET", "OPEN", "FETCH", "MOVE", "CLOSE" ->
                simple();
            default -> sqlOrAssignment();
        }
    }

    private void simple() throws SyntaxException {
        PostgresTokens statement = untilSemicolon();
        if (statement.at("RETURN", "QUERY", "EXECUTE") || (statement.at("OPEN") && isExecuted(statement))) {
            changes.add(new NotUnderstood("in the block: a query that is worked out: " + statement.written()));
        } else {
            effects(statement);
        }
    }

    private static boolean isExecuted(PostgresTokens statement) {
        for (int i = statement.position(); i < statement.end(); i++) {
            if (statement.token(i - statement.position()).word().equals("EXECUTE")) {
                return true;
            }
        }
        return false;
    }

    private void choice() throws SyntaxException {
        tokens.expect("IF");
        until("THEN");
        statements();
        while (!tokens.takeAny("ELSIF", "ELSEIF").isEmpty()) {
            until("THEN");
            statements();
        }
        if (tokens.take("ELSE")) {
            statements();
        }
        tokens.expect("END", "IF", ";");
    }

    private void cases() throws SyntaxException {
        tokens.expect("CASE");
        if (!tokens.at("WHEN")) {
            effects(upTo("WHEN"));
        }
        while (tokens.take("WHEN")) {
            until("THEN");
            statements();
        }
        if (tokens.take("ELSE")) {
            statements();
        }
        tokens.expect("END", "CASE", ";");
    }

    private void loop() throws SyntaxException {
        if (!tokens.take("LOOP")) {
            PostgresTokens head = upTo("LOOP");
            tokens.expect("LOOP");
            if (isExecuted(head)) {
                while (!head.at("EXECUTE")) {
                    head.next();
                }
                execute(head.rest());
            } else {
                effects(head);
            }
        }
        statements();
        tokens.expect("END", "LOOP");
        if (tokens.token().isName()) {
            tokens.name();
        }
        tokens.expect(";");
    }

    /** Reads what EXECUTE runs where it is written as one string. */
    private void execute(PostgresTokens statement) throws SyntaxException {
        String written = statement.written();
        statement.expect("EXECUTE");
        boolean isFormat = statement.at("FORMAT", "(");
        PostgresTokens text = statement;
        if (isFormat) {
            statement.next();
            text = statement.brackets();
        } else {
            while (statement.at("(")) {
                text = statement.brackets();
                statement = text;
            }
        }
        boolean isString = text.token().kind() == Kind.STRING;
        StringBuilder parts = new StringBuilder(isString ? text.string() : "");
        while (isString && text.at("||") && text.token(1).kind() == Kind.STRING) {
            text.next();
            parts.append(text.string());
        }
        String literal = parts.toString();
        boolean isAlone = isFormat
                ? text.isAtEnd() && literal.indexOf('%') < 0
                : text.isAtEnd() || text.at("INTO") || text.at("USING");
        if (!isString || !isAlone) {
            changes.add(new NotUnderstood("in the block: a statement that is worked out: " + written));
            return;
        }
        for (ScriptSplitter.Piece piece : ScriptSplitter.split(literal, SqlDialect.POSTGRESQL)) {
            if (!piece.problem().isEmpty()) {
                changes.add(new NotUnderstood("in the block: " + piece.problem()));
            } else {
                add(PostgresTokens.of(piece.code(), tokens.deadline()), false);
            }
        }
    }

    private void sqlOrAssignment() throws SyntaxException {
        PostgresTokens statement = untilSemicolon();
        if (isAssignment(statement)) {
            effects(statement);
        } else {
            add(statement, true);
        }
    }

    /** Returns whether a name, perhaps with fields and subscripts, is followed by the sign of assignment. */
    private static boolean isAssignment(PostgresTokens statement) throws SyntaxException {
        PostgresTokens target = statement.rest();
        if (!target.token().isName()) {
            return false;
        }
        target.next();
        while (target.at(".") || target.at("[")) {
            if (target.take(".")) {
                if (!target.token().isName()) {
                    return false;
                }
                target.next();
            } else {
                target.brackets();
            }
        }
        return target.at(":=") || target.at("=");
    }

    private void add(PostgresTokens statement, boolean isInBlock) {
        String written = statement.written();
        try {
            PostgresGrammar.read(statement, isInBlock).stream()
                    .filter(change -> !(change instanceof NoEffect))
                    .forEach(changes::add);
        } catch (SyntaxException e) {
            changes.add(new NotUnderstood("in the block: " + written + ": " + e.getMessage()));
        }
    }

    private void effects(PostgresTokens expression) throws SyntaxException {
        changes.addAll(
                PostgresRows.effects(PostgresQueries.in(expression, Map.of()).calls()));
    }

    /** Takes a condition and the word behind it. */
    private void until(String word) throws SyntaxException {
        effects(upTo(word));
        tokens.expect(word);
    }

    /** Takes all that stands before a word that is outside of brackets and of CASE. */
    private PostgresTokens upTo(String word) throws SyntaxException {
        int start = tokens.position();
        int cases = 0;
        while (cases > 0 || !tokens.at(word)) {
            if (tokens.isAtEnd() || tokens.at(";")) {
                throw tokens.stopped(word);
            }
            cases += tokens.at("CASE") ? 1 : tokens.at("END") && cases > 0 ? -1 : 0;
            tokens.skipBalanced();
        }
        return tokens.between(start, tokens.position());
    }

    private PostgresTokens untilSemicolon() throws SyntaxException {
        int start = tokens.position();
        while (!tokens.at(";")) {
            if (tokens.isAtEnd()) {
                throw tokens.stopped("a semicolon");
            }
            tokens.skipBalanced();
        }
        PostgresTokens statement = tokens.between(start, tokens.position());
        tokens.expect(";");
        return statement;
    }
}
