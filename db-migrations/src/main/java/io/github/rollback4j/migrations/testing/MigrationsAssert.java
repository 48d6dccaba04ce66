package io.github.rollback4j.migrations.testing;

import io.github.rollback4j.migrations.report.CompatibilityReport;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.migrations.verdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * What is asserted over migrations. The check runs once, at the first assertion; what fails is an {@link AssertionError} with the
 * whole report. Not thread-safe.
 */
public final class MigrationsAssert {

    private final CompatibilityCheck check;
    private @Nullable Compatibility compatibility;

    MigrationsAssert(CompatibilityCheck check) {
        this.check = check;
    }

    /** Asserts that the code can go back freely: the verdict is {@link Verdict#COMPATIBLE}. */
    public MigrationsAssert areCompatibleWithPreviousRelease() {
        return require(
                found().verdict() == Verdict.COMPATIBLE,
                "expected migrations that the previous release lives with, and it is");
    }

    /** Asserts that the release can go back: freely, or after an undo that was proved. */
    public MigrationsAssert canBeRolledBack() {
        boolean can = found().verdict() == Verdict.COMPATIBLE || found().verdict() == Verdict.UNDO_NEEDED;
        return require(can, "expected migrations that a rollback can live with or undo, and it is");
    }

    /** Asserts that no stored information is destroyed. */
    public MigrationsAssert loseNoData() {
        Compatibility found = found();
        boolean loses = found.judgement().losesData()
                || (found.proof() != null && found.proof().losesData());
        return require(!loses, "expected migrations that lose no data");
    }

    /** Asserts that nobody waits for a time that grows with a table. */
    public MigrationsAssert blockNobody() {
        return require(!found().judgement().locks(), "expected migrations that block nobody");
    }

    /** Asserts the verdict. */
    public MigrationsAssert haveVerdict(Verdict verdict) {
        return require(found().verdict() == verdict, "expected the verdict " + verdict + ", and it is");
    }

    private Compatibility found() {
        Compatibility known = compatibility;
        if (known == null) {
            known = check.run();
            compatibility = known;
        }
        return known;
    }

    private MigrationsAssert require(boolean holds, String expectation) {
        if (!holds) {
            throw new AssertionError(
                    expectation + ":\n\n" + CompatibilityReport.of(found()).text());
        }
        return this;
    }
}
