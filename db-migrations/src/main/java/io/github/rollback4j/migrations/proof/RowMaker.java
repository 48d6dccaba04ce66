package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.proof.ScratchCopy.Step;
import io.github.rollback4j.migrations.proof.ScratchCopy.StepException;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes up rows that a table accepts, as far as types, keys and the constants of its checks tell. Each column gets another value
 * in each row, so that values that get lost are noticed.
 */
final class RowMaker {

    private static final int ROWS = 3;
    private static final int MOST_TRIES = 4;
    private static final Pattern CONSTANT =
            Pattern.compile("'((?:[^']++|'')*+)'|(?<![\\w.'])-?\\d+(?:\\.\\d+)?(?![\\w.'])");

    private final Engine engine;
    private final ScratchCopy database;
    private final List<ForeignKey> foreignKeys;
    private final Map<ObjectName, List<String>> checks;

    RowMaker(Engine engine, ScratchCopy database) throws SQLException {
        this.engine = engine;
        this.database = database;
        this.foreignKeys = engine.foreignKeys(database.connection());
        this.checks = engine.checks(database.connection());
    }

    List<ForeignKey> foreignKeys() {
        return foreignKeys;
    }

    /**
     * Fills the tables that are empty.
     *
     * @param notes is told which tables were filled, and which could not be
     * @return whether any was
     */
    boolean fill(List<String> notes) throws SQLException {
        List<ObjectName> filled = new ArrayList<>();
        Map<ObjectName, String> empty = new LinkedHashMap<>();
        boolean isAnyNew = true;
        while (isAnyNew) {
            isAnyNew = false;
            empty.clear();
            // Read anew each time round: what points to a table waits until that one has rows.
            for (TableRows table : engine.tablesWithRows(database.connection())) {
                if (!table.rows().isEmpty() || table.columns().isEmpty()) {
                    continue;
                }
                String why = "";
                for (int i = 1; i <= ROWS && why.isEmpty(); i++) {
                    why = insert(table, i, Map.of());
                    if (why.isEmpty() && i == 1) {
                        filled.add(table.name());
                        isAnyNew = true;
                    }
                }
                if (!filled.contains(table.name())) {
                    empty.put(table.name(), why);
                }
            }
        }
        if (!filled.isEmpty()) {
            notes.add("rows were made up for " + filled);
        }
        empty.forEach((table, why) -> notes.add("no rows could be made up for " + table + ": " + why));
        return !filled.isEmpty();
    }

    /**
     * Inserts a row.
     *
     * @param number which one, from 1
     * @param given values of some columns
     * @return why it was refused; empty if it was not
     */
    String insert(TableRows table, int number, Map<String, String> given) throws SQLException {
        String why = "";
        for (int attempt = 0; attempt < MOST_TRIES; attempt++) {
            Map<String, String> values = new LinkedHashMap<>();
            for (Column column : table.columns()) {
                String value = given.get(column.name());
                // The last try leaves out what need not be there.
                boolean isOptional =
                        attempt == MOST_TRIES - 1 && (!column.isRequired() || column.defaultValue() != null);
                if (value == null && !isOptional && !isMadeByDatabase(column)) {
                    value = value(table, column, number, attempt);
                }
                if (value != null) {
                    values.put(column.name(), value);
                }
            }
            String sql = values.isEmpty()
                    ? "INSERT INTO " + engine.quoted(table.name())
                            + (engine.dialect() == SqlDialect.POSTGRESQL || engine.dialect() == SqlDialect.H2
                                    ? " DEFAULT VALUES"
                                    : " () VALUES ()")
                    : insertion(table, values);
            try {
                database.run(new Step("made-up row of " + table.name(), List.of(sql), true));
                return "";
            } catch (StepException refused) {
                String message = String.valueOf(
                        refused.getCause() == null ? null : refused.getCause().getMessage());
                why = refused.state + " " + message.lines().findFirst().orElse("");
            }
        }
        return why;
    }

    private String insertion(TableRows table, Map<String, String> values) {
        StringBuilder columns = new StringBuilder();
        StringBuilder literals = new StringBuilder();
        values.forEach((column, value) -> {
            columns.append(columns.isEmpty() ? "" : ", ").append(engine.quoted(column));
            literals.append(literals.isEmpty() ? "" : ", ").append(literal(value));
        });
        return "INSERT INTO " + engine.quoted(table.name()) + " (" + columns + ") VALUES (" + literals + ")";
    }

    String literal(String value) {
        boolean escapes = engine.dialect() == SqlDialect.MARIADB || engine.dialect() == SqlDialect.MYSQL;
        return PostgresEngine.literal(escapes ? value.replace("\\", "\\\\") : value);
    }

    static boolean isMadeByDatabase(Column column) {
        String value = column.defaultValue();
        if (column.isGenerated()) {
            return true;
        }
        return value != null
                && (value.equals("identity") || value.equals("auto_increment") || value.contains("nextval("));
    }

    /** Returns a value for a column; null if there is none. */
    @Nullable
    String value(TableRows table, Column column, int number, int attempt) throws SQLException {
        for (ForeignKey key : foreignKeys) {
            int at = key.columns().indexOf(column.name());
            if (key.table().equals(table.name()) && at >= 0 && !key.target().equals(table.name())) {
                return valueOfTarget(key, at, number);
            }
        }
        List<String> constants = constants(table, column);
        if (!constants.isEmpty()) {
            // First as it is, then around what a check compares with.
            return constants.get((number - 1 + attempt) % constants.size());
        }
        return plain(column, number, attempt);
    }

    private @Nullable String valueOfTarget(ForeignKey key, int at, int number) throws SQLException {
        List<Row> rows = engine.query(
                database.connection(),
                "SELECT " + engine.quoted(key.targetColumns().get(at)) + " FROM " + engine.quoted(key.target())
                        + " ORDER BY 1");
        return rows.isEmpty() ? null : rows.get((number - 1) % rows.size()).at(0);
    }

    private List<String> constants(TableRows table, Column column) {
        List<String> constants = new ArrayList<>();
        for (String check : checks.getOrDefault(table.name(), List.of())) {
            if (!Pattern.compile("(?i)(?<!\\w)" + Pattern.quote(column.name()) + "(?!\\w)")
                    .matcher(check)
                    .find()) {
                continue;
            }
            Matcher constant = CONSTANT.matcher(check);
            while (constant.find()) {
                String quoted = constant.group(1);
                if (quoted != null && !column.isNumber()) {
                    constants.add(quoted.replace("''", "'"));
                } else if (quoted == null && column.isNumber()) {
                    long number = new java.math.BigDecimal(constant.group()).longValue();
                    constants.add(String.valueOf(number + 1));
                    constants.add(String.valueOf(number + 2));
                    constants.add(String.valueOf(number));
                    constants.add(String.valueOf(number - 1));
                }
            }
        }
        return constants;
    }

    private @Nullable String plain(Column column, int number, int attempt) {
        int n = number + 10 * attempt;
        return switch (column.kind()) {
            case SMALL_INTEGER, INTEGER, BIG_INTEGER -> String.valueOf(n);
            case DECIMAL ->
                column.scale() > 0 && column.length() > column.scale() ? n % 10 + ".5" : String.valueOf(n % 10);
            case FLOAT -> n + ".5";
            case BOOLEAN ->
                engine.dialect() == SqlDialect.POSTGRESQL || engine.dialect() == SqlDialect.H2
                        ? String.valueOf(number % 2 == 1)
                        : String.valueOf(number % 2);
            case TEXT, FIXED_TEXT -> text(column, n);
            case DATE -> String.format("2020-01-%02d", n % 28 + 1);
            case TIME -> String.format("%02d:00:00", n % 24);
            case TIMESTAMP -> String.format("2020-01-%02d 12:00:00", n % 28 + 1);
            case UUID -> String.format("00000000-0000-4000-8000-%012d", n);
            case JSON -> "{\"n\": " + n + "}";
            case BINARY -> engine.dialect() == SqlDialect.POSTGRESQL ? String.format("\\x%02x", n % 256) : "b" + n % 10;
            case ENUM ->
                column.labels().isEmpty()
                        ? null
                        : column.labels().get((number - 1) % column.labels().size());
            case OTHER -> other(column, n);
        };
    }

    private static String text(Column column, int n) {
        String text = column.name() + " " + n;
        int length = column.length() == 0 ? text.length() : column.length();
        return length >= text.length() ? text : String.valueOf(n).length() <= length ? String.valueOf(n) : "x";
    }

    private static @Nullable String other(Column column, int n) {
        if (column.type().endsWith("[]")) {
            return "{}";
        }
        return switch (column.type().replaceAll("\\(.*", "")) {
            case "inet", "cidr" -> "10.0.0." + n % 250;
            case "interval" -> n + " days";
            case "year" -> String.valueOf(2000 + n % 50);
            case "money" -> String.valueOf(n);
            default -> column.defaultValue() == null && column.isRequired() ? String.valueOf(n) : null;
        };
    }
}
