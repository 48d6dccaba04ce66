package io.github.rollback4j.migrations.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reports show statements, and never passwords. */
class FindingsTest {

    @ParameterizedTest
    @Tag("R-10")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "CREATE USER app PASSWORD 'geheim';CREATE USER app PASSWORD '***'",
                "ALTER ROLE app WITH PASSWORD='geheim';ALTER ROLE app WITH PASSWORD='***'",
                "CREATE USER app IDENTIFIED BY 'geheim';CREATE USER app IDENTIFIED BY '***'",
                "CREATE USER app IDENTIFIED BY geheim;CREATE USER app IDENTIFIED BY ***",
                "CREATE USER app IDENTIFIED WITH sha256 BY 'geheim';CREATE USER app IDENTIFIED WITH sha256 BY '***'",
                "ALTER TABLE account ADD COLUMN password varchar(60);ALTER TABLE account ADD COLUMN password varchar(60)"
            })
    void withoutPasswords_statement_keepsAllElse(String statement, String shown) {
        assertThat(Findings.withoutPasswords(statement)).isEqualTo(shown);
    }
}
