package io.github.rollback4j.migrations.statements;

import jakarta.persistence.PersistenceException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.hibernate.CacheMode;
import org.hibernate.FlushMode;
import org.hibernate.LockMode;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.Transaction;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.id.enhanced.SequenceStyleGenerator;
import org.hibernate.metamodel.mapping.AttributeMapping;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.JdbcMapping;
import org.hibernate.metamodel.mapping.JdbcMappingContainer;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.hibernate.metamodel.mapping.SelectableMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.Query;
import org.hibernate.query.named.NamedObjectRepository;
import org.hibernate.sql.ast.tree.expression.JdbcParameter;
import org.hibernate.sql.exec.spi.JdbcParameterBinder;
import org.hibernate.sql.model.MutationOperationGroup;
import org.hibernate.sql.model.PreparableMutationOperation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a release's statements from what Hibernate knows of its entities, without a database: what inserts, updates, deletes and finds
 * each entity, what takes the next number of its sequence, and the named queries; with the types of parameters, and with how the
 * columns of an entity are read ({@code int}, {@code notnull} for primitives, the names of enums that are stored as text).
 *
 * <p>Not covered: what is made while it runs (queries in the code, criteria, repositories' derived queries and specifications),
 * collections and their tables, statements of entities with {@code @DynamicInsert} or {@code @DynamicUpdate}, lazily loaded parts,
 * locks, stored procedures, and how results of named queries are read. A
 * {@link StatementRecorder} sees these when tests run them; both catalogues can be merged.
 *
 * <p>A named query that Hibernate does not run without values for its parameters is logged, and the catalogue is then incomplete.
 *
 * <p>Works with Hibernate 6.6 and 7. Thread-safe.
 */
public final class HibernateStatements {

    private static final Logger LOG = LoggerFactory.getLogger(HibernateStatements.class);

    /** Hibernate makes these for statements over several tables. */
    private static final Set<String> TEMPORARY_TABLES = Set.of("ht_*", "hte_*");

    private static final Map<Class<?>, Object> KEYS = Map.ofEntries(
            Map.entry(Long.class, 1L),
            Map.entry(long.class, 1L),
            Map.entry(Integer.class, 1),
            Map.entry(int.class, 1),
            Map.entry(Short.class, (short) 1),
            Map.entry(short.class, (short) 1),
            Map.entry(Byte.class, (byte) 1),
            Map.entry(byte.class, (byte) 1),
            Map.entry(String.class, "1"),
            Map.entry(Character.class, '1'),
            Map.entry(UUID.class, new UUID(0, 1)),
            Map.entry(BigInteger.class, BigInteger.ONE),
            Map.entry(BigDecimal.class, BigDecimal.ONE),
            Map.entry(LocalDate.class, LocalDate.EPOCH),
            Map.entry(LocalDateTime.class, LocalDate.EPOCH.atStartOfDay()),
            Map.entry(Instant.class, Instant.EPOCH));

    /** By its own type: the methods of its implementation are other ones in 6.6. */
    private final SessionFactory sessions;

    private final SessionFactoryImplementor factory;
    private final List<RecordedStatement> statements = new ArrayList<>();
    private boolean isComplete = true;

    private HibernateStatements(SessionFactory sessions) {
        this.sessions = sessions;
        this.factory = sessions.unwrap(SessionFactoryImplementor.class);
    }

    /**
     * Returns the statements of all entities and named queries.
     *
     * @param factory the release's; with JPA what {@code EntityManagerFactory.unwrap(SessionFactory.class)} returns
     */
    public static StatementCatalogue of(SessionFactory factory) {
        HibernateStatements found = new HibernateStatements(factory);
        found.factory.getMappingMetamodel().forEachEntityDescriptor(found::addEntity);
        found.addNamedQueries();
        return StatementCatalogue.of(found.statements, found.isComplete);
    }

    private void addEntity(EntityPersister entity) {
        String origin = "entity " + entity.getEntityName();
        addAll(entity.getInsertCoordinator().getStaticMutationOperationGroup(), origin);
        addAll(entity.getUpdateCoordinator().getStaticMutationOperationGroup(), origin);
        addAll(entity.getDeleteCoordinator().getStaticMutationOperationGroup(), origin);
        numbers(entity).forEach(sql -> add(sql, List.of(), new TreeMap<>(), origin));
        addFind(entity, origin);
    }

    // Deprecated in Hibernate 7 as not for applications, and the only one that tells the statement without running it.
    @SuppressWarnings("deprecation")
    private static List<String> numbers(EntityPersister entity) {
        return entity.getGenerator() instanceof SequenceStyleGenerator sequence
                ? List.of(sequence.getDatabaseStructure().getAllSqlForTests())
                : List.of();
    }

    private void addAll(@Nullable MutationOperationGroup group, String origin) {
        if (group == null) {
            // Made for each call.
            return;
        }
        for (int i = 0; i < group.getNumberOfOperations(); i++) {
            if (group.getOperation(i) instanceof PreparableMutationOperation operation) {
                List<String> types = operation.getParameterBinders().stream()
                        .map(HibernateStatements::type)
                        .toList();
                add(operation.getSqlString(), types, new TreeMap<>(), origin);
            }
        }
    }

    private static String type(JdbcParameterBinder binder) {
        if (binder instanceof JdbcParameter parameter) {
            JdbcMappingContainer type = parameter.getExpressionType();
            if (type != null && type.getJdbcTypeCount() == 1) {
                return ParameterType.numbered(
                        type.getSingleJdbcMapping().getJdbcType().getJdbcTypeCode());
            }
        }
        return ParameterType.UNKNOWN;
    }

    private void addFind(EntityPersister entity, String origin) {
        SortedMap<String, String> readers = new TreeMap<>();
        addReaders(entity, readers, true);
        entity.getSubMappingTypes().forEach(kind -> addReaders(kind, readers, false));
        run(origin, readers, session -> {
            Object id = anyValue(entity.getIdentifierType().getReturnedClass());
            entity.load(id, null, LockMode.NONE, (SharedSessionContractImplementor) session);
        });
    }

    private void addNamedQueries() {
        NamedObjectRepository queries = factory.getQueryEngine().getNamedObjectRepository();
        queries.visitSqmQueryMementos(query -> addQuery(query.getRegistrationName()));
        queries.visitNativeQueryMementos(query -> addQuery(query.getRegistrationName()));
    }

    private void addQuery(String name) {
        run("named query " + name, new TreeMap<>(), session -> {
            Query<?> query = query(session, name);
            try {
                query.list();
            } catch (IllegalStateException | PersistenceException e) {
                // It does not select, or it cannot be run at all: then this fails as well.
                query.executeUpdate();
            }
        });
    }

    // What replaces the deprecated method wants to know beforehand whether the query selects.
    @SuppressWarnings("deprecation")
    private static Query<?> query(Session session, String name) {
        Query<?> query = session.createNamedQuery(name);
        // Nothing is found here, which must not be remembered.
        query.setCacheable(false);
        query.getParameters().forEach(parameter -> {
            if (parameter.getName() != null) {
                query.setParameter(parameter.getName(), null);
            } else {
                query.setParameter(Objects.requireNonNull(parameter.getPosition()), null);
            }
        });
        return query;
    }

    /** Lets Hibernate ask an empty database. */
    private void run(String origin, SortedMap<String, String> readers, Consumer<Session> work) {
        EmptyDatabase database = new EmptyDatabase((sql, parameters) ->
                add(sql, parameters.stream().map(ParameterValue::type).toList(), readers, origin));
        try (Session session =
                sessions.withOptions().connection(database.connection()).openSession()) {
            session.setHibernateFlushMode(FlushMode.MANUAL);
            session.setCacheMode(CacheMode.IGNORE);
            Transaction transaction = session.beginTransaction();
            try {
                work.accept(session);
            } finally {
                transaction.rollback();
            }
        } catch (PersistenceException | IllegalArgumentException | IllegalStateException e) {
            isComplete = false;
            LOG.warn("The statements of {} are not known: Hibernate does not make them without values", origin, e);
        }
    }

    private void add(String sql, List<String> types, SortedMap<String, String> readers, String origin) {
        if (StatementKind.isOfRelease(SqlToken.of(SqlText.compared(sql)), TEMPORARY_TABLES)) {
            statements.add(new RecordedStatement(sql, types, List.of(), readers, origin));
        }
    }

    private static Object anyValue(Class<?> type) {
        Object known = KEYS.get(type);
        if (known != null) {
            return known;
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            throw new IllegalStateException("no key can be made of " + type.getName(), e);
        }
    }

    private static void addReaders(EntityMappingType entity, SortedMap<String, String> readers, boolean isAlwaysRead) {
        addReaders(entity.getIdentifierMapping(), readers, false);
        entity.forEachAttributeMapping(attribute -> addReaders(attribute, readers, isAlwaysRead));
    }

    private static void addReaders(ModelPart part, SortedMap<String, String> readers, boolean isAlwaysRead) {
        if (part instanceof EmbeddableValuedModelPart embedded) {
            // An embedded object is null where all of its columns are.
            embedded.getEmbeddableTypeDescriptor()
                    .forEachAttributeMapping(attribute -> addReaders(attribute, readers, false));
            return;
        }
        if (part instanceof PluralAttributeMapping) {
            return;
        }
        boolean isPrimitive = isAlwaysRead
                && part instanceof AttributeMapping attribute
                && attribute
                        .getPropertyAccess()
                        .getGetter()
                        .getReturnTypeClass()
                        .isPrimitive();
        part.forEachSelectable((index, column) -> {
            List<String> reader = new ArrayList<>(reader(column));
            if (isPrimitive) {
                reader.add("notnull");
            }
            if (!column.isFormula() && !reader.isEmpty()) {
                String label = unquoted(column.getSelectionExpression()).toLowerCase(Locale.ROOT);
                readers.merge(label, String.join(",", reader), StatementMerge::reader);
            }
        });
    }

    private static List<String> reader(SelectableMapping column) {
        JdbcMapping type = column.getJdbcMapping();
        int code = type.getJdbcType().getJdbcTypeCode();
        if (code == Types.INTEGER || code == Types.SMALLINT || code == Types.TINYINT) {
            return List.of("int");
        }
        Class<?> javaType = type.getJavaTypeDescriptor().getJavaTypeClass();
        // A converter's values are its own.
        return javaType.isEnum() && type.getValueConverter() == null
                ? Arrays.stream(javaType.getEnumConstants())
                        .map(constant -> ((Enum<?>) constant).name())
                        .toList()
                : List.of();
    }

    private static String unquoted(String column) {
        boolean isQuoted = column.length() > 2 && "\"`[".indexOf(column.charAt(0)) >= 0;
        return isQuoted ? column.substring(1, column.length() - 1) : column;
    }
}
