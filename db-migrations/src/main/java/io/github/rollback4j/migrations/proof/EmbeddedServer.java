package io.github.rollback4j.migrations.proof;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** PostgreSQL of Zonky's binaries. Loaded only when asked for, since the user may not have them. Thread-safe. */
final class EmbeddedServer implements AutoCloseable {

    private static final Duration LONGEST_START = Duration.ofSeconds(60);

    private @Nullable EmbeddedPostgres server;

    private EmbeddedServer() {}

    /**
     * Returns one that is not yet started.
     *
     * @throws NoClassDefFoundError if the binaries' library is not there
     */
    static EmbeddedServer postgres() {
        EmbeddedPostgres.builder();
        return new EmbeddedServer();
    }

    synchronized JdbcAddress address() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setPGStartupWait(LONGEST_START)
                        .setServerConfig("fsync", "off")
                        .setServerConfig("shared_buffers", "32MB")
                        .start();
            } catch (IOException failed) {
                throw new UncheckedIOException("the embedded PostgreSQL did not start", failed);
            }
        }
        return JdbcAddress.of("jdbc:postgresql://localhost:" + server.getPort() + "/postgres", "postgres", "postgres");
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            try {
                server.close();
            } catch (IOException failed) {
                throw new UncheckedIOException("the embedded PostgreSQL did not stop", failed);
            } finally {
                server = null;
            }
        }
    }
}
