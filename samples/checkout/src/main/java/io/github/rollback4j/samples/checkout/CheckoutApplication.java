package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.samples.checkout.show.Show;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The service, and the program that shows it at work. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(CheckoutProperties.class)
public class CheckoutApplication {

    /** The first argument that makes this process an instance of the service; the rest are its settings. */
    public static final String SERVE = "serve";

    /** Runs the show, which starts instances of the service; {@code --help} tells its options. */
    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals(SERVE)) {
            serve(Arrays.copyOfRange(args, 1, args.length));
        } else {
            System.exit(Show.run(args, System.out, System.err));
        }
    }

    /** Serves until the standard input ends, so that no instance outlives whoever started it. */
    private static void serve(String[] settings) throws IOException {
        try (ConfigurableApplicationContext service = SpringApplication.run(CheckoutApplication.class, settings)) {
            System.out.println("http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port"));
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Bean
    Warehouse warehouse(CheckoutProperties properties) {
        return new Warehouse(new Chance(properties.seed()));
    }

    /** What happened, in a file that outlives the process and that all instances share. */
    @Bean
    JdbcStore journal(CheckoutProperties properties) {
        JdbcStore journal = JdbcStore.inFile(properties.journal()).build();
        journal.prepare();
        return journal;
    }

    /** One for the service. A service of one's own leaves {@code random} out: no run of it needs to be like another. */
    @Bean
    Rollouts rollouts(CheckoutProperties properties, JdbcStore journal) {
        return Rollouts.builder()
                .journal(journal)
                .host(properties.instance())
                .random(new Random(Objects.hash(properties.seed(), properties.instance(), properties.start())))
                .build();
    }
}
