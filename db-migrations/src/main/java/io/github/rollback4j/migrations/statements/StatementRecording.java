package io.github.rollback4j.migrations.statements;

import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records statements in JUnit Jupiter and writes them, after all tests, to where the release's jar is packaged from.
 *
 * <p>As {@code @ExtendWith(StatementRecording.class)} all classes share one recorder, which tests, their constructors and life-cycle
 * methods take as a parameter of the type {@link StatementRecorder}. As {@code @RegisterExtension} with a recorder of its own it is
 * there before any test.
 *
 * {@snippet file="io/github/rollback4j/migrations/statements/StatementRecordingExample.java" region="shared"}
 *
 * <p>What is in the file already stays: other test processes of the same build write there too. A statement that the release no
 * longer has leaves it with {@code clean}.
 *
 * <p>Configuration parameters of JUnit, or system properties, for the shared recorder: {@value #FILE}, by default
 * {@code META-INF/rollback4j/statements.sql} below {@code target/classes}, or below {@code build/resources/main} where Gradle
 * builds; {@value #SAMPLES}, by default {@code true}; {@value #LEAVE_OUT}, the names of further tables with commas between them.
 *
 * <p>Works with Jupiter 5.12 to 6. Thread-safe.
 */
public final class StatementRecording
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {

    /** The configuration parameter that names the file. */
    public static final String FILE = "rollback4j.migrations.record";

    /** The configuration parameter that says whether values are kept. */
    public static final String SAMPLES = "rollback4j.migrations.record-samples";

    /** The configuration parameter that names tables whose statements are left out. */
    public static final String LEAVE_OUT = "rollback4j.migrations.record-leave-out";

    private static final Logger LOG = LoggerFactory.getLogger(StatementRecording.class);

    private final @Nullable StatementRecorder own;
    private final @Nullable Path file;

    /** Makes the extension that uses the shared recorder; for {@code @ExtendWith}. */
    public StatementRecording() {
        this(null, null);
    }

    private StatementRecording(@Nullable StatementRecorder own, @Nullable Path file) {
        this.own = own;
        this.file = file;
    }

    /** Makes an extension with a recorder of its own, that writes to the configured file. */
    public static StatementRecording of(StatementRecorder recorder) {
        return new StatementRecording(recorder, null);
    }

    /** Makes an extension with a recorder of its own, that writes to a file. */
    public static StatementRecording of(StatementRecorder recorder, Path file) {
        return new StatementRecording(recorder, file);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        begin(context);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        end(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        begin(context);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        end(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == StatementRecorder.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return recorder(context);
    }

    private void begin(ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        while (test.isMemberClass() && !Modifier.isStatic(test.getModifiers())) {
            // A group of tests within a class.
            test = test.getDeclaringClass();
        }
        AutoCloseable place = recorder(context).seenIn(test.getSimpleName());
        context.getStore(Namespace.create(StatementRecording.class, this)).put(context.getUniqueId(), place);
    }

    private void end(ExtensionContext context) throws Exception {
        AutoCloseable place = context.getStore(Namespace.create(StatementRecording.class, this))
                .remove(context.getUniqueId(), AutoCloseable.class);
        if (place != null) {
            place.close();
        }
    }

    // What JUnit 6 deprecates here is replaced by what JUnit 5 does not have.
    @SuppressWarnings("deprecation")
    private StatementRecorder recorder(ExtensionContext context) {
        Path target = file == null ? configured(context) : file;
        Store store = context.getRoot().getStore(Namespace.create(StatementRecording.class));
        Written written = store.getOrComputeIfAbsent(
                target.toAbsolutePath().normalize(), path -> new Written(path, shared(context)), Written.class);
        return written.with(own);
    }

    private static Path configured(ExtensionContext context) {
        return context.getConfigurationParameter(FILE).map(Path::of).orElseGet(() -> {
            boolean isGradle = !Files.isDirectory(Path.of("target")) && Files.isDirectory(Path.of("build"));
            return Path.of(isGradle ? "build/resources/main" : "target/classes").resolve(StatementCatalogue.LOCATION);
        });
    }

    private static StatementRecorder shared(ExtensionContext context) {
        StatementRecorder.Builder builder = StatementRecorder.builder();
        String samples = context.getConfigurationParameter(SAMPLES).orElse("true");
        if (samples.equals("false")) {
            builder.withoutSamples();
        } else if (!samples.equals("true")) {
            throw new IllegalArgumentException(SAMPLES + " '" + samples + "' is not allowed: true and false are");
        }
        context.getConfigurationParameter(LEAVE_OUT)
                .ifPresent(tables -> builder.leaveOut(tables.strip().split("\\s*,\\s*")));
        return builder.build();
    }

    /** Writes one file when all tests have ended; by the older interface too, which JUnit before 5.13 asks for. */
    @SuppressWarnings("deprecation")
    private static final class Written implements Store.CloseableResource, AutoCloseable {

        private final Path file;
        private final StatementRecorder shared;
        private final Set<StatementRecorder> recorders = new LinkedHashSet<>();
        private boolean isClosed;

        Written(Path file, StatementRecorder shared) {
            this.file = file;
            this.shared = shared;
        }

        synchronized StatementRecorder with(@Nullable StatementRecorder own) {
            StatementRecorder recorder = own == null ? shared : own;
            recorders.add(recorder);
            return recorder;
        }

        @Override
        public synchronized void close() {
            if (isClosed) {
                return;
            }
            isClosed = true;
            StatementCatalogue catalogue = recorders.stream()
                    .map(StatementRecorder::catalogue)
                    .reduce(StatementCatalogue::merge)
                    .orElseThrow();
            if (catalogue.statements().isEmpty()) {
                LOG.warn(
                        "No statement was recorded, and {} is not written: StatementRecorder.record(dataSource) is needed",
                        file);
                return;
            }
            LOG.info("Recorded {} to {}", catalogue, file);
            catalogue.addTo(file);
        }
    }
}
