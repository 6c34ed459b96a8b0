using Stolon.Cluster;

namespace Stolon.Convergence;

/// <summary>The next step of a keeper whose db has role standby. Rules K20, K22, K23; Q9, Q20, Q40.</summary>
internal static class StandbyTarget
{
    public static KeeperAction Next(Desired want, Observed have, Database db)
    {
        if (have.ActualRole == Role.Primary)
        {
            return have.Running
                ? new KeeperAction.Fence($"db {db.Uid} is no longer the primary, and follows another")
                : SteppingDown.Rejoin(want, have, db);
        }

        if (!have.Initialized)
        {
            return new KeeperAction.Refuse($"the data of db {db.Uid} has disappeared from the data directory. Nothing is done here");
        }

        if (want.Open is not { } configuration)
        {
            return new KeeperAction.Rest("the db to follow is not in the document");
        }

        if (!have.Running)
        {
            // A mistake in the operator's lines of pg_hba keeps PostgreSQL from starting; a reload only refuses them.
            return new KeeperAction.Start(have.LastStartFailed ? want.Closed! : configuration, AsPrimary: false);
        }

        return have.Answer is { } answer
            ? Follow(want, have, db, answer)
            : have.RunningWith == configuration || have.RunningWith == want.Closed
                ? new KeeperAction.Rest("PostgreSQL was started and does not answer yet")
                // A standby that is not consistent yet answers nobody: with another primary to follow it needs a new start.
                : new KeeperAction.Restart(configuration, AsPrimary: false);
    }

    private static KeeperAction Follow(Desired want, Observed have, Database db, Answer standby)
    {
        // From PostgreSQL 13 on a new primary_conninfo needs no restart (Q20).
        if (have.RunningWith != want.Open)
        {
            return new KeeperAction.Reload(want.Open!, OpensToClients: false);
        }

        if (standby.RestartPending && (want.Data.Cluster.Spec.AutomaticPgRestart ?? false))
        {
            return new KeeperAction.Restart(want.Open!, AsPrimary: false);
        }

        if (have.DbState.Generation != db.Generation)
        {
            return new KeeperAction.RecordConverged(db.Generation);
        }

        // Last, and not in the way of convergence: a slot that cannot be dropped on a standby is only logged (K20.5).
        return Slots.Differ(want.Slots, standby.Slots) ? new KeeperAction.SettleSlots(want.Slots) : new KeeperAction.Rest("");
    }
}
