package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What was found without a database.
 *
 * @param findings what holds, in the order of the migrations
 * @param suppressed findings that an author answers for
 */
public record Judgement(List<Finding> findings, List<Finding> suppressed) {

    /** Copies. */
    public Judgement {
        findings = List.copyOf(findings);
        suppressed = List.copyOf(suppressed);
    }

    /** Returns whether statements of the previous release break, by the worst that it may contain; never unknown. */
    public Breaks breaks() {
        if (has(Effect.BREAKS)) {
            return Breaks.YES;
        }
        return has(Effect.MAY_BREAK) ? Breaks.CONDITIONAL : Breaks.NO;
    }

    /** Returns whether stored information is destroyed. */
    public boolean losesData() {
        return has(Effect.LOSES_DATA);
    }

    /** Returns whether reads or writes wait for a time that grows with a table. */
    public boolean locks() {
        return has(Effect.LOCKS);
    }

    /** Returns whether everything was understood. */
    public boolean isComplete() {
        return !has(Effect.UNKNOWN);
    }

    /** Returns the rules that were found broken, without advice. */
    public Set<Rule> rules() {
        return Set.copyOf(withoutAdvice().map(Finding::rule).toList());
    }

    private Stream<Finding> withoutAdvice() {
        return findings.stream().filter(finding -> finding.effect() != Effect.ADVICE);
    }

    private boolean has(Effect effect) {
        return findings.stream().anyMatch(finding -> finding.effect() == effect);
    }
}
