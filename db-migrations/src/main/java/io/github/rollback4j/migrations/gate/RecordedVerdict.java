package io.github.rollback4j.migrations.gate;

import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.release.Release;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * What was found of a release's migrations when they ran, kept with the database: the previous release, which is there when it
 * matters, has neither the migrations nor their undo.
 *
 * @param release the release that brought the migrations
 * @param verdict whether the release before it can come back
 * @param reasons why, one sentence each, for people
 * @param migrations the ids of the migrations, in the order in which they ran
 * @param undo the statements that undo them, in the order in which they would run; empty where nothing is declared
 * @param recordedAt when it was recorded
 */
public record RecordedVerdict(
        Release release,
        Verdict verdict,
        List<String> reasons,
        List<String> migrations,
        List<String> undo,
        Instant recordedAt) {

    /** Checks, and copies. */
    public RecordedVerdict {
        Objects.requireNonNull(release, "release");
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(recordedAt, "recordedAt");
        reasons = List.copyOf(reasons);
        migrations = List.copyOf(migrations);
        undo = List.copyOf(undo);
    }

    /** Returns the SHA-256 of the migrations' ids and the undo's statements, in hexadecimal digits. */
    public String undoHash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (List<String> texts : List.of(migrations, undo)) {
                for (String text : texts) {
                    digest.update(text.getBytes(StandardCharsets.UTF_8));
                    digest.update((byte) 0);
                }
                digest.update((byte) 1);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
