package io.github.rollback4j.jdbc;

class H2InMemoryStoreTest extends StoreContract {

    H2InMemoryStoreTest() {
        super(TestDatabase.H2_IN_MEMORY);
    }
}
