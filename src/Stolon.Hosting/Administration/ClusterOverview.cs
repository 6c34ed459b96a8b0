using System.Collections.Immutable;
using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Hosting.Administration;

/// <summary>What a cluster looks like at one moment.</summary>
public sealed record ClusterOverview
{
    /// <summary>The cluster's name.</summary>
    public required string ClusterName { get; init; }

    /// <summary>The cluster's uid; null = the store holds no cluster.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether the first instance is there yet.</summary>
    public ClusterPhase Phase { get; init; }

    /// <summary>There is a healthy primary, and proxies are told to send clients to it.</summary>
    public bool IsAvailable { get; init; }

    /// <summary>The keeper that holds the primary.</summary>
    public KeeperId? PrimaryKeeper { get; init; }

    /// <summary>The primary's db.</summary>
    public DbId? PrimaryDb { get; init; }

    /// <summary>The specification as it was written.</summary>
    public ClusterSpec? Spec { get; init; }

    /// <summary>The generation of the routing that proxies are asked to follow.</summary>
    public long ProxyGeneration { get; init; }

    /// <summary>How commits are replicated.</summary>
    public SynchronousOverview Synchronous { get; init; } = new();

    /// <summary>All known keepers, by uid.</summary>
    public ImmutableArray<KeeperOverview> Keepers { get; init; } = [];

    /// <summary>All proxies that report, by uid.</summary>
    public ImmutableArray<ProxyOverview> Proxies { get; init; } = [];

    /// <summary>All sentinels that report, by uid.</summary>
    public ImmutableArray<SentinelOverview> Sentinels { get; init; } = [];

    /// <summary>What does not work now, one sentence each.</summary>
    public ImmutableArray<string> Troubles { get; init; } = [];

    /// <summary>Why the next failure would not be survived, for the data, the clients and the decisions; empty = any one may fail.</summary>
    public ImmutableArray<OverviewWarning> Warnings { get; init; } = [];

    /// <summary>The overview in the shape of stolon's <c>status -f json</c>.</summary>
    /// <returns>The view.</returns>
    public ClusterStatusView ToView() => new()
    {
        Sentinels = [.. Sentinels.Select(sentinel => new SentinelStatusView { Uid = sentinel.Uid, Leader = sentinel.IsLeader })],
        Proxies = [.. Proxies.Select(proxy => new ProxyStatusView { Uid = proxy.Uid, Generation = proxy.Generation })],
        Keepers =
        [
            .. Keepers.Select(keeper => new KeeperStatusView
            {
                Uid = keeper.Uid,
                ListenAddress = keeper.Db is null ? "(no db assigned)" : keeper.ListenAddress.Length > 0 ? keeper.ListenAddress : "(unknown)",
                Healthy = keeper.IsHealthy,
                PgHealthy = keeper.IsPostgresHealthy,
                PgWantedGeneration = keeper.WantedGeneration,
                PgCurrentGeneration = keeper.CurrentGeneration,
                CopiedBytes = keeper.Resync?.CopiedBytes,
                CopyTotalBytes = keeper.Resync is { TotalBytes: > 0 and var total } ? total : null,
                CopyStalledFor = keeper.Resync?.StalledFor,
            }),
        ],
        Cluster = new ClusterAvailabilityView { Available = PrimaryDb is not null, PrimaryKeeper = PrimaryKeeper, PrimaryDb = PrimaryDb },
        PrimaryAvailable = IsAvailable,
        Troubles = [.. Troubles],
        Warnings = [.. Warnings.Select(warning => warning.Text)],
    };
}

/// <summary>How commits are replicated.</summary>
public sealed record SynchronousOverview
{
    /// <summary>Commits wait for standbys.</summary>
    public bool IsOn { get; init; }

    /// <summary>The keepers whose standbys commits wait for.</summary>
    public ImmutableArray<KeeperId> Wanted { get; init; } = [];

    /// <summary>Of these, the keepers whose standbys are known to have every acknowledged commit.</summary>
    public ImmutableArray<KeeperId> InSync { get; init; } = [];

    /// <summary>Commits wait on purpose, because there are fewer standbys than the specification asks for.</summary>
    public bool Blocks { get; init; }
}

/// <summary>One keeper and its instance.</summary>
public sealed record KeeperOverview
{
    /// <summary>The keeper's uid.</summary>
    public required KeeperId Uid { get; init; }

    /// <summary>It was heard lately.</summary>
    public bool IsHealthy { get; init; }

    /// <summary>When it was healthy last.</summary>
    public DateTimeOffset? LastHealthy { get; init; }

    /// <summary>The instance that it was asked to run; null = none.</summary>
    public DbId? Db { get; init; }

    /// <summary>The role of its instance; null = it has none.</summary>
    public Role? Role { get; init; }

    /// <summary>It holds the cluster's primary.</summary>
    public bool IsPrimary { get; init; }

    /// <summary>Where its PostgreSQL is reached, as <c>address:port</c>; empty = not known.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>Its PostgreSQL is well.</summary>
    public bool IsPostgresHealthy { get; init; }

    /// <summary>The generation that it is asked to reach.</summary>
    public long WantedGeneration { get; init; }

    /// <summary>The generation that it reached.</summary>
    public long CurrentGeneration { get; init; }

    /// <summary>The timeline of its data; 0 = not known.</summary>
    public uint TimelineId { get; init; }

    /// <summary>Its last reported WAL position.</summary>
    public Lsn XLogPos { get; init; }

    /// <summary>Bytes behind the primary, by the last reports; null = it is the primary, or nothing is known.</summary>
    public long? LagBytes { get; init; }

    /// <summary>PostgreSQL's version; null = not known.</summary>
    public string? PostgresVersion { get; init; }

    /// <summary>The running copy of the primary; null = none runs.</summary>
    public ResyncOverview? Resync { get; init; }

    /// <summary>Why it cannot do what it is asked to, in its own words; empty = it can.</summary>
    public string Trouble { get; init; } = "";
}

/// <summary>How far a copy of the primary is.</summary>
/// <param name="CopiedBytes">Bytes copied so far.</param>
/// <param name="TotalBytes">Bytes to copy, as estimated; 0 = not known.</param>
/// <param name="StalledFor">How long nothing was copied; null = not reported.</param>
public sealed record ResyncOverview(long CopiedBytes, long TotalBytes, TimeSpan? StalledFor)
{
    /// <summary>A copy reports now and then: a shorter pause than this is none.</summary>
    private static readonly TimeSpan ShortestStall = TimeSpan.FromSeconds(5);

    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>How far it is, in words; units are powers of 1024, as PostgreSQL's are.</summary>
    /// <returns>For example <c>1.2 GB of 4.0 GB (30 %), no progress for 12 s</c>.</returns>
    public override string ToString()
    {
        // The estimate may be too low: PostgreSQL goes on writing.
        var far = TotalBytes > 0 ? $"{Size(CopiedBytes)} of {Size(TotalBytes)} ({Math.Min(100, CopiedBytes * 100 / TotalBytes)} %)" : Size(CopiedBytes);
        return StalledFor >= ShortestStall ? $"{far}, no progress for {Math.Floor(StalledFor.Value.TotalSeconds):0} s" : far;
    }

    private static string Size(long bytes)
    {
        var (size, unit) = ((double)bytes, 0);
        while (size >= 1024 && unit < Units.Length - 1)
        {
            (size, unit) = (size / 1024, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size.ToString(unit > 1 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}");
    }
}

/// <summary>One proxy.</summary>
/// <param name="Uid">The proxy.</param>
/// <param name="Generation">The generation of the routing that it follows.</param>
/// <param name="IsEnabled">It may send clients to the primary.</param>
/// <param name="ListenAddress">Where clients reach it; empty = not reported.</param>
public sealed record ProxyOverview(ProxyId Uid, long Generation, bool IsEnabled, string ListenAddress);

/// <summary>One sentinel.</summary>
/// <param name="Uid">The sentinel.</param>
/// <param name="IsLeader">It decides.</param>
public sealed record SentinelOverview(SentinelId Uid, bool IsLeader);

/// <summary>Something about the next failure.</summary>
/// <param name="Text">What would happen, and why.</param>
/// <param name="Loss">The loss of what would not be survived.</param>
public sealed record OverviewWarning(string Text, OverviewLoss Loss);

/// <summary>What the next failure could take away.</summary>
public enum OverviewLoss
{
    /// <summary>A keeper and its PostgreSQL: nobody takes over, or commits wait.</summary>
    Database,

    /// <summary>The only proxy: its clients do not reach the primary, though that goes on.</summary>
    Proxy,

    /// <summary>The only sentinel: clients go on, but nothing is decided.</summary>
    Sentinel,
}
