package io.github.rollback4j.campaign;

/**
 * What came of rollouts.
 *
 * @param rollouts how many
 * @param kills of processes, by SIGKILL
 * @param atBoundaries how many of them just before or just after an event was journalled
 * @param pauses of leaders, for longer than the lease
 * @param serverKills of database servers
 * @param cuts of all connections of a database
 * @param fills of the disk that a database is on
 * @param starts of processes
 * @param sends over HTTP that reached the target
 * @param recognised how many of them the target had had, and recognised by their key
 * @param humans how often people were needed
 * @param lost steps that the journal or the target does not have at the end
 * @param twice sends and changes that were done twice and that nobody recognised
 * @param exposed calls that began after the decision was journalled and that the candidate served
 * @param stuck rollouts that did not come to an end, and did not call people
 */
record Count(
        int rollouts,
        int kills,
        int atBoundaries,
        int pauses,
        int serverKills,
        int cuts,
        int fills,
        int starts,
        int sends,
        int recognised,
        int humans,
        int lost,
        int twice,
        int exposed,
        int stuck) {

    static final Count NONE = new Count(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    Count plus(Count other) {
        return new Count(
                rollouts + other.rollouts,
                kills + other.kills,
                atBoundaries + other.atBoundaries,
                pauses + other.pauses,
                serverKills + other.serverKills,
                cuts + other.cuts,
                fills + other.fills,
                starts + other.starts,
                sends + other.sends,
                recognised + other.recognised,
                humans + other.humans,
                lost + other.lost,
                twice + other.twice,
                exposed + other.exposed,
                stuck + other.stuck);
    }

    boolean isClean() {
        return lost == 0 && twice == 0 && exposed == 0 && stuck == 0;
    }
}
