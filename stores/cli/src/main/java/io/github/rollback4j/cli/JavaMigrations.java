package io.github.rollback4j.cli;

import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Flyway's migrations in Java, of which only the classes' names are seen here, since no code of the service is run. Each that is
 * pending is not understood.
 */
final class JavaMigrations {

    private static final Pattern NAME = Pattern.compile("([VRB])(.*?)__([^$]*)\\.class");

    /** Adds those that the previous release does not have. */
    MigrationSet added(MigrationSet set, List<Path> now, List<Path> before) {
        Set<String> old = names(before).stream().collect(Collectors.toSet());
        return with(set, now, name -> !old.contains(name));
    }

    /** Adds those after a version, and the repeatable ones. */
    MigrationSet addedAfter(String version, MigrationSet set, List<Path> now) {
        MigrationVersion last = MigrationVersion.fromVersion(version);
        return with(set, now, name -> {
            Matcher parts = NAME.matcher(name);
            return parts.matches()
                    && (parts.group(2).isEmpty()
                            || MigrationVersion.fromVersion(parts.group(2)).compareTo(last) > 0);
        });
    }

    private static MigrationSet with(MigrationSet set, List<Path> folders, Predicate<String> isPending) {
        List<Migration> pending = new ArrayList<>(set.pending());
        names(folders).stream().filter(isPending).forEach(name -> pending.add(notUnderstood(name)));
        return new MigrationSet(set.dialect(), set.applied(), pending, set.isHistoryComplete(), set.observations());
    }

    private static Migration notUnderstood(String name) {
        return new Migration(
                name,
                name,
                List.of(new Statement(
                        name, 1, List.of(new SchemaChange.NotUnderstood("a migration in Java: " + name)))),
                true,
                name.startsWith("R"),
                Undo.NONE,
                List.of());
    }

    private static List<String> names(List<Path> folders) {
        List<String> names = new ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.map(file -> String.valueOf(file.getFileName()))
                        .filter(NAME.asMatchPredicate())
                        .sorted()
                        .forEach(names::add);
            } catch (IOException unreadable) {
                throw new UncheckedIOException("the folder " + folder + " cannot be read", unreadable);
            }
        }
        return names;
    }
}
