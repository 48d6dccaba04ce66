package io.github.rollback4j.migrations.proof;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes up parameters for a statement of which no call was recorded: for what is compared with a column a value that the column
 * holds, for what is inserted a value that the column accepts. Where it is wrong, the old database refuses, and the statement
 * is only parsed.
 */
final class MadeUpParameters {

    private static final int FRESH = 700;
    private static final Pattern INSERT =
            Pattern.compile("(?is)\\s*insert\\s+into\\s+([\\w.\"`]+)\\s*\\(([^)]*)\\)\\s*values\\s*\\((.*)");
    private static final Pattern COMPARED = Pattern.compile(
            "(?is).*?([\\w\"`]+)\\s*(?:=|<>|!=|<=?|>=?|\\blike|\\bilike|\\bin\\s*\\((?:\\s*\\?\\s*,)*|\\bbetween(?:\\s+\\?\\s+and)?)\\s*$");
    private static final Pattern LIMITED = Pattern.compile("(?is).*\\b(limit|offset|next|first)\\s*$");

    private final Tables tables;
    private final RowMaker maker;

    MadeUpParameters(Tables tables, RowMaker maker) {
        this.tables = tables;
        this.maker = maker;
    }

    private record Target(TableRows table, int column) {}

    List<Parameters> of(String sql) throws SQLException {
        int count = Placeholders.count(sql);
        List<TableRows> mentioned = tables.byName().values().stream()
                .filter(table -> Pattern.compile(
                                "(?i)(?<!\\w)" + Pattern.quote(table.name().name()) + "(?!\\w)")
                        .matcher(sql)
                        .find())
                .toList();
        Map<Integer, String> insertions = insertions(sql);
        List<Parameters> all = new ArrayList<>();
        for (int variant = 0; variant < 2; variant++) {
            List<@Nullable String> values = new ArrayList<>();
            int at = -1;
            for (int i = 0; i < count; i++) {
                at = sql.indexOf('?', at + 1);
                String inserted = insertions.get(at);
                values.add(
                        inserted == null
                                ? compared(sql.substring(0, at), mentioned, variant)
                                : inserted(inserted, mentioned, variant));
            }
            all.add(new Parameters(new Row(values), false));
        }
        return all.stream().distinct().toList();
    }

    /** Returns which question marks of an insert stand for a column's value, by where they are. */
    private static Map<Integer, String> insertions(String sql) {
        Map<Integer, String> places = new TreeMap<>();
        Matcher insert = INSERT.matcher(sql);
        if (!insert.matches()) {
            return places;
        }
        List<String> columns = List.of(insert.group(2).split(",", -1));
        int depth = 0;
        int column = 0;
        int start = insert.start(3);
        for (int i = start; i < sql.length() && depth >= 0; i++) {
            char c = sql.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                column++;
            } else if (c == '?' && column < columns.size()) {
                places.put(i, unquoted(columns.get(column)));
            }
        }
        return places;
    }

    private static String unquoted(String name) {
        return name.strip().replaceAll("[\"`]", "");
    }

    private @Nullable String inserted(String column, List<TableRows> mentioned, int variant) throws SQLException {
        Target target = target(column, mentioned);
        return target == null
                ? String.valueOf(FRESH + variant)
                : maker.value(target.table(), target.table().columns().get(target.column()), FRESH + variant, 0);
    }

    private @Nullable String compared(String before, List<TableRows> mentioned, int variant) {
        if (LIMITED.matcher(before).matches()) {
            return "10";
        }
        Matcher compared = COMPARED.matcher(before);
        Target target = compared.matches() ? target(unquoted(compared.group(1)), mentioned) : null;
        if (target == null || target.table().rows().isEmpty()) {
            return String.valueOf(variant + 1);
        }
        List<Row> rows = target.table().rows();
        return rows.get(variant % rows.size()).at(target.column());
    }

    private static @Nullable Target target(String column, List<TableRows> mentioned) {
        for (TableRows table : mentioned) {
            for (int i = 0; i < table.columns().size(); i++) {
                if (table.columns().get(i).name().toLowerCase(Locale.ROOT).equals(column.toLowerCase(Locale.ROOT))) {
                    return new Target(table, i);
                }
            }
        }
        return null;
    }
}
