package io.github.rollback4j.databases;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL, from the binaries that Zonky publishes. */
final class PostgresServer extends DatabaseServer {

    private static final Duration LONGEST_START = Duration.ofSeconds(60);
    private static final String SUPERUSER = "postgres";

    private final Path data;
    private final Map<String, String> settings;
    private EmbeddedPostgres server;

    private PostgresServer(Path data, Map<String, String> settings) {
        this.data = data;
        this.settings = settings;
        this.server = run(0);
    }

    static PostgresServer start(Path data, Map<String, String> settings) {
        PostgresServer server = new PostgresServer(data, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return server;
    }

    private EmbeddedPostgres run(int port) {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(LONGEST_START)
                .setServerConfig("fsync", "off")
                .setServerConfig("shared_buffers", "32MB")
                .setPort(port);
        settings.forEach(builder::setServerConfig);
        try {
            return builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException("PostgreSQL did not start", failed);
        }
    }

    @Override
    public Engine engine() {
        return Engine.POSTGRESQL;
    }

    @Override
    public int port() {
        return server.getPort();
    }

    @Override
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    @Override
    public DataSource dataSource(String database, String user, String password) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url(database));
        source.setUser(user);
        source.setPassword(password);
        return source;
    }

    @Override
    public DataSource dataSource(String database) {
        return dataSource(database, SUPERUSER, SUPERUSER);
    }

    @Override
    String administration() {
        return "postgres";
    }

    @Override
    public void kill() {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            ProcessHandle postmaster =
                    ProcessHandle.of(Long.parseLong(lines.get(0).trim())).orElseThrow();
            List<ProcessHandle> children = postmaster.children().toList();
            postmaster.destroyForcibly();
            postmaster.onExit().get(10, TimeUnit.SECONDS);
            for (ProcessHandle child : children) {
                // They end by themselves as soon as they notice; the data is theirs until then.
                child.onExit().get(10, TimeUnit.SECONDS);
            }
        } catch (Exception failed) {
            throw new IllegalStateException("PostgreSQL could not be killed", failed);
        }
    }

    @Override
    public void restart() {
        int port = port();
        stop();
        server = run(port);
    }

    private void stop() {
        try {
            server.close();
        } catch (IOException failed) {
            throw new UncheckedIOException("PostgreSQL did not stop", failed);
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            Folders.delete(data);
        }
    }
}
