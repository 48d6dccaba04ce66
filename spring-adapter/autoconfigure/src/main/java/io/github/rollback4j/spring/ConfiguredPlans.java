package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.planfile.PlanFile;
import io.github.rollback4j.planfile.PlanFileException;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.spring.RolloutConfigurationException.Mistake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/**
 * Reads the plans below {@code rollback4j.rollouts.*}: each says what a plan file says, and what it does not say, its base and then
 * {@code rollback4j.defaults.*} say. Or it names a plan's file, and at most the releases.
 */
final class ConfiguredPlans {

    static final String ROLLOUTS = "rollouts";
    static final String DEFAULTS = "defaults";

    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredPlans.class);
    private static final String STRATEGY = "strategy";
    private static final String DEPLOYMENT = "deployment";
    private static final String BASE = "base";
    private static final String PLAN = "plan";
    private static final String COMPONENT = "component";
    private static final String STABLE = "stable";
    private static final String CANDIDATE = "candidate";
    private static final String VERSION = "version";
    private static final String ATTRIBUTES = "attributes";
    private static final List<String> BESIDE_A_FILE = List.of(PLAN, COMPONENT, STABLE, CANDIDATE);

    /** What the configuration says to roll out. */
    record Plans(Map<String, RollbackPlan> byName, @Nullable Release served) {}

    /** Knows the releases that the configuration of a deployment need not name. */
    interface Releases {
        /** Returns the release of a component that this process is; null where that is not known. */
        @Nullable
        Release running(String component);

        /** Returns the release of a component that served last, other than the running one; null where none is known. */
        @Nullable
        Release before(Release running);
    }

    private final Environment environment;
    private final ResourceLoader resources;
    private final PlanFile.Reader reader;
    private final Releases releases;
    private final PropertyTree rollouts;
    private final PropertyTree defaults;
    private final List<Mistake> mistakes = new ArrayList<>();
    private @Nullable PropertyTree deployment;
    private @Nullable Release served;

    private ConfiguredPlans(
            Environment environment, ResourceLoader resources, PlanFile.Reader reader, Releases releases) {
        this.environment = environment;
        this.resources = resources;
        this.reader = reader;
        this.releases = releases;
        this.rollouts = PropertyTree.of(environment, KnownProperties.PREFIX + "." + ROLLOUTS);
        this.defaults = PropertyTree.of(environment, KnownProperties.PREFIX + "." + DEFAULTS);
    }

    /**
     * Reads them.
     *
     * @param reader with the parts and the beans that plans may name
     * @param releases knows what a deployment need not name
     * @return the plans by the names of the rollouts, in the order of the configuration
     * @throws RolloutConfigurationException if something in them is not allowed, or another property of ours is unknown
     */
    static Plans read(Environment environment, ResourceLoader resources, PlanFile.Reader reader, Releases releases) {
        return new ConfiguredPlans(environment, resources, reader, releases).read();
    }

    private Plans read() {
        mistakes.addAll(KnownProperties.unknown(environment));
        Map<String, RollbackPlan> plans = new LinkedHashMap<>();
        for (PropertyTree rollout : rollouts.children()) {
            RollbackPlan plan = rollout.child(PLAN) == null ? fromProperties(rollout) : fromFile(rollout);
            if (plan != null) {
                plans.put(rollout.key(), plan);
            }
        }
        if (!mistakes.isEmpty()) {
            throw new RolloutConfigurationException(mistakes);
        }
        return new Plans(plans, served);
    }

    private @Nullable RollbackPlan fromProperties(PropertyTree rollout) {
        int before = mistakes.size();
        PropertyTree all = withBases(rollout).orElse(defaults).without(BASE);
        Map<String, @Nullable Object> values = all.values(environment, mistakes::add);
        values.putIfAbsent(COMPONENT, rollout.key());
        inFull(all, STABLE, values);
        inFull(all, CANDIDATE, values);
        if (mistakes.size() == before && isDeployment(values.get(STRATEGY)) && !areReleasesKnown(all, values)) {
            return null;
        }
        if (mistakes.size() > before) {
            return null;
        }
        try {
            return reader.of(rollout.name(), values);
        } catch (PlanFileException wrong) {
            wrong.problems().forEach(problem -> mistakes.add(all.mistake(problem.path(), problem.message())));
            return null;
        }
    }

    /** Says whether the process itself is the candidate: by the name of the strategy alone, or with its options. */
    private static boolean isDeployment(@Nullable Object strategy) {
        Object only = strategy instanceof List<?> list && list.size() == 1 ? list.get(0) : strategy;
        return DEPLOYMENT.equals(only) || (only instanceof Map<?, ?> map && map.containsKey(DEPLOYMENT));
    }

    /**
     * Fills in which releases a deployment is about; returns false where there is nothing to roll out: the running release is stable
     * already, or the first.
     */
    private boolean areReleasesKnown(PropertyTree all, Map<String, @Nullable Object> values) {
        if (deployment != null) {
            mistakes.add(all.mistake(
                    STRATEGY,
                    "is a deployment, and " + deployment.name()
                            + " has one: a process is one release, so that one of them is allowed"));
            return false;
        }
        deployment = all;
        Release running = all.child(CANDIDATE) == null ? releases.running(String.valueOf(values.get(COMPONENT))) : null;
        if (all.child(CANDIDATE) == null) {
            if (running == null) {
                mistakes.add(all.mistake(
                        CANDIDATE,
                        "is missing, and the build does not say which release it is: the goal build-info of"
                                + " spring-boot-maven-plugin notes it, or a release is named here"));
                return false;
            }
            values.put(CANDIDATE, written(running));
        }
        if (running != null && all.child(STABLE) == null) {
            Release before = releases.before(running);
            if (before == null) {
                LOG.info(
                        "{} is the first release that rollback4j knows of: it serves, and what it does is the baseline of the"
                                + " next",
                        running);
                served = running;
                return false;
            }
            values.put(STABLE, written(before));
        }
        if (running != null && isSame(values.get(STABLE), running)) {
            served = running;
            return false;
        }
        return true;
    }

    private static boolean isSame(@Nullable Object stable, Release running) {
        return stable instanceof Map<?, ?> map
                && running.version().equals(String.valueOf(map.get(VERSION)))
                && (!(map.get(ATTRIBUTES) instanceof Map<?, ?> attributes)
                        || attributes.get(Release.COMMIT) == null
                        || attributes
                                .get(Release.COMMIT)
                                .equals(running.attributes().get(Release.COMMIT)));
    }

    private static Map<String, Object> written(Release release) {
        return release.attributes().isEmpty()
                ? Map.of(VERSION, release.version())
                : Map.of(VERSION, release.version(), ATTRIBUTES, new LinkedHashMap<>(release.attributes()));
    }

    private PropertyTree withBases(PropertyTree rollout) {
        PropertyTree all = rollout;
        PropertyTree at = rollout;
        Set<String> seen = new LinkedHashSet<>(List.of(rollout.key()));
        while (true) {
            PropertyTree named = at.child(BASE);
            if (named == null) {
                return all;
            }
            String base = String.valueOf(named.text(environment, mistakes::add));
            PropertyTree next = rollouts.child(base);
            if (next == null) {
                mistakes.add(named.mistake("'" + base + "' is no rollout" + nearest(base) + ": " + names() + " are"));
                return all;
            }
            if (!seen.add(next.key())) {
                mistakes.add(named.mistake("'" + base + "' is its own base, by way of " + String.join(", ", seen)
                        + ": a base that has another, or none, is allowed"));
                return all;
            }
            if (next.child(PLAN) != null) {
                mistakes.add(named.mistake(
                        "'" + base + "' is a plan's file: a base that is written in properties is allowed"));
                return all;
            }
            all = all.orElse(next);
            at = next;
        }
    }

    private String nearest(String name) {
        String nearest = PlanParts.nearest(
                name, rollouts.children().stream().map(PropertyTree::key).toList());
        return nearest == null ? "" : ", '" + nearest + "' is the nearest";
    }

    private String names() {
        return rollouts.children().stream().map(PropertyTree::key).collect(Collectors.joining(", "));
    }

    /** A release may be written as its version alone. */
    private void inFull(PropertyTree all, String which, Map<String, @Nullable Object> values) {
        PropertyTree release = all.child(which);
        if (release == null) {
            return;
        }
        PropertyTree version = release.children().isEmpty() ? release : release.child(VERSION);
        if (version != null && version.isFraction()) {
            mistakes.add(version.mistake("is a number here, and 1.10 the same as 1.1: a version in quotes is allowed"));
        }
        if (release.children().isEmpty()) {
            values.replaceAll((key, value) -> !key.equals(release.key()) || value == null || value.equals("")
                    ? value
                    : Map.of(VERSION, value.toString()));
        }
    }

    private @Nullable RollbackPlan fromFile(PropertyTree rollout) {
        int before = mistakes.size();
        for (PropertyTree child : rollout.children()) {
            if (BESIDE_A_FILE.stream().noneMatch(allowed -> rollout.child(allowed) == child)) {
                mistakes.add(child.mistake("is not allowed beside " + rollout.name() + "." + PLAN + ": "
                        + String.join(", ", BESIDE_A_FILE.subList(1, BESIDE_A_FILE.size()))
                        + " are, and the file says the rest"));
            }
        }
        PropertyTree file = rollout.child(PLAN);
        String location = file == null ? null : file.text(environment, mistakes::add);
        Release stable = release(rollout, STABLE);
        Release candidate = release(rollout, CANDIDATE);
        if (file == null || location == null || mistakes.size() > before) {
            return null;
        }
        if ((stable == null) != (candidate == null)) {
            mistakes.add(rollout.mistake(
                    stable == null ? STABLE : CANDIDATE,
                    "is missing: both releases are named here, or both in the plan's file"));
            return null;
        }
        try {
            Resource resource = resources.getResource(location);
            String text = resource.getContentAsString(StandardCharsets.UTF_8);
            return (stable == null || candidate == null ? reader : reader.with(stable, candidate))
                    .parse(location, text);
        } catch (IOException unreadable) {
            mistakes.add(file.mistake("'" + location + "' cannot be read: the place of a plan's file is allowed, for"
                    + " example classpath:rollback-plan.yml or file:/etc/checkout/rollback-plan.yml"));
        } catch (PlanFileException wrong) {
            wrong.problems().forEach(problem -> mistakes.add(file.mistake(problem.toString())));
        }
        return null;
    }

    private @Nullable Release release(PropertyTree rollout, String which) {
        PropertyTree its = rollout.child(which);
        if (its == null) {
            return null;
        }
        Map<String, @Nullable Object> values = rollout.values(environment, mistakes::add);
        inFull(rollout, which, values);
        Object named = rollout.child(COMPONENT) == null ? rollout.key() : values.get(COMPONENT);
        if (!(values.get(its.key()) instanceof Map<?, ?> parts) || parts.get(VERSION) == null) {
            mistakes.add(its.mistake("has no version: a version is needed, for example 1.5.0"));
            return null;
        }
        try {
            Release release = Release.of(String.valueOf(named), String.valueOf(parts.get(VERSION)));
            if (parts.get(ATTRIBUTES) instanceof Map<?, ?> attributes) {
                for (Map.Entry<?, ?> attribute : attributes.entrySet()) {
                    release = release.with(String.valueOf(attribute.getKey()), String.valueOf(attribute.getValue()));
                }
            }
            return release;
        } catch (IllegalArgumentException wrong) {
            mistakes.add(its.mistake(String.valueOf(wrong.getMessage())));
            return null;
        }
    }
}
