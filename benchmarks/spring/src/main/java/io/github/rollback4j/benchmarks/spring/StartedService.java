package io.github.rollback4j.benchmarks.spring;

import java.lang.management.ManagementFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A service with HTTP, an actuator and a database, which says how long it took to start, and ends. */
@SpringBootApplication(proxyBeanMethods = false)
public class StartedService {

    /** Starts, prints the milliseconds since the JVM began, and ends. */
    public static void main(String[] args) {
        try (ConfigurableApplicationContext service = SpringApplication.run(StartedService.class, args)) {
            long taken = System.currentTimeMillis()
                    - ManagementFactory.getRuntimeMXBean().getStartTime();
            System.out.println(taken + " " + service.getBeanDefinitionCount());
        }
    }
}
