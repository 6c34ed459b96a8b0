using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>Which proxies may still forward clients: section 5 of docs/behaviour.md, with Q27 and Q29.</summary>
internal static class ActiveProxies
{
    /// <summary>Of a proxy whose deadline runs from before its last good check (Q27).</summary>
    private const double FactorFromStart = 1.25;

    /// <summary>Of any other.</summary>
    private const double Factor = 2;

    public static (ImmutableArray<ProxyReport> Active, SentinelMemory Memory) Find(
        ClusterData data, ImmutableArray<ProxyReport> reports, SentinelMemory memory, PassTime now)
    {
        var active = ImmutableArray.CreateBuilder<ProxyReport>(reports.Length);
        var seen = new List<KeyValuePair<ProxyId, SeenProxy>>(reports.Length);
        foreach (var report in All(reports, memory).Where(report => !report.Closed).OrderBy(report => report.Uid))
        {
            var before = memory.Proxies.Find(report.Uid);
            var after = before?.Report.InfoUid == report.InfoUid ? before : new SeenProxy(report, now.SeenAt);

            // A proxy that is new to us may be live: it is given the benefit of the doubt.
            after = Evidence.Weigh(data, memory, after);
            var isActive = after.RefusedTo.Count == 0 && now.Monotonic - Later(after.ChangedAt, memory.Since) <= SilenceLimit(report);
            if (isActive)
            {
                active.Add(report);
            }

            if (isActive || reports.Any(one => one.Uid == report.Uid))
            {
                seen.Add(new(report.Uid, after));
            }
        }

        return (active.ToImmutable(), memory with { Proxies = new(seen) });
    }

    /// <summary>A report that vanished is only silence: stores lose leases, and its proxy may forward clients (ST3, S1). Who ends says so.</summary>
    private static IEnumerable<ProxyReport> All(ImmutableArray<ProxyReport> reports, SentinelMemory memory) =>
        reports.Concat(memory.Proxies.Values.Select(seen => seen.Report).ExceptBy(reports.Select(report => report.Uid), report => report.Uid));

    /// <summary>How long a proxy may be silent before it surely closed its clients.</summary>
    public static TimeSpan SilenceLimit(ProxyReport report) =>
        report.ProxyTimeout * (report.DeadlineFromStart ? FactorFromStart : Factor);

    private static TimeSpan Later(TimeSpan left, TimeSpan? right) => right is { } other && other > left ? other : left;
}
