package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * Reminds of stable code that is still there long after its candidate was promoted: at each start, and once a day. A rollout that is
 * still configured is why the code must stay.
 */
final class StableCodeReminder implements ApplicationListener<ApplicationReadyEvent>, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(StableCodeReminder.class);

    private final Rollouts rollouts;
    private final Duration after;
    private final InstantSource clock;
    private final ScheduledExecutorService scheduler;
    private @Nullable ScheduledFuture<?> reminding;

    StableCodeReminder(Rollouts rollouts, Duration after, InstantSource clock, ScheduledExecutorService scheduler) {
        this.rollouts = rollouts;
        this.after = after;
        this.clock = clock;
        this.scheduler = scheduler;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent ready) {
        // A context below this one is ready, too.
        if (!after.isZero() && reminding == null) {
            reminding = scheduler.scheduleWithFixedDelay(this::remind, 0, 1, TimeUnit.DAYS);
        }
    }

    /** Looks at each rollout, and logs. Never throws: it is asked again tomorrow. */
    void remind() {
        for (Rollout rollout : rollouts.all()) {
            try {
                remind(rollout);
            } catch (RollbackException unread) {
                LOG.debug("It cannot be told when {} was promoted: {}", rollout.id(), unread.getMessage());
            } catch (RuntimeException bug) {
                LOG.warn("It cannot be told when {} was promoted", rollout.id(), bug);
            }
        }
    }

    private void remind(Rollout rollout) {
        boolean isBesideStable = rollout.plan().strategy().deployed() == null;
        if (rollout.state().phase() != Phase.PROMOTED || !isBesideStable) {
            return;
        }
        List<Journal.Entry> promotions = rollouts.journal().read(rollout.id()).stream()
                .filter(entry -> entry.event().type().equals("promoted"))
                .toList();
        if (promotions.isEmpty()) {
            return;
        }
        Instant at = promotions.get(promotions.size() - 1).event().at();
        Duration ago = Duration.between(at, clock.instant());
        if (ago.compareTo(after) >= 0) {
            LOG.warn(
                    "{} was promoted {} days ago, and the code of {} is still there: take it and the rollout's configuration"
                            + " out (rollback4j.remind-of-stable-code-after is {} days)",
                    rollout.id(),
                    ago.toDays(),
                    rollout.plan().stable(),
                    after.toDays());
        }
    }

    @Override
    public void destroy() {
        scheduler.shutdownNow();
    }
}
