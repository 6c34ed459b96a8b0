using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Observation;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Hosting.Administration;

/// <summary>Puts the document and the reports together for people (A5).</summary>
internal static class OverviewBuilder
{
    /// <summary>Builds the overview.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="data">The document; null = there is none.</param>
    /// <param name="reports">The reports.</param>
    /// <param name="leader">The sentinel that leads.</param>
    /// <param name="now">The present.</param>
    /// <returns>The overview.</returns>
    public static ClusterOverview Build(
        string clusterName, ClusterData? data, Reports reports, SentinelId? leader, PassTime now)
    {
        var sentinels = reports.Sentinels
            .Select(report => new SentinelOverview(report.Uid, report.Uid == leader))
            .ToImmutableArray();
        if (data is null)
        {
            return new ClusterOverview
            {
                ClusterName = clusterName,
                Sentinels = sentinels,
                Proxies = [.. reports.Proxies.Where(report => !report.Closed).Select(report => Proxy(report, enabled: []))],
                Keepers = [.. reports.Keepers.Select(report => new KeeperOverview { Uid = report.Uid, Trouble = report.Trouble })],
                Troubles = ["There is no cluster yet.", .. reports.Unreadable, .. KeeperTroubles(reports)],
            };
        }

        var primary = data.Primary;
        var reportOf = reports.Keepers.ToDictionary(report => report.Uid);
        return new ClusterOverview
        {
            ClusterName = clusterName,
            Uid = data.Cluster.Uid,
            Phase = data.Cluster.Status.Phase,
            IsAvailable = primary is { Status.Healthy: true } && data.Proxy.Spec.PrimaryDb == primary.Uid,
            PrimaryKeeper = primary?.Spec.Keeper,
            PrimaryDb = primary?.Uid,
            Spec = data.Cluster.Spec,
            ProxyGeneration = data.Proxy.Generation,
            Synchronous = Synchronous(data, primary),
            Keepers = [.. data.Keepers.Values.Select(keeper => Keeper(data, keeper, reportOf.GetValueOrDefault(keeper.Uid)))],
            Proxies = [.. reports.Proxies.Where(report => !report.Closed).Select(report => Proxy(report, data.Proxy.Spec.EnabledProxies))],
            Sentinels = sentinels,
            Troubles = [.. OldDocument(data, reports), .. Troubles(data, primary, sentinels), .. reports.Unreadable, .. KeeperTroubles(reports)],
            Warnings = [.. Survivability.Judge(data, now).Select(text => new OverviewWarning(text, OverviewLoss.Database)), .. Alone(data, reports)],
        };
    }

    private static KeeperOverview Keeper(ClusterData data, KeeperRecord keeper, KeeperReport? report)
    {
        var (db, primary, version) = (data.DatabaseOf(keeper.Uid), data.Primary, keeper.Status.PostgresBinaryVersion);
        var isPrimary = db is not null && db.Uid == primary?.Uid;
        return new KeeperOverview
        {
            Uid = keeper.Uid,
            IsHealthy = keeper.Status.Healthy,
            LastHealthy = keeper.Status.LastHealthyTime.IsSet ? keeper.Status.LastHealthyTime.ToDateTimeOffset() : null,
            Db = db?.Uid,
            Role = db?.Spec.Role,
            IsPrimary = isPrimary,
            ListenAddress = db is { Status.ListenAddress.Length: > 0 } ? $"{db.Status.ListenAddress}:{db.Status.Port}" : "",
            IsPostgresHealthy = db?.Status.Healthy ?? false,
            WantedGeneration = db?.Generation ?? 0,
            CurrentGeneration = db?.Status.CurrentGeneration ?? 0,
            TimelineId = db?.Status.TimelineId ?? 0,
            XLogPos = db?.Status.XLogPos ?? Lsn.Zero,
            LagBytes = Lag(primary, db),
            PostgresVersion = version == default ? null : version.ToString(),
            Resync = Resync(db, report),
            Trouble = report?.Trouble ?? "",
        };
    }

    private static long? Lag(Database? primary, Database? db) =>
        primary is null || db is null || db.Uid == primary.Uid || db.Status.XLogPos == Lsn.Zero
            ? null
            : Math.Max(0, primary.Status.XLogPos.BytesAfter(db.Status.XLogPos));

    private static ResyncOverview? Resync(Database? db, KeeperReport? report) =>
        report?.PostgresState is { } state && db is not null && state.Uid == db.Uid
            && (state.CopiedBytes > 0 || state.TotalBytes > 0 || (state.StalledFor is not null && db.Spec.InitMode == InitMode.Resync))
            ? new ResyncOverview(state.CopiedBytes, state.TotalBytes, state.StalledFor)
            : null;

    private static ProxyOverview Proxy(ProxyReport report, ValueList<ProxyId> enabled) =>
        new(report.Uid, report.Generation, enabled.Contains(report.Uid), report.ListenAddress);

    private static SynchronousOverview Synchronous(ClusterData data, Database? primary)
    {
        if (primary is not { Spec.SynchronousReplication: true })
        {
            return new SynchronousOverview();
        }

        var (wanted, known) = (primary.Spec.SynchronousStandbys, primary.Status.SynchronousStandbys);
        return new SynchronousOverview
        {
            IsOn = true,
            Wanted = Keepers(wanted),
            InSync = Keepers(known.Where(wanted.Contains)),
            Blocks = primary.Spec.ExternalSynchronousStandbys.Count > 0
                || wanted.Any(id => data.Databases.Find(id) is not { Status.Healthy: true }),
        };

        ImmutableArray<KeeperId> Keepers(IEnumerable<DbId> ids) =>
            [.. ids.Select(data.Databases.Find).OfType<Database>().Select(db => db.Spec.Keeper)];
    }

    private static IEnumerable<string> Troubles(ClusterData data, Database? primary, ImmutableArray<SentinelOverview> sentinels)
    {
        if (!sentinels.Any(sentinel => sentinel.IsLeader))
        {
            yield return "No sentinel leads: nothing is decided until one runs.";
        }

        if (primary is null)
        {
            yield return "There is no primary yet.";
        }
        else if (!primary.Status.Healthy)
        {
            yield return $"The primary on keeper {primary.Spec.Keeper} is not healthy.";
        }
        else if (data.Proxy.Spec.PrimaryDb is null)
        {
            yield return "Proxies do not send clients to the primary yet.";
        }

        if (data.Cluster.Status.Switchover is { IsUnderWay: true } switchover)
        {
            yield return $"Switchover {switchover.Id} is under way; ctl explain says what it waits for.";
        }

        foreach (var keeper in data.Keepers.Values.Where(keeper => !keeper.Status.Healthy && keeper.Uid != primary?.Spec.Keeper))
        {
            yield return $"Keeper {keeper.Uid} is not heard any more.";
        }
    }

    /// <summary>Q33: somebody restored an old copy of the store. A running primary lifts it by itself; a stopped cluster needs a person.</summary>
    private static IEnumerable<string> OldDocument(ClusterData data, Reports reports)
    {
        var newest = reports.Keepers.Where(report => report.ClusterUid == data.Cluster.Uid).Select(report => report.SeenRevision).DefaultIfEmpty().Max();
        if (data.Revision > 0 && newest > data.Revision)
        {
            yield return $"The store holds an old document: revision {data.Revision}, and keepers have seen {newest}. Nothing is decided on it, and no "
                + "data is touched. Put the newest document back, or run init with initMode existing and the keeper with the newest data.";
        }
    }

    private static IEnumerable<string> KeeperTroubles(Reports reports) =>
        reports.Keepers.Where(report => report.Trouble.Length > 0).Select(report => $"Keeper {report.Uid}: {report.Trouble}");

    /// <summary>The data may be safe, and still one failure keeps clients away or leaves the next one unanswered.</summary>
    private static IEnumerable<OverviewWarning> Alone(ClusterData data, Reports reports)
    {
        // While clients are sent somewhere, the enabled proxies are those that were heard lately (N11).
        var proxies = reports.Proxies.Count(report => !report.Closed && (data.Proxy.Spec.PrimaryDb is null || data.Proxy.Spec.EnabledProxies.Contains(report.Uid)));
        if (proxies < 2)
        {
            yield return new OverviewWarning(
                proxies == 0
                    ? "No proxy runs: clients that connect through one do not reach the primary. Run two."
                    : "Only one proxy runs: if it fails, clients that connect through it do not reach the primary until it is back. Run another.",
                OverviewLoss.Proxy);
        }

        if (reports.Sentinels.Length == 1)
        {
            yield return new OverviewWarning(
                "Only one sentinel runs: if it fails, clients go on, but nobody takes over from a primary that fails before it is back. Run another.",
                OverviewLoss.Sentinel);
        }
    }
}
