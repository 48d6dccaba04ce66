package io.github.rollback4j.migrations.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import org.junit.jupiter.api.Test;

class ScratchDatabaseTest {

    @Test
    void at_theLiveDatabase_isRefusedHoweverItIsWritten() {
        ScratchDatabase scratch = ScratchDatabase.at("jdbc:postgresql://127.0.0.1:5432/shop?ssl=false", "me", "geheim")
                .notTheLiveOne("jdbc:postgresql://localhost/shop");
        assertThatIllegalStateException()
                .isThrownBy(scratch::engine)
                .withMessageContaining("is the live one")
                .withMessageContaining("shop");
    }

    @Test
    void at_aServerWithTheNameOfALiveOne_isRefusedUntilConfirmed() {
        assertThatIllegalStateException()
                .isThrownBy(() -> ScratchDatabase.at("jdbc:mariadb://db.prod.example/x", "me", "")
                        .engine())
                .withMessageContaining("isNotLive()");
        assertThatIllegalStateException()
                .isThrownBy(() -> ScratchDatabase.at("jdbc:postgresql://db/shop_live", "me", "")
                        .engine())
                .withMessageContaining("isNotLive()");
    }

    @Test
    void at_aDatabaseWithTables_isRefusedUntilAllowed() throws Exception {
        DatabaseServer server = DatabaseServer.shared(Engine.POSTGRESQL);
        String database = server.newDatabase();
        server.execute(database, "CREATE TABLE customer (id int)");
        ScratchDatabase scratch = ScratchDatabase.at(server.url(database), "postgres", "postgres");
        assertThatIllegalStateException()
                .isThrownBy(scratch::engine)
                .withMessageContaining("public.customer")
                .withMessageContaining("mayContainTables()");
        assertThat(scratch.mayContainTables().engine()).isNotNull();
    }

    @Test
    void at_anotherProduct_isRefusedAndSaysWhatIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScratchDatabase.at("jdbc:oracle:thin:@x?password=geheim", "me", "geheim"))
                .withMessageContaining("jdbc:postgresql://host:port/database")
                .withMessageNotContaining("geheim");
    }

    @Test
    void embeddedPostgres_startsWhenItIsNeeded() throws Exception {
        try (ScratchDatabase scratch = ScratchDatabase.embeddedPostgres();
                ScratchCopy copy = ScratchCopy.empty(scratch.engine())) {
            assertThat(copy.connection().isValid(5)).isTrue();
        }
    }

    @Test
    void toString_neverHoldsThePassword() {
        assertThat(ScratchDatabase.at("jdbc:postgresql://db/x?password=geheim", "me", "geheim"))
                .asString()
                .contains("db")
                .doesNotContain("geheim");
    }
}
