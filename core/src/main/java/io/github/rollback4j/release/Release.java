package io.github.rollback4j.release;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Names one version of one component, with whatever else tells it from another: code or configuration.
 *
 * <p>Two releases are the same for a rollout when {@link #identity()} is equal: component, version and commit. All other
 * attributes describe. Immutable and thread-safe.
 *
 * @param component what is released, for example {@code checkout}; 1 to 100 letters, digits, {@code . _ -}
 * @param version the version, for example {@code 1.5.0}; 1 to 100 letters, digits, {@code . _ + -}
 * @param attributes what else is known, sorted by name; see the constants of this type for the names in use
 */
public record Release(String component, String version, SortedMap<String, String> attributes) {

    /** Attribute: the commit that the release was built from; characters as in a version. Part of the identity. */
    public static final String COMMIT = "commit";

    /** Attribute: the digest of the container image. */
    public static final String IMAGE_DIGEST = "image-digest";

    /** Attribute: a link for people, for example to the release notes. */
    public static final String LINK = "link";

    /** Attribute: a link for people to what changed since the release before. */
    public static final String DIFF = "diff";

    /** Attribute: the version of the database schema that the release brings along. */
    public static final String SCHEMA_VERSION = "schema-version";

    /** Attribute: a fingerprint of the configuration, where that is what differs. */
    public static final String CONFIGURATION = "configuration";

    private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._+-]{1,100}");
    private static final int LONGEST_ATTRIBUTE = 1000;

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if component, version or an attribute is outside what is allowed
     */
    public Release {
        if (!COMPONENT.matcher(component).matches()) {
            throw new IllegalArgumentException("component '" + component
                    + "' is not allowed: 1 to 100 letters, digits, '.', '_' or '-' are (for example 'checkout')");
        }
        if (!VERSION.matcher(version).matches()) {
            throw new IllegalArgumentException("version '" + version
                    + "' is not allowed: 1 to 100 letters, digits, '.', '_', '+' or '-' are (for example '1.5.0')");
        }
        attributes.forEach((name, value) -> {
            Objects.requireNonNull(name, "an attribute's name is null");
            if (!COMPONENT.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "attribute name '" + name + "' is not allowed: 1 to 100 letters, digits, '.', '_' or '-' are");
            }
            if (value == null || value.isBlank() || value.length() > LONGEST_ATTRIBUTE) {
                throw new IllegalArgumentException("attribute " + name + " has no value or one that is too long: 1 to "
                        + LONGEST_ATTRIBUTE + " characters are allowed");
            }
            if (name.equals(COMMIT) && !VERSION.matcher(value).matches()) {
                throw new IllegalArgumentException(
                        "commit '" + value
                                + "' is not allowed: 1 to 100 letters, digits, '.', '_', '+' or '-' are (for example '4d1f2c9')");
            }
        });
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    /**
     * Names a release without attributes.
     *
     * @throws IllegalArgumentException if component or version is outside what is allowed
     */
    public static Release of(String component, String version) {
        return new Release(component, version, new TreeMap<>());
    }

    /**
     * Returns this release with one attribute added or replaced.
     *
     * @throws IllegalArgumentException if name or value is outside what is allowed
     */
    public Release with(String name, String value) {
        Map<String, String> more = new TreeMap<>(attributes);
        more.put(name, value);
        return new Release(component, version, new TreeMap<>(more));
    }

    /** Returns what tells this release from others of its component: the version, and {@code @commit} where it is known. */
    public String identity() {
        String commit = attributes.get(COMMIT);
        return commit == null ? version : version + "@" + commit;
    }

    @Override
    public String toString() {
        return component + " " + identity();
    }
}
