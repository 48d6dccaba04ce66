package io.github.rollback4j.migrations.statements;

import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.ttddyy.dsproxy.ConnectionInfo;
import net.ttddyy.dsproxy.listener.MethodExecutionContext;
import net.ttddyy.dsproxy.proxy.ProxyConfig;
import net.ttddyy.dsproxy.proxy.SimpleResultSetProxyLogic;
import org.jspecify.annotations.Nullable;

/** Notes how the columns of one result are read. For one thread, as results are. */
final class ReadColumns extends SimpleResultSetProxyLogic {

    private static final Set<String> SMALL_NUMBERS = Set.of("getInt", "getShort", "getByte");
    private static final Set<Class<?>> SMALL_NUMBER_TYPES = Set.of(Integer.class, Short.class, Byte.class);

    private final ResultSet results;
    private final Supplier<@Nullable SeenStatement> statement;
    private final Set<Object> seen = new HashSet<>();

    ReadColumns(
            ResultSet results,
            ConnectionInfo connection,
            ProxyConfig config,
            Supplier<@Nullable SeenStatement> statement) {
        super(results, connection, config);
        this.results = results;
        this.statement = statement;
    }

    @Override
    protected @Nullable Object performProxyLogic(
            Object proxy, Method method, @Nullable Object[] arguments, MethodExecutionContext context)
            throws Throwable {
        Object read = super.performProxyLogic(proxy, method, arguments, context);
        String reader = arguments == null ? null : reader(method.getName(), arguments);
        // Columns are the same in each row.
        if (reader != null && seen.add(arguments[0] + reader)) {
            SeenStatement asked = statement.get();
            String label = label(arguments[0]);
            if (asked != null && label != null) {
                asked.read(label.toLowerCase(Locale.ROOT), reader);
            }
        }
        return read;
    }

    private static @Nullable String reader(String method, @Nullable Object[] arguments) {
        if (SMALL_NUMBERS.contains(method)) {
            return "int";
        }
        if (method.equals("getObject") && arguments.length == 2 && arguments[1] instanceof Class<?> type) {
            if (SMALL_NUMBER_TYPES.contains(type)) {
                return "int";
            }
            if (type.isEnum()) {
                return Arrays.stream(type.getEnumConstants())
                        .map(constant -> ((Enum<?>) constant).name())
                        .collect(Collectors.joining(","));
            }
        }
        return null;
    }

    private @Nullable String label(@Nullable Object column) {
        if (column instanceof String label) {
            return label;
        }
        try {
            return column instanceof Integer index ? results.getMetaData().getColumnLabel(index) : null;
        } catch (SQLException e) {
            // The result was read; only its name is not to be had.
            return null;
        }
    }
}
