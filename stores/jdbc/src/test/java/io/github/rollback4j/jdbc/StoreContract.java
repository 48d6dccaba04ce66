package io.github.rollback4j.jdbc;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.test.FleetContract;
import io.github.rollback4j.test.JournalContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The contracts of journals and fleets, on one database. */
abstract class StoreContract {

    private final TestDatabase database;

    StoreContract(TestDatabase database) {
        this.database = database;
    }

    @Nested
    class AsJournal extends JournalContract {
        private final List<JdbcStore> stores = new ArrayList<>();

        @Override
        protected Journal emptyJournal() {
            JdbcStore store = database.store()
                    .tablePrefix(TestDatabase.newPrefix())
                    .timeout(Duration.ofSeconds(4))
                    .build();
            stores.add(store);
            store.prepare();
            return store;
        }

        @AfterEach
        void close() {
            stores.forEach(JdbcStore::close);
        }
    }

    @Nested
    class AsFleet extends FleetContract {
        private final List<JdbcStore> stores = new ArrayList<>();
        private String prefix = "";

        @Override
        protected Journal emptyStore() {
            prefix = TestDatabase.newPrefix();
            JdbcStore store = database.store()
                    .tablePrefix(prefix)
                    .connections(8)
                    .timeout(Duration.ofSeconds(4))
                    .build();
            stores.add(store);
            store.prepare();
            return store;
        }

        @Override
        protected void pass(Duration time) throws Exception {
            database.pass(prefix, time);
        }

        @Override
        protected Duration aWhile() {
            return Duration.ofMinutes(10);
        }

        @AfterEach
        void close() {
            stores.forEach(JdbcStore::close);
        }
    }
}
