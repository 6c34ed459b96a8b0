using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Whether two dbs' histories have parted (P3, Q35).</summary>
internal static class Branches
{
    /// <summary>Whether a db can no longer follow another, because it has WAL that the other never had.</summary>
    /// <param name="followed">The db to follow.</param>
    /// <param name="db">The db that would follow.</param>
    /// <returns>True if they are on different branches. A gap of more than the two reported switches cannot be judged and counts as one branch.</returns>
    public static bool Differ(Database followed, Database db)
    {
        var (upper, lower) = (followed.Status, db.Status);
        if (upper.TimelineId < lower.TimelineId)
        {
            return true;
        }

        if (upper.TimelineId == lower.TimelineId)
        {
            return SameTimelineParted(followed, db);
        }

        return SwitchOf(upper, lower.TimelineId) is { } left && left.SwitchPoint < lower.XLogPos;
    }

    private static bool SameTimelineParted(Database followed, Database db)
    {
        var timeline = db.Status.TimelineId;
        if (timeline <= 1)
        {
            return false;
        }

        // Two that each opened the same timeline number are two branches, whatever their histories say (Q35).
        if (db.Status.PrimaryTimelines.Contains(timeline) && followed.Status.PrimaryTimelines.Contains(timeline))
        {
            return true;
        }

        return SwitchOf(followed.Status, timeline - 1) is { } ours && SwitchOf(db.Status, timeline - 1) is { } theirs
            && ours.SwitchPoint != theirs.SwitchPoint;
    }

    private static TimelineSwitch? SwitchOf(DatabaseStatus status, uint timeline) =>
        status.TimelinesHistory.FirstOrDefault(entry => entry.TimelineId == timeline);
}
