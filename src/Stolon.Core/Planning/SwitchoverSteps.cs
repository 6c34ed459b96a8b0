using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>
/// Drives a planned change of the primary: architecture, section 7. Every step is written before it is ordered, and each can be gone on from, or undone,
/// by whoever leads next. From the moment when the source is known to have stopped nobody becomes primary who has not all of its WAL.
/// </summary>
internal static class SwitchoverSteps
{
    /// <summary>How long what may pass, such as a set of synchronous standbys that settles, is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long the proxies may take to close their connections.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    /// <summary>From when on another standby than the target is welcome, too.</summary>
    private static readonly TimeSpan TargetLimit = TimeSpan.FromSeconds(1);

    /// <summary>From when on the source is taken back, if nobody has all of its WAL.</summary>
    private static readonly TimeSpan StandbyLimit = TimeSpan.FromSeconds(2);

    /// <summary>So many changes of the leading sentinel end one: something is wrong.</summary>
    private const int MostLeaderChanges = 2;

    /// <summary>Takes the next step, if there is a switchover.</summary>
    /// <param name="draft">The draft.</param>
    /// <returns>The draft, which ends here while clients are out.</returns>
    public static Draft Drive(Draft draft) => draft.Next.Cluster.Status.Switchover switch
    {
        null => draft,
        { Phase: SwitchoverPhase.Requested or SwitchoverPhase.Preparing } asked => Begin(draft, asked),
        { Phase: SwitchoverPhase.Promoting } promoting => SwitchoverTurn.AwaitTarget(draft, promoting),
        { Phase: SwitchoverPhase.Returning } returning => SwitchoverTurn.AwaitSource(draft, returning),
        var underWay => Proceed(draft, underWay),
    };

    /// <summary>Since when it is so far, as far as this sentinel saw.</summary>
    /// <param name="draft">The draft.</param>
    /// <returns>The time since then.</returns>
    public static TimeSpan Age(Draft draft)
    {
        var seen = draft.Memory.Switchover?.Since ?? draft.Inputs.Now.Monotonic;
        var age = draft.Inputs.Now.Monotonic - (draft.Memory.Since is { } since && since > seen ? since : seen);
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    /// <summary>What the source's keeper says to it; null = nothing yet.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover.</param>
    /// <returns>The answer.</returns>
    public static SwitchoverAnswer? Answer(Draft draft, Switchover switchover) =>
        draft.Observed.Databases.Find(switchover.Source) is { } source
        && draft.Memory.ReportOf(source.Spec.Keeper)?.Switchover is { } answer && answer.Id == switchover.Id ? answer : null;

    /// <summary>Step 1: clients are in, and the rest of the plan goes on.</summary>
    private static Draft Begin(Draft draft, Switchover asked)
    {
        if (HasExpired(draft, asked))
        {
            return Refuse(draft, asked, ["It could not begin in the time that it was given."]);
        }

        var answer = Answer(draft, asked);
        if (answer is { Trouble.Length: > 0 })
        {
            return Refuse(draft, asked, [answer.Trouble]);
        }

        var terms = SwitchoverTerms.Judge(draft, asked);
        if (terms.Objections.Count > 0)
        {
            return terms.MayPass && Age(draft) < Patience
                ? Wait(draft, asked, Patience, string.Join(' ', terms.Objections))
                : Refuse(draft, asked, terms.Objections);
        }

        if (asked.Phase == SwitchoverPhase.Requested)
        {
            return Become(draft, asked with { Phase = SwitchoverPhase.Preparing, Target = terms.Target!.Uid })
                .Because(new Reason.SwitchoverAccepted(asked.Id, asked.Source, terms.Target.Uid));
        }

        return answer is not null
            ? Drain(draft, asked)
            : Wait(draft, asked, asked.Limit ?? Switchover.DefaultLimit, "the primary writes a checkpoint.");
    }

    /// <summary>Step 2, as N7: a proxy of stolon's obeys, too.</summary>
    private static Draft Drain(Draft draft, Switchover asked)
    {
        var draining = asked with
        {
            Phase = SwitchoverPhase.Draining,
            SourceGeneration = draft.Observed.Databases[asked.Source].Generation,
            Leader = draft.Inputs.Self,
        };
        return Become(draft, draining).End()
            .WithProxy(draft.Next.Proxy.Spec with { PrimaryDb = null })
            .Because(new Reason.SwitchoverProceeds(asked.Id, SwitchoverPhase.Draining, "proxies close their connections and hold new ones."));
    }

    /// <summary>Steps 2 to 4: clients are out, so nothing else is planned, unless it is given up.</summary>
    private static Draft Proceed(Draft draft, Switchover underWay)
    {
        // Once the source is known to have stopped, a changed specification is no reason to forget where.
        if (draft.Observed.Databases.Find(underWay.Source) is not { } source || draft.PrimaryId != source.Uid
            || (underWay.Phase != SwitchoverPhase.Stopped && source.Generation != underWay.SourceGeneration))
        {
            return SwitchoverTurn.Undo(draft, underWay, "The document was changed behind it.");
        }

        if (underWay.Phase != SwitchoverPhase.Stopped && Election.FailureOf(draft, source) is { } failure)
        {
            return SwitchoverTurn.Undo(draft, underWay, $"The primary failed: {failure}.") with { EndsHere = false };
        }

        if (underWay.Phase == SwitchoverPhase.Draining)
        {
            return AwaitProxies(draft, underWay);
        }

        if (underWay.Leader != draft.Inputs.Self)
        {
            underWay = underWay with { Leader = draft.Inputs.Self, LeaderChanges = underWay.LeaderChanges + 1 };
            draft = Become(draft, underWay);
        }

        draft = draft.End();
        return underWay.Phase == SwitchoverPhase.Stopping ? AwaitStop(draft, underWay, source) : AwaitStandby(draft, underWay, source);
    }

    private static Draft AwaitProxies(Draft draft, Switchover draining)
    {
        if (draining.Leader != draft.Inputs.Self)
        {
            return SwitchoverTurn.Undo(draft, draining, "Another sentinel leads since, and nothing had happened yet.");
        }

        var behind = draft.ActiveProxies.Where(proxy => proxy.Generation != draft.Observed.Proxy.Generation).Select(proxy => proxy.Uid).ToValueList();
        if (behind.Count == 0)
        {
            return Become(draft, draining with { Phase = SwitchoverPhase.Stopping })
                .Because(new Reason.SwitchoverProceeds(draining.Id, SwitchoverPhase.Stopping, $"{draining.Source} is to stop cleanly.")).End();
        }

        return Age(draft) < DrainLimit
            ? Wait(draft, draining, DrainLimit, $"these proxies have not closed their connections yet: {behind}.").End()
            : SwitchoverTurn.Undo(draft, draining, $"These proxies did not close their connections: {behind}.");
    }

    /// <summary>Step 3.</summary>
    private static Draft AwaitStop(Draft draft, Switchover stopping, Database source)
    {
        var answer = Answer(draft, stopping);
        if (answer is { Trouble.Length: > 0 })
        {
            return SwitchoverTurn.Undo(draft, stopping, answer.Trouble);
        }

        if (answer?.StoppedAt is { } point)
        {
            var stopped = stopping with { Phase = SwitchoverPhase.Stopped, StoppedAt = point };
            return SwitchoverTurn.Beyond(draft, stopped).FirstOrDefault(db => db.Uid == stopped.Target) is { } target
                ? SwitchoverTurn.Promote(draft, stopped, target)
                : Become(draft, stopped).Because(new Reason.SwitchoverProceeds(
                    stopping.Id, SwitchoverPhase.Stopped, $"{source.Uid} has stopped at {point.Checkpoint} of timeline {point.Timeline}."));
        }

        if (stopping.LeaderChanges >= MostLeaderChanges)
        {
            return SwitchoverTurn.Undo(draft, stopping, "The leading sentinel changed too often.");
        }

        return Age(draft) <= draft.Settings.FailInterval
            ? Wait(draft, stopping, draft.Settings.FailInterval, $"{source.Uid} stops.")
            : SwitchoverTurn.Undo(draft, stopping, $"{source.Uid} was not seen to stop.");
    }

    /// <summary>Step 4: who has all of the source's WAL; the target before others, and the source itself if there is nobody.</summary>
    private static Draft AwaitStandby(Draft draft, Switchover stopped, Database source)
    {
        var able = SwitchoverTurn.Beyond(draft, stopped);
        var target = draft.Observed.Databases.Find(stopped.Target ?? default);
        var first = able.FirstOrDefault(db => db.Uid == target?.Uid);
        var targetIsLate = target is null || !draft.Judge.KeeperIsHealthy(target) || Age(draft) >= TargetLimit;
        if ((first ?? (targetIsLate ? (able.Count > 0 ? able[0] : null) : null)) is { } next)
        {
            return SwitchoverTurn.Promote(draft, stopped, next);
        }

        if (draft.Observed.Keepers.Find(source.Spec.Keeper) is { Status.ForceFail: true })
        {
            // An operator gave the source up, and whatever only it has.
            return SwitchoverTurn.Undo(draft, stopped, $"Keeper {source.Spec.Keeper} was told to fail.") with { EndsHere = false };
        }

        var isTooLate = Age(draft) >= StandbyLimit || stopped.LeaderChanges >= MostLeaderChanges;
        return isTooLate && SwitchoverTerms.IsFresh(draft, source.Spec.Keeper)
            ? SwitchoverTurn.Return(draft, stopped, source, $"no standby has all that {source.Uid} had")
            : Wait(draft, stopped, Age(draft) < TargetLimit ? TargetLimit : StandbyLimit, isTooLate
                ? $"no standby has all that {source.Uid} had, and its keeper {source.Spec.Keeper} is not heard: one of them has to come back. failkeeper {source.Spec.Keeper} gives up what only it has."
                : $"a standby that has all that {source.Uid} had.");
    }

    private static bool HasExpired(Draft draft, Switchover asked)
    {
        var limit = asked.Limit ?? Switchover.DefaultLimit;
        return Age(draft) > limit || draft.Inputs.Now.Wall - asked.StartedAt.ToDateTimeOffset() > limit;
    }

    private static Draft Refuse(Draft draft, Switchover asked, ValueList<string> objections) =>
        draft.WithStatus(status => status with { Switchover = null }).Because(new Reason.SwitchoverRefused(asked.Id, objections));

    private static Draft Become(Draft draft, Switchover switchover) => draft.WithStatus(status => status with { Switchover = switchover });

    private static Draft Wait(Draft draft, Switchover switchover, TimeSpan until, string why) =>
        draft.Wake(Judgement.JustAfter(draft.Inputs.Now.Monotonic - Age(draft) + until)).Because(new Reason.SwitchoverWaits(switchover.Id, why));
}
