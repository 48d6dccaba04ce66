package io.github.rollback4j.migrations.statements;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.NamedNativeQuery;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Version;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HibernateStatementsTest {

    private static final JdbcDataSource DATABASE = new JdbcDataSource();
    private static SessionFactory factory;
    private static StatementCatalogue catalogue;

    @BeforeAll
    static void build() {
        DATABASE.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        factory = factory(Guest.class, Stay.class, Room.class, Suite.class);
        catalogue = HibernateStatements.of(factory);
    }

    @AfterAll
    static void close() {
        factory.close();
    }

    private static SessionFactory factory(Class<?>... entities) {
        Configuration configuration = new Configuration();
        for (Class<?> entity : entities) {
            configuration.addAnnotatedClass(entity);
        }
        configuration.getProperties().put("hibernate.connection.datasource", DATABASE);
        configuration.setProperty("hibernate.hbm2ddl.auto", "update");
        return configuration.buildSessionFactory();
    }

    @Test
    void entities_haveWhatChangesAndFindsThem() {
        assertThat(ofOrigin("entity " + Guest.class.getName()))
                .extracting(statement -> statement.sql().replaceAll(" .*", ""))
                .containsExactlyInAnyOrder("insert", "update", "delete", "select", "select");
        assertThat(catalogue.isComplete()).isTrue();
    }

    @Test
    void insert_hasTheTypesOfItsColumns() {
        RecordedStatement insert = starting("insert into Guest");
        List<String> columns =
                List.of(insert.sql().replaceAll(".*\\((.*)\\) values.*", "$1").split(","));

        assertThat(insert.parameterTypes().get(columns.indexOf("name"))).isEqualTo("VARCHAR");
        assertThat(insert.parameterTypes().get(columns.indexOf("nights"))).isEqualTo("INTEGER");
        assertThat(insert.parameterTypes().get(columns.indexOf("id"))).isEqualTo("BIGINT");
    }

    @Test
    void find_readsEnumsNumbersAndPrimitives() {
        assertThat(starting("select g1_0.id,").readers())
                .containsOnly(
                        Map.entry("roomclass", "SINGLE,DOUBLE"),
                        Map.entry("nights", "int,notnull"),
                        Map.entry("mood", "int"),
                        Map.entry("vip", "notnull"),
                        Map.entry("version", "int"),
                        Map.entry("floor", "int"));
        assertThat(starting("select g1_0.id,").parameterTypes()).containsExactly("BIGINT");
    }

    @Test
    void sequences_areAsked() {
        assertThat(catalogue.statements())
                .extracting(statement -> statement.sql().toLowerCase(java.util.Locale.ROOT))
                .anyMatch(sql -> sql.contains("next value for") && sql.contains("guest_seq"));
    }

    @Test
    void find_byAKeyOfSeveralParts_isThere() {
        assertThat(ofOrigin("entity " + Stay.class.getName()))
                .filteredOn(statement -> statement.sql().startsWith("select"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.parameterTypes()).hasSize(2));
    }

    @Test
    void namedQueries_ofEveryKind_areThere() {
        assertThat(ofOrigin("named query Guest.byName")).singleElement().satisfies(statement -> {
            assertThat(statement.sql()).contains("from Guest").contains("name=?");
            assertThat(statement.parameterTypes()).containsExactly("VARCHAR");
        });
        assertThat(ofOrigin("named query Guest.among")).hasSize(1);
        assertThat(ofOrigin("named query Guest.forget"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.sql()).startsWith("delete from Guest"));
        assertThat(ofOrigin("named query Guest.native"))
                .singleElement()
                .satisfies(
                        statement -> assertThat(statement.sql()).isEqualTo("SELECT name FROM Guest WHERE nights > ?"));
    }

    @Test
    void subclasses_areWrittenToTheirTablesToo() {
        assertThat(ofOrigin("entity " + Suite.class.getName()))
                .extracting(RecordedStatement::sql)
                .anyMatch(sql -> sql.startsWith("insert into Suite"))
                .anyMatch(sql -> sql.startsWith("insert into Room"));
        assertThat(starting("select r1_0.id").readers()).containsEntry("doors", "int");
    }

    @Test
    void statements_areThoseThatHibernateRuns() throws Exception {
        StatementRecorder recorder = new StatementRecorder();
        Configuration configuration = new Configuration().addAnnotatedClass(Guest.class);
        configuration.getProperties().put("hibernate.connection.datasource", recorder.record(DATABASE));
        try (SessionFactory recorded = configuration.buildSessionFactory()) {
            StatementCatalogue known = HibernateStatements.of(recorded);
            assertThat(recorder.catalogue().statements()).isEmpty();
            recorded.inTransaction(session -> {
                Guest guest = new Guest();
                guest.name = "Pia";
                guest.roomClass = RoomClass.SINGLE;
                session.persist(guest);
                session.flush();
                guest.nights = 2;
                session.flush();
                session.clear();
                session.remove(session.find(Guest.class, guest.id));
            });

            assertThat(known.statements())
                    .extracting(RecordedStatement::sql)
                    .containsAll(recorder.catalogue().statements().stream()
                            .map(RecordedStatement::sql)
                            .toList());
            assertThat(recorder.catalogue().statements()).hasSize(5);
        }
    }

    @Test
    void statements_allOfThem_areUnderstoodByTheDatabase() throws Exception {
        try (Connection connection = DATABASE.getConnection()) {
            for (RecordedStatement statement : catalogue.statements()) {
                try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
                    assertThat(prepared.getParameterMetaData().getParameterCount())
                            .as(statement.sql())
                            .isEqualTo(statement.parameterTypes().size());
                }
            }
        }
    }

    private static List<RecordedStatement> ofOrigin(String origin) {
        return catalogue.statements().stream()
                .filter(statement -> List.of(statement.origin().split(", ")).contains(origin))
                .toList();
    }

    private static RecordedStatement starting(String start) {
        return catalogue.statements().stream()
                .filter(statement -> statement.sql().startsWith(start))
                .findFirst()
                .orElseThrow(() -> new AssertionError(catalogue.text()));
    }

    enum RoomClass {
        SINGLE,
        DOUBLE
    }

    @Embeddable
    static class Place {

        int floor;
        String wing;
    }

    @Entity(name = "Guest")
    @NamedQuery(name = "Guest.byName", query = "from Guest g where g.name = :name")
    @NamedQuery(name = "Guest.among", query = "select g.id from Guest g where g.id in :ids")
    @NamedQuery(name = "Guest.forget", query = "delete from Guest g where g.nights < ?1")
    @NamedNativeQuery(name = "Guest.native", query = "SELECT name FROM Guest WHERE nights > :nights")
    static class Guest {

        @Id
        @GeneratedValue(strategy = GenerationType.SEQUENCE)
        Long id;

        String name;
        int nights;
        boolean vip;

        @Enumerated(EnumType.STRING)
        RoomClass roomClass;

        @Enumerated(EnumType.ORDINAL)
        RoomClass mood;

        @Version
        Integer version;

        @Embedded
        Place place;
    }

    @Embeddable
    static class StayKey implements java.io.Serializable {

        private static final long serialVersionUID = 1L;

        Long room;
        Long night;
    }

    @Entity(name = "Stay")
    static class Stay {

        @EmbeddedId
        StayKey key;

        @ManyToOne
        Guest guest;
    }

    @Entity(name = "Room")
    @jakarta.persistence.Inheritance(strategy = jakarta.persistence.InheritanceType.JOINED)
    static class Room {

        @Id
        Integer id;
    }

    @Entity(name = "Suite")
    static class Suite extends Room {

        int doors;
    }
}
