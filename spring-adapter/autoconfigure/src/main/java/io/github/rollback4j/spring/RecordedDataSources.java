package io.github.rollback4j.spring;

import io.github.rollback4j.migrations.statements.StatementCatalogue;
import io.github.rollback4j.migrations.statements.StatementRecorder;
import io.github.rollback4j.spring.Rollback4jProperties.Migrations;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Lets each data source record its statements, and adds them to a file when the context closes. Thread-safe. */
final class RecordedDataSources implements BeanPostProcessor, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(RecordedDataSources.class);

    private final Path file;
    private final StatementRecorder recorder;

    RecordedDataSources(Migrations migrations) {
        file = Objects.requireNonNull(migrations.record(), "record");
        StatementRecorder.Builder builder = StatementRecorder.builder();
        List<String> leaveOut = migrations.recordLeaveOut();
        if (leaveOut != null) {
            builder.leaveOut(leaveOut.toArray(String[]::new));
        }
        if (!migrations.recordSamples()) {
            builder.withoutSamples();
        }
        recorder = builder.build();
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource dataSource ? recorded(dataSource) : bean;
    }

    /** Returns a data source of the same class, where it can be had: other beans may ask for that. */
    private Object recorded(DataSource dataSource) {
        DataSource recorded = recorder.record(dataSource);
        ProxyFactory factory = new ProxyFactory(dataSource);
        factory.setProxyTargetClass(!Modifier.isFinal(dataSource.getClass().getModifiers()));
        factory.addAdvice((MethodInterceptor) call -> {
            @Nullable Object[] arguments = call.getArguments();
            if (!call.getMethod().getName().equals("getConnection")) {
                return call.proceed();
            }
            return arguments.length == 0
                    ? recorded.getConnection()
                    : recorded.getConnection((String) arguments[0], (String) arguments[1]);
        });
        return factory.getProxy(dataSource.getClass().getClassLoader());
    }

    @Override
    public void destroy() {
        StatementCatalogue catalogue = recorder.catalogue();
        if (!catalogue.statements().isEmpty()) {
            catalogue.addTo(file);
            LOG.info("Added {} to {}", catalogue, file);
        }
    }
}
