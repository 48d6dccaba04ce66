package io.github.rollback4j.spring;

import io.github.rollback4j.release.Release;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/** Knows which release this process is: by the build's version and commit, and a fingerprint of the configuration. */
final class RunningRelease {

    /** What may be a secret: that it is there counts, and not what it is. */
    private static final Pattern SECRET = Pattern.compile(
            "password|passwd|passphrase|secret|token|key|credential|private|dsn", Pattern.CASE_INSENSITIVE);

    private static final int FINGERPRINT_LENGTH = 16;

    private RunningRelease() {}

    /**
     * Returns the release.
     *
     * @param build what the goal {@code build-info} of Spring Boot's Maven plugin has noted; null where it has not
     * @param git what the git-commit-id plugin has noted; null where it has not
     * @return null where no version is known
     * @throws IllegalArgumentException if the version is none of a release
     */
    static @Nullable Release of(
            String component,
            @Nullable BuildProperties build,
            @Nullable GitProperties git,
            ConfigurableEnvironment environment) {
        String commit = git == null ? null : git.getCommitId();
        String version = build != null && build.getVersion() != null
                ? build.getVersion()
                : git == null ? null : git.getShortCommitId();
        if (version == null) {
            return null;
        }
        Release release = Release.of(component, version).with(Release.CONFIGURATION, fingerprint(environment));
        return commit == null ? release : release.with(Release.COMMIT, commit);
    }

    /** Returns a fingerprint of what the configuration's files say: not of what differs from host to host, nor of plans. */
    static String fingerprint(ConfigurableEnvironment environment) {
        TreeMap<String, String> said = new TreeMap<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof OriginTrackedMapPropertySource file) {
                for (String name : file.getPropertyNames()) {
                    if (!name.startsWith(KnownProperties.PREFIX + ".")) {
                        said.putIfAbsent(
                                name, SECRET.matcher(name).find() ? "" : String.valueOf(file.getProperty(name)));
                    }
                }
            }
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            said.forEach((name, value) -> digest.update((name + "=" + value + "\n").getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest()).substring(0, FINGERPRINT_LENGTH);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
