using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Convergence;

/// <summary>A keeper k1 with db1, and a keeper k2 with db2; each test changes what it is about.</summary>
internal sealed record KeeperScene
{
    public static readonly DbId Db1 = new("db1");
    public static readonly DbId Db2 = new("db2");
    public static readonly KeeperId Keeper1 = new("k1");
    public static readonly ServerConfiguration OpenConfiguration = new(ValueMap<string, string>.Empty.With("port", "5433"), ["open"], RecoverySignal.None);
    public static readonly ServerConfiguration ClosedConfiguration = OpenConfiguration with { Hba = ["closed"], InternalOnly = true };

    /// <summary>What a standby runs with that follows somebody else.</summary>
    public static readonly ServerConfiguration OtherPrimary =
        OpenConfiguration with { Parameters = OpenConfiguration.Parameters.With("primary_conninfo", "host=other") };

    public required ClusterData Data { get; init; }

    public required Observed Have { get; init; }

    public bool Renderable { get; init; } = true;

    /// <summary>k1 runs db1, the open primary of a healthy cluster, and all is done.</summary>
    public static KeeperScene Primary() => new()
    {
        Data = Document(primary: Db1),
        Have = Running(Role.Primary) with { RunningWith = OpenConfiguration },
    };

    /// <summary>k1 runs db1, a standby of db2, and all is done.</summary>
    public static KeeperScene Standby()
    {
        var data = Document(primary: Db2);
        data = data with
        {
            Databases = data.Databases.With(Db1, data.Databases[Db1] with
            {
                Spec = data.Databases[Db1].Spec with { Role = Role.Standby, Follow = FollowConfig.Internal(Db2) },
            }),
        };
        return new KeeperScene
        {
            Data = data,
            Have = Running(Role.Standby) with { RunningWith = OpenConfiguration, DbState = new DbState { Uid = Db1, Generation = 3 } },
        };
    }

    public KeeperScene WithDb(Func<Database, Database> change) =>
        this with { Data = Data with { Databases = Data.Databases.With(Db1, change(Data.Databases[Db1])) } };

    public KeeperScene WithDb2(Func<Database, Database> change) =>
        this with { Data = Data with { Databases = Data.Databases.With(Db2, change(Data.Databases[Db2])) } };

    public KeeperScene WithData(Func<ClusterData, ClusterData> change) => this with { Data = change(Data) };

    public KeeperScene With(Func<Observed, Observed> change) => this with { Have = change(Have) };

    public KeeperScene Stopped() => With(have => have with { Running = false, Answer = null, RunningWith = null });

    public KeeperScene WithStatus(Func<ClusterStatus, ClusterStatus> change) =>
        this with { Data = Data with { Cluster = Data.Cluster with { Status = change(Data.Cluster.Status) } } };

    public KeeperAction Decide() => Stolon.Convergence.Decide.Next(Want(), Have, superuserCanLogIn: true);

    public Desired Want() => new()
    {
        Data = Data,
        Self = Keeper1,
        Db = Data.DatabaseOf(Keeper1),
        Open = Renderable ? OpenConfiguration : null,
        Closed = Renderable ? ClosedConfiguration : null,
    };

    private static Observed Running(Role role) => new()
    {
        KeeperState = new KeeperState { Uid = Keeper1, ClusterUid = "c1" },
        DbState = new DbState { Uid = Db1, Generation = 3, PrimaryTimelines = [1] },
        BootUuid = "boot1",
        Heard = true,
        Initialized = true,
        Running = true,
        LocalRole = role,
        Answer = new Answer { Role = role, Timeline = 1 },
        SystemId = "777",
    };

    private static ClusterData Document(DbId primary) => new()
    {
        Cluster = new ClusterRecord
        {
            Uid = "c1",
            Spec = new ClusterSpec { InitMode = InitMode.New },
            Status = new ClusterStatus { Phase = ClusterPhase.Normal, Primary = primary },
        },
        Keepers = ValueMap<KeeperId, KeeperRecord>.Empty
            .With(Keeper1, new KeeperRecord { Uid = Keeper1, Status = new KeeperStatus { BootUuid = "boot1", Healthy = true } }),
        Databases = ValueMap<DbId, Database>.Empty.With(Db1, Db(Db1, Keeper1)).With(Db2, Db(Db2, new KeeperId("k2"))),
    };

    private static Database Db(DbId uid, KeeperId keeper) => new()
    {
        Uid = uid,
        Generation = 3,
        Spec = new DatabaseSpec { Keeper = keeper, Role = Role.Primary },
        Status = new DatabaseStatus { CurrentGeneration = 3, Healthy = true, SystemId = "777", ListenAddress = "127.0.0.1", Port = "5434" },
    };
}
