package io.github.rollback4j.migrations.statements;

import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.WeakHashMap;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.ExecutionInfo;
import net.ttddyy.dsproxy.QueryInfo;
import net.ttddyy.dsproxy.listener.MethodExecutionContext;
import net.ttddyy.dsproxy.listener.MethodExecutionListener;
import net.ttddyy.dsproxy.listener.QueryExecutionListener;
import net.ttddyy.dsproxy.proxy.ParameterSetOperation;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.jspecify.annotations.Nullable;

/** Listens to one data source. Thread-safe. */
final class RecordedDataSource implements QueryExecutionListener, MethodExecutionListener {

    /** Rows of one batch that are looked at. */
    private static final int ROWS = 20;

    private final StatementRecorder recorder;

    /** What each statement of JDBC asked last, for its results; those of a batch of several texts may be taken for the last one's. */
    private final Map<Statement, SeenStatement> asked = Collections.synchronizedMap(new WeakHashMap<>());

    /** Whose method runs: results are made within it, and not all drivers say whose they are. */
    @SuppressWarnings("ThreadLocalUsage") // Of this data source alone, which ends with it.
    private final ThreadLocal<@Nullable Statement> running = new ThreadLocal<>();

    private RecordedDataSource(StatementRecorder recorder) {
        this.recorder = recorder;
    }

    static DataSource of(DataSource dataSource, StatementRecorder recorder) {
        if (dataSource instanceof ProxyDataSource proxy
                && proxy.getProxyConfig().getQueryListener().getListeners().stream()
                        .anyMatch(listener ->
                                listener instanceof RecordedDataSource recorded && recorded.recorder == recorder)) {
            return dataSource;
        }
        RecordedDataSource listener = new RecordedDataSource(recorder);
        return ProxyDataSourceBuilder.create("rollback4j", dataSource)
                .listener((QueryExecutionListener) listener)
                .methodListener(listener)
                .proxyResultSet(listener::results)
                .proxyGeneratedKeys(listener::results)
                .build();
    }

    private ReadColumns results(
            java.sql.ResultSet results,
            net.ttddyy.dsproxy.ConnectionInfo connection,
            net.ttddyy.dsproxy.proxy.ProxyConfig config) {
        Statement statement = running.get();
        // Looked up at the first read: the statement is known only when it has succeeded, and its results are made
        // before that.
        return new ReadColumns(results, connection, config, () -> statement == null ? null : asked.get(statement));
    }

    @Override
    public void beforeMethod(MethodExecutionContext context) {
        if (context.getTarget() instanceof Statement statement) {
            running.set(statement);
        }
    }

    @Override
    public void afterMethod(MethodExecutionContext context) {
        if (context.getTarget() instanceof Statement) {
            running.remove();
        }
    }

    @Override
    public void beforeQuery(ExecutionInfo execution, List<QueryInfo> queries) {
        asked.remove(execution.getStatement());
    }

    @Override
    public void afterQuery(ExecutionInfo execution, List<QueryInfo> queries) {
        if (!execution.isSuccess()) {
            return;
        }
        for (QueryInfo query : queries) {
            SeenStatement seen = recorder.statement(query.getQuery());
            if (seen != null) {
                called(seen, query.getParametersList());
                asked.put(execution.getStatement(), seen);
            }
        }
    }

    private static void called(SeenStatement seen, List<List<ParameterSetOperation>> calls) {
        if (calls.isEmpty()) {
            seen.called(List.of());
            return;
        }
        // A row of a batch may set only what differs from the row before.
        Map<Integer, ParameterValue> row = new TreeMap<>();
        for (List<ParameterSetOperation> call : calls.subList(0, Math.min(ROWS, calls.size()))) {
            if (!seen.isOpen()) {
                return;
            }
            seen.called(parameters(call, row));
        }
    }

    private static List<ParameterValue> parameters(List<ParameterSetOperation> call, Map<Integer, ParameterValue> row) {
        List<ParameterValue> named = new ArrayList<>();
        for (ParameterSetOperation operation : call) {
            Object[] arguments = operation.getArgs();
            ParameterValue value = ParameterValue.of(operation.getMethod().getName(), arguments);
            if (arguments[0] instanceof Integer index) {
                row.put(index, value);
            } else {
                // By its name only the driver knows where it stands.
                named.add(new ParameterValue(value.type(), null, false));
            }
        }
        if (!named.isEmpty()) {
            return named;
        }
        List<ParameterValue> parameters = new ArrayList<>();
        row.forEach((index, value) -> {
            while (parameters.size() < index - 1) {
                parameters.add(ParameterValue.unknown());
            }
            parameters.add(value);
        });
        return parameters;
    }
}
