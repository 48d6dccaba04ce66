package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** MariaDB and MySQL. A schema is a database there, so that a migration that names its database cannot be proved. */
final class MariaDbEngine extends Engine {

    private static final Pattern LABEL = Pattern.compile("'((?:[^']++|'')*+)'");
    private static final Pattern NUMBERS = Pattern.compile("\\((\\d+)(?:,(\\d+))?\\)");

    private final JdbcAddress address;

    MariaDbEngine(JdbcAddress address) {
        this.address = address;
    }

    @Override
    SqlDialect dialect() {
        return SqlDialect.named(address.product());
    }

    @Override
    Connection open(String database) throws SQLException {
        Properties properties = address.properties();
        // Prepared by the server, so that it is the server that describes a statement.
        properties.setProperty("useServerPrepStmts", "true");
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("socketTimeout", String.valueOf(2_000 * LONGEST_MIGRATION_SECONDS));
        Connection connection = DriverManager.getConnection(address.url(database), properties);
        try {
            execute(
                    connection,
                    "SET SESSION lock_wait_timeout = " + LONGEST_LOCK_WAIT_SECONDS,
                    "SET SESSION innodb_lock_wait_timeout = " + LONGEST_LOCK_WAIT_SECONDS,
                    dialect() == SqlDialect.MARIADB
                            ? "SET SESSION max_statement_time = " + LONGEST_MIGRATION_SECONDS
                            : "SET SESSION max_execution_time = " + 1_000 * LONGEST_MIGRATION_SECONDS);
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
        administer("CREATE DATABASE " + quoted(database) + " CHARACTER SET utf8mb4");
    }

    @Override
    void drop(String database) throws SQLException {
        administer("DROP DATABASE IF EXISTS " + quoted(database));
    }

    @Override
    String stateOf(SQLException failed) {
        return failed.getSQLState() + "/" + failed.getErrorCode();
    }

    @Override
    List<TableRows> tables(Connection connection) throws SQLException {
        Map<String, List<Column>> columns = new LinkedHashMap<>();
        for (Row row : query(
                connection,
                "SELECT t.table_name, c.column_name, c.column_type, c.data_type, c.is_nullable, c.column_default, c.column_key,"
                        + " c.extra, coalesce(c.generation_expression, '') FROM information_schema.tables t"
                        + " JOIN information_schema.columns c"
                        + " ON c.table_schema = t.table_schema AND c.table_name = t.table_name"
                        + " WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'"
                        + " ORDER BY t.table_name, c.ordinal_position")) {
            columns.computeIfAbsent(text(row, 0), table -> new ArrayList<>()).add(column(row));
        }
        List<TableRows> tables = new ArrayList<>();
        columns.forEach((table, all) -> tables.add(new TableRows(ObjectName.of(table), "", all, List.of())));
        return tables;
    }

    private static Column column(Row row) {
        String type = text(row, 2);
        String name = text(row, 3);
        List<String> labels = new ArrayList<>();
        if (name.equals("enum")) {
            Matcher label = LABEL.matcher(type);
            while (label.find()) {
                labels.add(label.group(1).replace("''", "'"));
            }
        }
        Matcher numbers = NUMBERS.matcher(type);
        boolean isMeasured = labels.isEmpty() && numbers.find();
        boolean isAutomatic = text(row, 7).toLowerCase(Locale.ROOT).contains("auto_increment");
        String defaultValue = row.at(5);
        return new Column(
                text(row, 1),
                "",
                type,
                type.startsWith("tinyint(1)") ? Column.Kind.BOOLEAN : Column.kindOf(name),
                isMeasured && !name.endsWith("int") ? Integer.parseInt(numbers.group(1)) : 0,
                isMeasured && numbers.group(2) != null ? Integer.parseInt(numbers.group(2)) : 0,
                text(row, 4).equals("NO"),
                text(row, 6).equals("PRI"),
                !text(row, 8).isEmpty(),
                isAutomatic
                        ? "auto_increment"
                        : defaultValue == null || defaultValue.equals("NULL") ? null : defaultValue,
                labels);
    }

    @Override
    String foreignKeyQuery() {
        return "SELECT CONCAT(table_name, '.', constraint_name), '', table_name, column_name, '', referenced_table_name,"
                + " referenced_column_name"
                + " FROM information_schema.key_column_usage WHERE table_schema = DATABASE()"
                + " AND referenced_table_name IS NOT NULL ORDER BY table_name, constraint_name, ordinal_position";
    }

    @Override
    String checkQuery() {
        return dialect() == SqlDialect.MARIADB
                ? "SELECT '', table_name, check_clause FROM information_schema.check_constraints"
                        + " WHERE constraint_schema = DATABASE()"
                : "SELECT '', t.table_name, c.check_clause FROM information_schema.check_constraints c"
                        + " JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema"
                        + " AND t.constraint_name = c.constraint_name WHERE c.constraint_schema = DATABASE()";
    }

    @Override
    SortedSet<String> catalog(Connection connection) throws SQLException {
        SortedSet<String> lines = new TreeSet<>();
        String name = connection.getCatalog();
        for (String sql : CATALOG) {
            for (Row row : query(connection, sql)) {
                lines.add(text(row, 0).replace("`" + name + "`.", ""));
            }
        }
        for (Row table : query(
                connection,
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
                        + " AND table_type = 'BASE TABLE'")) {
            String made = text(
                    query(connection, "SHOW CREATE TABLE " + quoted(text(table, 0)))
                            .get(0),
                    1);
            String options = made.substring(made.lastIndexOf("\n)") + 1)
                    .replaceAll(" AUTO_INCREMENT=\\d+", "")
                    .replace('\n', ' ');
            lines.add("TABLE " + text(table, 0) + " " + options);
        }
        return lines;
    }

    private static final List<String> CATALOG = List.of(
            "SELECT concat('COLUMN ', table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ',"
                    + " coalesce(column_default, 'NULL'), ' ', extra, ' ', coalesce(collation_name, ''), ' ',"
                    + " coalesce(generation_expression, '')) FROM information_schema.columns WHERE table_schema = DATABASE()",
            "SELECT concat('ORDER ', table_name, ' ', group_concat(column_name ORDER BY ordinal_position SEPARATOR ', '))"
                    + " FROM information_schema.columns WHERE table_schema = DATABASE() GROUP BY table_name",
            "SELECT concat('INDEX ', table_name, '.', index_name, ' ', non_unique, ' ', index_type, ' ',"
                    + " group_concat(concat(column_name, coalesce(concat('(', sub_part, ')'), ''), coalesce(collation, ''))"
                    + " ORDER BY seq_in_index SEPARATOR ', ')) FROM information_schema.statistics"
                    + " WHERE table_schema = DATABASE() GROUP BY table_name, index_name, non_unique, index_type",
            "SELECT concat('FOREIGN KEY ', k.table_name, '.', k.constraint_name, ' ', group_concat(concat(k.column_name, ' -> ',"
                    + " k.referenced_table_name, '.', k.referenced_column_name) ORDER BY k.ordinal_position SEPARATOR ', '),"
                    + " ' ', r.delete_rule, ' ', r.update_rule) FROM information_schema.key_column_usage k"
                    + " JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema"
                    + " AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name"
                    + " WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL"
                    + " GROUP BY k.table_name, k.constraint_name, r.delete_rule, r.update_rule",
            "SELECT concat('CHECK ', constraint_name, ' ', check_clause) FROM information_schema.check_constraints"
                    + " WHERE constraint_schema = DATABASE()",
            "SELECT concat('VIEW ', table_name, ' ', view_definition, ' ', check_option, ' ', security_type)"
                    + " FROM information_schema.views WHERE table_schema = DATABASE()",
            "SELECT concat('TRIGGER ', event_object_table, '.', trigger_name, ' ', action_timing, ' ', event_manipulation, ' ',"
                    + " action_order, ' ', action_statement) FROM information_schema.triggers"
                    + " WHERE trigger_schema = DATABASE()",
            "SELECT concat('ROUTINE ', routine_type, ' ', routine_name, ' ', coalesce(dtd_identifier, ''), ' ',"
                    + " coalesce((SELECT group_concat(concat(coalesce(p.parameter_mode, ''), ' ', coalesce(p.parameter_name, ''),"
                    + " ' ', p.dtd_identifier) ORDER BY p.ordinal_position SEPARATOR ', ') FROM information_schema.parameters p"
                    + " WHERE p.specific_schema = r.routine_schema AND p.specific_name = r.specific_name), ''), ' ',"
                    + " is_deterministic, ' ', sql_data_access, ' ', security_type, ' ', coalesce(routine_definition, ''))"
                    + " FROM information_schema.routines r WHERE routine_schema = DATABASE()");

    @Override
    boolean hasTriggers(Connection connection) throws SQLException {
        return !query(connection, "SELECT 1 FROM information_schema.triggers WHERE trigger_schema = DATABASE() LIMIT 1")
                .isEmpty();
    }

    @Override
    String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
