package io.github.rollback4j.spring;

import io.github.rollback4j.benchmarks.Keys;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.ReleasePair;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Measures what the annotations add to a call: an empty body, a live rollout, a key from a parameter. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class AnnotationBenchmark {

    /** What callers call. */
    public interface Quotes {
        int quote(@RolloutKey String customer);
    }

    /** The old version. */
    @StableRelease("quotes")
    public static class OldQuotes implements Quotes {
        @Override
        public int quote(String customer) {
            return 1;
        }
    }

    /** The new version. */
    @CandidateRelease("quotes")
    public static class NewQuotes implements Quotes {
        @Override
        public int quote(String customer) {
            return 2;
        }
    }

    /** Both in one. */
    public static class Shop {

        @RolledOut(rollout = "quotes", stable = "oldQuote")
        public int quote(@RolloutKey String customer) {
            return 2;
        }

        public int oldQuote(String customer) {
            return 1;
        }
    }

    private Rollouts rollouts;
    private AnnotationConfigApplicationContext context;
    private ReleasePair<Quotes> pair;
    private Quotes routed;
    private Shop shop;

    @Setup
    public void start() {
        rollouts = Rollouts.create();
        context = new AnnotationConfigApplicationContext();
        NamedRollouts named = new NamedRollouts(
                rollouts,
                Map.of(
                        "quotes",
                        RollbackPlan.from(Release.of("quotes", "1"))
                                .to(Release.of("quotes", "2"))
                                .strategy(RolloutStrategy.canary(5).bake(Duration.ofHours(24)))
                                .watch(Signals.errorRate())
                                .build()),
                new DeployedRelease(context),
                null,
                true);
        context.registerBean(NamedRollouts.class, () -> named);
        context.register(RolloutAnnotationsAutoConfiguration.class, OldQuotes.class, NewQuotes.class, Shop.class);
        context.refresh();
        pair = named.get("quotes").between(context.getBean(OldQuotes.class), context.getBean(NewQuotes.class));
        routed = context.getBean(Quotes.class);
        shop = context.getBean(Shop.class);
    }

    @TearDown
    public void close() {
        context.close();
        rollouts.close();
    }

    /** The floor: the same call without Spring. */
    @Benchmark
    public int pairByHand(Keys keys) {
        String key = keys.nextString();
        return pair.call(key, quotes -> quotes.quote(key));
    }

    @Benchmark
    public int routedBean(Keys keys) {
        return routed.quote(keys.nextString());
    }

    @Benchmark
    public int routedMethod(Keys keys) {
        return shop.quote(keys.nextString());
    }

    /** What Spring's proxy of a class costs by itself. */
    @Benchmark
    public int methodWithoutAdvice(Keys keys) {
        return shop.oldQuote(keys.nextString());
    }
}
