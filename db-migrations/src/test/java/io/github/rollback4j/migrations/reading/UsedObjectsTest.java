package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.reading.UsedObjects.Call;
import io.github.rollback4j.migrations.reading.UsedObjects.Conflict;
import io.github.rollback4j.migrations.reading.UsedObjects.UnqualifiedColumn;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsedObjectsTest {

    private static final ObjectName PETS = ObjectName.of("pets");
    private static final ObjectName OWNERS = ObjectName.of("owners");

    @Test
    void example_ofTheDocumentation() {
        // @start region="used"
        UsedObjects used = UsedObjects.of(
                SqlDialect.POSTGRESQL,
                "INSERT INTO pets (name, owner_id) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET owner_id = ?");
        assertThat(used.inserts()).containsExactly(ObjectName.of("pets"));
        assertThat(used.insertedColumns()).containsExactly("name", "owner_id");
        assertThat(used.conflict().columns()).containsExactly("name");
        // @end
        assertThat(used.updates()).containsExactly(PETS);
        assertThat(used.updatedColumns()).containsExactly("owner_id");
        assertThat(used.isUnderstood()).isTrue();
    }

    @Nested
    class Queries {

        @Test
        void oneTable_columnsAreItsOwn() {
            UsedObjects used =
                    read("SELECT id, upper(name) AS n FROM pets WHERE tag = ? GROUP BY kind ORDER BY n, age");

            assertThat(used.reads()).containsExactly(PETS);
            assertThat(used.columns()).isEqualTo(Map.of(PETS, Set.of("id", "name", "tag", "kind", "age")));
            assertThat(used.unqualified()).isEmpty();
            assertThat(used.functions()).containsExactly(new Call(ObjectName.of("upper"), 1));
        }

        @ParameterizedTest
        @EnumSource(
                value = SqlDialect.class,
                names = {"POSTGRESQL", "MARIADB", "H2"})
        void nameThatJSqlParserKeepsForItself_isAName(SqlDialect dialect) {
            UsedObjects used = UsedObjects.of(
                    dialect, "SELECT Number, floor FROM pets WHERE tag <> 'a number' AND size > 1 ORDER BY number");

            String number = dialect == SqlDialect.H2 ? "NUMBER" : "number";
            assertThat(used.isUnderstood()).isTrue();
            assertThat(used.columns().values())
                    .singleElement()
                    .satisfies(names -> assertThat(names).contains(number).hasSize(4));
        }

        @Test
        void join_qualifiedColumnsByTable_othersWithBothTables() {
            UsedObjects used = read(
                    "SELECT p.name, o.name, age FROM shop.pets p JOIN owners o ON o.id = p.owner_id WHERE kind = 'x'");

            ObjectName pets = new ObjectName("shop", "pets");
            assertThat(used.columns())
                    .isEqualTo(Map.of(pets, Set.of("name", "owner_id"), OWNERS, Set.of("name", "id")));
            assertThat(used.unqualified())
                    .containsExactlyInAnyOrder(
                            new UnqualifiedColumn("age", List.of(pets, OWNERS)),
                            new UnqualifiedColumn("kind", List.of(pets, OWNERS)));
        }

        @Test
        void queryWithin_seesItsOwnTablesFirst() {
            UsedObjects used = read("SELECT id FROM pets p WHERE EXISTS (SELECT 1 FROM owners WHERE owner_id = p.id)");

            assertThat(used.reads()).containsExactlyInAnyOrder(PETS, OWNERS);
            assertThat(used.columns()).isEqualTo(Map.of(PETS, Set.of("id")));
            assertThat(used.unqualified()).containsExactly(new UnqualifiedColumn("owner_id", List.of(OWNERS, PETS)));
        }

        @Test
        void with_isNoTable_andItsColumnsAreNobodys() {
            UsedObjects used = read(
                    "WITH cats AS (SELECT id FROM pets WHERE kind = 'cat') SELECT cats.id, x.y FROM cats JOIN x ON x.id = cats.id");

            assertThat(used.reads()).containsExactlyInAnyOrder(PETS, ObjectName.of("x"));
            assertThat(used.columns())
                    .isEqualTo(Map.of(PETS, Set.of("id", "kind"), ObjectName.of("x"), Set.of("y", "id")));
            assertThat(used.isUnderstood()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SELECT * FROM pets",
                    "SELECT p.* FROM pets p",
                    "SELECT id FROM (SELECT * FROM pets) q",
                    "SELECT id FROM owners UNION SELECT * FROM pets"
                })
        void star_isSaid(String sql) {
            assertThat(read(sql).selectsStar()).isTrue();
        }

        @Test
        void countOfStar_isNoStar() {
            assertThat(read("SELECT count(*) FROM pets").selectsStar()).isFalse();
        }

        @Test
        void sequences_inAllWritings() {
            assertThat(read("SELECT nextval('shop.pet_seq')").sequences())
                    .containsExactly(new ObjectName("shop", "pet_seq"));
            assertThat(UsedObjects.of(SqlDialect.ORACLE, "SELECT pet_seq.NEXTVAL FROM dual")
                            .sequences())
                    .containsExactly(ObjectName.of("PET_SEQ"));
            assertThat(UsedObjects.of(SqlDialect.H2, "SELECT NEXT VALUE FOR pet_seq")
                            .sequences())
                    .containsExactly(ObjectName.of("PET_SEQ"));
        }
    }

    @Nested
    class Writes {

        @Test
        void insertWithoutNames_isSaid() {
            assertThat(read("INSERT INTO pets VALUES (?, ?)").insertsWithoutNames())
                    .isTrue();
            assertThat(read("INSERT INTO pets (a, b) VALUES (?, ?)").insertsWithoutNames())
                    .isFalse();
        }

        @Test
        void insertOfAQuery_readsItsTables() {
            UsedObjects used = read("INSERT INTO pets (name) SELECT nickname FROM owners WHERE id = ?");

            assertThat(used.inserts()).containsExactly(PETS);
            assertThat(used.reads()).containsExactly(OWNERS);
            assertThat(used.columns()).isEqualTo(Map.of(PETS, Set.of("name"), OWNERS, Set.of("nickname", "id")));
        }

        @Test
        void onConstraint_isNamed_andExcludedIsTheTable() {
            UsedObjects used = read(
                    "INSERT INTO pets (id, name) VALUES (?, ?) ON CONFLICT ON CONSTRAINT pets_pk DO UPDATE SET name = EXCLUDED.name");

            assertThat(used.conflict()).isEqualTo(new Conflict(List.of(), "pets_pk", Conflict.Kind.UPDATE));
            assertThat(used.isUnderstood()).isTrue();
        }

        @Test
        void onConflictDoNothing_ignores() {
            assertThat(read("INSERT INTO pets (id) VALUES (?) ON CONFLICT DO NOTHING")
                            .conflict())
                    .isEqualTo(new Conflict(List.of(), "", Conflict.Kind.IGNORE));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "INSERT INTO pets (id, n) VALUES (?, ?) ON DUPLICATE KEY UPDATE n = n + 1",
                    "REPLACE INTO pets (id, n) VALUES (?, ?)"
                })
        void mySql_anyKey_isAnArbiter(String sql) {
            UsedObjects used = UsedObjects.of(SqlDialect.MYSQL, sql);

            assertThat(used.conflict().kind()).isEqualTo(Conflict.Kind.UPDATE_BY_ANY_KEY);
            assertThat(used.inserts()).containsExactly(PETS);
            assertThat(used.insertedColumns()).containsExactly("id", "n");
        }

        @Test
        void h2_mergeByKey_namesItsKey() {
            UsedObjects used = UsedObjects.of(SqlDialect.H2, "MERGE INTO pets (id, name) KEY (id) VALUES (?, ?)");

            assertThat(used.conflict()).isEqualTo(new Conflict(List.of("ID"), "", Conflict.Kind.UPDATE));
            assertThat(used.insertedColumns()).containsExactly("ID", "NAME");
            assertThat(used.isUnderstood()).isTrue();
        }

        @Test
        void update_ofAnAlias_isOfItsTable() {
            UsedObjects used = UsedObjects.of(
                    SqlDialect.SQLSERVER,
                    "UPDATE p SET p.name = o.name FROM pets p JOIN owners o ON o.id = p.owner_id WHERE p.id = ?");

            assertThat(used.updates()).containsExactly(PETS);
            assertThat(used.reads()).containsExactly(OWNERS);
            assertThat(used.columns())
                    .isEqualTo(Map.of(PETS, Set.of("name", "owner_id", "id"), OWNERS, Set.of("name", "id")));
        }

        @Test
        void mySql_updateOfSeveral_isByTable() {
            UsedObjects used = UsedObjects.of(
                    SqlDialect.MYSQL, "UPDATE pets p JOIN owners o ON o.id = p.owner_id SET p.name = ?, o.n = 1");

            assertThat(used.updates()).containsExactlyInAnyOrder(PETS, OWNERS);
            assertThat(used.updatedColumns()).containsExactlyInAnyOrder("name", "n");
        }

        @Test
        void delete_isNoRead() {
            UsedObjects used = read("DELETE FROM pets WHERE age > ? AND owner_id IN (SELECT id FROM owners)");

            assertThat(used.deletes()).containsExactly(PETS);
            assertThat(used.reads()).containsExactly(OWNERS);
            assertThat(used.columns().get(PETS)).containsExactlyInAnyOrder("age", "owner_id");
        }
    }

    @Nested
    class Calls {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{call shop.feed(?, ?)}",
                    "{? = call shop.feed(?, coalesce(?, 1))}",
                    "CALL shop.feed(1, 'a,b')"
                })
        void procedure_hasItsArguments(String sql) {
            assertThat(read(sql).functions()).containsExactly(new Call(new ObjectName("shop", "feed"), 2));
        }
    }

    @ParameterizedTest
    @EnumSource(SqlDialect.class)
    void whatIsNotUnderstood_isSaid_andNothingIsGuessed(SqlDialect dialect) {
        UsedObjects used = UsedObjects.of(dialect, "SELECT FROM WHERE pets pets pets (");

        assertThat(used.isUnderstood()).isFalse();
        assertThat(used.reads()).isEmpty();
    }

    @Test
    void rowsWrittenWithinWith_areSaidNotToBeUnderstood() {
        UsedObjects used = read("WITH gone AS (DELETE FROM pets RETURNING id) SELECT id FROM gone");

        assertThat(used.isUnderstood()).isFalse();
    }

    private static UsedObjects read(String sql) {
        return UsedObjects.of(SqlDialect.POSTGRESQL, sql);
    }
}
