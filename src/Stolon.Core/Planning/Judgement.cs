using Stolon.Cluster;
using Stolon.Observation;
using Stolon.Postgres;

namespace Stolon.Planning;

/// <summary>How far a db is with what was asked of it (P2).</summary>
internal enum Convergence
{
    Converged,
    Converging,
    Failed,
}

/// <summary>Whether a db's data fits the primary's (P4).</summary>
internal enum Validity
{
    Unknown,
    Invalid,
    Valid,
}

/// <summary>What a db is good for (P5).</summary>
internal enum DbHealth
{
    Good,
    Converging,
    Failed,
}

/// <summary>The predicates: rules P1 to P9 of docs/behaviour.md, on one observed document.</summary>
internal sealed class Judgement(ClusterData data, ClusterSettings settings, SentinelMemory memory, PassTime now)
{
    /// <summary>A resync that failed so often in a row counts as failed (Q4).</summary>
    private const int FailedResyncsThatCount = 3;

    /// <summary>Reports in a row without progress before a standby counts as stuck (P7).</summary>
    private const int StuckReportsThatCount = 10;

    /// <summary>A resync without progress for so long counts as failed (Q4).</summary>
    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(60);

    /// <summary>A standby without progress for so long may be stuck (Q28).</summary>
    private static readonly TimeSpan ShortestStuck = TimeSpan.FromSeconds(30);

    private readonly Lazy<Dictionary<KeeperId, DbId>> dbOfKeeper = new(() =>
        data.Databases.Values.GroupBy(db => db.Spec.Keeper).ToDictionary(group => group.Key, group => group.First().Uid));

    /// <summary>The keeper of a db is there and healthy.</summary>
    public bool KeeperIsHealthy(Database db) => data.Keepers.Find(db.Spec.Keeper) is { Status.Healthy: true };

    /// <summary>Q32: a keeper holds data that is neither this cluster's nor given up: it would not replace it by a copy.</summary>
    public bool KeepsForeignData(KeeperId keeper) =>
        memory.ReportOf(keeper)?.ForeignData is { } foreign
        && (foreign.SystemId.Length == 0 || foreign.SystemId != data.Primary?.Status.SystemId)
        && !data.Cluster.Status.MayDiscard(foreign.SystemId);

    /// <summary>Whether a keeper has a db.</summary>
    public bool HasDb(KeeperId keeper) => dbOfKeeper.Value.ContainsKey(keeper);

    /// <summary>P2. No timer means just started (Q15); a timeout of zero means none.</summary>
    public Convergence ConvergenceOf(Database db, TimeSpan timeout)
    {
        if (db.Converged)
        {
            return Convergence.Converged;
        }

        return timeout > TimeSpan.Zero && ConvergingFor(db) > timeout ? Convergence.Failed : Convergence.Converging;
    }

    /// <summary>When a convergence that has not failed yet will have failed.</summary>
    public TimeSpan? ConvergenceEnds(Database db, TimeSpan timeout) =>
        timeout > TimeSpan.Zero && !db.Converged && Timer(db) is { } since ? JustAfter(since + timeout) : null;

    /// <summary>P4.</summary>
    public static Validity ValidityOf(Database db, Database? primary)
    {
        if (db.Uid == primary?.Uid)
        {
            return Validity.Valid;
        }

        if (db.Status.CurrentGeneration == Database.NoGeneration)
        {
            return Validity.Unknown;
        }

        if (primary is null)
        {
            return Validity.Valid;
        }

        var foreign = db.Status.SystemId.Length > 0 && primary.Status.SystemId.Length > 0 && db.Status.SystemId != primary.Status.SystemId;
        return foreign || Branches.Differ(primary, db) ? Validity.Invalid : Validity.Valid;
    }

    /// <summary>P5. A db that is still being resynced may take as long as it makes progress (Q4).</summary>
    public DbHealth HealthOf(Database db)
    {
        if (!KeeperIsHealthy(db))
        {
            return DbHealth.Failed;
        }

        var resyncing = db.Spec.InitMode == InitMode.Resync && db.Status.CurrentGeneration == Database.NoGeneration;
        if (resyncing && memory.StateOf(db) is { } state
            && (state.FailedResyncs >= FailedResyncsThatCount || state.StalledFor >= LongestStall))
        {
            return DbHealth.Failed;
        }

        if (resyncing && KeepsForeignData(db.Spec.Keeper))
        {
            return DbHealth.Failed;
        }

        return ConvergenceOf(db, resyncing ? settings.SyncTimeout : settings.ConvergenceTimeout) switch
        {
            Convergence.Failed => DbHealth.Failed,
            Convergence.Converging => DbHealth.Converging,
            _ => db.Status.Healthy ? DbHealth.Good : DbHealth.Failed,
        };
    }

    /// <summary>P6: a standby whose data fits and that does what it should.</summary>
    public bool IsGoodStandby(Database db, Database? primary) =>
        db.IsStandbyType && ValidityOf(db, primary) == Validity.Valid && HealthOf(db) == DbHealth.Good;

    /// <summary>P7: false for a standby that needs WAL which the primary no longer has, and makes no progress.</summary>
    public bool CanSync(Database primary, Database db)
    {
        if (primary.Status.OlderWalFile.Length == 0 || db.Uid == primary.Uid || !db.IsStandbyType || db.Generation <= Database.InitialGeneration
            || !db.Status.Healthy || db.Status.XLogPos == primary.Status.XLogPos)
        {
            return true;
        }

        return StuckFrom(db) is not { } stuck || stuck > now.Monotonic || !WalFile.IsGone(db.Status.XLogPos, primary.Status.OlderWalFile);
    }

    /// <summary>P7, Q28: from when a standby counts as one that makes no progress; null = it makes some.</summary>
    public TimeSpan? StuckFrom(Database db) =>
        db.IsStandbyType && memory.Databases.Find(db.Uid) is { StuckReports: > StuckReportsThatCount } seen ? JustAfter(seen.StuckSince + ShortestStuck) : null;

    /// <summary>P8: how many bytes a db is behind, by what was last reported; negative when it is ahead.</summary>
    public static long BytesBehind(Database primary, Database db) => primary.Status.XLogPos.BytesAfter(db.Status.XLogPos);

    /// <summary>The first instant at which "longer ago than" holds.</summary>
    public static TimeSpan JustAfter(TimeSpan instant) => instant + TimeSpan.FromTicks(1);

    private TimeSpan ConvergingFor(Database db) => Timer(db) is { } since ? now.Monotonic - since : TimeSpan.Zero;

    private TimeSpan? Timer(Database db) =>
        memory.Databases.Find(db.Uid) is { } seen && seen.ConvergingTo == db.Generation ? seen.ConvergingSince : null;
}
