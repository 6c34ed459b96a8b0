using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Observation;
using Stolon.Planning;

namespace Stolon.Core.Tests.Planning;

/// <summary>
/// A cluster as a sentinel sees it, driven by reports: keepers k1, k2, … report the dbs that they have, time advances, passes are planned
/// and written. db1 is the primary of a healthy cluster unless a test says otherwise; db<em>n</em> is on keeper k<em>n</em>.
/// </summary>
internal sealed class Story
{
    private readonly Dictionary<KeeperId, KeeperReport> reports = [];
    private readonly Dictionary<ProxyId, ProxyReport> proxies = [];
    private readonly HashSet<KeeperId> silent = [];
    private readonly HashSet<ProxyId> mute = [];
    private int heartbeat;
    private int ids = 100;

    private Story(ClusterData data) => Data = data;

    public ClusterData Data { get; private set; }

    public SentinelMemory Memory { get; private set; } = SentinelMemory.Empty;

    /// <summary>The sentinel that plans.</summary>
    public SentinelId Leader { get; set; } = new("s1");

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    /// <summary>What the keepers reported last.</summary>
    public ImmutableArray<KeeperReport> KeeperReports => [.. reports.Values];

    /// <summary>What the proxies reported last.</summary>
    public ImmutableArray<ProxyReport> ProxyReports => [.. proxies.Values];

    public PassTime Time => new(Now, DateTimeOffset.UnixEpoch + Now);

    /// <summary>A healthy cluster of so many keepers, whose sentinel has seen everybody alive and has nothing to do.</summary>
    public static Story Healthy(int keepers, Func<ClusterSpec, ClusterSpec>? spec = null)
    {
        var data = NewClusterData.Initial(Fast(spec), "c1", new PassTime(TimeSpan.Zero, DateTimeOffset.UnixEpoch));
        data = data with { Cluster = data.Cluster with { Status = new() { Phase = ClusterPhase.Normal, Primary = Db(1) } } };
        for (var n = 1; n <= keepers; n++)
        {
            data = data with
            {
                Keepers = data.Keepers.With(Keeper(n), new KeeperRecord { Uid = Keeper(n), Status = new() { Healthy = true } }),
                Databases = data.Databases.With(Db(n), new Database
                {
                    Uid = Db(n),
                    Generation = 1,
                    Spec = n == 1
                        ? new DatabaseSpec { Keeper = Keeper(1), Role = Role.Primary }
                        : new DatabaseSpec { Keeper = Keeper(n), Role = Role.Standby, Follow = FollowConfig.Internal(Db(1)) },
                }),
            };
        }

        var story = new Story(data);
        for (var n = 1; n <= keepers; n++)
        {
            story.Reports(n);
        }

        story.Settle();
        return story;
    }

    /// <summary>A cluster that was just asked for: nobody has reported yet.</summary>
    public static Story Empty(Func<ClusterSpec, ClusterSpec>? spec = null) =>
        new(NewClusterData.Initial(Fast(spec), "c1", new PassTime(TimeSpan.Zero, DateTimeOffset.UnixEpoch)));

    public static DbId Db(int n) => new($"db{n}");

    public static KeeperId Keeper(int n) => new($"k{n}");

    /// <summary>Keeper n reports, from now on with these changes.</summary>
    public Story Reports(int n, Func<PostgresState, PostgresState>? state = null, Func<KeeperReport, KeeperReport>? keeper = null)
    {
        var before = reports.GetValueOrDefault(Keeper(n)) ?? new KeeperReport
        {
            InfoUid = "",
            Uid = Keeper(n),
            ClusterUid = Data.Cluster.Uid,
            BootUuid = $"boot{n}",
            PostgresBinaryVersion = new BinaryVersion(15, 18),
            PostgresState = new PostgresState
            {
                Uid = Data.DatabaseOf(Keeper(n))?.Uid,
                Healthy = true,
                SystemId = "777",
                TimelineId = 1,
                XLogPos = new Lsn(1000),
                ListenAddress = "127.0.0.1",
                Port = $"543{n}",
                Role = n == 1 ? Role.Primary : Role.Standby,
            },
        };
        var after = keeper?.Invoke(before) ?? before;
        after = state is null ? after : after with { PostgresState = state(after.PostgresState!) };
        reports[Keeper(n)] = after with { InfoUid = $"info{heartbeat++}" };
        silent.Remove(Keeper(n));
        return this;
    }

    /// <summary>Keeper n says nothing more.</summary>
    public Story Silences(int n)
    {
        silent.Add(Keeper(n));
        return this;
    }

    public Story Proxy(string uid, long generation, bool deadlineFromStart = true)
    {
        mute.Remove(new ProxyId(uid));
        proxies[new ProxyId(uid)] = new ProxyReport
        {
            InfoUid = $"info{heartbeat++}",
            Uid = new ProxyId(uid),
            Generation = generation,
            ProxyTimeout = TimeSpan.FromSeconds(8),
            DeadlineFromStart = deadlineFromStart,
            LivenessAddress = new("p", 7000),
        };
        return this;
    }

    /// <summary>A proxy says nothing more.</summary>
    public Story ProxySilences(string uid)
    {
        mute.Add(new ProxyId(uid));
        return this;
    }

    public Story ProxyEnds(string uid)
    {
        proxies[new ProxyId(uid)] = proxies[new ProxyId(uid)] with { Closed = true, InfoUid = $"info{heartbeat++}" };
        return this;
    }

    /// <summary>The store loses a proxy's report, as etcd does with a lease that ran out.</summary>
    public Story ProxyVanishes(string uid)
    {
        proxies.Remove(new ProxyId(uid));
        return this;
    }

    public Story Edit(Func<ClusterData, ClusterData> edit)
    {
        Data = edit(Data);
        return this;
    }

    public Story EditSpec(Func<ClusterSpec, ClusterSpec> edit) =>
        Edit(data => data with { Cluster = data.Cluster with { Spec = edit(data.Cluster.Spec) } });

    /// <summary>An operator runs failkeeper (A4).</summary>
    public Story ToldToFail(int n) => Data.Keepers.Find(Keeper(n)) is { } keeper
        ? Edit(data => data with { Keepers = data.Keepers.With(keeper.Uid, keeper with { Status = keeper.Status with { ForceFail = true } }) })
        : this;

    /// <summary>Every keeper, alive or not, has reported that it read a document of this revision.</summary>
    public Story EveryKeeperHasSeen(long revision)
    {
        foreach (var keeper in reports.Keys.ToList())
        {
            reports[keeper] = reports[keeper] with { SeenRevision = Math.Max(revision, reports[keeper].SeenRevision), InfoUid = $"info{heartbeat++}" };
        }

        return this;
    }

    public Story SentinelRestarts()
    {
        Memory = SentinelMemory.Empty;
        return this;
    }

    public Story PassFails()
    {
        Memory = Memory.AfterFailedPass();
        return this;
    }

    /// <summary>Time goes by; keepers that are not silent go on reporting, and passes run, every second.</summary>
    public Story Passes(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (Now < end)
        {
            Now += end - Now < TimeSpan.FromSeconds(1) ? end - Now : TimeSpan.FromSeconds(1);
            Heartbeats();
            Pass();
        }

        return this;
    }

    /// <summary>Time goes by unseen.</summary>
    public Story Waits(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    /// <summary>Every keeper that is not silent reports again.</summary>
    public Story Heartbeats()
    {
        foreach (var keeper in reports.Keys.Where(keeper => !silent.Contains(keeper)).ToList())
        {
            reports[keeper] = reports[keeper] with { InfoUid = $"info{heartbeat++}" };
        }

        foreach (var proxy in proxies.Keys.Where(proxy => !mute.Contains(proxy)).ToList())
        {
            proxies[proxy] = proxies[proxy] with { InfoUid = $"info{heartbeat++}" };
        }

        return this;
    }

    /// <summary>Observes without planning.</summary>
    public Stolon.Observation.Observation Look() =>
        Observe.Reports(Data, KeeperReports, ProxyReports, Memory, Time);

    /// <summary>One pass, written if that is needed.</summary>
    public Plan Pass()
    {
        var seen = Look();
        var plan = Planner.Next(seen.Data, seen.ActiveProxies, seen.Memory, new PlannerInputs(Time, () => $"db{ids++}") { Self = Leader });
        Memory = plan.Memory;
        if (PlannedWrite.IsNeeded(Data, plan))
        {
            Data = plan.Next with
            {
                Databases = new(plan.Next.Databases.Select(entry => KeyValuePair.Create(
                    entry.Key, entry.Value with { Status = entry.Value.Status with { CurrentSynchronousStandbys = default } }))),
            };
        }

        return plan;
    }

    /// <summary>Every keeper carries out what it was asked to, and the plan settles.</summary>
    public Story Settle()
    {
        for (var round = 0; round < 12; round++)
        {
            Now += TimeSpan.FromMilliseconds(100);
            Converge();
            Pass();
        }

        return this;
    }

    /// <summary>Keepers that are not silent report the generation of their db as reached.</summary>
    public Story Converge(params int[] only)
    {
        foreach (var db in Data.Databases.Values.Where(db => !silent.Contains(db.Spec.Keeper)))
        {
            var n = int.Parse(db.Spec.Keeper.Value[1..], System.Globalization.CultureInfo.InvariantCulture);
            if (reports.ContainsKey(db.Spec.Keeper) && (only.Length == 0 || only.Contains(n)))
            {
                Reports(n, state => state with
                {
                    Uid = db.Uid,
                    Generation = db.Generation,
                    Healthy = true,
                    TimelineId = Data.Primary!.Status.TimelineId is var line and > 0 ? line : 1,
                    Role = db.Spec.Role,
                    SystemId = "777",
                    XLogPos = state.XLogPos == Lsn.Zero ? new Lsn(1000) : state.XLogPos,
                });
            }
        }

        return this;
    }

    private static ClusterSpec Fast(Func<ClusterSpec, ClusterSpec>? change)
    {
        var spec = new ClusterSpec { InitMode = InitMode.New }.WithFastDefaults();
        return change?.Invoke(spec) ?? spec;
    }
}
