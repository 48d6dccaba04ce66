package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.release.Release;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class RunningReleaseTest {

    private static StandardEnvironment environment(Map<String, Object> file) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addLast(new OriginTrackedMapPropertySource("application.yml", file));
        return environment;
    }

    private static Properties properties(String... pairs) {
        Properties properties = new Properties();
        for (int i = 0; i < pairs.length; i += 2) {
            properties.setProperty(pairs[i], pairs[i + 1]);
        }
        return properties;
    }

    @Test
    void buildAndCommit_areTheRelease() {
        Release release = RunningRelease.of(
                "checkout",
                new BuildProperties(properties("version", "1.5.0")),
                new GitProperties(properties("commit.id", "4d1f2c97e5a1", "commit.id.abbrev", "4d1f2c9")),
                environment(Map.of("server.port", 8080)));
        assertThat(release.version()).isEqualTo("1.5.0");
        assertThat(release.attributes())
                .containsEntry(Release.COMMIT, "4d1f2c97e5a1")
                .containsKey(Release.CONFIGURATION);
    }

    @Test
    void commitAlone_isTheVersion_andNothingIsNone() {
        assertThat(RunningRelease.of(
                        "checkout",
                        null,
                        new GitProperties(properties("commit.id", "4d1f2c97e5a1", "commit.id.abbrev", "4d1f2c9")),
                        environment(Map.of())))
                .extracting(Release::version)
                .isEqualTo("4d1f2c9");
        assertThat(RunningRelease.of("checkout", null, null, environment(Map.of())))
                .isNull();
    }

    @Test
    void fingerprint_changesWithWhatIsConfigured_notWithSecretsPlansAndHosts() {
        Map<String, Object> file = Map.of("pool.size", 10, "db.password", "s3cr3t", "rollback4j.defaults.mode", "act");
        String fingerprint = RunningRelease.fingerprint(environment(file));
        StandardEnvironment elsewhere =
                environment(Map.of("pool.size", 10, "db.password", "an0ther", "rollback4j.defaults.mode", "observe"));
        elsewhere.getPropertySources().addFirst(new MapPropertySource("host", Map.of("pool.size", 20)));
        assertThat(RunningRelease.fingerprint(elsewhere)).isEqualTo(fingerprint).hasSize(16);
        assertThat(RunningRelease.fingerprint(environment(Map.of("pool.size", 11, "db.password", "s3cr3t"))))
                .isNotEqualTo(fingerprint);
    }
}
