package io.github.rollback4j.samples.evolution;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.source.FlywayMigrations;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.samples.evolution.hotel.Release1;
import io.github.rollback4j.samples.evolution.hotel.Release10;
import io.github.rollback4j.samples.evolution.hotel.Release2;
import io.github.rollback4j.samples.evolution.hotel.Release3;
import io.github.rollback4j.samples.evolution.hotel.Release4;
import io.github.rollback4j.samples.evolution.hotel.Release5;
import io.github.rollback4j.samples.evolution.hotel.Release6;
import io.github.rollback4j.samples.evolution.hotel.Release7;
import io.github.rollback4j.samples.evolution.hotel.Release8;
import io.github.rollback4j.samples.evolution.hotel.Release9;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The hotel, under Flyway. What a release's jar has of migrations, those of the releases before it too, is put into a folder. */
final class Hotel implements Application {

    private static final List<Release> RELEASES = List.of(
            new Release1(),
            new Release2(),
            new Release3(),
            new Release4(),
            new Release5(),
            new Release6(),
            new Release7(),
            new Release8(),
            new Release9(),
            new Release10());

    private final Path folder;
    private final boolean isSafe;

    private Hotel(Path folder, boolean isSafe) {
        this.folder = folder;
        this.isSafe = isSafe;
    }

    /** Puts the folders of the releases below this one. */
    static Hotel asItWas(Path folder) {
        return new Hotel(folder, false);
    }

    /** Lets the sixth release add a column that the fifth can live with. */
    static Hotel withSafeSixth(Path folder) {
        return new Hotel(folder, true);
    }

    @Override
    public Release release(int number) {
        return RELEASES.get(number - 1);
    }

    @Override
    public void migrate(DataSource database, SqlDialect dialect, int release) {
        configuration(release, dialect).dataSource(database).load().migrate();
    }

    @Override
    public MigrationSet broughtBy(int release, SqlDialect dialect) {
        return FlywayMigrations.of(dialect, configuration(release, dialect))
                .after(FlywayMigrations.of(dialect, configuration(release - 1, dialect)));
    }

    private FluentConfiguration configuration(int release, SqlDialect dialect) {
        return new FluentConfiguration().locations("filesystem:" + jar(release, dialect));
    }

    private Path jar(int release, SqlDialect dialect) {
        String engine = dialect.name().toLowerCase(Locale.ROOT);
        Path jar = folder.resolve(engine + "-" + release);
        if (Files.isDirectory(jar)) {
            return jar;
        }
        List<Path> sources = new ArrayList<>();
        for (int each = 1; each <= release; each++) {
            String name = isSafe && each == 6 ? "safe-%02d" : "release-%02d";
            Path source = Path.of("src/main/resources/hotel", String.format(Locale.ROOT, name, each));
            sources.add(source.resolve("all"));
            sources.add(source.resolve(engine));
        }
        try {
            Files.createDirectories(jar);
            for (Path source : sources) {
                copy(source, jar);
            }
            return jar;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void copy(Path source, Path jar) throws IOException {
        if (!Files.isDirectory(source)) {
            return;
        }
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, jar.resolve(file.getFileName()));
            }
        }
    }
}
