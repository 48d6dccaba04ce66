package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnType;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a new type of a column means for the values in it, for the statements on it, and for the table. */
record TypeChange(SqlDialect dialect, @Nullable ColumnType from, ColumnType to, String using) {

    /** How the values of the new type relate to those of the old. */
    enum Relation {
        SAME,
        /** Every old value is one of the new type, and looks the same to a driver. */
        WIDER,
        /** The driver hands over another Java type, or statements type-check otherwise. */
        OTHER,
        /** The same kind of values, fewer of them. */
        NARROWER,
        /** Only values of an enum were added at the end. */
        MORE_VALUES,
        /** Values of an enum are gone. */
        FEWER_VALUES,
        /** The same values in another order, character set or collation. */
        OTHER_ORDER,
        /** The old type is not known. */
        UNKNOWN
    }

    private static final List<String> INTEGERS = List.of("tinyint", "smallint", "mediumint", "integer", "bigint");
    private static final List<String> TEXTS = List.of("tinytext", "text", "mediumtext", "longtext", "clob", "nclob");
    private static final List<String> BLOBS = List.of("tinyblob", "blob", "mediumblob", "longblob", "bytea");
    private static final Set<String> CHARACTERS =
            Set.of("char", "varchar", "nchar", "nvarchar", "varchar2", "nvarchar2", "citext");
    private static final Set<String> MOMENTS = Set.of("date", "datetime", "timestamp", "timestamptz");
    private static final int UNLIMITED = Integer.MAX_VALUE;
    /** {@code decimal} without brackets is {@code decimal(10, 0)} there. */
    private static final int MYSQL_DIGITS = 10;

    private static final int BYTES_OF_A_LETTER = 4;
    private static final int LONGEST_WITH_ONE_LENGTH_BYTE = 255;
    private static final Pattern CAST = Pattern.compile("::|\\bcast\\b|\\(", Pattern.CASE_INSENSITIVE);

    Relation relation() {
        if (from == null) {
            return Relation.UNKNOWN;
        }
        if (from.equals(to)) {
            return Relation.SAME;
        }
        if (from.dimensions() != to.dimensions()) {
            return Relation.OTHER;
        }
        if (isListed(from) && from.name().equals(to.name())) {
            return ofValues();
        }
        Relation relation = ofNames(from.name(), to.name());
        boolean sameLetters =
                from.collation().equals(to.collation()) || to.collation().isEmpty();
        return (relation == Relation.SAME || relation == Relation.WIDER) && !sameLetters
                ? Relation.OTHER_ORDER
                : relation;
    }

    private static boolean isListed(ColumnType type) {
        return type.name().equals("enum") || type.name().equals("set");
    }

    private Relation ofValues() {
        List<String> before = old().values();
        List<String> after = to.values();
        if (before.equals(after)) {
            return old().collation().equals(to.collation()) || to.collation().isEmpty()
                    ? Relation.SAME
                    : Relation.OTHER_ORDER;
        }
        if (!after.containsAll(before)) {
            return Relation.FEWER_VALUES;
        }
        return after.size() > before.size() ? Relation.MORE_VALUES : Relation.OTHER_ORDER;
    }

    private Relation ofNames(String before, String after) {
        if (INTEGERS.contains(before) && INTEGERS.contains(after)) {
            return ofIntegers(before, after);
        }
        if (isInteger(before) && after.equals("numeric")) {
            return Relation.OTHER;
        }
        if (before.equals("numeric") && after.equals("numeric")) {
            return ofNumerics();
        }
        if (isText(before) && isText(after)) {
            return ofTexts();
        }
        if (isBinary(before) && isBinary(after)) {
            return ofLengths(length(old()), length(to));
        }
        if (before.equals("real") && after.equals("double")) {
            return Relation.WIDER;
        }
        if (before.equals("double") && after.equals("real")) {
            return Relation.NARROWER;
        }
        if (before.equals(after)) {
            return MOMENTS.contains(before) || before.startsWith("time")
                    ? ofLengths(fraction(old()), fraction(to))
                    : ofArguments();
        }
        return Relation.OTHER;
    }

    private Relation ofIntegers(String before, String after) {
        int step = INTEGERS.indexOf(after) - INTEGERS.indexOf(before);
        if (old().isUnsigned() == to.isUnsigned()) {
            return step == 0 ? Relation.SAME : step > 0 ? Relation.WIDER : Relation.NARROWER;
        }
        // An unsigned type fits into a signed one that is larger; a signed one never into an unsigned one.
        return old().isUnsigned() && step > 0 ? Relation.WIDER : Relation.NARROWER;
    }

    private Relation ofNumerics() {
        int digitsBefore = wholeDigits(old());
        int digitsAfter = wholeDigits(to);
        int scaleBefore = scale(old());
        int scaleAfter = scale(to);
        if (digitsBefore == digitsAfter && scaleBefore == scaleAfter) {
            return old().isUnsigned() == to.isUnsigned()
                    ? Relation.SAME
                    : old().isUnsigned() ? Relation.WIDER : Relation.NARROWER;
        }
        return digitsAfter >= digitsBefore && scaleAfter >= scaleBefore ? Relation.WIDER : Relation.NARROWER;
    }

    private Relation ofTexts() {
        boolean padded = old().name().contains("char") && !old().name().contains("var");
        boolean padsNow = to.name().contains("char") && !to.name().contains("var");
        if (padded != padsNow || old().name().equals("citext") != to.name().equals("citext")) {
            return Relation.OTHER;
        }
        Relation relation = ofLengths(length(old()), length(to));
        return relation == Relation.SAME && padded && length(old()) != length(to) ? Relation.OTHER : relation;
    }

    private Relation ofArguments() {
        return old().arguments().equals(to.arguments()) && old().isUnsigned() == to.isUnsigned()
                ? Relation.SAME
                : Relation.OTHER;
    }

    private static Relation ofLengths(long before, long after) {
        return before == after ? Relation.SAME : after > before ? Relation.WIDER : Relation.NARROWER;
    }

    /** Returns whether the conversion can destroy what is stored, rather than fail. */
    boolean losesData() {
        if (from == null) {
            // Without a cast of its own a statement converts as an assignment would, which refuses what does not fit.
            return !using.isBlank() && CAST.matcher(using).find() && !isText(to.name());
        }
        return switch (relation()) {
            case SAME, WIDER, MORE_VALUES, OTHER_ORDER, UNKNOWN -> false;
            case FEWER_VALUES -> !using.isBlank();
            case NARROWER -> narrowingLoses();
            case OTHER -> otherLoses();
        };
    }

    private boolean narrowingLoses() {
        if (isText(old().name()) || isBinary(old().name())) {
            // An explicit cast cuts off; an assignment refuses (PostgreSQL; MySQL in strict mode).
            return !using.isBlank();
        }
        if (old().name().equals("numeric")) {
            return scale(to) < scale(old());
        }
        return old().name().equals("double")
                || MOMENTS.contains(old().name())
                || old().name().startsWith("time");
    }

    private boolean otherLoses() {
        String before = old().name();
        String after = to.name();
        if (isText(after)) {
            return isText(before) && length(to) < length(old()) && !using.isBlank();
        }
        if (before.equals("numeric") && isInteger(after)) {
            return scale(old()) > 0;
        }
        if (isInteger(before) && (after.equals("numeric") || after.equals("double"))) {
            return false;
        }
        if (before.equals("date") && MOMENTS.contains(after)) {
            return false;
        }
        if (before.equals("timestamp") && after.equals("timestamptz")) {
            return false;
        }
        if (before.equals("boolean") || (before.equals("json") && after.equals("jsonb"))) {
            return false;
        }
        // The spelling of a text, the fraction of a number, the zone of a time: none of it can be read back.
        return isNumber(before) || isText(before) || MOMENTS.contains(before) || before.equals("bytea");
    }

    /** Returns whether PostgreSQL writes the table anew. */
    boolean rewritesOnPostgres(boolean zoneIsUtc) {
        if (from == null) {
            return true;
        }
        String before = from.name();
        String after = to.name();
        if (from.dimensions() != to.dimensions()) {
            return true;
        }
        if (relation() == Relation.OTHER_ORDER) {
            return false;
        }
        if (Set.of("text", "varchar", "citext").contains(before)
                && Set.of("text", "varchar").contains(after)) {
            return length(to) < length(from);
        }
        if (before.equals("numeric") && after.equals("numeric")) {
            return to.arguments().isEmpty() ? false : scale(to) != scale(from) || wholeDigits(to) < wholeDigits(from);
        }
        if (Set.of("timestamp", "timestamptz").containsAll(List.of(before, after)) && !before.equals(after)) {
            return !zoneIsUtc || fraction(to) < fraction(from);
        }
        return switch (relation()) {
            case SAME -> false;
            case WIDER ->
                !(before.equals(after)
                        && (before.startsWith("time") || before.startsWith("varb") || before.equals("interval")));
            default -> true;
        };
    }

    /** Returns whether MySQL 8 copies the table, while writes wait. */
    boolean copiesOnMySql() {
        if (from == null) {
            return true;
        }
        return switch (relation()) {
            case SAME -> false;
            case MORE_VALUES ->
                !to.values().subList(0, from.values().size()).equals(from.values())
                        || bytesOfValues(from) != bytesOfValues(to);
            case WIDER -> !(from.name().equals("varchar") && to.name().equals("varchar") && sameLengthBytes());
            default -> true;
        };
    }

    private boolean sameLengthBytes() {
        long before = length(old()) * BYTES_OF_A_LETTER;
        long after = length(to) * BYTES_OF_A_LETTER;
        return before > LONGEST_WITH_ONE_LENGTH_BYTE == after > LONGEST_WITH_ONE_LENGTH_BYTE;
    }

    private static int bytesOfValues(ColumnType type) {
        int count = type.values().size();
        return type.name().equals("set") ? (count + 7) / 8 : count > LONGEST_WITH_ONE_LENGTH_BYTE ? 2 : 1;
    }

    private ColumnType old() {
        ColumnType known = from;
        if (known == null) {
            throw new IllegalStateException("the old type is not known");
        }
        return known;
    }

    static boolean isInteger(String name) {
        return INTEGERS.contains(name);
    }

    static boolean isNumber(String name) {
        return isInteger(name)
                || Set.of("numeric", "real", "double", "money", "number").contains(name);
    }

    static boolean isText(String name) {
        return CHARACTERS.contains(name) || TEXTS.contains(name);
    }

    private static boolean isBinary(String name) {
        return BLOBS.contains(name) || name.equals("binary") || name.equals("varbinary");
    }

    private int wholeDigits(ColumnType type) {
        if (type.arguments().isEmpty()) {
            return isMySql() ? MYSQL_DIGITS : UNLIMITED;
        }
        return type.arguments().get(0) - scale(type);
    }

    private int scale(ColumnType type) {
        if (isInteger(type.name())) {
            return 0;
        }
        if (type.arguments().isEmpty()) {
            return isMySql() ? 0 : UNLIMITED;
        }
        return type.arguments().size() > 1 ? type.arguments().get(1) : 0;
    }

    private int fraction(ColumnType type) {
        return type.arguments().isEmpty()
                ? isMySql() ? 0 : UNLIMITED
                : type.arguments().get(0);
    }

    /** Returns how many letters or bytes fit. */
    private long length(ColumnType type) {
        switch (type.name()) {
            case "text", "blob" -> {
                return isMySql() ? 65_535 : UNLIMITED;
            }
            case "tinytext", "tinyblob" -> {
                return 255;
            }
            case "mediumtext", "mediumblob" -> {
                return 16_777_215L;
            }
            case "longtext", "longblob" -> {
                return UNLIMITED;
            }
            default -> {}
        }
        if (!type.arguments().isEmpty()) {
            int length = type.arguments().get(0);
            return length < 0 ? UNLIMITED : length;
        }
        boolean isOneLetter = Set.of("char", "nchar", "binary").contains(type.name());
        return isOneLetter ? 1 : UNLIMITED;
    }

    private boolean isMySql() {
        return dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB;
    }
}
