package io.github.rollback4j.migrations.testing;

import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import java.util.function.UnaryOperator;

/**
 * Asserts over migrations, beside AssertJ's own assertions, which need not be there.
 *
 * <p>{@snippet class="io.github.rollback4j.migrations.testing.MigrationAssertionsTest" region="assert"}
 */
public final class MigrationAssertions {

    private MigrationAssertions() {}

    /** Begins an assertion over migrations, judged by what is written in them. */
    public static MigrationsAssert assertThat(MigrationSet migrations) {
        return new MigrationsAssert(CompatibilityCheck.of(migrations));
    }

    /**
     * Begins an assertion over migrations.
     *
     * @param settings gives statements, a scratch database, and what else the check is to know
     */
    public static MigrationsAssert assertThat(MigrationSet migrations, UnaryOperator<CompatibilityCheck> settings) {
        return new MigrationsAssert(settings.apply(CompatibilityCheck.of(migrations)));
    }
}
