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
        ImmutableArray<ProxyReport> reports, SentinelMemory memory, PassTime now)
    {
        var active = ImmutableArray.CreateBuilder<ProxyReport>(reports.Length);
        var seen = new List<KeyValuePair<ProxyId, SeenProxy>>(reports.Length);
        foreach (var report in reports.OrderBy(report => report.Uid))
        {
            var before = memory.Proxies.Find(report.Uid);
            var after = before?.InfoUid == report.InfoUid ? before : new SeenProxy(report.InfoUid, now.SeenAt);
            seen.Add(new(report.Uid, after));

            // A proxy that is new to us may be live: it is given the benefit of the doubt.
            if (now.Monotonic - Later(after.ChangedAt, memory.Since) <= SilenceLimit(report))
            {
                active.Add(report);
            }
        }

        return (active.ToImmutable(), memory with { Proxies = new(seen) });
    }

    /// <summary>How long a proxy may be silent before it surely closed its clients.</summary>
    public static TimeSpan SilenceLimit(ProxyReport report) =>
        report.ProxyTimeout * (report.DeadlineFromStart ? FactorFromStart : Factor);

    private static TimeSpan Later(TimeSpan left, TimeSpan? right) => right is { } other && other > left ? other : left;
}
