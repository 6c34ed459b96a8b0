using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>The instants of a pass. Silence is what lies between a <see cref="SeenAt"/> and a later pass's <see cref="Monotonic"/>: never too much.</summary>
/// <param name="Monotonic">
/// Before its first read: nothing that it read is older. On a clock that runs through suspend: all health timing.
/// </param>
/// <param name="Wall">The same on the wall clock: only for stored times.</param>
public readonly record struct PassTime(TimeSpan Monotonic, DateTimeOffset Wall)
{
    /// <summary>
    /// After the reports were read: nothing that they say is newer. What begins to be silent, ill or waited for, begins here.
    /// </summary>
    /// <value><see cref="Monotonic"/> unless set.</value>
    public TimeSpan SeenAt { get; init; } = Monotonic;
}

/// <summary>
/// What one sentinel process has seen: it is never stored, and a process that just started begins empty (Q30). Everything in it is a
/// consequence of the reports and of when they changed, so that it does not matter how often a pass runs (Q28).
/// </summary>
public sealed record SentinelMemory
{
    /// <summary>Nothing was seen yet.</summary>
    public static readonly SentinelMemory Empty = new();

    /// <summary>Silence counts from here at the earliest: the first successful pass after a failed one (Q29). Null = the next pass is it.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>What was heard of each keeper.</summary>
    public ValueMap<KeeperId, SeenKeeper> Keepers { get; init; } = ValueMap<KeeperId, SeenKeeper>.Empty;

    /// <summary>What was heard of each proxy.</summary>
    public ValueMap<ProxyId, SeenProxy> Proxies { get; init; } = ValueMap<ProxyId, SeenProxy>.Empty;

    /// <summary>What was seen of each db.</summary>
    public ValueMap<DbId, SeenDatabase> Databases { get; init; } = ValueMap<DbId, SeenDatabase>.Empty;

    /// <summary>The primary that was found dead, and when (fresh reports before an election).</summary>
    public DeadPrimary? DeadPrimary { get; init; }

    /// <summary>The switchover of the document, and since when it is as far as it is.</summary>
    public SeenSwitchover? Switchover { get; init; }

    /// <summary>A pass failed, or this process was frozen: what was silent meanwhile may only have been unheard (Q29).</summary>
    /// <returns>A memory that counts silence from the next pass.</returns>
    public SentinelMemory AfterFailedPass() => Since is null ? this : this with { Since = null };

    /// <summary>Every keeper's last words about this cluster, however old: they prove what once was, not what is.</summary>
    public IEnumerable<KeeperReport> Reports => Keepers.Values.Select(seen => seen.Report).Where(report => report.ForeignData is null);

    /// <summary>The last report of a keeper that is known to have been alive here; null = none.</summary>
    /// <param name="keeper">The keeper.</param>
    /// <returns>Its report.</returns>
    public KeeperReport? ReportOf(KeeperId keeper) => Keepers.Find(keeper) is { Alive: true } seen ? seen.Report : null;

    /// <summary>A keeper was heard since the last gap in our own sight: what it says now is evidence, while its silence is judged by time.</summary>
    /// <param name="keeper">The keeper.</param>
    /// <returns>True if a report of it changed since.</returns>
    public bool Heard(KeeperId keeper) => Keepers.Find(keeper) is { Alive: true } seen && seen.ChangedAt >= Since;

    /// <summary>What a keeper last reported about one db; null when it reported none, or another one (O8).</summary>
    /// <param name="db">The db.</param>
    /// <returns>The state.</returns>
    public PostgresState? StateOf(Database db) => ReportOf(db.Spec.Keeper)?.StateOf(db.Uid);

    /// <summary>Since when a db is ill: by its own keeper's words if they are of now, else never from before the last gap in our sight (Q29).</summary>
    /// <param name="db">The db.</param>
    /// <returns>The instant; null = it is not.</returns>
    public TimeSpan? IllSince(Database db) =>
        Databases.Find(db.Uid)?.IllSince is not { } since ? null : since < Since && !Heard(db.Spec.Keeper) ? Since : since;
}

/// <summary>What was heard of one keeper.</summary>
/// <param name="Report">Its last report.</param>
/// <param name="ChangedAt">When it was first seen.</param>
/// <param name="Alive">It was seen to change: a report that never changed may be a leftover (O2, O3).</param>
public sealed record SeenKeeper(KeeperReport Report, TimeSpan ChangedAt, bool Alive)
{
    /// <summary>Who found since that all its ports refuse connections (see <see cref="Evidence"/>); empty = nobody.</summary>
    public ValueList<KeeperId> RefusedTo { get; init; }
}

/// <summary>What was heard of one proxy.</summary>
/// <param name="Report">Its last report.</param>
/// <param name="ChangedAt">When it was first seen.</param>
public sealed record SeenProxy(ProxyReport Report, TimeSpan ChangedAt)
{
    /// <summary>Who found since that it refuses connections (see <see cref="Evidence"/>); empty = nobody.</summary>
    public ValueList<KeeperId> RefusedTo { get; init; }
}

/// <summary>What was seen of one db.</summary>
public sealed record SeenDatabase
{
    /// <summary>Since when its keeper reports it as ill, or does not report it; null = it is well.</summary>
    public TimeSpan? IllSince { get; init; }

    /// <summary>The generation that it has not converged to yet.</summary>
    public long ConvergingTo { get; init; }

    /// <summary>Since when it has not; null = it has.</summary>
    public TimeSpan? ConvergingSince { get; init; }

    /// <summary>Reports in a row without WAL progress (O9, Q28).</summary>
    public int StuckReports { get; init; }

    /// <summary>Since when there is none.</summary>
    public TimeSpan StuckSince { get; init; }
}

/// <summary>A switchover that was seen.</summary>
/// <param name="Id">Which.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Since">When it was first seen to be so far.</param>
public sealed record SeenSwitchover(string Id, SwitchoverPhase Phase, TimeSpan Since);

/// <summary>A primary that was found dead.</summary>
/// <param name="Db">The primary.</param>
/// <param name="FoundAt">When.</param>
public sealed record DeadPrimary(DbId Db, TimeSpan FoundAt);
