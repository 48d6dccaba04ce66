package io.github.rollback4j.jdbc;

class H2InAFileStoreTest extends StoreContract {

    H2InAFileStoreTest() {
        super(TestDatabase.H2_IN_A_FILE);
    }
}
