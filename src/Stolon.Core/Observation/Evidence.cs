using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>
/// Evidence beats silence (architecture, section 5): whose ports all refuse connections is dead, and need not be waited for. A refusal is said
/// by a kernel that has no such process any more; a network that is cut, or a process that stands still, only says nothing.
/// </summary>
/// <remarks>
/// Each condition is needed. An address may have passed to another machine, and a port to another program: so only an observer counts that was
/// connected shortly before, and had the answer of the very process that published last. One refusal may be a listen queue that was full, so
/// there are two. Whoever published since was alive. And one host's own firewall must not speak for all. It does not matter whether this sentinel
/// has heard the dead one itself (Q29): its observers speak of now, and must have been heard.
/// </remarks>
internal static class Evidence
{
    /// <summary>Two refusals that lie closer together count as one.</summary>
    private static readonly TimeSpan ShortestBetween = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Remembers who found the primary's keeper and its PostgreSQL dead. It holds until that keeper publishes again, though nobody looks any more
    /// once another is the primary.
    /// </summary>
    public static SentinelMemory Weigh(ClusterData data, SentinelMemory memory)
    {
        var settings = new ClusterSettings(data.Cluster.Spec);
        if (!settings.FailOnRefusal)
        {
            return memory.Keepers.Values.Any(one => one.RefusedTo.Count > 0)
                ? memory with { Keepers = new(memory.Keepers.Select(entry => KeyValuePair.Create(entry.Key, entry.Value with { RefusedTo = default }))) }
                : memory;
        }

        if (data.Primary is not { } primary || memory.Keepers.Find(primary.Spec.Keeper) is not { RefusedTo.Count: 0 } seen)
        {
            return memory;
        }

        var found = Finders(data, memory, HostOf(seen.Report), probe => !probe.IsProxy
            && probe.Uid == seen.Report.Uid.Value
            && IsAbout(probe, seen.Report.InfoUid, seen.Report.BootUuid)
            && Proves(probe, 2 * settings.SleepInterval));
        return memory with { Keepers = memory.Keepers.With(seen.Report.Uid, seen with { RefusedTo = found }) };
    }

    /// <summary>
    /// Remembers who found a proxy dead. Its clients' connections were its process's, and ended with it: the liveness port is held by the same process, and
    /// closed by it only after the last client was cut. So nobody is forwarded by it any more, which is all that the barrier asks (X5, S1).
    /// </summary>
    public static SeenProxy Weigh(ClusterData data, SentinelMemory memory, SeenProxy seen)
    {
        var (settings, report) = (new ClusterSettings(data.Cluster.Spec), seen.Report);
        if (!settings.FailOnRefusal || seen.RefusedTo.Count > 0)
        {
            return settings.FailOnRefusal ? seen : seen with { RefusedTo = default };
        }

        return seen with
        {
            RefusedTo = Finders(data, memory, report.LivenessAddress.Host, probe => probe.IsProxy
                && probe.Uid == report.Uid.Value
                && IsAbout(probe, report.InfoUid, report.Uid.Value)
                && Proves(probe, 2 * settings.ProxyCheckInterval)),
        };
    }

    /// <summary>(3) nothing was published since, and (1) it was that publication's process which answered.</summary>
    private static bool IsAbout(Probe probe, string infoUid, string bootUuid) =>
        probe.InfoUid == infoUid && probe.BootUuid == bootUuid && bootUuid.Length > 0;

    /// <summary>(1) connected shortly before, (2) and refused twice; (4) by ages, which need no common clock.</summary>
    private static bool Proves(Probe probe, TimeSpan longestGap) =>
        probe.LastRefusedAgo >= TimeSpan.Zero
        && probe.FirstRefusedAgo - probe.LastRefusedAgo >= ShortestBetween
        && probe.ConnectedAgo >= probe.FirstRefusedAgo
        && probe.ConnectedAgo - probe.FirstRefusedAgo <= longestGap;

    /// <summary>(5) one of them is on another host, or there is only one.</summary>
    private static ValueList<KeeperId> Finders(ClusterData data, SentinelMemory memory, string host, Func<Probe, bool> proves)
    {
        var finders = memory.Keepers.Values
            .Where(seen => memory.Heard(seen.Report.Uid) && seen.Report.Probes.Any(proves))
            .Select(seen => seen.Report).ToList();
        var count = finders.Any(report => HostOf(report).Length > 0 && !IsSame(HostOf(report), host)) || IsOneHost(data, memory);
        return count ? finders.Select(report => report.Uid).ToValueList() : [];
    }

    private static bool IsOneHost(ClusterData data, SentinelMemory memory)
    {
        var hosts = data.Keepers.Keys.Select(uid => memory.Keepers.Find(uid) is { } seen ? HostOf(seen.Report) : "").ToList();
        return hosts.TrueForAll(host => host.Length > 0 && IsSame(host, hosts[0]));
    }

    /// <summary>A host is known by the address at which its PostgreSQL is reached.</summary>
    private static string HostOf(KeeperReport report) => report.PostgresState?.ListenAddress ?? "";

    private static bool IsSame(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
