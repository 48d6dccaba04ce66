package io.github.rollback4j.spring;

import static io.github.rollback4j.strategy.RolloutStrategy.deployment;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.micrometer.observation.Observation;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.springframework.context.support.GenericApplicationContext;

/** What it adds to an HTTP request that Spring observes to be counted, where the process itself is the candidate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class ServedRequestsBenchmark {

    /** A request of which all is known without asking anybody. */
    private static final class OfOnePath extends ServedRequests<Observation.Context> {

        OfOnePath(DeployedRelease release) {
            super(
                    Observation.Context.class,
                    release,
                    new Rollback4jProperties.Http(List.of("/**"), List.of("/actuator/**")));
        }

        @Override
        @Nullable
        String path(Observation.Context context) {
            return "/api/customers/4711/orders";
        }

        @Override
        int status(Observation.Context context) {
            return 200;
        }

        @Override
        boolean isAborted(Observation.Context context) {
            return false;
        }
    }

    private Rollouts rollouts;
    private ServedRequests<Observation.Context> requests;

    @Setup
    public void start() {
        rollouts = Rollouts.create();
        DeployedRelease release = new DeployedRelease(new GenericApplicationContext());
        release.isCandidateOf(rollouts.start(RollbackPlan.from(Release.of("checkout", "1"))
                .to(Release.of("checkout", "2"))
                .strategy(deployment())
                .watch(Signals.errorRate())
                .build()));
        requests = new OfOnePath(release);
    }

    @TearDown
    public void close() {
        rollouts.close();
    }

    /** What Spring makes for each request anyway. */
    @Benchmark
    public Observation.Context context() {
        return new Observation.Context();
    }

    @Benchmark
    public Observation.Context counted() {
        Observation.Context context = new Observation.Context();
        requests.onStart(context);
        requests.onStop(context);
        return context;
    }
}
