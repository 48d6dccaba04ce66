package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects findings. */
final class Findings {

    /** {@code CREATE USER … PASSWORD '…'}, {@code IDENTIFIED BY '…'}: reports are read by many. */
    private static final Pattern PASSWORD = Pattern.compile(
            "(?i)(\\bpassword\\s*=?\\s*'|\\bidentified\\s+(?:with\\s+\\S+\\s+)?(?:by|as)(?:\\s+password)?\\s+['\"]?)"
                    + "[^'\"\\s]+");

    private final List<Finding> all = new ArrayList<>();

    void add(Rule rule, Effect effect, @Nullable Place place, Subject subject, String explanation, String alternative) {
        String id = place == null ? "" : place.migration().id();
        String file = place == null ? "" : place.migration().file();
        int line = place == null ? 1 : place.statement().line();
        String statement =
                place == null ? "" : withoutPasswords(place.statement().text());
        Finding finding = new Finding(rule, effect, id, file, line, statement, subject, explanation, alternative);
        if (!all.contains(finding)) {
            all.add(finding);
        }
    }

    static String withoutPasswords(String statement) {
        return PASSWORD.matcher(statement).replaceAll("$1***");
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
