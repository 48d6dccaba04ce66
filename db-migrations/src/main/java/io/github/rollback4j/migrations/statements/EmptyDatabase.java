package io.github.rollback4j.migrations.statements;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Makes connections to no database: every statement succeeds, and finds nothing. For one thread. */
final class EmptyDatabase {

    private static final Map<Class<?>, Object> NOTHING = Map.ofEntries(
            Map.entry(boolean.class, false),
            Map.entry(byte.class, (byte) 0),
            Map.entry(short.class, (short) 0),
            Map.entry(int.class, 0),
            Map.entry(long.class, 0L),
            Map.entry(float.class, 0f),
            Map.entry(double.class, 0d),
            Map.entry(int[].class, new int[0]),
            Map.entry(long[].class, new long[0]),
            Map.entry(String.class, ""));

    private final BiConsumer<String, List<ParameterValue>> asked;

    /** Answers a call of JDBC. */
    private interface Answer {
        @Nullable
        Object to(Method method, @Nullable Object[] arguments);
    }

    /**
     * Makes an empty database.
     *
     * @param asked is told each statement that is run, and its parameters
     */
    EmptyDatabase(BiConsumer<String, List<ParameterValue>> asked) {
        this.asked = asked;
    }

    Connection connection() {
        return proxy(Connection.class, (method, arguments) -> switch (method.getName()) {
            case "prepareStatement" -> statement(PreparedStatement.class, text(arguments));
            case "prepareCall" -> statement(CallableStatement.class, text(arguments));
            case "createStatement" -> statement(Statement.class, "");
            case "getMetaData" -> proxy(DatabaseMetaData.class, (of, with) -> nothing(of));
            case "getAutoCommit", "isValid" -> true;
            default -> nothing(method);
        });
    }

    private <T> T statement(Class<T> type, String sql) {
        Map<Integer, ParameterValue> parameters = new TreeMap<>();
        return proxy(type, (method, arguments) -> {
            String name = method.getName();
            if (arguments.length > 1
                    && arguments[0] instanceof Integer index
                    && (name.startsWith("set") || name.equals("registerOutParameter"))) {
                parameters.put(index, ParameterValue.of(name, arguments));
            } else if (name.startsWith("execute") && !name.endsWith("Batch")) {
                String own = text(arguments);
                asked.accept(own.isEmpty() ? sql : own, new ArrayList<>(parameters.values()));
            }
            return switch (name) {
                case "executeQuery", "getResultSet", "getGeneratedKeys" -> noRows();
                case "getUpdateCount" -> -1;
                default -> nothing(method);
            };
        });
    }

    private static ResultSet noRows() {
        return proxy(
                ResultSet.class,
                (method, arguments) -> method.getName().equals("getMetaData")
                        ? proxy(ResultSetMetaData.class, (of, with) -> nothing(of))
                        : nothing(method));
    }

    private static String text(@Nullable Object[] arguments) {
        return arguments.length > 0 && arguments[0] instanceof String text ? text : "";
    }

    private static @Nullable Object nothing(Method method) {
        return NOTHING.get(method.getReturnType());
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "equals" -> isSame(proxy, arguments[0]);
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "empty database";
            case "unwrap" -> throw new SQLException("an empty database wraps nothing");
            default -> answer.to(method, arguments == null ? new Object[0] : arguments);
        };
        return type.cast(Proxy.newProxyInstance(EmptyDatabase.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(Object one, @Nullable Object other) {
        return one == other;
    }
}
