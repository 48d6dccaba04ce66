package io.github.rollback4j.spring;

import io.github.rollback4j.traffic.Outcome;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Counts the HTTP requests that Spring observes as calls of the release that this process is: a status of 500 or more, and an
 * exception that nobody turned into a status, is a failure. Thread-safe.
 *
 * @param <C> what Spring observes: a request to a servlet container, or to a reactive server
 */
abstract class ServedRequests<C extends Observation.Context> implements ObservationHandler<C> {

    private static final int LEAST_REFUSAL = 400;
    private static final int LEAST_FAILURE = 500;

    private final Class<C> type;
    private final DeployedRelease release;
    private final List<PathPattern> included;
    private final List<PathPattern> excluded;

    ServedRequests(Class<C> type, DeployedRelease release, Rollback4jProperties.Http which) {
        this.type = type;
        this.release = release;
        this.included = patterns("http.include", which.include());
        this.excluded = patterns("http.exclude", which.exclude());
    }

    private static List<PathPattern> patterns(String property, List<String> written) {
        try {
            return written.stream()
                    .map(PathPatternParser.defaultInstance::parse)
                    .toList();
        } catch (IllegalArgumentException wrong) {
            throw new RolloutConfigurationException(
                    KnownProperties.PREFIX + "." + property,
                    "has a pattern that cannot be read: patterns such as /api/** are allowed (" + wrong.getMessage()
                            + ")");
        }
    }

    /** Returns the request's path; null where there is none. */
    abstract @Nullable String path(C context);

    /** Returns the status that was answered; 0 where none was. */
    abstract int status(C context);

    /** Says whether the caller has gone before the end. */
    abstract boolean isAborted(C context);

    @Override
    public boolean supportsContext(Observation.Context context) {
        return type.isInstance(context);
    }

    @Override
    public void onStart(C context) {
        // In a service that is no candidate itself a request costs no look at its path.
        DeployedRelease.Begun call = release.isCounted() && isCounted(path(context)) ? release.begin() : null;
        if (call != null) {
            context.put(DeployedRelease.Begun.class, call);
        }
    }

    private boolean isCounted(@Nullable String path) {
        if (path == null) {
            return false;
        }
        PathContainer parsed = PathContainer.parsePath(path);
        return included.stream().anyMatch(pattern -> pattern.matches(parsed))
                && excluded.stream().noneMatch(pattern -> pattern.matches(parsed));
    }

    @Override
    public void onStop(C context) {
        DeployedRelease.Begun call = context.get(DeployedRelease.Begun.class);
        if (call != null) {
            release.end(call, outcome(context));
        }
    }

    private Outcome outcome(C context) {
        if (isAborted(context)) {
            return Outcome.CANCELLED;
        }
        int status = status(context);
        boolean isUnhandled = context.getError() != null && status < LEAST_REFUSAL;
        return status >= LEAST_FAILURE || isUnhandled ? Outcome.FAILURE : Outcome.SUCCESS;
    }
}
