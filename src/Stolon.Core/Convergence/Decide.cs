using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>
/// What a keeper does next. Rules K10 to K24 of docs/behaviour.md: the order of the questions is the specification.
/// </summary>
public static class Decide
{
    /// <summary>Chooses one step.</summary>
    /// <param name="want">What the document asks for.</param>
    /// <param name="have">What is there.</param>
    /// <param name="superuserCanLogIn">See <see cref="ResyncPlan.For"/>.</param>
    /// <returns>The step; <see cref="KeeperAction.Rest"/> without a sentence when all is as it should be.</returns>
    public static KeeperAction Next(Desired want, Observed have, bool superuserCanLogIn)
    {
        var step = Choose(want, have, superuserCanLogIn);

        // Who sees nothing may stop what must not serve, and does nothing else (S4b, S7).
        return !have.IsOutdated || step is KeeperAction.Stop or KeeperAction.Fence or KeeperAction.Refuse
            ? step
            : new KeeperAction.Rest("the data directory could not be looked at for too long: nothing is done before it can");
    }

    private static KeeperAction Choose(Desired want, Observed have, bool superuserCanLogIn) =>
        Belonging(want, have)
        ?? Assignment(want, have)
        ?? FirstData(want, have, want.Db!, superuserCanLogIn)
        ?? OtherSystem(have, want.Db!)
        ?? (want.Db!.Spec.Role == Role.Primary ? PrimaryTarget.Next(want, have, want.Db) : StandbyTarget.Next(want, have, want.Db));

    /// <summary>Whose data it is (K10, Q32): data of another cluster is not touched until somebody said what shall become of it.</summary>
    private static KeeperAction? Belonging(Desired want, Observed have)
    {
        var uid = want.Data.Cluster.Uid;
        if (have.KeeperState.ClusterUid == uid)
        {
            return null;
        }

        if (have is { Initialized: false, Running: false } || MayReplaceForeignData(want, have))
        {
            return new KeeperAction.AdoptCluster(uid);
        }

        if (want.Data.Cluster.Status.MayDiscard(have.SystemId))
        {
            // Until then it goes on to report what it holds, so that the document remembers whose data was given up.
            const string WaitsForDb = "the data of another cluster is set aside when a db is assigned to this keeper";
            return have.Running ? new KeeperAction.Stop(WaitsForDb) : new KeeperAction.Rest(WaitsForDb);
        }

        var owner = have.KeeperState.ClusterUid.Length == 0 ? "an unknown cluster" : $"cluster {have.KeeperState.ClusterUid}";
        var why = $"the data directory holds data of {owner}, and the store describes cluster {uid}: nothing is touched. "
            + $"To keep the data, run init with initMode existing and keeperUID {want.Self}; to set it aside, run init with --discard-data";
        return have.Running ? new KeeperAction.Stop(why) : new KeeperAction.Refuse(why);
    }

    private static bool MayReplaceForeignData(Desired want, Observed have) => want.Db?.Spec.InitMode switch
    {
        InitMode.Existing => true,
        InitMode.Resync => (have.SystemId.Length > 0 && want.Followed?.Status.SystemId == have.SystemId)
            || want.Data.Cluster.Status.MayDiscard(have.SystemId),
        InitMode.New or InitMode.Pitr => want.Data.Cluster.Status.MayDiscard(have.SystemId),
        _ => false,
    };

    /// <summary>Whether the sentinel has given this process something to do (K11-K13).</summary>
    private static KeeperAction? Assignment(Desired want, Observed have)
    {
        if (want.Data.Keepers.Find(want.Self) is not { } keeper)
        {
            return new KeeperAction.Rest("the sentinel has not registered this keeper yet");
        }

        if (want.Db is null)
        {
            const string NoDb = "no db is assigned to this keeper";
            return have.Running ? new KeeperAction.Stop(NoDb) : new KeeperAction.Rest(NoDb);
        }

        if (keeper.Status.BootUuid != have.BootUuid)
        {
            const string NotNoticed = "the sentinel has not noticed the start of this process yet";
            return have.Running ? new KeeperAction.Stop(NotNoticed) : new KeeperAction.Rest(NotNoticed);
        }

        return null;
    }

    /// <summary>A db that this data is not, or not completely: where its data comes from (K15, K16, K28, Q31-Q33).</summary>
    private static KeeperAction? FirstData(Desired want, Observed have, Database db, bool superuserCanLogIn)
    {
        if (have.DbState.Uid == db.Uid && !have.DbState.Initializing)
        {
            return null;
        }

        if (db.Spec.InitMode == InitMode.None)
        {
            return new KeeperAction.Refuse(
                $"the document says that this keeper holds the data of db {db.Uid}, but the data directory holds "
                + $"{(have.DbState.Uid is { } other ? $"db {other}" : "none")}: was a volume lost or exchanged? Nothing is touched. "
                + "If the data is really gone, run removekeeper and it will be copied anew");
        }

        // A document that stolon wrote last has no revision: the other signs of its age count then, which the sentinel looks at (Q33).
        if (want.Data.Revision > 0 && want.Data.Revision < have.DbState.SeenRevision)
        {
            return new KeeperAction.Refuse(
                $"the store's document (revision {want.Data.Revision}) is older than one that this keeper has seen "
                + $"({have.DbState.SeenRevision}): an old copy was restored. No data is replaced on its word");
        }

        if (have.Running)
        {
            return new KeeperAction.Stop($"db {db.Uid} begins with other data");
        }

        return db.Spec.InitMode switch
        {
            InitMode.New => new KeeperAction.Create(db.Spec.NewConfig ?? new NewConfig(), want.Closed!.Parameters),
            InitMode.Existing when have.Initialized => new KeeperAction.TakeOver(want.Closed!.Parameters),
            InitMode.Existing => new KeeperAction.Refuse("init mode is existing, but there is no data to take over"),
            InitMode.Pitr => Restore(want, db),
            _ => Resync(want, have, superuserCanLogIn),
        };
    }

    /// <summary>Data that was exchanged behind our back is never started (S7).</summary>
    private static KeeperAction.Refuse? OtherSystem(Observed have, Database db) =>
        have.Running || have.SystemId.Length == 0 || db.Status.SystemId.Length == 0 || have.SystemId == db.Status.SystemId
            ? null
            : new KeeperAction.Refuse(
                $"the data directory holds the PostgreSQL cluster with system identifier {have.SystemId}, but db {db.Uid} is of the one with "
                + $"{db.Status.SystemId}: was a volume exchanged? Nothing is touched. Put the right data back, or run removekeeper, "
                + "and it will be copied anew");

    private static KeeperAction.Restore Restore(Desired want, Database db)
    {
        var config = db.Spec.PitrConfig ?? new PitrConfig();
        var recovery = RecoverySettings.Restoring(config, db.Spec.Follow).With(want.Closed!.Parameters, want.Closed.Hba);
        return new KeeperAction.Restore(config.DataRestoreCommand, recovery with { InternalOnly = true });
    }

    // The followed db makes our slot when it converges to the generation that lists us as a follower (R4).
    private static KeeperAction Resync(Desired want, Observed have, bool superuserCanLogIn) =>
        want.Followed is not { } followed
            ? new KeeperAction.Rest("the db to copy from is not in the document")
            : !followed.Converged || followed.Status.ListenAddress.Length == 0 || !followed.Spec.Followers.Contains(want.Db!.Uid)
                ? new KeeperAction.Rest($"db {followed.Uid} is not ready to be copied from")
                : new KeeperAction.Resync(ResyncPlan.For(want, have, superuserCanLogIn));
}
