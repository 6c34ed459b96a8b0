using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>Which keepers are alive. Rules O1 to O7, with Q29 and Q30.</summary>
internal static class KeeperStatusRules
{
    /// <summary>Remembers each report that is new. A report seen for the first time may be a leftover of a dead keeper (O2).</summary>
    public static SentinelMemory Remember(SentinelMemory memory, ImmutableArray<KeeperReport> reports, PassTime now)
    {
        var seen = memory.Keepers;
        foreach (var report in reports)
        {
            if (seen.Find(report.Uid) is not { } before)
            {
                seen = seen.With(report.Uid, new SeenKeeper(report, now.SeenAt, Alive: false));
            }
            else if (before.Report.InfoUid != report.InfoUid)
            {
                seen = seen.With(report.Uid, new SeenKeeper(report, now.SeenAt, Alive: true));
            }
        }

        return memory with { Keepers = seen };
    }

    /// <summary>Brings the keepers of the document up to date.</summary>
    public static ClusterData Refresh(ClusterData data, SentinelMemory memory, PassTime now)
    {
        var failInterval = new ClusterSettings(data.Cluster.Spec).FailInterval;
        var keepers = new List<KeyValuePair<KeeperId, KeeperRecord>>(data.Keepers.Count + 1);
        foreach (var uid in data.Keepers.Keys.Concat(memory.Keepers.Keys).Distinct())
        {
            var seen = memory.Keepers.Find(uid);
            var heard = Silence(seen, memory, now) <= failInterval;

            // O4: a living keeper registers itself. One that was forgotten (N1) or removed does not come back by its last words.
            var living = heard && memory.Heard(uid);
            if ((data.Keepers.Find(uid) ?? (living ? new KeeperRecord { Uid = uid } : null)) is { } keeper)
            {
                // O2, Q29: a gap in our own sight makes nobody fail, and nobody well either. Evidence beats silence.
                var healthy = seen is not { RefusedTo.Count: > 0 } && (living || (heard && keeper.Status.Healthy));
                keepers.Add(new(uid, keeper with { Status = Status(keeper.Status, seen, healthy, now) }));
            }
        }

        return data with { Keepers = new ValueMap<KeeperId, KeeperRecord>(keepers) };
    }

    /// <summary>How long a keeper has been silent: from its last change seen, but never from before the last gap in our own sight (Q29).</summary>
    public static TimeSpan Silence(SeenKeeper? seen, SentinelMemory memory, PassTime now)
    {
        var since = memory.Since ?? now.SeenAt;
        var silence = now.Monotonic - (seen is not null && seen.ChangedAt > since ? seen.ChangedAt : since);
        return silence > TimeSpan.Zero ? silence : TimeSpan.Zero;
    }

    private static KeeperStatus Status(KeeperStatus status, SeenKeeper? seen, bool healthy, PassTime now)
    {
        if (seen is { Alive: true, Report: var report })
        {
            status = status with
            {
                CanBePrimary = report.CanBePrimary,
                CanBeSynchronousReplica = report.CanBeSynchronousReplica,
                BootUuid = report.BootUuid,
                PostgresBinaryVersion = report.PostgresBinaryVersion,
            };
        }

        // O7: a forced failure counts in this pass, whose plan ends it. Healthy again in the next if it is really alive.
        healthy &= !status.ForceFail;
        var lastHealthy = healthy || !status.LastHealthyTime.IsSet ? Timestamp.From(now.Wall) : status.LastHealthyTime;
        return status with { Healthy = healthy, LastHealthyTime = lastHealthy };
    }
}
