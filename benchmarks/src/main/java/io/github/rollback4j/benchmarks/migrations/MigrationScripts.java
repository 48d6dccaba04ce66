package io.github.rollback4j.benchmarks.migrations;

import io.github.rollback4j.migrations.reading.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes the migrations of a service that has grown for years: each says what the schema before allows. The same seed writes the same
 * scripts. For one thread.
 */
final class MigrationScripts {

    private static final int MOST_STATEMENTS = 6;

    private static final List<String> NOUNS = List.of(
            "customer",
            "address",
            "product",
            "category",
            "price",
            "stock",
            "warehouse",
            "supplier",
            "cart",
            "voucher",
            "payment",
            "refund",
            "invoice",
            "shipment",
            "carrier",
            "parcel",
            "review",
            "rating",
            "message",
            "campaign",
            "segment",
            "consent",
            "session",
            "device",
            "employee",
            "shift",
            "contract",
            "document",
            "attachment",
            "audit_entry",
            "setting",
            "job");

    private static final List<String> COLUMNS = List.of(
            "name",
            "title",
            "code",
            "status",
            "amount",
            "currency",
            "quantity",
            "note",
            "email",
            "phone",
            "street",
            "city",
            "country",
            "postcode",
            "valid_from",
            "valid_to",
            "created_on",
            "changed_on",
            "changed_by",
            "priority",
            "weight",
            "height",
            "is_active",
            "is_deleted",
            "external_key",
            "locale",
            "source",
            "channel",
            "discount",
            "tax_rate",
            "position");

    private static final class Table {
        final String name;
        final List<String> columns = new ArrayList<>();
        final List<String> indexes = new ArrayList<>();

        Table(String name) {
            this.name = name;
        }
    }

    private final SqlDialect dialect;
    private final SplittableRandom random;
    private final List<Table> tables = new ArrayList<>();
    private int count;

    MigrationScripts(SqlDialect dialect, long seed) {
        this.dialect = dialect;
        this.random = new SplittableRandom(seed);
    }

    /** Writes the next script, of one to six statements. */
    String next() {
        int statements = 1 + random.nextInt(MOST_STATEMENTS);
        String script =
                IntStream.range(0, statements).mapToObj(i -> statement() + ";").collect(Collectors.joining("\n\n"));
        return "-- SHOP-" + (1000 + count) + ": " + one(NOUNS) + " and " + one(COLUMNS) + "\n" + script + "\n";
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private boolean isMySql() {
        return dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB;
    }

    private boolean isOracle() {
        return dialect == SqlDialect.ORACLE;
    }

    private Table table() {
        return one(tables);
    }

    private String statement() {
        count++;
        if (tables.size() < 5) {
            return createTable();
        }
        int kind = random.nextInt(100);
        if (kind < 18) {
            return createTable();
        } else if (kind < 40) {
            return addColumn();
        } else if (kind < 52) {
            return createIndex();
        } else if (kind < 59) {
            return addConstraint();
        } else if (kind < 65) {
            return addForeignKey();
        } else if (kind < 69) {
            return createView();
        } else if (kind < 73) {
            return enumerate();
        } else if (kind < 82) {
            return insert();
        } else if (kind < 88) {
            return update();
        } else if (kind < 91) {
            return "DELETE FROM " + table().name + " WHERE id < " + random.nextInt(1000);
        } else if (kind < 95) {
            return changeColumn();
        }
        return drop();
    }

    // Types and values.

    private String type(String column) {
        if (column.startsWith("is_")) {
            return isOracle() ? "NUMBER(1)" : isMySql() ? "tinyint(1)" : "boolean";
        }
        return switch (column.replaceAll("_\\d+$", "")) {
            case "amount", "discount", "weight", "height" -> isOracle() ? "NUMBER(12,2)" : "decimal(12,2)";
            case "tax_rate" -> isOracle() ? "NUMBER(5,4)" : "numeric(5,4)";
            case "quantity", "priority", "position" -> isOracle() ? "NUMBER(10)" : "int";
            case "valid_from", "valid_to" -> "date";
            case "created_on", "changed_on" ->
                switch (dialect) {
                    case POSTGRESQL -> "timestamptz";
                    case MYSQL, MARIADB -> "datetime(6)";
                    default -> "timestamp";
                };
            case "note" ->
                switch (dialect) {
                    case POSTGRESQL, MYSQL, MARIADB -> "text";
                    default -> "clob";
                };
            default ->
                (isOracle() ? "VARCHAR2(" : "varchar(")
                        + (20 + 10 * random.nextInt(24))
                        + (isOracle() ? " CHAR)" : ")");
        };
    }

    private String value(String column) {
        if (column.startsWith("is_")) {
            return dialect == SqlDialect.POSTGRESQL || dialect == SqlDialect.H2 ? "false" : "0";
        }
        return switch (column.replaceAll("_\\d+$", "")) {
            case "amount", "discount", "weight", "height", "tax_rate", "quantity", "priority", "position" ->
                String.valueOf(random.nextInt(100));
            case "valid_from", "valid_to" -> isOracle() ? "DATE '2024-01-31'" : "'2024-01-31'";
            case "created_on", "changed_on" -> "CURRENT_TIMESTAMP";
            default -> "'" + one(NOUNS) + " " + random.nextInt(1000) + "'";
        };
    }

    private boolean hasDefault(String column) {
        return !column.startsWith("note") && !(isMySql() && column.contains("_on"));
    }

    private String definition(String column) {
        int kind = random.nextInt(10);
        String defined = column + " " + type(column);
        if (kind < 5) {
            return defined;
        }
        String withDefault = hasDefault(column) ? defined + " DEFAULT " + value(column) : defined;
        return kind < 9 ? withDefault + (hasDefault(column) ? " NOT NULL" : "") : defined + " NOT NULL";
    }

    private String column(Table table) {
        return one(table.columns);
    }

    private String newColumn(Table table) {
        String column = one(COLUMNS);
        String name = table.columns.contains(column) ? column + "_" + count : column;
        table.columns.add(name);
        return name;
    }

    private String name(String prefix, Table table) {
        return prefix + "_" + table.name + "_" + count;
    }

    // Statements.

    private String createTable() {
        Table table = new Table(one(NOUNS) + "_" + count);
        List<String> parts = new ArrayList<>();
        parts.add(
                switch (dialect) {
                    case POSTGRESQL -> "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
                    case MYSQL, MARIADB -> "id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY";
                    case ORACLE -> "id NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
                    default -> "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
                });
        int columns = 4 + random.nextInt(8);
        for (int i = 0; i < columns; i++) {
            parts.add(definition(newColumn(table)));
        }
        if (random.nextInt(3) == 0) {
            parts.add("CONSTRAINT " + name("uq", table) + " UNIQUE (" + keyColumn(table) + ")");
        }
        if (!tables.isEmpty() && random.nextInt(2) == 0) {
            Table parent = table();
            parts.add(parent.name + "_id " + (isOracle() ? "NUMBER(19)" : "bigint"));
            parts.add("CONSTRAINT " + name("fk", table) + " FOREIGN KEY (" + parent.name + "_id) REFERENCES "
                    + parent.name + " (id)" + (random.nextBoolean() ? " ON DELETE CASCADE" : ""));
        }
        tables.add(table);
        return "CREATE TABLE " + table.name + " (\n    " + String.join(",\n    ", parts) + "\n)"
                + (isMySql() && random.nextBoolean() ? " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" : "");
    }

    /** A text may be too long for a key. */
    private String keyColumn(Table table) {
        return table.columns.stream()
                .filter(column -> !column.startsWith("note"))
                .findFirst()
                .orElse("id");
    }

    private String addColumn() {
        Table table = table();
        String defined = definition(newColumn(table));
        return "ALTER TABLE " + table.name + (isOracle() ? " ADD (" + defined + ")" : " ADD COLUMN " + defined);
    }

    private String createIndex() {
        Table table = table();
        String index = name("ix", table);
        table.indexes.add(index);
        String columns = Stream.of(keyColumn(table), random.nextInt(3) == 0 ? "id" : "")
                .filter(column -> !column.isEmpty())
                .distinct()
                .collect(Collectors.joining(", "));
        String where = dialect == SqlDialect.POSTGRESQL && random.nextInt(5) == 0 ? " WHERE id > 0" : "";
        return "CREATE " + (random.nextInt(5) == 0 ? "UNIQUE " : "") + "INDEX " + index + " ON " + table.name + " ("
                + columns + ")" + where;
    }

    private String addConstraint() {
        Table table = table();
        if (random.nextBoolean()) {
            return "ALTER TABLE " + table.name + " ADD CONSTRAINT " + name("ck", table)
                    + " CHECK (id > 0 AND id < 9000000000)"
                    + (dialect == SqlDialect.POSTGRESQL && random.nextBoolean() ? " NOT VALID" : "");
        }
        return "ALTER TABLE " + table.name + " ADD CONSTRAINT " + name("uq", table) + " UNIQUE (" + keyColumn(table)
                + ")";
    }

    private String addForeignKey() {
        Table table = table();
        Table parent = table();
        String column = parent.name + "_" + count;
        table.columns.add(column);
        String type = isOracle() ? "NUMBER(19)" : "bigint";
        return "ALTER TABLE " + table.name
                + (isOracle() ? " ADD (" + column + " " + type + ")" : " ADD COLUMN " + column + " " + type)
                + ";\nALTER TABLE " + table.name + " ADD CONSTRAINT " + name("fk", table) + " FOREIGN KEY (" + column
                + ") REFERENCES " + parent.name + " (id)";
    }

    private String createView() {
        Table table = table();
        Table other = table();
        return "CREATE VIEW " + name("v", table) + " AS\nSELECT a.id, a." + column(table)
                + ", count(b.id) AS together\nFROM " + table.name
                + " a\nLEFT JOIN " + other.name + " b ON b.id = a.id\nWHERE a.id > " + random.nextInt(100)
                + "\nGROUP BY a.id, a." + column(table);
    }

    private String enumerate() {
        Table table = table();
        String column = "state_" + count;
        table.columns.add(column);
        return switch (dialect) {
            case POSTGRESQL ->
                "CREATE TYPE " + name("e", table) + " AS ENUM ('open', 'closed');\nALTER TABLE " + table.name
                        + " ADD COLUMN "
                        + column + " " + name("e", table) + " DEFAULT 'open';\nALTER TYPE " + name("e", table)
                        + " ADD VALUE 'on hold'";
            case MYSQL, MARIADB ->
                "ALTER TABLE " + table.name + " ADD COLUMN " + column
                        + " enum('open','closed') NOT NULL DEFAULT 'open';\n"
                        + "ALTER TABLE " + table.name + " MODIFY COLUMN " + column
                        + " enum('open','closed','on hold') NOT NULL DEFAULT 'open'";
            case ORACLE ->
                "ALTER TABLE " + table.name + " ADD (" + column + " VARCHAR2(10) DEFAULT 'open' CHECK (" + column
                        + " IN ('open', 'closed')))";
            default ->
                "ALTER TABLE " + table.name + " ADD COLUMN " + column
                        + " enum('open', 'closed') DEFAULT 'open' NOT NULL";
        };
    }

    private String insert() {
        Table table = table();
        List<String> columns = table.columns.stream().limit(4).toList();
        int rows = isOracle() ? 1 : 1 + random.nextInt(3);
        String values = IntStream.range(0, rows)
                .mapToObj(row -> columns.stream().map(this::value).collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(",\n       "));
        return "INSERT INTO " + table.name + " (" + String.join(", ", columns) + ")\nVALUES " + values;
    }

    private String update() {
        Table table = table();
        String column = column(table);
        return "UPDATE " + table.name + " SET " + column + " = " + value(column) + " WHERE " + column
                + " IS NULL AND id > " + random.nextInt(1000);
    }

    private String changeColumn() {
        Table table = table();
        String column = column(table);
        String type = type(column);
        int kind = random.nextInt(3);
        if (kind == 0) {
            String renamed = column + "_r" + count;
            table.columns.set(table.columns.indexOf(column), renamed);
            return dialect == SqlDialect.H2
                    ? "ALTER TABLE " + table.name + " ALTER COLUMN " + column + " RENAME TO " + renamed
                    : "ALTER TABLE " + table.name + " RENAME COLUMN " + column + " TO " + renamed;
        }
        boolean isRequired = kind == 1;
        return switch (dialect) {
            case MYSQL, MARIADB ->
                "ALTER TABLE " + table.name + " MODIFY COLUMN " + column + " " + type + (isRequired ? " NOT NULL" : "");
            case ORACLE ->
                "ALTER TABLE " + table.name + " MODIFY (" + column + " " + (isRequired ? "NOT NULL" : type) + ")";
            case POSTGRESQL ->
                "ALTER TABLE " + table.name + " ALTER COLUMN " + column
                        + (isRequired ? " SET NOT NULL" : " TYPE " + type);
            default ->
                "ALTER TABLE " + table.name + " ALTER COLUMN " + column
                        + (isRequired ? " SET NOT NULL" : " SET DATA TYPE " + type);
        };
    }

    private String drop() {
        Table table = table();
        int kind = random.nextInt(3);
        if (kind == 0 && !table.indexes.isEmpty()) {
            String index = table.indexes.remove(0);
            return "DROP INDEX " + index + (isMySql() ? " ON " + table.name : "");
        }
        if (kind == 1 && tables.size() > 10) {
            tables.remove(table);
            return "DROP TABLE " + table.name + (isOracle() ? " CASCADE CONSTRAINTS" : isMySql() ? "" : " CASCADE");
        }
        String column = table.columns.size() > 4 ? table.columns.remove(table.columns.size() - 1) : newColumn(table);
        return "ALTER TABLE " + table.name + " DROP COLUMN " + column;
    }
}
