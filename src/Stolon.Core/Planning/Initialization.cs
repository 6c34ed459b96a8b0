using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>How a cluster gets its first instance. Rules I1 to I7 of docs/behaviour.md, with Q7, Q16, Q24, Q32.</summary>
internal static class Initialization
{
    public static Draft Advance(Draft draft)
    {
        draft = NoteDiscarded(draft);
        return draft.Observed.Primary is { } db ? Settle(draft, db) : Create(draft);
    }

    /// <summary>Q32: whose data the operator gave up with <c>--discard-data</c>: that which keepers hold now. What another brings later was never meant.</summary>
    private static Draft NoteDiscarded(Draft draft)
    {
        var status = draft.Observed.Cluster.Status;
        if (!status.DiscardData)
        {
            return draft;
        }

        var held = draft.Memory.Keepers.Values.Select(seen => seen.Report.ForeignData?.SystemId ?? "").Where(id => id.Length > 0);
        var all = status.DiscardSystemIds.Union(held).Order(StringComparer.Ordinal).ToValueList();
        return all == status.DiscardSystemIds ? draft : draft.WithStatus(before => before with { DiscardSystemIds = all });
    }

    /// <summary>I1, I3, I5: the first db, on the keeper that the mode names or chooses.</summary>
    private static Draft Create(Draft draft)
    {
        var spec = draft.Observed.Cluster.Spec;
        var mode = spec.InitMode ?? InitMode.None;
        if (mode == InitMode.New && ForeignData(draft) is { } foreign)
        {
            return draft.Because(new Reason.InitializationRefused(foreign));
        }

        var keeper = mode == InitMode.Existing ? Named(draft, spec.ExistingConfig?.Keeper) : Keepers.First(draft);
        if (keeper is not { } chosen)
        {
            return draft.Because(new Reason.InitializationWaits(mode == InitMode.Existing
                ? $"Keeper {spec.ExistingConfig?.Keeper} of existingConfig.keeperUID has not registered: start it."
                : "No healthy keeper that may be primary has registered: start one."));
        }

        var db = draft.NewDb(chosen, FirstSpec(draft, mode));
        return draft.WithDb(db)
            .WithStatus(status => status with { Primary = db.Uid })
            .Because(new Reason.InitializationStarted(db.Uid, chosen, mode));
    }

    private static DatabaseSpec FirstSpec(Draft draft, InitMode mode)
    {
        var spec = draft.Observed.Cluster.Spec;
        var first = new DatabaseSpec
        {
            Keeper = new KeeperId(""),
            InitMode = mode,
            Role = Role.Primary,
            IncludePreviousConfig = draft.Settings.MergePgParameters,
            NewConfig = mode == InitMode.New ? spec.NewConfig : null,
            PitrConfig = mode == InitMode.Pitr ? spec.PitrConfig : null,
        };

        // Q7: a standby cluster over existing data follows the outside from the start, as one that is restored does (I5).
        return draft.Settings.Role == Role.Standby ? Topology.Outside(first, spec) : first;
    }

    private static KeeperId? Named(Draft draft, KeeperId? keeper) =>
        keeper is { } uid && draft.Observed.Keepers.ContainsKey(uid) ? uid : null;

    /// <summary>Q32: data that somebody may miss is no place for a new cluster, and no time for one either.</summary>
    private static string? ForeignData(Draft draft)
    {
        if (draft.Observed.Cluster.Status.DiscardData)
        {
            return null;
        }

        var holder = draft.Observed.Keepers.Keys.FirstOrDefault(keeper => draft.Memory.ReportOf(keeper)?.ForeignData is not null);
        return holder.Value is null
            ? null
            : $"Keeper {holder} holds data of {Owner(draft.Memory.ReportOf(holder)!.ForeignData!)}, and the store was empty: no new cluster is made. "
                + $"To keep the data, run init with initMode existing and keeperUID {holder}; to set it aside, run init with --discard-data.";
    }

    private static string Owner(ForeignData data) => data.ClusterUid.Length > 0 ? $"cluster {data.ClusterUid}" : "an unknown cluster";

    /// <summary>I2, I4, I5: wait, go on, or give up and let another keeper try.</summary>
    private static Draft Settle(Draft draft, Database db)
    {
        if (db.Converged)
        {
            return db.Status.Healthy
                ? Complete(draft, db)
                : draft.Because(new Reason.InitializationWaits($"Keeper {db.Spec.Keeper} made db {db.Uid}, which is not healthy yet."));
        }

        if (db.Spec.InitMode != InitMode.Existing && FailureOf(draft, db) is { } why)
        {
            // I2: only that one db exists in this phase. Q24: its keeper is the last choice next time.
            return (draft with { Next = draft.Next with { Databases = ValueMap<DbId, Database>.Empty } })
                .WithStatus(status => status with { Primary = null, LastFailedInitKeeper = db.Spec.Keeper })
                .Because(new Reason.InitializationFailed(db.Uid, db.Spec.Keeper, why));
        }

        return draft.Wake(draft.Judge.ConvergenceEnds(db, draft.Settings.InitTimeout))
            .Because(new Reason.InitializationWaits($"Keeper {db.Spec.Keeper} is making db {db.Uid} by init mode {db.Spec.InitMode}."));
    }

    private static string? FailureOf(Draft draft, Database db)
    {
        if (db.Spec.InitMode == InitMode.Pitr)
        {
            // A restore may take as long as it makes progress, and somebody is there to say so (I5, Q24).
            var stalled = draft.Memory.StateOf(db)?.StalledFor;
            return stalled > draft.Settings.InitTimeout ? $"no progress for longer than initTimeout ({draft.Settings.InitTimeout})"
                : draft.Judge.ConvergenceOf(db, draft.Settings.InitTimeout) != Convergence.Failed ? null
                : !draft.Judge.KeeperIsHealthy(db) ? "its keeper is not heard"
                : stalled is null ? $"no restore runs, initTimeout ({draft.Settings.InitTimeout}) after it was asked for"
                : null;
        }

        return draft.Judge.ConvergenceOf(db, draft.Settings.InitTimeout) == Convergence.Failed
            ? $"it took longer than initTimeout ({draft.Settings.InitTimeout})"
            : null;
    }

    /// <summary>I6: the parameters found at initialisation become the spec's, and the keeper converges once more without them.</summary>
    private static Draft Complete(Draft draft, Database db)
    {
        var cluster = draft.Next.Cluster;
        var spec = draft.Settings.MergePgParameters ? cluster.Spec with { PgParameters = db.Status.PgParameters } : cluster.Spec;
        draft = draft with { Next = draft.Next with { Cluster = cluster with { Spec = spec } } };
        return draft
            .WithDb(db.Uid, dbSpec => dbSpec with { InitMode = InitMode.None, IncludePreviousConfig = false })
            .WithStatus(status => status with { Phase = ClusterPhase.Normal, LastFailedInitKeeper = null, DiscardData = false })
            .Because(new Reason.Initialized(db.Uid));
    }
}
