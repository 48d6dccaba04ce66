package io.github.rollback4j.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells at the start why the migrations did not run. */
class MigrationsRefusedFailureAnalyzer extends AbstractFailureAnalyzer<MigrationsRefusedException> {

    @Override
    protected FailureAnalysis analyze(Throwable root, MigrationsRefusedException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Divide the change into one that the previous release lives with and one for a later release, or suppress what"
                        + " you answer for. No migration has run. With rollback4j.migrations.check=report it would run, and"
                        + " the rollback be kept from crossing it.",
                cause);
    }
}
