package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects findings. */
final class Findings {

    private final List<Finding> all = new ArrayList<>();

    void add(Rule rule, Effect effect, @Nullable Place place, Subject subject, String explanation, String alternative) {
        String id = place == null ? "" : place.migration().id();
        String file = place == null ? "" : place.migration().file();
        int line = place == null ? 1 : place.statement().line();
        String statement = place == null ? "" : place.statement().text();
        Finding finding = new Finding(rule, effect, id, file, line, statement, subject, explanation, alternative);
        if (!all.contains(finding)) {
            all.add(finding);
        }
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
