using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>What a primary does that steps down in a planned way: architecture, section 7, steps 3 and 6.</summary>
internal static class SteppingDown
{
    /// <summary>Step 3: it stops, says where, and stays stopped until the document says otherwise.</summary>
    /// <param name="have">What is there.</param>
    /// <param name="switchover">The switchover.</param>
    /// <returns>The step.</returns>
    public static KeeperAction Stop(Observed have, Switchover switchover)
    {
        if (have.Running)
        {
            return new KeeperAction.StandDown(switchover.Id, ObjectNames.Of(switchover.Target ?? switchover.Source));
        }

        if (have.Answered is { Trouble.Length: > 0 } answered && answered.Id == switchover.Id)
        {
            return new KeeperAction.Rest($"switchover {switchover.Id} is to be undone: {answered.Trouble}");
        }

        var answer = new SwitchoverAnswer(switchover.Id, have.StoppedAt is null ? "The primary did not stop cleanly." : "") { StoppedAt = have.StoppedAt };
        return have.Answered == answer
            ? new KeeperAction.Rest($"stopped for switchover {switchover.Id}")
            : new KeeperAction.AnswerSwitchover(answer);
    }

    /// <summary>
    /// Step 6, K20.1: data that was a primary's follows another only if it was stopped cleanly, and the other's timeline begins after its shutdown checkpoint.
    /// </summary>
    /// <param name="want">What the document asks for.</param>
    /// <param name="have">What is there; it does not run.</param>
    /// <param name="db">Our db, a standby.</param>
    /// <returns>The step.</returns>
    public static KeeperAction Rejoin(Desired want, Observed have, Database db)
    {
        var why = $"the local data was a primary's: as a standby, db {db.Uid} comes back only through a resync";
        if (have.StoppedAt is not { } stopped || want.Open is not { } configuration || want.Followed is not { Status: var followed })
        {
            return new KeeperAction.Refuse(why) { NeedsResync = have.StoppedAt is null };
        }

        if (want.Data.Cluster.Status.Switchover is { } switchover && switchover.Source == db.Uid
            && new SwitchoverAnswer(switchover.Id, "") { StoppedAt = stopped } is var answer && have.Answered != answer)
        {
            return new KeeperAction.AnswerSwitchover(answer);
        }

        if (followed.TimelineId > 0 && followed.TimelineId < stopped.Timeline)
        {
            // It was a primary of its own, and was given up before anybody heard of it: no successor begins below where it stopped.
            return new KeeperAction.Refuse(why) { NeedsResync = true };
        }

        if (followed.TimelineId <= stopped.Timeline)
        {
            return new KeeperAction.Rest($"db {want.Followed.Uid} has not begun its timeline yet");
        }

        return followed.TimelinesHistory.Any(fork => fork.TimelineId == stopped.Timeline && fork.SwitchPoint > stopped.Checkpoint)
            ? new KeeperAction.Start(configuration, AsPrimary: false)
            : new KeeperAction.Refuse(why) { NeedsResync = true };
    }
}
