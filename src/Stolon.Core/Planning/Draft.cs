using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>A plan in the making: what was observed, the document so far, the reasons so far. Immutable: each step gives the next draft.</summary>
internal sealed record Draft
{
    /// <summary>The document with its status refreshed: predicates look at this one.</summary>
    public required ClusterData Observed { get; init; }

    /// <summary>The document so far.</summary>
    public required ClusterData Next { get; init; }

    /// <summary>The specification with its defaults.</summary>
    public required ClusterSettings Settings { get; init; }

    /// <summary>The predicates (rules P) on <see cref="Observed"/>.</summary>
    public required Judgement Judge { get; init; }

    /// <summary>The proxies that may still forward clients.</summary>
    public required ImmutableArray<ProxyReport> ActiveProxies { get; init; }

    /// <summary>What was seen.</summary>
    public required SentinelMemory Memory { get; init; }

    /// <summary>Time and ids.</summary>
    public required PlannerInputs Inputs { get; init; }

    /// <summary>Why.</summary>
    public ImmutableList<Reason> Reasons { get; init; } = [];

    /// <summary>The earliest instant at which time alone could change the plan.</summary>
    public TimeSpan? WakeAt { get; init; }

    /// <summary>Nothing further is planned in this pass.</summary>
    public bool EndsHere { get; init; }

    /// <summary>The uid of the primary's db in the document so far.</summary>
    public DbId? PrimaryId => Next.Cluster.Status.Primary;

    /// <summary>Another primary was chosen in this pass.</summary>
    public bool PrimaryChanged => Next.Cluster.Status.Primary != Observed.Cluster.Status.Primary;

    /// <summary>The primary is healthy and has carried out its spec: the gate of N13.</summary>
    public bool PrimaryIsReady => Observed.Primary is { Status.Healthy: true, Converged: true };

    public static Draft Of(
        ClusterData observed, ImmutableArray<ProxyReport> activeProxies, SentinelMemory memory, PlannerInputs inputs)
    {
        var settings = new ClusterSettings(observed.Cluster.Spec);
        return new Draft
        {
            Observed = observed,
            Next = observed,
            Settings = settings,
            Judge = new Judgement(observed, settings, memory, inputs.Now),
            ActiveProxies = activeProxies,
            Memory = memory,
            Inputs = inputs,
        };
    }

    public Draft End() => this with { EndsHere = true };

    public Draft Because(Reason reason) => this with { Reasons = Reasons.Add(reason) };

    public Draft Because(IEnumerable<Reason> reasons) => this with { Reasons = Reasons.AddRange(reasons) };

    /// <summary>Asks to be called again at an instant, if it is in the future.</summary>
    public Draft Wake(TimeSpan? at) =>
        at is { } instant && instant > Inputs.Now.Monotonic && (WakeAt is not { } earlier || instant < earlier) ? this with { WakeAt = instant } : this;

    public Draft WithDb(Database db) => this with { Next = Next with { Databases = Next.Databases.With(db.Uid, db) } };

    public Draft WithDb(DbId uid, Func<DatabaseSpec, DatabaseSpec> change) =>
        Next.Databases.Find(uid) is { } db && change(db.Spec) is var spec && spec != db.Spec ? WithDb(db with { Spec = spec }) : this;

    public Draft WithoutDb(DbId uid) => this with { Next = Next with { Databases = Next.Databases.Without(uid) } };

    public Draft WithStatus(Func<ClusterStatus, ClusterStatus> change) =>
        this with { Next = Next with { Cluster = Next.Cluster with { Status = change(Next.Cluster.Status) } } };

    public Draft WithProxy(ProxySpec spec) => this with { Next = Next with { Proxy = Next.Proxy with { Spec = spec } } };

    /// <summary>A db that did not exist before, on a keeper.</summary>
    public Database NewDb(KeeperId keeper, DatabaseSpec spec) =>
        new() { Uid = new DbId(Inputs.NewId()), Spec = spec with { Keeper = keeper, Followers = [] } };
}
