package io.github.rollback4j.jdbc;

class FileStoreTest extends StoreContract {

    FileStoreTest() {
        super(TestDatabase.FILE);
    }
}
