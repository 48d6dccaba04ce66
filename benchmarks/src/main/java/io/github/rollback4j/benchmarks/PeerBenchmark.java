package io.github.rollback4j.benchmarks;

import dev.failsafe.CircuitBreaker;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.providers.memory.Flag;
import dev.openfeature.sdk.providers.memory.InMemoryProvider;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
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
import org.togglz.core.Feature;
import org.togglz.core.activation.GradualActivationStrategy;
import org.togglz.core.manager.FeatureManager;
import org.togglz.core.manager.FeatureManagerBuilder;
import org.togglz.core.repository.FeatureState;
import org.togglz.core.repository.mem.InMemoryStateRepository;
import org.togglz.core.user.SimpleFeatureUser;

/** Measures what teams use today for one half of the job or the other: circuit breakers and feature flags. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class PeerBenchmark {

    private static final String FLAG = "new-checkout";

    private final io.github.resilience4j.circuitbreaker.CircuitBreaker byCount =
            breaker(SlidingWindowType.COUNT_BASED, SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
    private final io.github.resilience4j.circuitbreaker.CircuitBreaker byCountLockFree =
            breaker(SlidingWindowType.COUNT_BASED, SlidingWindowSynchronizationStrategy.LOCK_FREE);
    private final io.github.resilience4j.circuitbreaker.CircuitBreaker byTime =
            breaker(SlidingWindowType.TIME_BASED, SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
    private final CircuitBreaker<Object> failsafe = CircuitBreaker.ofDefaults();

    private final ThreadLocal<String> togglzUser = new ThreadLocal<>();
    private FeatureManager togglz;
    private OpenFeatureAPI openFeatureApi;
    private Client openFeature;

    /** The flag of Togglz. */
    public enum TogglzFeature implements Feature {
        NEW_CHECKOUT
    }

    @Setup
    public void open() throws Exception {
        togglz = new FeatureManagerBuilder()
                .featureEnum(TogglzFeature.class)
                .stateRepository(new InMemoryStateRepository())
                .userProvider(() -> new SimpleFeatureUser(togglzUser.get()))
                .build();
        togglz.setFeatureState(new FeatureState(TogglzFeature.NEW_CHECKOUT, true)
                .setStrategyId(GradualActivationStrategy.ID)
                .setParameter(GradualActivationStrategy.PARAM_PERCENTAGE, "5"));
        openFeatureApi = OpenFeatureAPI.getInstance();
        openFeatureApi.setProviderAndWait(new InMemoryProvider(Map.of(
                FLAG,
                Flag.<Boolean>builder()
                        .variant("on", true)
                        .variant("off", false)
                        .defaultVariant("off")
                        .contextEvaluator(
                                (flag, context) -> context.getTargetingKey().hashCode() % 20 == 0)
                        .build())));
        openFeature = openFeatureApi.getClient();
    }

    @TearDown
    public void close() {
        openFeatureApi.shutdown();
    }

    @Benchmark
    public void resilience4jCountBased() {
        record(byCount);
    }

    @Benchmark
    public void resilience4jCountBasedLockFree() {
        record(byCountLockFree);
    }

    @Benchmark
    public void resilience4jTimeBased() {
        record(byTime);
    }

    @Benchmark
    public Object resilience4jExecuteSupplier() {
        return byCount.executeSupplier(PeerBenchmark::body);
    }

    @Benchmark
    public void failsafe() {
        if (failsafe.tryAcquirePermit()) {
            failsafe.recordSuccess();
        }
    }

    @Benchmark
    public boolean togglzGradual(Keys keys) {
        togglzUser.set(keys.nextString());
        return togglz.isActive(TogglzFeature.NEW_CHECKOUT);
    }

    @Benchmark
    public boolean openFeatureInMemory(Keys keys) {
        return openFeature.getBooleanValue(FLAG, false, new ImmutableContext(keys.nextString()));
    }

    @Benchmark
    public Object openFeatureAndResilience4j(Keys keys) {
        boolean candidate = openFeature.getBooleanValue(FLAG, false, new ImmutableContext(keys.nextString()));
        return candidate ? byCount.executeSupplier(PeerBenchmark::body) : body();
    }

    private static Object body() {
        return FLAG;
    }

    private static void record(io.github.resilience4j.circuitbreaker.CircuitBreaker breaker) {
        if (breaker.tryAcquirePermission()) {
            breaker.onSuccess(1_000_000, TimeUnit.NANOSECONDS);
        }
    }

    private static io.github.resilience4j.circuitbreaker.CircuitBreaker breaker(
            SlidingWindowType type, SlidingWindowSynchronizationStrategy strategy) {
        return io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                type + "-" + strategy,
                CircuitBreakerConfig.custom()
                        .slidingWindow(100, 100, type, strategy)
                        .build());
    }
}
