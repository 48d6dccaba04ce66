package io.github.rollback4j.spring;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.traffic.Audience;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The rollout "quotes", in which the keys say who gets which release; all others get stable. */
@Configuration(proxyBeanMethods = false)
@Import(RolloutAnnotationsAutoConfiguration.class)
class TestRollouts {

    static final UUID NEW_ID = new UUID(1, 2);
    static final UUID OLD_ID = new UUID(3, 4);

    @Bean
    Rollouts rollouts() {
        return Rollouts.create();
    }

    @Bean
    NamedRollouts namedRollouts(Rollouts rollouts, ObjectProvider<RollbackPlan> plan, ApplicationContext service) {
        return new NamedRollouts(
                rollouts,
                Map.of("quotes", plan.getIfAvailable(TestRollouts::byKey)),
                new DeployedRelease(service),
                null,
                true);
    }

    static RollbackPlan byKey() {
        return plan(Audience.everyone()
                        .candidateFor("new", 7L, NEW_ID)
                        .candidateWhen("tenant", subject -> subject.has("tenant", "new"))
                        .only("no one by chance", subject -> false))
                .build();
    }

    /** A plan in which the coin decides, of which half the calls get the candidate. */
    static RollbackPlan byCoin() {
        return plan(Audience.everyone()).build();
    }

    private static RollbackPlan.Builder plan(Audience audience) {
        return RollbackPlan.from(Release.of("shop", "1"))
                .to(Release.of("shop", "2"))
                .strategy(canary(50).bake(Duration.ofHours(1)))
                .watch(errorRate())
                .audience(audience);
    }
}
