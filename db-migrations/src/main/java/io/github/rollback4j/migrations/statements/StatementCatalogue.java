package io.github.rollback4j.migrations.statements;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Holds what a release asks its database: every statement once, in the order of their texts.
 *
 * <p>A catalogue is a file of SQL that people can read and write:
 *
 * <pre>{@code
 * -- rollback4j statements 1
 *
 * -- parameters: VARCHAR, INTEGER
 * -- sample: 'Pia', 5
 * -- sample: null, 7
 * -- reads: class = single|double|suite, nights = int
 * -- seen in: GuestRepositoryTest
 * INSERT INTO guest (name, nights) VALUES (?, ?);
 * }</pre>
 *
 * <p>The first line and all headers may be missing: a plain file of statements is a catalogue. Other comments may stand between
 * statements; they are lost when the catalogue is written again. A statement ends with a semicolon that is the last sign of a line,
 * outside of quotes and comments; one that has semicolons inside, as a block of PL/SQL has, names another delimiter in a
 * header, for example {@code -- delimiter: //}. In a sample, numbers, {@code true}, {@code false} and {@code null} stand without
 * quotes, everything else in single quotes, where {@code ''} is a quote, {@code \\} a backslash, and {@code \n} the end of a line.
 *
 * <p>Samples are values of a test run, and as private as these: where tests run on copies of real data, {@link #withoutSamples()}
 * leaves them out. Literals within the statements' texts stay.
 *
 * <p>Equal catalogues make equal bytes: UTF-8, line feeds, a fixed order. Immutable.
 */
public final class StatementCatalogue {

    /** Where a jar carries its catalogue: {@value}. */
    public static final String LOCATION = "META-INF/rollback4j/statements.sql";

    static final int SAMPLES = 5;

    private static final List<String> PLACES =
            List.of(LOCATION, "BOOT-INF/classes/" + LOCATION, "WEB-INF/classes/" + LOCATION);

    private static final List<String> LIBRARIES = List.of("BOOT-INF/lib/", "WEB-INF/lib/");

    private final List<RecordedStatement> statements;
    private final boolean isComplete;

    private StatementCatalogue(Collection<RecordedStatement> statements, int samples, boolean isComplete) {
        SortedMap<String, RecordedStatement> bySql = new TreeMap<>();
        for (RecordedStatement statement : statements) {
            RecordedStatement compared = StatementMerge.compared(statement, samples);
            if (compared != null) {
                bySql.merge(compared.sql(), compared, (one, other) -> StatementMerge.of(one, other, samples));
            }
        }
        this.statements = List.copyOf(bySql.values());
        this.isComplete = isComplete;
    }

    /**
     * Makes a catalogue of statements. Those with the same text become one, with at most 5 samples; line feeds, comments before and
     * after a statement and the semicolon at its end make no difference.
     *
     * @throws IllegalArgumentException if a parameter's type is none of {@link java.sql.JDBCType}
     */
    public static StatementCatalogue of(Collection<RecordedStatement> statements) {
        return of(statements, true);
    }

    static StatementCatalogue of(Collection<RecordedStatement> statements, boolean isComplete) {
        statements.forEach(statement -> statement.parameterTypes().forEach(ParameterType::named));
        return new StatementCatalogue(statements, SAMPLES, isComplete);
    }

    /**
     * Reads a catalogue: from a file, from a folder of classes or a jar at {@link #LOCATION}. In an executable jar or a WAR, the
     * catalogues of the application and of its libraries are one.
     *
     * @param jarOrFile the file, folder or jar
     * @throws IllegalArgumentException if it has no catalogue, or one that cannot be read: with the line, and what is allowed
     * @throws UncheckedIOException if it cannot be opened
     */
    public static StatementCatalogue of(Path jarOrFile) {
        try {
            if (Files.isDirectory(jarOrFile)) {
                Path inside = jarOrFile.resolve(LOCATION);
                if (!Files.exists(inside)) {
                    throw withoutCatalogue(jarOrFile);
                }
                return parse(inside.toString(), Files.readAllBytes(inside));
            }
            return isArchive(jarOrFile)
                    ? ofArchive(jarOrFile)
                    : parse(jarOrFile.toString(), Files.readAllBytes(jarOrFile));
        } catch (IOException e) {
            throw new UncheckedIOException("statements cannot be read from " + jarOrFile, e);
        }
    }

    /**
     * Reads the catalogues of all jars and folders of a class loader as one; empty where there are none.
     *
     * @throws IllegalArgumentException if one cannot be read: with the line, and what is allowed
     * @throws UncheckedIOException if one cannot be opened
     */
    public static StatementCatalogue ofClasspath(ClassLoader loader) {
        StatementCatalogue all = of(List.of());
        try {
            Enumeration<URL> found = loader.getResources(LOCATION);
            while (found.hasMoreElements()) {
                URL url = found.nextElement();
                URLConnection connection = url.openConnection();
                if (connection instanceof JarURLConnection) {
                    // A jar that is cached stays open, and cannot be replaced on Windows.
                    connection.setUseCaches(false);
                }
                try (InputStream in = connection.getInputStream()) {
                    all = all.merge(parse(url.toString(), in.readAllBytes()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("statements cannot be read from the class path", e);
        }
        return all;
    }

    /**
     * Reads a catalogue's text.
     *
     * @param file what errors call it
     * @param text the text, as {@link #text()} makes it, or as written by hand
     * @throws IllegalArgumentException if it cannot be read: with the line, and what is allowed
     */
    public static StatementCatalogue parse(String file, String text) {
        CatalogueReader reader = new CatalogueReader(file, text.startsWith("\uFEFF") ? text.substring(1) : text);
        List<RecordedStatement> read = reader.read();
        return new StatementCatalogue(read, Integer.MAX_VALUE, reader.isComplete());
    }

    private static StatementCatalogue parse(String file, byte[] bytes) {
        try {
            return parse(
                    file,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not allowed: text in UTF-8 is", e);
        }
    }

    private static boolean isArchive(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(4);
            return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        }
    }

    private static StatementCatalogue ofArchive(Path jar) throws IOException {
        List<StatementCatalogue> found = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (String place : PLACES) {
                ZipEntry entry = zip.getEntry(place);
                if (entry != null) {
                    found.add(parse(jar + "!" + place, zip.getInputStream(entry).readAllBytes()));
                }
            }
            for (ZipEntry entry : zip.stream()
                    .filter(entry -> LIBRARIES.stream().anyMatch(entry.getName()::startsWith))
                    .filter(entry -> entry.getName().endsWith(".jar"))
                    .map(ZipEntry.class::cast)
                    .toList()) {
                try (ZipInputStream library = new ZipInputStream(zip.getInputStream(entry))) {
                    for (ZipEntry inside = library.getNextEntry(); inside != null; inside = library.getNextEntry()) {
                        if (inside.getName().equals(LOCATION)) {
                            found.add(parse(jar + "!" + entry.getName() + "!" + LOCATION, library.readAllBytes()));
                        }
                    }
                }
            }
        }
        return found.stream().reduce(StatementCatalogue::merge).orElseThrow(() -> withoutCatalogue(jar));
    }

    private static IllegalArgumentException withoutCatalogue(Path place) {
        return new IllegalArgumentException(
                place + " has no statements: " + LOCATION + " is needed in it, or a file of statements");
    }

    /** Returns the statements, ordered by their text. */
    public List<RecordedStatement> statements() {
        return statements;
    }

    /** Says whether everything that was asked is there: false where a recorder was full. */
    public boolean isComplete() {
        return isComplete;
    }

    /** Returns a catalogue with the statements of both; those with the same text keep at most 5 samples. */
    public StatementCatalogue merge(StatementCatalogue other) {
        List<RecordedStatement> all = new ArrayList<>(statements);
        all.addAll(other.statements);
        return new StatementCatalogue(all, SAMPLES, isComplete && other.isComplete);
    }

    /** Returns the catalogue without the values of the test run. */
    public StatementCatalogue withoutSamples() {
        return new StatementCatalogue(statements, 0, isComplete);
    }

    /** Returns the text of the catalogue's file. */
    public String text() {
        return CatalogueText.of(this);
    }

    /**
     * Writes the catalogue's file; folders that are missing are made. Who reads at the same time sees the file before or after.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public void write(Path file) {
        Path target = file.toAbsolutePath();
        Path folder = Objects.requireNonNull(target.getParent(), "folder");
        try {
            Files.createDirectories(folder);
            // A name of its own, not a temporary file of the system: those may be read by nobody else.
            Path written = folder.resolve(
                    target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
            try {
                Files.writeString(written, text());
                Files.move(written, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("statements cannot be written to " + file, e);
        }
    }

    /**
     * Adds the catalogue to a file's, and makes the file where there is none. Other processes that add at the same time are waited
     * for.
     *
     * @throws IllegalArgumentException if what the file has cannot be read: with the line, and what is allowed
     * @throws UncheckedIOException if it cannot be written
     */
    public void addTo(Path file) {
        Path target = file.toAbsolutePath();
        // The lock of a file is the whole process's; its threads wait here.
        synchronized (StatementCatalogue.class) {
            try {
                Files.createDirectories(Objects.requireNonNull(target.getParent(), "folder"));
                try (FileChannel channel = FileChannel.open(
                                target, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    byte[] before = Channels.newInputStream(channel).readAllBytes();
                    byte[] after = merge(parse(file.toString(), before)).text().getBytes(StandardCharsets.UTF_8);
                    if (lock.isValid() && !Arrays.equals(before, after)) {
                        channel.truncate(0);
                        channel.position(0);
                        ByteBuffer bytes = ByteBuffer.wrap(after);
                        while (bytes.hasRemaining()) {
                            channel.write(bytes);
                        }
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("statements cannot be added to " + file, e);
            }
        }
    }

    /** Compares the statements, and whether they are complete. */
    @Override
    public boolean equals(Object other) {
        return other instanceof StatementCatalogue catalogue
                && catalogue.isComplete == isComplete
                && catalogue.statements.equals(statements);
    }

    @Override
    public int hashCode() {
        return statements.hashCode();
    }

    /** Returns how many statements there are, for people. */
    @Override
    public String toString() {
        return statements.size() + " statements" + (isComplete ? "" : ", incomplete");
    }
}
