package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** PostgreSQL. A copy of a database is a template's, which takes tens of milliseconds. */
final class PostgresEngine extends Engine {

    private static final String OURS = " n.nspname NOT IN ('pg_catalog', 'information_schema')"
            + " AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%' ";

    /** What an extension brought is the extension's, which has a line of its own. */
    private static final String NOT_OF_EXTENSION =
            " NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = %s.oid AND x.deptype = 'e') ";

    private static final int FIRST_WITH_GENERIC_PLAN = 16;
    private static final int FIRST_WITH_FLUSH = 15;

    private final JdbcAddress address;

    /** The server's, known from the first connection on. */
    private volatile int release;

    PostgresEngine(JdbcAddress address) {
        this.address = address;
    }

    @Override
    SqlDialect dialect() {
        return SqlDialect.POSTGRESQL;
    }

    @Override
    Connection open(String database) throws SQLException {
        return open(database, "extended");
    }

    @Override
    Connection openForExplain(String database) throws SQLException {
        return open(database, "simple");
    }

    private Connection open(String database, String protocol) throws SQLException {
        Properties properties = address.properties();
        // A statement that is prepared on the server would keep its plan, and what it returns, over a migration.
        properties.setProperty("prepareThreshold", "0");
        properties.setProperty("preferQueryMode", protocol);
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", String.valueOf(2 * LONGEST_MIGRATION_SECONDS));
        properties.setProperty("ApplicationName", "rollback4j-proof");
        Connection connection = DriverManager.getConnection(address.url(database), properties);
        try {
            release = connection.getMetaData().getDatabaseMajorVersion();
            execute(
                    connection,
                    "SET statement_timeout = '" + LONGEST_MIGRATION_SECONDS + "s'",
                    "SET lock_timeout = '" + LONGEST_LOCK_WAIT_SECONDS + "s'",
                    "SET idle_in_transaction_session_timeout = '0'",
                    "SET TimeZone = 'UTC'");
        } catch (SQLException failed) {
            connection.close();
            throw failed;
        }
        return connection;
    }

    private void administer(String sql) throws SQLException {
        try (Connection connection = open(address.database())) {
            execute(connection, sql);
        }
    }

    @Override
    void create(String database) throws SQLException {
        administer("CREATE DATABASE " + quoted(database) + " TEMPLATE template0");
    }

    @Override
    boolean copies() {
        return true;
    }

    @Override
    void copy(String from, String to) throws SQLException {
        administer("CREATE DATABASE " + quoted(to) + " TEMPLATE " + quoted(from));
    }

    @Override
    void drop(String database) throws SQLException {
        administer("DROP DATABASE IF EXISTS " + quoted(database) + " WITH (FORCE)");
    }

    @Override
    boolean isTransactional() {
        return true;
    }

    @Override
    void become(Connection connection, @Nullable String role) throws SQLException {
        execute(connection, role == null ? "RESET ROLE" : "SET ROLE " + quoted(role));
    }

    @Override
    boolean provide(Connection connection, String role) throws SQLException {
        boolean isThere = !query(connection, "SELECT 1 FROM pg_roles WHERE rolname = " + literal(role))
                .isEmpty();
        if (isThere) {
            return false;
        }
        execute(
                connection,
                "CREATE ROLE " + quoted(role) + " NOLOGIN",
                // Who is no superuser may become it only as a member.
                "GRANT " + quoted(role) + " TO CURRENT_USER",
                "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO " + quoted(role),
                "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO " + quoted(role),
                "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO " + quoted(role));
        return true;
    }

    /** Gives a role what an application usually has on what was there before it: all rows, but no table of its own. */
    void grantUsual(Connection connection, String role) throws SQLException {
        for (Row schema : query(connection, "SELECT n.nspname FROM pg_namespace n WHERE" + OURS)) {
            String name = quoted(text(schema, 0));
            execute(
                    connection,
                    "GRANT USAGE ON SCHEMA " + name + " TO " + quoted(role),
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + name + " TO " + quoted(role),
                    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + name + " TO " + quoted(role));
        }
    }

    void dropRole(String role) throws SQLException {
        administer("DROP ROLE IF EXISTS " + quoted(role));
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    // ---- What is in it.

    @Override
    List<TableRows> tables(Connection connection) throws SQLException {
        Map<String, List<String>> labels = new LinkedHashMap<>();
        for (Row row :
                query(connection, "SELECT enumtypid, enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder")) {
            labels.computeIfAbsent(text(row, 0), type -> new ArrayList<>()).add(text(row, 1));
        }
        List<Row> rows = query(
                connection,
                "SELECT n.nspname, c.relname, c.oid, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod),"
                        + " t.typname, t.oid, a.attnotnull OR t.typnotnull, a.attgenerated, a.attidentity,"
                        + " pg_get_expr(d.adbin, d.adrelid), coalesce(a.attnum = ANY (i.indkey), false),"
                        + " CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN a.atttypmod - 4"
                        + "      WHEN a.atttypid = 1700 AND a.atttypmod > 4 THEN ((a.atttypmod - 4) >> 16) & 65535 ELSE 0 END,"
                        + " CASE WHEN a.atttypid = 1700 AND a.atttypmod > 4 THEN (a.atttypmod - 4) & 2047 ELSE 0 END,"
                        + " b.typname"
                        + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                        + " LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype"
                        + " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
                        + " LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
                        + " WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND" + OURS + "AND"
                        + NOT_OF_EXTENSION.formatted("c")
                        + "ORDER BY n.nspname, c.relname, a.attnum");
        Map<String, List<Column>> columns = new LinkedHashMap<>();
        Map<String, ObjectName> names = new LinkedHashMap<>();
        for (Row row : rows) {
            String table = text(row, 2);
            names.put(table, new ObjectName(text(row, 0), text(row, 1)));
            List<Column> of = columns.computeIfAbsent(table, key -> new ArrayList<>());
            if (row.at(3) == null) {
                continue;
            }
            List<String> ownLabels = labels.getOrDefault(text(row, 7), List.of());
            String base = text(row, 15).isEmpty() ? text(row, 6) : text(row, 15);
            boolean isIdentity = !text(row, 10).isEmpty();
            of.add(new Column(
                    text(row, 3),
                    text(row, 4),
                    text(row, 5),
                    ownLabels.isEmpty() ? Column.kindOf(base) : Column.Kind.ENUM,
                    number(row, 13),
                    number(row, 14),
                    isTrue(row, 8),
                    isTrue(row, 12),
                    !text(row, 9).isEmpty() || text(row, 10).equals("a"),
                    isIdentity ? "identity" : row.at(11),
                    ownLabels));
        }
        List<TableRows> tables = new ArrayList<>();
        names.forEach(
                (oid, name) -> tables.add(new TableRows(name, oid, columns.getOrDefault(oid, List.of()), List.of())));
        return tables;
    }

    private static boolean isTrue(Row row, int index) {
        return text(row, index).startsWith("t");
    }

    @Override
    Map<String, Map<String, String>> labels(Connection connection) throws SQLException {
        Map<String, Map<String, String>> labels = new LinkedHashMap<>();
        for (Row row : query(connection, "SELECT enumtypid, enumlabel, oid FROM pg_enum")) {
            labels.computeIfAbsent(text(row, 0), type -> new LinkedHashMap<>()).put(text(row, 1), text(row, 2));
        }
        return labels;
    }

    @Override
    String foreignKeyQuery() {
        return "SELECT k.oid, n.nspname, c.relname, a.attname, m.nspname, r.relname, b.attname FROM pg_constraint k"
                + " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace"
                + " CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(own, other, place)"
                + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.own"
                + " JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = u.other"
                + " WHERE k.contype = 'f' AND c.relkind = 'r' ORDER BY k.oid, u.place";
    }

    @Override
    String checkQuery() {
        return "SELECT n.nspname, c.relname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
                + " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE k.contype = 'c' ORDER BY 1, 2, 3";
    }

    @Override
    SortedSet<String> catalog(Connection connection) throws SQLException {
        SortedSet<String> lines = new TreeSet<>();
        for (String sql : CATALOG) {
            for (Row row : query(connection, sql)) {
                lines.add(text(row, 0));
            }
        }
        return lines;
    }

    private static final List<String> CATALOG = List.of(
            "SELECT 'SCHEMA ' || n.nspname || ' ' || coalesce(n.nspacl::text, '') FROM pg_namespace n WHERE" + OURS,
            "SELECT 'EXTENSION ' || extname FROM pg_extension",
            "SELECT CASE c.relkind WHEN 'v' THEN 'VIEW COLUMN ' WHEN 'm' THEN 'VIEW COLUMN ' ELSE 'COLUMN ' END"
                    + " || n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)"
                    + " || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END"
                    + " || CASE a.attidentity WHEN 'a' THEN ' IDENTITY ALWAYS' WHEN 'd' THEN ' IDENTITY BY DEFAULT' ELSE '' END"
                    + " || CASE a.attgenerated WHEN 's' THEN ' STORED' WHEN 'v' THEN ' VIRTUAL' ELSE '' END"
                    + " || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')"
                    + " || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END"
                    + " || coalesce(' ' || a.attacl::text, '') || ' ' || coalesce(a.attoptions::text, '')"
                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                    + " JOIN pg_type t ON t.oid = a.atttypid"
                    + " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
                    + " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND" + OURS + "AND"
                    + NOT_OF_EXTENSION.formatted("c"),
            "SELECT 'ORDER ' || n.nspname || '.' || c.relname || ' '"
                    + " || coalesce(string_agg(a.attname, ', ' ORDER BY a.attnum), '')"
                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                    + " WHERE c.relkind IN ('r', 'p', 'f') AND" + OURS + "AND" + NOT_OF_EXTENSION.formatted("c")
                    + "GROUP BY n.nspname, c.relname",
            "SELECT 'RELATION ' || c.relkind::text || ' ' || n.nspname || '.' || c.relname || ' ' || c.relpersistence::text"
                    + " || CASE WHEN c.relrowsecurity THEN ' ROW SECURITY' ELSE '' END"
                    + " || CASE WHEN c.relforcerowsecurity THEN ' FORCED' ELSE '' END"
                    + " || coalesce(' PARTITION BY ' || CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, '')"
                    + " || coalesce(' PARTITION ' || pg_get_expr(c.relpartbound, c.oid), '')"
                    + " || coalesce(' ' || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)"
                    + " FROM pg_inherits i WHERE i.inhrelid = c.oid), '')"
                    + " || coalesce(' WITH ' || c.reloptions::text, '') || coalesce(' ' || ("
                    // The owner's own rights are the same whether they are written down or not.
                    + " SELECT string_agg(g.grantee::regrole::text || '=' || g.privilege_type || CASE WHEN g.is_grantable THEN '*'"
                    + " ELSE '' END, ', ' ORDER BY g.grantee::regrole::text, g.privilege_type) FROM aclexplode(c.relacl) g"
                    + " WHERE g.grantee <> c.relowner AND g.grantee <> 0), '')"
                    + " || CASE WHEN EXISTS (SELECT 1 FROM aclexplode(c.relacl) g WHERE g.grantee = 0) THEN ' PUBLIC' ELSE '' END"
                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S') AND" + OURS + "AND"
                    + NOT_OF_EXTENSION.formatted("c"),
            "SELECT 'VIEW ' || n.nspname || '.' || c.relname || ' ' || pg_get_viewdef(c.oid)"
                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND"
                    + OURS
                    + "AND" + NOT_OF_EXTENSION.formatted("c"),
            // NOT NULL is said with the column; its name is not worth an undo.
            "SELECT 'CONSTRAINT ' || n.nspname || '.' || coalesce(c.relname, y.typname) || '.' || k.conname || ' '"
                    + " || pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace"
                    + " LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type y ON y.oid = k.contypid"
                    + " WHERE k.contype <> 'n' AND coalesce(c.relname, y.typname) IS NOT NULL AND" + OURS,
            "SELECT 'INDEX ' || n.nspname || '.' || c.relname || ' ' || pg_get_indexdef(i.indexrelid)"
                    + " || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END"
                    + " || CASE WHEN i.indimmediate THEN '' ELSE ' DEFERRABLE' END"
                    + " || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END FROM pg_index i"
                    + " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE"
                    + OURS,
            "SELECT 'SEQUENCE ' || n.nspname || '.' || c.relname || ' ' || format_type(s.seqtypid, NULL) || ' START '"
                    + " || s.seqstart || ' INCREMENT ' || s.seqincrement || ' MAX ' || s.seqmax || ' MIN ' || s.seqmin"
                    + " || ' CACHE ' || s.seqcache || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END"
                    + " || coalesce((SELECT ' OWNED BY ' || o.refobjid::regclass::text || '.' || a.attname FROM pg_depend o"
                    + " JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid WHERE o.objid = c.oid"
                    + " AND o.classid = 'pg_class'::regclass AND o.deptype IN ('a', 'i') AND o.refobjsubid > 0 LIMIT 1), '')"
                    + " FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE" + OURS,
            "SELECT 'TYPE ' || n.nspname || '.' || t.typname || ' ENUM ' || (SELECT string_agg(quote_literal(e.enumlabel), ', '"
                    + " ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) FROM pg_type t"
                    + " JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND" + OURS + "AND"
                    + NOT_OF_EXTENSION.formatted("t"),
            "SELECT 'DOMAIN ' || n.nspname || '.' || t.typname || ' ' || format_type(t.typbasetype, t.typtypmod)"
                    + " || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || t.typdefault, '')"
                    + " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND" + OURS
                    + "AND"
                    + NOT_OF_EXTENSION.formatted("t"),
            "SELECT 'ROUTINE ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') '"
                    + " || CASE WHEN p.prokind = 'a' THEN 'AGGREGATE ' || pg_get_function_result(p.oid)"
                    + " ELSE pg_get_functiondef(p.oid) END || coalesce(' ' || p.proacl::text, '') FROM pg_proc p"
                    + " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE" + OURS + "AND"
                    + NOT_OF_EXTENSION.formatted("p"),
            "SELECT 'TRIGGER ' || t.tgrelid::regclass::text || '.' || t.tgname || ' ' || t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)"
                    + " FROM pg_trigger t WHERE NOT t.tgisinternal",
            "SELECT 'POLICY ' || schemaname || '.' || tablename || '.' || policyname || ' ' || permissive || ' ' || roles::text"
                    + " || ' ' || cmd || ' USING ' || coalesce(qual, '') || ' CHECK ' || coalesce(with_check, '') FROM pg_policies",
            "SELECT 'RULE ' || n.nspname || '.' || c.relname || '.' || r.rulename || ' ' || pg_get_ruledef(r.oid)"
                    + " FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE r.rulename <> '_RETURN' AND" + OURS);

    @Override
    Set<ObjectName> touched(Connection connection) throws SQLException {
        Set<ObjectName> touched = new LinkedHashSet<>();
        // What is counted in the last second may stem from transactions before; a table too many is only looked at in
        // vain.
        for (Row row : query(
                connection,
                "SELECT schemaname, relname" + (release < FIRST_WITH_FLUSH ? "" : ", pg_stat_force_next_flush()")
                        + " FROM pg_stat_xact_user_tables"
                        + " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0")) {
            touched.add(new ObjectName(text(row, 0), text(row, 1)));
        }
        return touched;
    }

    @Override
    void checkDeferred(Connection connection) throws SQLException {
        execute(connection, "SET CONSTRAINTS ALL IMMEDIATE");
    }

    @Override
    Map<String, String> sequences(Connection connection) throws SQLException {
        Map<String, String> sequences = new TreeMap<>();
        for (Row row : query(
                connection,
                "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename),"
                        + " coalesce(last_value, start_value) || ',' || (last_value IS NOT NULL) FROM pg_sequences")) {
            sequences.put(text(row, 0), text(row, 1));
        }
        return sequences;
    }

    @Override
    void reset(Connection connection, Map<String, String> sequences) throws SQLException {
        for (Map.Entry<String, String> now : sequences(connection).entrySet()) {
            String then = sequences.get(now.getKey());
            if (then != null && !then.equals(now.getValue())) {
                query(connection, "SELECT setval(" + literal(now.getKey()) + ", " + then + ")");
            }
        }
    }

    @Override
    @Nullable
    String explained(String sql) {
        return release < FIRST_WITH_GENERIC_PLAN ? null : "EXPLAIN (GENERIC_PLAN) " + Placeholders.numbered(sql);
    }

    @Override
    void bindUntyped(PreparedStatement statement, int place, String value) throws SQLException {
        // The driver leaves the type open then, so that enums, UUIDs and JSON are found by the server.
        statement.setObject(place, value, Types.OTHER);
    }

    @Override
    String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
