using Stolon.Cluster;

namespace Stolon.Convergence;

/// <summary>The next step of a keeper whose db has role primary. Rules K19, K22, K23; Q36, Q40, Q41; S4b, S9.</summary>
internal static class PrimaryTarget
{
    public static KeeperAction Next(Desired want, Observed have, Database db)
    {
        // First of all, also when its files were moved away: PostgreSQL lives on without them (S4b).
        if (have is { Running: true, Opened: true } && have.ActualRole != Role.Standby && !want.IsThePrimary)
        {
            return new KeeperAction.Fence($"db {db.Uid} is no longer the primary");
        }

        if (!have.Initialized)
        {
            return new KeeperAction.Refuse(
                $"the data of db {db.Uid} has disappeared from the data directory. Nothing is done here; another instance will be elected");
        }

        if (want.StandsDownFor is { } switchover)
        {
            return SteppingDown.Stop(have, switchover);
        }

        if (!have.Running)
        {
            return Start(want, have);
        }

        return have.Answer switch
        {
            null => new KeeperAction.Rest("PostgreSQL was started and does not answer yet"),
            { Role: Role.Standby } standby => Promote(want, have, standby),
            var primary => Serve(want, have, db, primary),
        };
    }

    /// <summary>A primary always starts closed: it opens after the document was read again (section 5, restart in place).</summary>
    private static KeeperAction Start(Desired want, Observed have)
    {
        var asPrimary = have.LocalRole == Role.Primary;
        return asPrimary && !have.Heard
            ? new KeeperAction.Rest("the store was not reached recently enough to start a primary")
            : new KeeperAction.Start(want.Closed!, asPrimary);
    }

    private static KeeperAction Promote(Desired want, Observed have, Answer standby)
    {
        if (!want.IsThePrimary)
        {
            return new KeeperAction.Rest("this standby was to become primary, and another one was elected since");
        }

        // Q36: the primary's parameters, the synchronous standbys above all, are loaded before the first write can happen.
        var configuration = have.Opened ? want.Open! : want.Closed!;
        if (have.RunningWith != configuration)
        {
            return new KeeperAction.Reload(configuration, OpensToClients: false);
        }

        if (!have.Heard)
        {
            return new KeeperAction.Rest("the store was not reached recently enough to promote");
        }

        return have.DbState.PrimaryTimelines.Contains(standby.Timeline + 1)
            ? new KeeperAction.Promote()
            : new KeeperAction.RecordPrimaryTimeline(standby.Timeline + 1);
    }

    private static KeeperAction Serve(Desired want, Observed have, Database db, Answer primary)
    {
        if (!have.DbState.PrimaryTimelines.Contains(primary.Timeline))
        {
            return new KeeperAction.RecordPrimaryTimeline(primary.Timeline);
        }

        var configuration = have.Opened || MayOpen(want, have, db, primary) ? want.Open! : want.Closed!;
        if (have.RunningWith != configuration)
        {
            return new KeeperAction.Reload(configuration, OpensToClients: !configuration.InternalOnly && have.RunningWith is not { InternalOnly: false });
        }

        // A follower relies on its slot when it sees this generation converged (R4).
        if (Slots.Missing(want.Slots, primary.Slots))
        {
            return new KeeperAction.SettleSlots(want.Slots);
        }

        if (primary.RestartPending && (want.Data.Cluster.Spec.AutomaticPgRestart ?? false) && have.Heard)
        {
            return new KeeperAction.Restart(want.Closed!, AsPrimary: true);
        }

        if (have.DbState.Generation != db.Generation)
        {
            return new KeeperAction.RecordConverged(db.Generation);
        }

        if (want.PreparesFor is { } switchover && have.Answered?.Id != switchover.Id)
        {
            return new KeeperAction.PrepareSwitchover(switchover.Id, switchover.Limit ?? Switchover.DefaultLimit);
        }

        // Also while clients wait outside: a synchronous standby may need the new password to come back.
        if (!have.PasswordsSettled && want.IsThePrimary)
        {
            return new KeeperAction.SettlePasswords();
        }

        // Last, and not in the way of anything: a slot that somebody uses cannot be dropped (K24).
        return Slots.Differ(want.Slots, primary.Slots)
            ? new KeeperAction.SettleSlots(want.Slots)
            : new KeeperAction.Rest(have.Opened ? "" : Closed(want, db, primary));
    }

    /// <summary>Clients come in when the document names this db and every synchronous standby is back in sync (H5, K22.2, S9).</summary>
    private static bool MayOpen(Desired want, Observed have, Database db, Answer primary) =>
        want.IsThePrimary && have.Heard
        && (!db.Spec.SynchronousReplication || primary.InSync.ToHashSet().SetEquals(db.Spec.SynchronousStandbys));

    private static string Closed(Desired want, Database db, Answer primary) =>
        want.IsThePrimary
            ? $"clients wait until the synchronous standbys {db.Spec.SynchronousStandbys} are in sync; now in sync: {primary.InSync}"
            : $"db {db.Uid} is not the primary and stays closed to clients";
}
