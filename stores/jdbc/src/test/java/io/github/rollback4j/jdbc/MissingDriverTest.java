package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The store where the optional drivers are not on the class path. */
class MissingDriverTest {

    /** Loads the store's own classes anew, for which some others are not there. */
    private static final class Without extends ClassLoader {
        private final String missing;

        Without(String missing) {
            super(MissingDriverTest.class.getClassLoader());
            this.missing = missing;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith(missing)) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("io.github.rollback4j.jdbc.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            try (InputStream bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] content = bytes.readAllBytes();
                return defineClass(name, content, 0, content.length);
            } catch (IOException failed) {
                throw new ClassNotFoundException(name, failed);
            }
        }
    }

    private static Object call(Object target, String method) throws Exception {
        return target.getClass().getMethod(method).invoke(target);
    }

    @Test
    void listen_withoutPostgresDriver_worksWithoutListening() throws Exception {
        Class<?> type = new Without("org.postgresql.").loadClass("io.github.rollback4j.jdbc.JdbcStore");
        assertThat(type).isNotEqualTo(JdbcStore.class);
        DataSource source = TestDatabase.POSTGRESQL.empty();
        Object builder = call(type.getMethod("over", DataSource.class).invoke(null, source), "listen");
        Journal store = (Journal) call(builder, "build");
        try (AutoCloseable closing = (AutoCloseable) store) {
            assertThat(closing).isNotNull();
            AtomicInteger told = new AtomicInteger();
            AutoCloseable watch = store.watch(told::incrementAndGet);
            assertThat(store.append("a", 0, 1, Journal.Event.of("planned", Instant.EPOCH, Duration.ZERO, Map.of())))
                    .isEqualTo(1);
            watch.close();
            assertThat(told).hasValue(0);
        }
    }

    @Test
    void inFile_withoutH2_saysWhatIsMissing() throws Exception {
        Class<?> type = new Without("org.h2.").loadClass("io.github.rollback4j.jdbc.JdbcStore");
        Method inFile = type.getMethod("inFile", Path.class);
        assertThatThrownBy(() -> inFile.invoke(null, Path.of("store")))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(RollbackException.class)
                .hasMessage(
                        "a store in a file needs H2 on the class path: add com.h2database:h2, or use JdbcStore.over(dataSource)");
    }
}
