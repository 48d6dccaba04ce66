package io.github.rollback4j.reports;

import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** From this time on the candidate had another share of the calls. */
record ShareChange(Duration elapsed, double share) {

    /** Returns the changes, of which the first is the share at the first point. */
    static List<ShareChange> of(EvidenceCurve curve) {
        List<ShareChange> changes = new ArrayList<>();
        for (EvidencePoint point : curve.points()) {
            if (changes.isEmpty() || changes.get(changes.size() - 1).share != point.share()) {
                changes.add(new ShareChange(point.elapsed(), point.share()));
            }
        }
        return changes;
    }
}
