package io.github.rollback4j.spring;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.spring.Rollback4jProperties.Store;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Chooses what keeps the rollouts. */
final class StoreSelection {

    private static final Logger LOG = LoggerFactory.getLogger(StoreSelection.class);
    private static final String TYPE = "store.type";
    private static final String FILE = "store.file";
    private static final String DATA_SOURCE = "store.data-source";

    private StoreSelection() {}

    /**
     * Returns the journal that the properties ask for, not yet connected.
     *
     * @throws RolloutConfigurationException if they contradict each other, or what they ask for is not there
     */
    static Journal journal(Rollback4jProperties properties, ListableBeanFactory beans) {
        Store store = properties.store();
        if (!properties.enabled()) {
            return Journal.inMemory();
        }
        if (store.file() != null && store.type() != Rollback4jProperties.StoreType.FILE) {
            throw wrong(FILE, "is not allowed with " + name(TYPE) + ": " + store.type() + ": with type file it is");
        }
        return switch (store.type()) {
            case MEMORY -> Journal.inMemory();
            case FILE -> inFile(store);
            case DATA_SOURCE -> {
                DataSource found = dataSource(store, beans);
                if (found == null) {
                    throw wrong(
                            TYPE,
                            "is data-source, and the service has none: a bean of type javax.sql.DataSource, or another type, is"
                                    + " allowed");
                }
                yield built(store, JdbcStore.over(found));
            }
            case AUTO -> {
                DataSource found = dataSource(store, beans);
                if (found == null) {
                    LOG.warn(
                            "Rollouts are kept in memory, since the service has no data source: a restart forgets them, and"
                                    + " instances know nothing of each other. rollback4j.store.type=file keeps them on this"
                                    + " machine; rollback4j.store.type=memory says that it is meant so.");
                    yield Journal.inMemory();
                }
                yield built(store, JdbcStore.over(found));
            }
        };
    }

    private static Journal inFile(Store store) {
        Path file = store.file();
        if (file == null) {
            throw wrong(FILE, "is missing: with " + name(TYPE) + ": file a path is needed");
        }
        try {
            return built(store, JdbcStore.inFile(file));
        } catch (IllegalArgumentException | RollbackException wrong) {
            throw wrong(FILE, String.valueOf(wrong.getMessage()));
        }
    }

    private static JdbcStore built(Store store, JdbcStore.Builder builder) {
        Rollback4jAutoConfiguration.set("store.table-prefix", store.tablePrefix(), builder::tablePrefix);
        Rollback4jAutoConfiguration.set("store.timeout", store.timeout(), builder::timeout);
        Rollback4jAutoConfiguration.set("store.retention", store.retention(), builder::retention);
        Rollback4jAutoConfiguration.set("store.connections", store.connections(), builder::connections);
        if (store.listen()) {
            builder.listen();
        }
        return builder.build();
    }

    private static @Nullable DataSource dataSource(Store store, ListableBeanFactory beans) {
        List<String> names = List.of(beans.getBeanNamesForType(DataSource.class, true, false));
        String named = store.dataSource();
        if (named != null) {
            try {
                return beans.getBean(named, DataSource.class);
            } catch (NoSuchBeanDefinitionException missing) {
                throw wrong(DATA_SOURCE, "'" + named + "' is no data source of the service: " + names + " are");
            }
        }
        DataSource only = beans.getBeanProvider(DataSource.class).getIfUnique();
        if (only == null && !names.isEmpty()) {
            throw wrong(
                    DATA_SOURCE,
                    "is missing: of the data sources " + names + " none is primary, so that one must be named");
        }
        return only;
    }

    private static String name(String property) {
        return KnownProperties.PREFIX + "." + property;
    }

    private static RolloutConfigurationException wrong(String property, String message) {
        return new RolloutConfigurationException(name(property), message);
    }
}
