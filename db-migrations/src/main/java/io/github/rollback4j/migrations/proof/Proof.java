package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Proves on a scratch database whether the previous release lives with the migrated one: its own statements run before and after,
 * and once more after the new release has written; the declared undo runs, and everything is compared.
 *
 * <pre>{@code
 * ProofResult result = Proof.of(migrations)
 *         .on(scratch)
 *         .statements(recorded)
 *         .applicationRole("app")
 *         .run();
 * }</pre>
 *
 * <p>A proof says what happened with these rows and these parameters. What no row and no statement shows, such as a unique
 * constraint that no two inserts met, is the static judge's. Not thread-safe; {@link #run} may be called again.
 */
public final class Proof {

    private final MigrationSet migrations;
    private final ScratchDatabase scratch;
    private List<Statement> oldSchema = List.of();
    private List<Statement> seed = List.of();
    private List<RecordedStatement> statements = List.of();
    private List<String> newWrites = List.of();
    private @Nullable String role;
    private boolean provesUndo = true;

    private Proof(MigrationSet migrations, ScratchDatabase scratch) {
        this.migrations = migrations;
        this.scratch = scratch;
    }

    /** What is to be proved; where is said next. */
    public static Where of(MigrationSet migrations) {
        Objects.requireNonNull(migrations, "migrations");
        return scratch -> {
            if (scratch.dialect() != migrations.dialect()) {
                throw new IllegalArgumentException("scratch database of " + scratch.dialect()
                        + " is not allowed for migrations of " + migrations.dialect());
            }
            return new Proof(migrations, scratch);
        };
    }

    /** Asks where the proof is to run. */
    public interface Where {

        /**
         * Says where it is to run.
         *
         * @throws IllegalArgumentException if that is another dialect than the migrations'
         */
        Proof on(ScratchDatabase scratch);
    }

    /** Gives a script of what was there before the applied migrations, or instead of them; by default nothing. */
    public Proof oldSchema(String script) {
        oldSchema = SqlReader.of(migrations.dialect()).read(script);
        return this;
    }

    /** Gives a script of rows, for example {@code INSERT}s. Tables that stay empty are filled with rows made up for them. */
    public Proof seed(String script) {
        seed = SqlReader.of(migrations.dialect()).read(script);
        return this;
    }

    /** Gives the previous release's statements; without any, only the undo and the loss of data are proved. */
    public Proof statements(List<RecordedStatement> recorded) {
        statements = List.copyOf(recorded);
        return this;
    }

    /**
     * Gives statements that the new release writes with, in order. More are derived from what the migrations add: labels of enums,
     * tables that point to old ones, nulls that were not allowed.
     */
    public Proof newWrites(List<String> sql) {
        newWrites = List.copyOf(sql);
        return this;
    }

    /**
     * Names the role as which the application connects; by default who made everything, to whom neither rights nor row-level
     * security apply. A role that is not there is made for the time of the proof, with the right to read and write all rows.
     */
    public Proof applicationRole(String name) {
        role = name;
        return this;
    }

    /** Leaves the undo out. */
    public Proof withoutUndo() {
        provesUndo = false;
        return this;
    }

    /**
     * Runs the proof. What it made is dropped again.
     *
     * @throws IllegalStateException if the scratch database may not be used, or cannot be reached
     */
    public ProofResult run() {
        try (ProofRun run = new ProofRun(this)) {
            return run.result();
        } catch (SQLException failed) {
            throw new IllegalStateException("the scratch database failed: " + failed.getMessage(), failed);
        }
    }

    MigrationSet migrations() {
        return migrations;
    }

    ScratchDatabase scratch() {
        return scratch;
    }

    List<Statement> oldSchema() {
        return oldSchema;
    }

    List<Statement> seed() {
        return seed;
    }

    List<RecordedStatement> statements() {
        return statements;
    }

    List<String> newWrites() {
        return newWrites;
    }

    @Nullable
    String role() {
        return role;
    }

    boolean provesUndo() {
        return provesUndo;
    }
}
