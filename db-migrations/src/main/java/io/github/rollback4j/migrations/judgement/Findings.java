package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects findings. */
final class Findings {

    /** {@code CREATE USER … PASSWORD '…'}, {@code IDENTIFIED BY '…'}: reports are read by many. */
    private static final Pattern PASSWORD = Pattern.compile(
            "(?i)(\\bpassword\\s*=?\\s*'|\\bidentified\\s+(?:with\\s+\\S+\\s+)?(?:by|as)(?:\\s+password)?\\s+['\"]?)"
                    + "[^'\"\\s]+");

    private final Set<Finding> all = new LinkedHashSet<>();

    void add(Rule rule, Effect effect, @Nullable Place place, Subject subject, String explanation, String alternative) {
        String id = place == null ? "" : place.migration().id();
        String file = place == null ? "" : place.migration().file();
        int line = place == null ? 1 : place.statement().line();
        String statement =
                place == null ? "" : withoutPasswords(place.statement().text());
        all.add(new Finding(rule, effect, id, file, line, statement, subject, explanation, alternative));
    }

    static String withoutPasswords(String statement) {
        return PASSWORD.matcher(statement).replaceAll("$1***");
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
