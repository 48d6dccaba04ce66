package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rollback plans from files in YAML 1.2 or JSON.
 *
 * {@snippet file="io/github/rollback4j/planfile/PlanFileTest.java" region="read"}
 *
 * <p>A file may be up to 1 MiB large, and creates nothing but the parts that it names: there are no tags, and class names stand
 * only where exceptions are told apart. Whatever is wrong is a {@link PlanFileException}, with all that is. Secrets in
 * placeholders are looked up once, to see that they are there, and again at each use; those that are written into the file itself
 * are logged as a warning, without the secret. Thread-safe.
 */
public final class PlanFile {

    private static final Logger LOG = LoggerFactory.getLogger(PlanFile.class);

    private PlanFile() {}

    /**
     * Reads a plan that names its releases, with the parts that {@link PlanParts#load} finds.
     *
     * @throws PlanFileException if the file cannot be read, or something in it is not allowed
     * @throws IllegalArgumentException if a provider of parts cannot be loaded
     */
    public static RollbackPlan read(Path file) {
        return reader().read(file);
    }

    /**
     * Reads a plan that names its releases, with the parts that {@link PlanParts#load} finds.
     *
     * @param name what messages call the file
     * @param text what it says
     * @throws PlanFileException if something in it is not allowed
     * @throws IllegalArgumentException if a provider of parts cannot be loaded
     */
    public static RollbackPlan parse(String name, String text) {
        return reader().parse(name, text);
    }

    /**
     * Returns a reader with the parts that {@link PlanParts#load} finds, the environment's variables, and nothing bound.
     *
     * @throws IllegalArgumentException if a provider of parts cannot be loaded
     */
    public static Reader reader() {
        return new Reader(PlanParts.load(), null, null, Bindings.none(), System::getenv);
    }

    /** Returns the types of which the application may bind objects to names, see {@link Reader#bind}. */
    public static List<Class<?>> bindable() {
        return Reader.BOUND;
    }

    /** Reads plans with what the application gives. Immutable: each method returns a changed one. Thread-safe. */
    public static final class Reader {

        private static final List<Class<?>> BOUND = List.of(
                Check.class,
                FailureSignal.class,
                RolloutStrategy.class,
                RollbackStrategy.class,
                Gate.class,
                Notifier.class,
                Audience.class,
                OutcomeRules.class);

        private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

        private final PlanParts parts;
        private final @Nullable Release stable;
        private final @Nullable Release candidate;
        private final Bindings bindings;
        private final Function<String, @Nullable String> environment;

        private Reader(
                PlanParts parts,
                @Nullable Release stable,
                @Nullable Release candidate,
                Bindings bindings,
                Function<String, @Nullable String> environment) {
            this.parts = parts;
            this.stable = stable;
            this.candidate = candidate;
            this.bindings = bindings;
            this.environment = environment;
        }

        /**
         * Reads with these parts, and no others.
         *
         * @throws IllegalArgumentException if one is named {@code bind}, which in files means something else
         */
        public Reader parts(PlanParts known) {
            for (Kind kind : Kind.values()) {
                if (known.names(kind).contains(Layout.BIND)) {
                    throw new IllegalArgumentException(
                            kind + " " + Layout.BIND + " has a name that files cannot use: another one is allowed");
                }
            }
            return new Reader(known, stable, candidate, bindings, environment);
        }

        /** Names the releases, so that the file need not: one that lives for months names no version. */
        public Reader with(Release stableRelease, Release candidateRelease) {
            return new Reader(
                    parts,
                    Objects.requireNonNull(stableRelease, "stable"),
                    Objects.requireNonNull(candidateRelease, "candidate"),
                    bindings,
                    environment);
        }

        /**
         * Binds a live object to a name that the file may use, see the page on plan files.
         *
         * @param type {@link Check}, {@link FailureSignal}, {@link RolloutStrategy}, {@link RollbackStrategy}, {@link Gate},
         *     {@link Notifier}, {@link Audience} or {@link OutcomeRules}
         * @param name 1 to 63 lower-case letters, digits and hyphens, no hyphen first; once for each type
         * @throws IllegalArgumentException if the type or the name is not allowed, or the name is taken
         */
        public <T> Reader bind(Class<T> type, String name, T object) {
            if (!BOUND.contains(type)) {
                throw new IllegalArgumentException("a " + type.getName() + " cannot be bound to '" + name + "': "
                        + BOUND.stream().map(Class::getSimpleName).toList() + " are allowed");
            }
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("name '" + name + "' of a " + type.getSimpleName()
                        + " is not allowed: 1 to 63 lower-case letters, digits and hyphens, no hyphen first, are");
            }
            return new Reader(
                    parts,
                    stable,
                    candidate,
                    bindings.with(type, name, Objects.requireNonNull(object, "object")),
                    environment);
        }

        /** Takes variables from elsewhere than the environment: null where one is not set. */
        public Reader environment(Function<String, @Nullable String> variables) {
            return new Reader(parts, stable, candidate, bindings, Objects.requireNonNull(variables, "variables"));
        }

        /**
         * Reads a plan.
         *
         * @throws PlanFileException if the file cannot be read, or something in it is not allowed
         */
        public RollbackPlan read(Path file) {
            Problems problems = new Problems(file.toString());
            return plan(problems, NodeReader.text(file, problems));
        }

        /**
         * Reads a plan.
         *
         * @param name what messages call the file
         * @param text what it says
         * @throws PlanFileException if something in it is not allowed
         */
        public RollbackPlan parse(String name, String text) {
            return plan(new Problems(name), text);
        }

        /**
         * Reads a plan from values that another configuration holds, laid out as in a file: maps, lists, texts, numbers, booleans.
         * Nothing in them is a placeholder; a secret may be among them. Hyphens and the case of keys do not matter. What is wrong
         * has a path, and neither line nor column.
         *
         * @param name what messages call the configuration
         * @throws PlanFileException if something in it is not allowed
         * @throws IllegalArgumentException if a value is of another type
         */
        public RollbackPlan of(String name, Map<String, ?> values) {
            return plan(new Problems(name), ValueTree.node(values));
        }

        private RollbackPlan plan(Problems problems, String text) {
            return plan(problems, NodeReader.read(text, problems));
        }

        private RollbackPlan plan(Problems problems, Node node) {
            ValueReader values = new ValueReader(problems, new Placeholders(environment));
            Read root = new ShapeReader(problems, parts, bindings, values).read(Layout.ROOT, node, "");
            if (node.line() > 0) {
                values.inlineSecrets()
                        .forEach(place -> LOG.warn(
                                "{}: a secret is written into the file, for all who can read it; ${env:NAME} or"
                                        + " ${file:/run/secrets/name} names one instead",
                                place));
            }
            RollbackPlan plan = root == null ? null : new PlanAssembly(problems, root, stable, candidate).plan();
            if (plan == null || !problems.none()) {
                throw problems.exception();
            }
            return plan;
        }
    }
}
