package io.github.rollback4j.jdbc;

class MariaDbStoreTest extends StoreContract {

    MariaDbStoreTest() {
        super(TestDatabase.MARIADB);
    }
}
