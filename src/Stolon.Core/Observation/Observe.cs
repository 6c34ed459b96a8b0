using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>What the reports say, in the words of the document.</summary>
/// <param name="Data">The document with its status refreshed.</param>
/// <param name="ActiveProxies">The proxies that may still forward clients (section 5).</param>
/// <param name="Memory">To be kept, whatever becomes of the pass.</param>
public sealed record Observation(ClusterData Data, ImmutableArray<ProxyReport> ActiveProxies, SentinelMemory Memory);

/// <summary>From reports to status. Rules O and section 5 of docs/behaviour.md, with Q27 to Q30.</summary>
public static class Observe
{
    /// <summary>Takes in the reports of one pass.</summary>
    /// <param name="data">The document as stored.</param>
    /// <param name="keepers">All keepers' reports.</param>
    /// <param name="proxies">All proxies' reports.</param>
    /// <param name="memory">What was seen before.</param>
    /// <param name="now">The instants of the pass.</param>
    /// <returns>The refreshed document and memory.</returns>
    public static Observation Reports(
        ClusterData data, ImmutableArray<KeeperReport> keepers, ImmutableArray<ProxyReport> proxies, SentinelMemory memory, PassTime now)
    {
        // What was said of another cluster in this store, before an init, says nothing of this one (O1).
        memory = memory with
        {
            Since = memory.Since ?? now.SeenAt,
            Keepers = new(memory.Keepers.Where(entry => entry.Value.Report.ClusterUid == data.Cluster.Uid)),
            Switchover = Seen(data.Cluster.Status.Switchover, memory.Switchover, now),
        };
        var (stored, known) = (data, memory.Keepers);
        memory = KeeperStatusRules.Remember(memory, [.. keepers.Where(report => report.ClusterUid == data.Cluster.Uid)], now);
        memory = Evidence.Weigh(data, memory);
        data = KeeperStatusRules.Refresh(data, memory, now);
        (data, memory) = DatabaseStatusRules.Refresh(data, memory, known, now);
        (var active, memory) = ActiveProxies.Find(data, proxies, memory, now);
        return new Observation(Dated(stored, data, Timestamp.From(now.Wall)), active, memory);
    }

    private static SeenSwitchover? Seen(Switchover? switchover, SeenSwitchover? before, PassTime now) =>
        switchover is null ? null
        : before is not null && before.Id == switchover.Id && before.Phase == switchover.Phase ? before
        : new SeenSwitchover(switchover.Id, switchover.Phase, now.SeenAt);

    /// <summary>F4: what was seen to change. Being healthy still, and what is never stored, is no change.</summary>
    private static ClusterData Dated(ClusterData stored, ClusterData seen, Timestamp now)
    {
        var keepers = seen.Keepers.Values.Select(keeper =>
            stored.Keepers.Find(keeper.Uid) is { } before
            && before == keeper with { Status = keeper.Status with { LastHealthyTime = before.Status.LastHealthyTime } }
                ? keeper
                : keeper with { ChangeTime = now });
        var databases = seen.Databases.Values.Select(db =>
            stored.Databases[db.Uid] == db with { Status = db.Status with { CurrentSynchronousStandbys = default } }
                ? db
                : db with { ChangeTime = now });
        return seen with
        {
            Keepers = new(keepers.Select(keeper => KeyValuePair.Create(keeper.Uid, keeper))),
            Databases = new(databases.Select(db => KeyValuePair.Create(db.Uid, db))),
        };
    }
}
