package io.github.rollback4j.spring;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.release.Release;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.core.env.ConfigurableEnvironment;

/** The release that runs, by its build; and the one before, by what the journal knows of those that served. */
final class KnownReleases implements ConfiguredPlans.Releases {

    private static final Logger LOG = LoggerFactory.getLogger(KnownReleases.class);

    private static final String SERVING = "serving:";

    /** So many rollouts back a release is looked for that served. */
    private static final int MOST_ROLLOUTS = 50;

    private record Served(Release release, Instant at) {}

    private final Journal journal;
    private final ObjectProvider<BuildProperties> build;
    private final ObjectProvider<GitProperties> git;
    private final ConfigurableEnvironment environment;

    KnownReleases(
            Journal journal,
            ObjectProvider<BuildProperties> build,
            ObjectProvider<GitProperties> git,
            ConfigurableEnvironment environment) {
        this.journal = journal;
        this.build = build;
        this.git = git;
        this.environment = environment;
    }

    @Override
    public @Nullable Release running(String component) {
        return RunningRelease.of(component, build.getIfUnique(), git.getIfUnique(), environment);
    }

    @Override
    public @Nullable Release before(Release running) {
        try {
            Served last = null;
            List<String> ids = new ArrayList<>(journal.rolloutIds());
            Collections.reverse(ids);
            for (String id : ids.stream()
                    .filter(each -> isOf(running.component(), each))
                    .limit(MOST_ROLLOUTS)
                    .toList()) {
                Served served = served(running.component(), id);
                if (served != null
                        && !served.release().identity().equals(running.identity())
                        && (last == null || served.at().isAfter(last.at()))) {
                    last = served;
                }
            }
            return last == null ? null : last.release();
        } catch (RollbackException away) {
            LOG.warn(
                    "Which release served before {} is not known, since the journal cannot be read: {}",
                    running,
                    away.getMessage());
            return null;
        }
    }

    private static boolean isOf(String component, String id) {
        return id.startsWith(component + ":") || id.startsWith(SERVING + component + ":");
    }

    /** Returns which release served as stable, by what is under an id: one that was promoted, or has left a baseline. */
    private @Nullable Served served(String component, String id) {
        String identity = id.startsWith(SERVING)
                ? id.substring(SERVING.length() + component.length() + 1)
                : id.substring(id.indexOf("..") + 2, Math.max(id.indexOf("..") + 2, id.lastIndexOf('#')));
        String sign = id.startsWith(SERVING) ? "baseline-kept" : "promoted";
        Instant at = null;
        for (Journal.Entry entry : journal.read(id)) {
            if (entry.event().type().equals(sign)) {
                at = entry.event().at();
            }
        }
        return at == null ? null : new Served(release(component, identity), at);
    }

    private static Release release(String component, String identity) {
        int commit = identity.indexOf('@');
        return commit < 0
                ? Release.of(component, identity)
                : Release.of(component, identity.substring(0, commit))
                        .with(Release.COMMIT, identity.substring(commit + 1));
    }
}
