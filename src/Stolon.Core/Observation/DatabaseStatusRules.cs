using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>What is known of each db. Rules O8 to O13, with Q28 and Q29.</summary>
internal static class DatabaseStatusRules
{
    /// <summary>As many failed starts in a row as end the patience with a primary at once (architecture, restart in place).</summary>
    private const int FailedStartsThatEndPatience = 2;

    public static (ClusterData Data, SentinelMemory Memory) Refresh(
        ClusterData data, SentinelMemory memory, ValueMap<KeeperId, SeenKeeper> known, PassTime now)
    {
        var settings = new ClusterSettings(data.Cluster.Spec);
        var databases = new List<KeyValuePair<DbId, Database>>(data.Databases.Count);
        var seen = new List<KeyValuePair<DbId, SeenDatabase>>(data.Databases.Count);
        foreach (var (uid, stored) in data.Databases)
        {
            var state = memory.StateOf(stored);
            var previous = known.Find(stored.Spec.Keeper)?.Report;
            var isNew = memory.Keepers.Find(stored.Spec.Keeper)?.Report.InfoUid != previous?.InfoUid;
            var db = stored with { Status = Status(stored.Status, state) };
            var after = Progress(memory.Databases.Find(uid) ?? new SeenDatabase(), previous?.StateOf(uid), state, isNew, now);
            after = Convergence(Illness(after, stored, state, data.Cluster.Status.Switchover?.Excuses(uid) == true, memory, now), db, memory, now);
            databases.Add(new(uid, db));
            seen.Add(new(uid, after));
        }

        memory = memory with { Databases = new(seen) };
        var judged = databases.Select(entry => KeyValuePair.Create(entry.Key, entry.Value with
        {
            Status = entry.Value.Status with { Healthy = IsHealthy(data, entry.Value, memory, settings.FailInterval, now) },
        }));
        return (data with { Databases = new(judged) }, memory);
    }

    /// <summary>O11. One that was stored as ill is well again only when its keeper says so: a gap in our own sight makes nobody well (O2, Q29).</summary>
    private static bool IsHealthy(ClusterData data, Database db, SentinelMemory memory, TimeSpan failInterval, PassTime now)
    {
        var state = memory.StateOf(db);
        var patience = state is { Healthy: false, FailedStarts: >= FailedStartsThatEndPatience } ? TimeSpan.Zero : failInterval;
        return data.Keepers.Find(db.Spec.Keeper) is { Status.Healthy: true }
            && (db.Status.Healthy || state is { Healthy: true })
            && (memory.IllSince(db) is not { } ill || (patience > TimeSpan.Zero && now.Monotonic - ill <= patience));
    }

    /// <summary>O9: only a new report can show progress, or the lack of it, against the one before it (Q28).</summary>
    private static SeenDatabase Progress(SeenDatabase seen, PostgresState? previous, PostgresState? state, bool isNew, PassTime now)
    {
        if (state is null || !isNew)
        {
            return seen;
        }

        return state.XLogPos == previous?.XLogPos
            ? seen with { StuckReports = seen.StuckReports + 1, StuckSince = seen.StuckReports == 0 ? now.SeenAt : seen.StuckSince }
            : seen with { StuckReports = 0 };
    }

    /// <summary>O8, O10: ill from when it was first seen so; see <see cref="SentinelMemory.IllSince"/>.</summary>
    private static SeenDatabase Illness(
        SeenDatabase seen, Database stored, PostgresState? state, bool isExcused, SentinelMemory memory, PassTime now)
    {
        // Who was told to stop, and does, is not ill (architecture, section 7).
        if (state is { Healthy: true } || isExcused)
        {
            return seen with { IllSince = null };
        }

        // A keeper that was not heard yet says nothing about its db: silence is judged at the keeper (O7).
        if (memory.ReportOf(stored.Spec.Keeper) is null)
        {
            return seen with { IllSince = memory.Since };
        }

        return seen with { IllSince = seen.IllSince ?? now.SeenAt };
    }

    private static DatabaseStatus Status(DatabaseStatus status, PostgresState? state)
    {
        if (state is null)
        {
            return status;
        }

        status = status with
        {
            ListenAddress = state.ListenAddress,
            Port = state.Port,
            CurrentGeneration = state.Generation,
            PrimaryTimelines = state.PrimaryTimelines,
        };
        return state.Healthy
            ? status with
            {
                SystemId = state.SystemId,
                TimelineId = state.TimelineId,
                XLogPos = state.XLogPos,
                TimelinesHistory = state.TimelinesHistory,
                PgParameters = state.PgParameters,
                CurrentSynchronousStandbys = state.SynchronousStandbys,
                OlderWalFile = state.OlderWalFile,
            }
            : status;
    }

    /// <summary>O12: a db that has not converged has a timer for the generation it has not converged to.</summary>
    private static SeenDatabase Convergence(SeenDatabase seen, Database db, SentinelMemory memory, PassTime now)
    {
        if (db.Converged)
        {
            return seen with { ConvergingSince = null, ConvergingTo = 0 };
        }

        var start = seen.ConvergingTo == db.Generation ? seen.ConvergingSince ?? now.SeenAt : now.SeenAt;
        return seen with { ConvergingTo = db.Generation, ConvergingSince = start < memory.Since ? memory.Since : start };
    }
}
