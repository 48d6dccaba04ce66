package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.samples.checkout.show.Show;
import java.util.Random;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The service, and the program that shows it at work. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(CheckoutProperties.class)
public class CheckoutApplication {

    /** Runs the show; {@code --help} tells its options. */
    public static void main(String[] args) {
        System.exit(Show.run(args, System.out, System.err));
    }

    @Bean
    Warehouse warehouse(CheckoutProperties properties) {
        return new Warehouse(new Chance(properties.seed()));
    }

    /** One for the service. {@code Rollouts.create()} does, where no run needs to be like another. */
    @Bean
    Rollouts rollouts(CheckoutProperties properties) {
        return Rollouts.builder().random(new Random(properties.seed())).build();
    }
}
