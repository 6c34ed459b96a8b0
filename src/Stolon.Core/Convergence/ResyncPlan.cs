using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>How a resync gets its data.</summary>
public enum ResyncMethod
{
    /// <summary>A full copy beside the old data (R4, Q31).</summary>
    Copy,

    /// <summary><c>pg_rewind</c> from the current primary (R3); a full copy if it fails.</summary>
    Rewind,
}

/// <summary>What a resync does, and why so (rules R).</summary>
/// <param name="Method">How.</param>
/// <param name="Source">The db to copy or rewind from.</param>
/// <param name="Slot">Our slot on the followed primary: it exists there because it lists us as a follower.</param>
/// <param name="Why">Why this method, as a sentence.</param>
public sealed record ResyncPlan(ResyncMethod Method, Database Source, string Slot, string Why)
{
    /// <summary>Chooses the method. Rules R2 and R3, Q11, Q35.</summary>
    /// <param name="want">What the document asks for; its db follows another of this cluster.</param>
    /// <param name="have">What is there.</param>
    /// <param name="superuserCanLogIn">The superuser has a name and a password to log in with elsewhere (R2).</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InvalidOperationException">The followed db does not exist (R1): the caller waits instead.</exception>
    public static ResyncPlan For(Desired want, Observed have, bool superuserCanLogIn)
    {
        if (want is not { Db: { } db, Followed: { } followed })
        {
            throw new InvalidOperationException("A resync needs a followed db that exists (R1).");
        }

        var slot = ObjectNames.Of(db.Uid);
        if (CopyReason(want, have, followed, superuserCanLogIn) is { } reason)
        {
            return new ResyncPlan(ResyncMethod.Copy, followed, slot, reason);
        }

        return new ResyncPlan(
            ResyncMethod.Rewind, want.Data.Primary!, slot, "the local data is of this cluster, and usePgrewind is on");
    }

    /// <summary>
    /// After a successful rewind and start (R5): whether the result must be thrown away for a full copy. It must if the instance did not
    /// become ready (the WAL that it waits for is presumably gone), or if it is on another branch than the followed db (P3).
    /// </summary>
    /// <param name="ready">It became ready within dbWaitReadyTimeout.</param>
    /// <param name="sameBranch">What P3 says of it and the followed db.</param>
    /// <returns>Why a full copy is needed; null when it is not.</returns>
    public static string? AfterRewind(bool ready, bool sameBranch) =>
        (ready, sameBranch) switch
        {
            (false, _) => "the rewound instance did not become ready: the WAL that it needs is presumably gone",
            (_, false) => "the rewound instance is still on another branch of the timeline than the primary",
            _ => null,
        };

    /// <summary>Whether rewound data is on the branch of the db that it shall follow (P3, R5).</summary>
    /// <param name="want">What the document asks for; its db follows another of this cluster.</param>
    /// <param name="timeline">The timeline of the rewound data.</param>
    /// <param name="position">How far it is.</param>
    /// <param name="switches">Its timeline's last switches.</param>
    /// <returns>False if they have parted.</returns>
    public static bool IsOnBranch(Desired want, uint timeline, Lsn position, ValueList<TimelineSwitch> switches) =>
        want is { Db: { } db, Followed: { } followed } && !Planning.Branches.Differ(followed, db with
        {
            Status = db.Status with { TimelineId = timeline, XLogPos = position, TimelinesHistory = switches, PrimaryTimelines = [] },
        });

    private static string? CopyReason(Desired want, Observed have, Database followed, bool superuserCanLogIn)
    {
        if (!have.Initialized || have.DbState.Initializing)
        {
            return "there is no complete local data";
        }

        if (have.SystemId.Length == 0 || have.SystemId != followed.Status.SystemId)
        {
            return "the local data is of another PostgreSQL cluster";
        }

        if (!want.Db!.Spec.UsePgRewind)
        {
            return "usePgrewind is off";
        }

        if (want.Data.Primary is not { } primary)
        {
            return "the current primary is not known, and pg_rewind needs one";
        }

        if (!superuserCanLogIn)
        {
            return "pg_rewind needs a superuser with a password";
        }

        return have.DbState.PrimaryTimelines.Intersect(primary.Status.PrimaryTimelines).Any()
            ? "the local data and the current primary were each primary on the same timeline number: two branches that pg_rewind cannot tell apart (Q35)"
            : null;
    }
}
