package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateIndex;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import java.util.List;
import java.util.Locale;

/**
 * What Oracle's grammar does not know, though releases 19 to 23 do: {@code IF EXISTS} and {@code IF NOT EXISTS} before the name,
 * {@code ONLINE} behind an index, settings that are numbers, and synonyms that are dropped.
 */
final class OracleWords {

    private final Words words;
    private String statement;
    private boolean isConditional;
    private boolean isOnline;

    /**
     * Looks at the statement.
     *
     * @throws Words.UnexpectedWordException if a quote or a comment does not end
     */
    OracleWords(String statement) {
        this.statement = statement;
        this.words = Words.of(statement, Folding.UPPER);
    }

    /** Reads the whole statement, where the grammar does not know it at all; empty where it may. */
    List<SchemaChange> read() {
        if (words.take("ALTER", "SESSION", "SET")) {
            return setting();
        }
        boolean isSynonym = words.isNext("DROP", "SYNONYM") || words.isNext("DROP", "PUBLIC", "SYNONYM");
        if (isSynonym) {
            return droppedSynonym();
        }
        blankConditions();
        return List.of();
    }

    private List<SchemaChange> setting() {
        String name = words.name();
        words.expect("=");
        return List.of(new SetSession(name.toLowerCase(Locale.ROOT), MySqlTypes.unquoted(words.rest())));
    }

    private List<SchemaChange> droppedSynonym() {
        words.expect("DROP");
        words.take("PUBLIC");
        words.expect("SYNONYM");
        boolean ifExists = words.take("IF", "EXISTS");
        // Read as a view when it is made.
        Drop drop = new Drop(ObjectKind.VIEW, words.object(), null, null, ifExists, false, false);
        words.take("FORCE");
        words.expectEnd();
        return List.of(drop);
    }

    private void blankConditions() {
        boolean isDrop = words.take("DROP");
        boolean isCreate = !isDrop && words.take("CREATE");
        if (!isDrop && !isCreate) {
            return;
        }
        words.takeOneOf("UNIQUE", "BITMAP", "FORCE", "MATERIALIZED");
        boolean isIndex = words.isNext("INDEX");
        if (words.takeOneOf("TABLE", "INDEX", "VIEW", "SEQUENCE", "TRIGGER", "FUNCTION", "PROCEDURE", "TYPE")
                .isEmpty()) {
            return;
        }
        if (isDrop && words.isNext("IF", "EXISTS")) {
            isConditional = true;
            blank(2);
        } else if (isCreate && words.isNext("IF", "NOT", "EXISTS")) {
            isConditional = true;
            blank(3);
        }
        while (isIndex && !words.isAtEnd()) {
            if (words.isNext("ONLINE")) {
                isOnline = true;
                blank(1);
            } else {
                words.next();
            }
        }
    }

    private void blank(int count) {
        for (int i = 0; i < count; i++) {
            Words.Word word = words.next();
            statement = statement.substring(0, word.start())
                    + " ".repeat(word.end() - word.start())
                    + statement.substring(word.end());
        }
    }

    /** Returns the statement without the words that the grammar does not know. */
    String statement() {
        return statement;
    }

    /** Returns the changes with what those words say. */
    List<SchemaChange> completed(List<SchemaChange> changes) {
        return isConditional || isOnline ? changes.stream().map(this::completed).toList() : changes;
    }

    private SchemaChange completed(SchemaChange change) {
        if (change instanceof Drop drop) {
            return new Drop(
                    drop.kind(),
                    drop.name(),
                    drop.on(),
                    drop.parameters(),
                    drop.ifExists() || isConditional,
                    drop.cascade(),
                    drop.concurrently() || isOnline);
        }
        if (change instanceof CreateTable table) {
            return new CreateTable(
                    table.table(),
                    table.columns(),
                    table.constraints(),
                    table.uniqueIndexes(),
                    table.likeTable(),
                    table.partitionOf(),
                    table.query(),
                    isConditional,
                    table.orReplace(),
                    table.isTemporary());
        }
        if (change instanceof CreateIndex index) {
            return new CreateIndex(
                    index.name(),
                    index.table(),
                    index.columns(),
                    index.predicate(),
                    index.isUnique(),
                    isOnline,
                    isConditional);
        }
        if (change instanceof CreateView view) {
            return new CreateView(
                    view.name(),
                    view.columns(),
                    view.query(),
                    view.sources(),
                    view.isMaterialized(),
                    view.orReplace(),
                    isConditional);
        }
        return change instanceof CreateSequence sequence ? new CreateSequence(sequence.name(), isConditional) : change;
    }
}
