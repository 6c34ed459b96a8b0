using static Stolon.Cluster.Codecs;

namespace Stolon.Cluster;

/// <summary>The JSON of <c>status -f json</c>.</summary>
internal static class StatusShapes
{
    public static readonly JsonShape<SentinelStatusView> Sentinel =
        new JsonShape<SentinelStatusView>(() => new() { Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Codecs.Sentinel, r => r.Uid, (r, v) => r with { Uid = v })
            .Always("leader", Flag, r => r.Leader, (r, v) => r with { Leader = v });

    public static readonly JsonShape<ProxyStatusView> Proxy =
        new JsonShape<ProxyStatusView>(() => new() { Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Codecs.Proxy, r => r.Uid, (r, v) => r with { Uid = v })
            .Always("generation", Number, r => r.Generation, (r, v) => r with { Generation = v });

    public static readonly JsonShape<KeeperStatusView> Keeper =
        new JsonShape<KeeperStatusView>(() => new() { Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Codecs.Keeper, r => r.Uid, (r, v) => r with { Uid = v })
            .Always("listen_address", Text, r => r.ListenAddress, (r, v) => r with { ListenAddress = v })
            .Always("healthy", Flag, r => r.Healthy, (r, v) => r with { Healthy = v })
            .Always("pg_healthy", Flag, r => r.PgHealthy, (r, v) => r with { PgHealthy = v })
            .Always("pg_wanted_generation", Number, r => r.PgWantedGeneration, (r, v) => r with { PgWantedGeneration = v })
            .Always("pg_current_generation", Number, r => r.PgCurrentGeneration, (r, v) => r with { PgCurrentGeneration = v })
            .Optional("copied_bytes", Number.OrNull(), r => r.CopiedBytes, (r, v) => r with { CopiedBytes = v })
            .Optional("copy_total_bytes", Number.OrNull(), r => r.CopyTotalBytes, (r, v) => r with { CopyTotalBytes = v })
            .Optional("copy_stalled_for", Duration.OrNull(), r => r.CopyStalledFor, (r, v) => r with { CopyStalledFor = v });

    public static readonly JsonShape<ClusterAvailabilityView> Cluster =
        new JsonShape<ClusterAvailabilityView>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Always("available", Flag, r => r.Available, (r, v) => r with { Available = v })
            .Always("master_keeper_uid", KeeperOrNone, r => r.PrimaryKeeper, (r, v) => r with { PrimaryKeeper = v }, _ => false)
            .Always("master_db_uid", DbOrNone, r => r.PrimaryDb, (r, v) => r with { PrimaryDb = v }, _ => false);

    public static readonly JsonShape<ClusterStatusView> Status =
        new JsonShape<ClusterStatusView>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Always("sentinels", ListOf(Sentinel.Codec), r => r.Sentinels, (r, v) => r with { Sentinels = v })
            .Always("proxies", ListOf(Proxy.Codec), r => r.Proxies, (r, v) => r with { Proxies = v })
            .Always("keepers", ListOf(Keeper.Codec), r => r.Keepers, (r, v) => r with { Keepers = v })
            .Always("cluster", Cluster.Codec, r => r.Cluster, (r, v) => r with { Cluster = v })
            .Optional("primary_available", Flag.OrNull(), r => r.PrimaryAvailable, (r, v) => r with { PrimaryAvailable = v })
            .Optional("troubles", ListOf(Text), r => r.Troubles, (r, v) => r with { Troubles = v })
            .Optional("warnings", ListOf(Text), r => r.Warnings, (r, v) => r with { Warnings = v });
}
