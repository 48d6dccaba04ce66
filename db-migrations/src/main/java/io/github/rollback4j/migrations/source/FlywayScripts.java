package io.github.rollback4j.migrations.source;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.flywaydb.core.api.ClassProvider;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.parser.PlaceholderReplacingReader;
import org.flywaydb.core.internal.resolver.CompositeMigrationResolver;
import org.flywaydb.core.internal.scanner.Scanner;
import org.flywaydb.core.internal.sqlscript.SqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.jspecify.annotations.Nullable;

/**
 * A release's migrations as Flyway resolves them, without a database. Flyway offers that to nobody: its resolver and its scanner are
 * the same from release 11.8 to 13 all the same, and the scanner is made otherwise before; those of release 10 differ.
 */
final class FlywayScripts {

    private final Configuration configuration;
    private final ResourceProvider resources;
    private final ParsingContext context = new ParsingContext();
    private final Map<String, LoadableResource> scripts = new HashMap<>();
    private final Map<MigrationVersion, LoadableResource> undos = new HashMap<>();
    private final List<ResolvedMigration> resolved;

    FlywayScripts(Configuration configuration, String undoPrefix) {
        this.configuration = configuration;
        ResourceProvider givenResources = configuration.getResourceProvider();
        ClassProvider<JavaMigration> givenClasses = configuration.getJavaMigrationClassProvider();
        Scanner<JavaMigration> scanner = scanner(
                configuration,
                givenResources == null || givenClasses == null ? configuration.getLocations() : new Location[0]);
        this.resources = givenResources == null ? scanner : givenResources;
        populate();
        this.resolved = new ArrayList<>(new CompositeMigrationResolver(
                        resources,
                        givenClasses == null ? scanner : givenClasses,
                        configuration,
                        (connection, undo, batch, output) -> {
                            throw new UnsupportedOperationException("nothing is run here");
                        },
                        (resource, mixed, provider) -> {
                            scripts.put(resource.getRelativePath(), resource);
                            return new Script(resource, replacesPlaceholders(resource));
                        },
                        context,
                        null,
                        configuration.getResolvers())
                .resolveMigrations(configuration));
        findUndos(undoPrefix);
    }

    private static Scanner<JavaMigration> scanner(Configuration configuration, Location[] locations) {
        try {
            return new Scanner<>(JavaMigration.class, configuration, locations);
        } catch (NoSuchMethodError older) {
            return scannerBefore8(
                    new FluentConfiguration(configuration.getClassLoader())
                            .configuration(configuration)
                            .locations(locations),
                    older);
        }
    }

    /** Up to release 11.7, which Spring Boot 3.5 brings, the scanner is given caches, and no locations. */
    @SuppressWarnings("unchecked")
    private static Scanner<JavaMigration> scannerBefore8(Configuration configuration, NoSuchMethodError older) {
        String scanners = Scanner.class.getPackageName() + ".";
        try {
            Class<?> names = Class.forName(scanners + "ResourceNameCache", true, Scanner.class.getClassLoader());
            Class<?> places = Class.forName(scanners + "LocationScannerCache", true, Scanner.class.getClassLoader());
            return (Scanner<JavaMigration>) Scanner.class
                    .getConstructor(Class.class, boolean.class, names, places, Configuration.class)
                    .newInstance(
                            JavaMigration.class,
                            configuration.isStream(),
                            names.getConstructor().newInstance(),
                            places.getConstructor().newInstance(),
                            configuration);
        } catch (InvocationTargetException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw older;
        } catch (ReflectiveOperationException unknown) {
            throw older;
        }
    }

    /** Flyway knows these from its connection. What they stand for matters to no schema. */
    private void populate() {
        String schema = configuration.getDefaultSchema();
        for (String name : List.of("user", "database", "timestamp", "workingDirectory", "environment")) {
            context.getPlaceholders().put("flyway:" + name, name);
        }
        context.getPlaceholders().put("flyway:defaultSchema", schema == null ? "public" : schema);
        context.getPlaceholders().put("flyway:table", configuration.getTable());
    }

    private void findUndos(String prefix) {
        for (LoadableResource resource : resources.getResources(prefix, configuration.getSqlMigrationSuffixes())) {
            String name = resource.getFilename();
            int end = name.indexOf(configuration.getSqlMigrationSeparator());
            if (end > prefix.length() && Character.isDigit(name.charAt(prefix.length()))) {
                MigrationVersion version = MigrationVersion.fromVersion(name.substring(prefix.length(), end));
                LoadableResource other = undos.putIfAbsent(version, resource);
                if (other != null) {
                    throw new MigrationSourceException("two undos of version " + version + " are not allowed: "
                            + other.getRelativePath() + " and " + resource.getRelativePath());
                }
            }
        }
    }

    /** Returns all, in the order in which Flyway runs them. */
    List<ResolvedMigration> resolved() {
        return resolved;
    }

    /** Returns a migration's script; null where it is none in SQL. */
    @Nullable
    LoadableResource script(ResolvedMigration migration) {
        return scripts.get(migration.getScript());
    }

    /** Returns a version's undo; null where there is none. */
    @Nullable
    LoadableResource undo(MigrationVersion version) {
        return undos.get(version);
    }

    /** Returns a script's text with its placeholders replaced. */
    String text(LoadableResource script) {
        context.getPlaceholders().put("flyway:filename", script.getFilename());
        try (Reader raw = script.read();
                Reader reader = replacesPlaceholders(script)
                        ? PlaceholderReplacingReader.create(configuration, context, raw)
                        : raw) {
            StringWriter text = new StringWriter();
            reader.transferTo(text);
            return text.toString();
        } catch (IOException failed) {
            throw new UncheckedIOException("the script " + script.getRelativePath() + " cannot be read", failed);
        }
    }

    private boolean replacesPlaceholders(LoadableResource script) {
        String own = settings(script).getProperty("placeholderReplacement");
        return own == null ? configuration.isPlaceholderReplacement() : Boolean.parseBoolean(own.strip());
    }

    /** Returns the settings in the file beside a script that has its name and {@code .conf}. */
    Properties settings(LoadableResource script) {
        Properties settings = new Properties();
        LoadableResource file = resources.getResource(script.getRelativePath() + ".conf");
        if (file != null) {
            try (Reader reader = file.read()) {
                settings.load(reader);
            } catch (IOException failed) {
                throw new UncheckedIOException("the settings " + file.getRelativePath() + " cannot be read", failed);
            }
        }
        if (settings.containsKey("encoding")) {
            throw new MigrationSourceException(script.getRelativePath()
                    + ".conf: encoding is not allowed: one encoding for all scripts, in Flyway's configuration, is");
        }
        return settings;
    }

    /** Stands for a script while Flyway resolves: it wants the placeholders' setting of it, and parses it only when it runs. */
    private record Script(LoadableResource resource, boolean placeholderReplacement) implements SqlScript {

        @Override
        public LoadableResource getResource() {
            return resource;
        }

        @Override
        public SqlStatementIterator getSqlStatements() {
            throw new UnsupportedOperationException("nothing is run here");
        }

        @Override
        public int getSqlStatementCount() {
            return 0;
        }

        @Override
        public Collection<SqlScript> getReferencedSqlScripts() {
            return List.of();
        }

        @Override
        public boolean executeInTransaction() {
            return true;
        }

        @Override
        public boolean shouldExecute() {
            return true;
        }

        @Override
        public void validate() {}

        /** Flyway 11 does not have it. */
        @SuppressWarnings("MissingOverride")
        public boolean includeReferencedScriptsInChecksum() {
            return false;
        }

        @Override
        public int compareTo(SqlScript other) {
            return resource.getRelativePath().compareTo(other.getResource().getRelativePath());
        }
    }
}
