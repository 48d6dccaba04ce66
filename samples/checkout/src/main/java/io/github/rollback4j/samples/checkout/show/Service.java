package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.samples.checkout.Carts;
import io.github.rollback4j.samples.checkout.CheckoutApplication;
import io.github.rollback4j.samples.checkout.Quotes;
import io.github.rollback4j.samples.checkout.Warehouse;
import io.github.rollback4j.samples.checkout.traffic.Customers;
import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The service under way, on a free port of the loopback interface. */
final class Service implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private Service(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /**
     * Starts the service with a new database.
     *
     * @param folder for the database and the log
     */
    static Service start(Options options, Path folder, Path log, Customers customers) {
        SpringApplication application = new SpringApplication(CheckoutApplication.class);
        Service service = new Service(application.run(
                "--spring.datasource.url=jdbc:h2:file:" + folder.resolve("checkout"),
                "--logging.file.name=" + log,
                "--checkout.seed=" + options.seed(),
                "--checkout.idempotent=" + options.idempotent()));
        service.context.getBean(Carts.class).addAll(customers.carts());
        return service;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
    }

    Quotes quotes() {
        return context.getBean(Quotes.class);
    }

    Rollouts rollouts() {
        return context.getBean(Rollouts.class);
    }

    Warehouse warehouse() {
        return context.getBean(Warehouse.class);
    }

    @Override
    public void close() {
        context.close();
    }
}
