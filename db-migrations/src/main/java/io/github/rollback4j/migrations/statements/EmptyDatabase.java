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

    private static final Map<Class<?>, Object> NOTHING = Map.of(
            boolean.class,
            false,
            int.class,
            0,
            long.class,
            0L,
            short.class,
            (short) 0,
            byte.class,
            (byte) 0,
            float.class,
            0f,
            double.class,
            0d,
            int[].class,
            new int[0],
            long[].class,
            new long[0],
            String.class,
            "");

    private final BiConsumer<String, List<ParameterValue>> asked;

    /**
     * Makes an empty database.
     *
     * @param asked is told each statement that is run, and its parameters
     */
    EmptyDatabase(BiConsumer<String, List<ParameterValue>> asked) {
        this.asked = asked;
    }

    Connection connection() {
        return proxy(Connection.class, new Handler() {
            @Override
            @Nullable
            Object call(Method method, @Nullable Object[] arguments) {
                return switch (method.getName()) {
                    case "prepareStatement" -> statement(PreparedStatement.class, (String) first(arguments));
                    case "prepareCall" -> statement(CallableStatement.class, (String) first(arguments));
                    case "createStatement" -> statement(Statement.class, "");
                    case "getMetaData" -> proxy(DatabaseMetaData.class, new Handler());
                    case "getAutoCommit", "isValid" -> true;
                    default -> super.call(method, arguments);
                };
            }
        });
    }

    private Object statement(Class<?> type, @Nullable String sql) {
        Map<Integer, ParameterValue> parameters = new TreeMap<>();
        return proxy(type, new Handler() {
            @Override
            @Nullable
            Object call(Method method, @Nullable Object[] arguments) {
                String name = method.getName();
                Object first = first(arguments);
                if (first instanceof Integer index
                        && (name.equals("registerOutParameter") || (name.startsWith("set") && arguments.length > 1))) {
                    parameters.put(index, ParameterValue.of(name, arguments));
                } else if (name.startsWith("execute") && !name.endsWith("Batch")) {
                    String text = first instanceof String own ? own : sql;
                    asked.accept(text == null ? "" : text, new ArrayList<>(parameters.values()));
                }
                if (name.equals("executeQuery") || name.equals("getResultSet") || name.equals("getGeneratedKeys")) {
                    return noRows();
                }
                return name.equals("getUpdateCount") ? -1 : super.call(method, arguments);
            }
        });
    }

    private static ResultSet noRows() {
        return proxy(ResultSet.class, new Handler() {
            @Override
            @Nullable
            Object call(Method method, @Nullable Object[] arguments) {
                return method.getName().equals("getMetaData")
                        ? proxy(ResultSetMetaData.class, new Handler())
                        : super.call(method, arguments);
            }
        });
    }

    private static @Nullable Object first(@Nullable Object[] arguments) {
        return arguments.length == 0 ? null : arguments[0];
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(EmptyDatabase.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Answers with nothing. */
    private static class Handler implements InvocationHandler {

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws SQLException {
            return switch (method.getName()) {
                case "equals" -> proxy == (arguments == null ? null : arguments[0]);
                case "hashCode" -> System.identityHashCode(proxy);
                case "toString" -> "empty database";
                case "unwrap" -> throw new SQLException("an empty database wraps nothing");
                default -> call(method, arguments == null ? new Object[0] : arguments);
            };
        }

        @Nullable
        Object call(Method method, @Nullable Object[] arguments) {
            return NOTHING.get(method.getReturnType());
        }
    }
}
