using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Integration.Hosting;

/// <summary>Documents and reports with short names.</summary>
internal static class A
{
    private static int publications;

    public static ClusterSpec Spec => new ClusterSpec { InitMode = InitMode.New }.WithFastDefaults();

    public static ClusterData Document(ClusterSpec spec, params Database[] databases) => new()
    {
        Cluster = new ClusterRecord
        {
            Uid = "c0000001",
            Spec = spec,
            Status = new ClusterStatus { Phase = ClusterPhase.Normal, Primary = databases.FirstOrDefault()?.Uid },
        },
        Databases = new(databases.Select(db => KeyValuePair.Create(db.Uid, db))),
        Keepers = new(databases.Select(db => KeyValuePair.Create(db.Spec.Keeper, Keeper(db.Spec.Keeper.Value)))),
        Proxy = new ProxyRecord { Generation = 1, Spec = new ProxySpec { PrimaryDb = databases.FirstOrDefault()?.Uid } },
        Revision = 10,
    };

    /// <summary>A healthy, converged primary whose keeper is <c>keeper-of</c> its uid.</summary>
    public static Database Primary(string uid, ulong at = 1000, params string[] followers) => new()
    {
        Uid = new DbId(uid),
        Generation = 2,
        Spec = new DatabaseSpec
        {
            Keeper = new KeeperId($"keeper_{uid}"),
            Role = Role.Primary,
            InitMode = InitMode.None,
            Followers = [.. followers.Select(follower => new DbId(follower))],
        },
        Status = Up(at),
    };

    /// <summary>A healthy, converged standby.</summary>
    public static Database Standby(string uid, string of, ulong at = 1000) => new()
    {
        Uid = new DbId(uid),
        Generation = 2,
        Spec = new DatabaseSpec
        {
            Keeper = new KeeperId($"keeper_{uid}"),
            Role = Role.Standby,
            InitMode = InitMode.None,
            Follow = FollowConfig.Internal(new DbId(of)),
        },
        Status = Up(at),
    };

    public static DatabaseStatus Up(ulong at) => new()
    {
        Healthy = true,
        CurrentGeneration = 2,
        ListenAddress = "127.0.0.1",
        Port = "5432",
        SystemId = "7000000000000000001",
        TimelineId = 1,
        XLogPos = new Lsn(at),
    };

    public static KeeperRecord Keeper(string uid) => new()
    {
        Uid = new KeeperId(uid),
        Status = new KeeperStatus
        {
            Healthy = true,
            LastHealthyTime = Timestamp.From(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)),
            PostgresBinaryVersion = new BinaryVersion(15, 18),
            BootUuid = "boot",
        },
    };

    public static KeeperReport KeeperReport(string uid, string clusterUid) => new()
    {
        InfoUid = Interlocked.Increment(ref publications).ToString("x8", CultureInfo.InvariantCulture),
        Uid = new KeeperId(uid),
        ClusterUid = clusterUid,
        BootUuid = "boot",
        PostgresBinaryVersion = new BinaryVersion(15, 18),
    };
}
