package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.samples.checkout.show.Show;
import io.github.rollback4j.spring.RolloutsBuilderCustomizer;
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

    /** The same run again is the same. A service of one's own leaves this out. */
    @Bean
    RolloutsBuilderCustomizer seed(CheckoutProperties properties) {
        return rollouts ->
                rollouts.random(new Random(Objects.hash(properties.seed(), properties.instance(), properties.start())));
    }
}
