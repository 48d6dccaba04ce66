package io.github.rollback4j.jdbc;

class PostgresStoreTest extends StoreContract {

    PostgresStoreTest() {
        super(TestDatabase.POSTGRESQL);
    }
}
