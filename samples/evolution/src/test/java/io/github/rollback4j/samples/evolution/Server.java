package io.github.rollback4j.samples.evolution;

import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import io.github.rollback4j.migrations.proof.ScratchDatabase;
import io.github.rollback4j.migrations.reading.SqlDialect;
import javax.sql.DataSource;

/** Where a sample runs: a server, and who may do everything there. */
enum Server {
    POSTGRESQL(SqlDialect.POSTGRESQL, Engine.POSTGRESQL, "postgres", "postgres"),
    MARIADB(SqlDialect.MARIADB, Engine.MARIADB, "mysql", "tester");

    private final SqlDialect dialect;
    private final Engine engine;
    private final String administration;
    private final String user;

    Server(SqlDialect dialect, Engine engine, String administration, String user) {
        this.dialect = dialect;
        this.engine = engine;
        this.administration = administration;
        this.user = user;
    }

    String title() {
        return this == POSTGRESQL ? "PostgreSQL" : "MariaDB";
    }

    SqlDialect dialect() {
        return dialect;
    }

    /** Makes an empty database. */
    DataSource emptyDatabase() {
        DatabaseServer server = DatabaseServer.shared(engine);
        return server.dataSource(server.newDatabase());
    }

    /** Returns the same server as a place for proofs. */
    ScratchDatabase scratch() {
        return ScratchDatabase.at(DatabaseServer.shared(engine).url(administration), user, user)
                .mayContainTables();
    }
}
