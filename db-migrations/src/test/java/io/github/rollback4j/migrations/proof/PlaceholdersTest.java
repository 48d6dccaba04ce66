package io.github.rollback4j.migrations.proof;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlaceholdersTest {

    @Test
    void numbered_leavesQuotesCommentsAndOperatorsAlone() {
        assertThat(Placeholders.numbered(
                        "SELECT '?', \"?\", $$?$$, E'\\'?', a ?? 'k' -- ?\n, /* ? */ ? FROM t WHERE x = ?"))
                .isEqualTo("SELECT '?', \"?\", $$?$$, E'\\'?', a ? 'k' -- ?\n, /* ? */ $1 FROM t WHERE x = $2");
    }

    @Test
    void count_countsParametersOnly() {
        assertThat(Placeholders.count("SELECT a ?? 'k', '?' FROM t WHERE x IN (?, ?)"))
                .isEqualTo(2);
    }
}
