package io.github.rollback4j.metrics;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.Rollouts;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows every rollout of a registry as meters, those that start later too. See {@code docs/metrics.md} for the meters.
 *
 * <p>Only reads, and never on the call path: a rollout is asked once for all of its meters, not more often than every 100
 * milliseconds. All attempts of a pair of releases share their meters; counters go on counting over attempts.
 *
 * <p>Thread-safe. A registry that throws loses meters, which is logged once; nobody else is hurt. May be bound to several
 * registries.
 */
public final class RolloutMetrics implements MeterBinder, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutMetrics.class);

    /** One registry, with the meters that it got. */
    private static final class Binding {
        private final MeterRegistry registry;
        private final Set<Meter> meters = ConcurrentHashMap.newKeySet();
        private final Set<List<Object>> asked = ConcurrentHashMap.newKeySet();
        private volatile boolean complained;

        Binding(MeterRegistry registry) {
            this.registry = registry;
        }
    }

    private final Rollouts rollouts;
    private final LongSupplier ticker;
    private final Map<String, RolloutMeters> pairs = new ConcurrentHashMap<>();
    private final Map<MeterRegistry, Binding> bindings = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable AutoCloseable> listening = new AtomicReference<>();
    private volatile boolean closed;

    /** Creates a binder that binds nothing yet. */
    public RolloutMetrics(Rollouts rollouts) {
        this(rollouts, System::nanoTime);
    }

    /**
     * Creates a binder that binds nothing yet, with a time of one's own.
     *
     * @param ticker nanoseconds, monotonic: by it values are as old as 100 milliseconds
     */
    public RolloutMetrics(Rollouts rollouts, LongSupplier ticker) {
        this.rollouts = rollouts;
        this.ticker = ticker;
    }

    /** Binds the rollouts that there are, and those that will be. Does nothing for a registry that is bound, or when closed. */
    @Override
    public void bindTo(MeterRegistry registry) {
        if (closed || bindings.putIfAbsent(registry, new Binding(registry)) != null) {
            return;
        }
        listen();
        rollouts.all().forEach(this::follow);
        pairs.values().forEach(this::register);
    }

    private void listen() {
        if (listening.get() != null) {
            return;
        }
        AutoCloseable registration = rollouts.addListener(this::onEvent);
        if (!listening.compareAndSet(null, registration) || closed) {
            close(registration);
        }
    }

    private void onEvent(Rollout rollout, RolloutEvent event) {
        // The end of an attempt may be heard after the next one has begun.
        if (rollouts.all().contains(rollout)) {
            RolloutMeters meters = follow(rollout);
            if (meters != null) {
                register(meters);
            }
        }
        RolloutMeters meters = pairs.get(RolloutMeters.pair(rollout));
        if (meters != null && meters.count(event)) {
            register(meters);
        }
    }

    /** Takes a rollout in; returns its meters where they are new or changed, else null. */
    private @Nullable RolloutMeters follow(Rollout rollout) {
        RolloutMeters meters =
                pairs.computeIfAbsent(RolloutMeters.pair(rollout), pair -> new RolloutMeters(rollout, ticker));
        return meters.follow(rollout) ? meters : null;
    }

    private void register(RolloutMeters meters) {
        for (Binding binding : bindings.values()) {
            for (RolloutMeters.Definition definition : meters.definitions()) {
                // Micrometer warns of a meter that is registered twice.
                if (binding.asked.add(List.of(definition.name(), definition.tags()))) {
                    register(binding, definition);
                }
            }
        }
    }

    private void register(Binding binding, RolloutMeters.Definition definition) {
        try {
            Meter meter = definition.registration().apply(binding.registry);
            binding.meters.add(meter);
            if (closed) {
                binding.registry.remove(meter);
            }
        } catch (RuntimeException | LinkageError refused) {
            complain(binding, "did not take", refused);
        }
    }

    /** Removes the meters from all registries, and listens no more. Cannot be bound again. */
    @Override
    public void close() {
        closed = true;
        AutoCloseable registration = listening.get();
        if (registration != null) {
            close(registration);
        }
        for (Binding binding : bindings.values()) {
            for (Meter meter : binding.meters) {
                try {
                    binding.registry.remove(meter);
                } catch (RuntimeException | LinkageError refused) {
                    complain(binding, "did not remove", refused);
                }
            }
            binding.meters.clear();
        }
        bindings.clear();
        pairs.clear();
    }

    private static void close(AutoCloseable registration) {
        try {
            registration.close();
        } catch (Exception impossible) {
            throw new IllegalStateException("a listener can always be unregistered", impossible);
        }
    }

    private static void complain(Binding binding, String what, Throwable refused) {
        if (!binding.complained) {
            binding.complained = true;
            LOG.warn(
                    "The meter registry {} {} a meter of a rollout, which is missing or left over there; further ones are"
                            + " not logged: {}",
                    binding.registry.getClass().getName(),
                    what,
                    String.valueOf(refused.getMessage()),
                    refused);
        }
    }
}
