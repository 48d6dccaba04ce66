package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.Driver;
import org.h2.api.ErrorCode;
import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;

/**
 * A database in a file, for all processes of one machine: the first that opens it holds it, and serves the others, which find
 * its door in a file beside it that only its user can read. Where that process ends, however it ends, the next one holds the
 * file at once.
 *
 * <p>H2's own AUTO_SERVER does the same, but lets other machines knock, and keeps the next process waiting for some four
 * seconds after a crash, since it tells whether a holder is alive by the age of a file; here it is the operating system's lock.
 *
 * <p>H2 writes to the disk some time after a commit, unless it is told to checkpoint. While it does, it loses updates of other
 * transactions now and then (seen with 2.3 to 2.5: rows went back to what they were). So one uses it at a time, in all
 * processes: whose turn it is, a lock on a file of its own says, which ends with its process. For that reason, too, nobody
 * reads what is not on the disk yet.
 */
final class DatabaseFile implements Database.Source, AutoCloseable {

    private static final String USER = "sa";
    private static final long LONGEST_NANOS = 2_000_000_000L;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final long TURN_PAUSE_NANOS = 500_000;

    /** How long whoever is behind the door may take to answer: the port of a holder that died may be another's now. */
    private static final int LONGEST_ANSWER_MILLIS = 2_000;

    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);
    private static final int KEY_BYTES = 16;

    private final Path door;
    private final Path turns;
    private final ReentrantLock turnInProcess = new ReentrantLock(true);
    private final String url;
    private final Driver driver = new Driver();
    private @Nullable Server server;
    private boolean isClosed;

    /**
     * Names the file.
     *
     * @param path of the file, without {@code .mv.db}, which is added
     * @throws IllegalArgumentException if it cannot be part of a URL
     */
    DatabaseFile(Path path) {
        String name = path.toAbsolutePath().normalize().toString().replaceFirst("\\.mv\\.db$", "");
        if (name.contains(";")) {
            throw new IllegalArgumentException("file '" + path + "' is not allowed: a path without a semicolon is");
        }
        this.door = Path.of(name + ".door");
        this.turns = Path.of(name + ".turn");
        this.url = "jdbc:h2:file:" + name;
    }

    @Override
    public synchronized Connection connection() throws SQLException {
        if (isClosed) {
            throw new RollbackException("the store is closed");
        }
        long began = System.nanoTime();
        while (true) {
            try {
                if (server == null) {
                    Connection throughDoor = knock();
                    if (throughDoor != null) {
                        return throughDoor;
                    }
                }
                return hold();
            } catch (SQLException failed) {
                boolean isHeldByAnother = failed.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1;
                if (!isHeldByAnother || System.nanoTime() - began > LONGEST_NANOS) {
                    throw failed;
                }
                if (server != null) {
                    // H2 closed the file by itself, and another process was faster.
                    server.stop();
                    server = null;
                }
                // Its holder has not opened the door yet, or is just leaving.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public Database.@Nullable Turn turn(Duration longest) {
        long began = System.nanoTime();
        try {
            if (!turnInProcess.tryLock(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                return null;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        }
        FileChannel channel = null;
        try {
            Files.createDirectories(turns.getParent());
            channel = FileChannel.open(turns, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            while (!isLocked(channel)) {
                if (System.nanoTime() - began > longest.toNanos()) {
                    end(channel);
                    return null;
                }
                LockSupport.parkNanos(TURN_PAUSE_NANOS);
            }
            FileChannel locked = channel;
            return () -> end(locked);
        } catch (IOException | RuntimeException failed) {
            end(channel);
            throw new RollbackException("the file " + turns + " cannot be locked: "
                    + failed.getClass().getName());
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException anotherStoreOfThisProcess) {
            return false;
        }
    }

    private void end(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException gone) {
            // With the channel goes the lock.
        } finally {
            turnInProcess.unlock();
        }
    }

    @Override
    public void persist(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        }
    }

    /** Connects to the process that holds the file; null where none answers. */
    private @Nullable Connection knock() {
        try {
            List<String> lines = Files.readAllLines(door, StandardCharsets.UTF_8);
            return connect("jdbc:h2:tcp://127.0.0.1:" + lines.get(0) + "/" + lines.get(1) + ";NETWORK_TIMEOUT="
                    + LONGEST_ANSWER_MILLIS);
        } catch (IOException | SQLException | IndexOutOfBoundsException nobody) {
            return null;
        }
    }

    /** Holds the file, and opens the door to others. */
    private Connection hold() throws SQLException {
        // Not closed by a hook of H2's while the last events are written; nothing is lost without, since each is on the
        // disk.
        Connection connection = connect(url + ";DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0");
        if (server == null) {
            try {
                server = open();
            } catch (SQLException | IOException | RuntimeException failed) {
                connection.close();
                throw new SQLException("the file cannot be shared with other processes", "08000", failed);
            }
        }
        return connection;
    }

    private Connection connect(String to) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", "");
        Connection connection = driver.connect(to, properties);
        if (connection == null) {
            throw new SQLException("not a URL of H2", "08001");
        }
        return connection;
    }

    private Server open() throws SQLException, IOException {
        byte[] bytes = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        String key = HexFormat.of().formatHex(bytes);
        // Without -tcpAllowOthers it talks to this machine alone; with -key to those who know it, and of nothing but
        // this database.
        Server opened = Server.createTcpServer(
                        "-tcpPort", "0", "-tcpDaemon", "-key", key, url.substring("jdbc:h2:".length()))
                .start();
        try {
            Path draft = Path.of(door + "." + key);
            createForUserAlone(draft);
            Files.write(draft, List.of(String.valueOf(opened.getPort()), key), StandardCharsets.UTF_8);
            Files.move(draft, door, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return opened;
        } catch (IOException failed) {
            opened.stop();
            throw failed;
        }
    }

    private static void createForUserAlone(Path file) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException windows) {
            // There a folder passes on who may read it.
            Files.createFile(file);
        } catch (FileAlreadyExistsException impossible) {
            throw new IOException("the key was drawn before", impossible);
        }
    }

    /**
     * Lets the file go, so that another process may hold it.
     *
     * @throws RollbackException if that takes too long; the end of the process lets it go then
     */
    @Override
    public void close() {
        // Not on the caller's thread: a service must be able to end where H2 waits for somebody.
        Thread closing = new Thread(this::letGo, "rollback4j-jdbc-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(LONGEST_CLOSE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (closing.isAlive()) {
            throw new RollbackException("H2 did not close the file within " + LONGEST_CLOSE);
        }
    }

    private synchronized void letGo() {
        isClosed = true;
        Server opened = server;
        if (opened == null) {
            return;
        }
        server = null;
        opened.stop();
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            Files.deleteIfExists(door);
            statement.execute("SHUTDOWN");
        } catch (SQLException | IOException failed) {
            // What was committed is on the disk all the same.
        }
    }
}
