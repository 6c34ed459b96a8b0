using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Planning;

/// <summary>How a switchover changes the primary, and how it is undone (architecture, section 7, steps 5 and 6).</summary>
internal static class SwitchoverTurn
{
    /// <summary>
    /// The standbys that surely have everything that the source ever acknowledged: what they have goes beyond the start of its shutdown checkpoint, the last
    /// record there is. The most advanced first.
    /// </summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover; where its source stopped is known.</param>
    /// <returns>The standbys.</returns>
    public static IReadOnlyList<Database> Beyond(Draft draft, Switchover switchover) =>
    [
        .. draft.Observed.Databases.Values
            .Where(db => db.Uid != switchover.Source && db.IsStandbyType && MayLead(draft, db)
                && draft.Memory.StateOf(db) is { Healthy: true, WalReceiver: not WalReceiverState.Streaming } state
                && state.TimelineId == switchover.StoppedAt!.Timeline && state.XLogPos > switchover.StoppedAt.Checkpoint)
            .OrderByDescending(db => db.Status.XLogPos).ThenBy(db => db.Uid),
    ];

    /// <summary>Step 5, in one write: the new primary, whom it waits for, and the old one as its standby.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover.</param>
    /// <param name="winner">The new primary.</param>
    /// <returns>The draft; nothing further is planned in it.</returns>
    public static Draft Promote(Draft draft, Switchover switchover, Database winner)
    {
        var source = draft.Observed.Databases.Find(switchover.Source);
        if (source is not null && draft.PrimaryId != source.Uid && TimelineBegan(draft, switchover))
        {
            // It may follow the first target since, whose timeline has the number of the winner's: no history would tell them apart. It is made anew.
            draft = draft.WithoutDb(source.Uid);
            source = null;
        }

        var known = draft.Settings.SynchronousReplication
            ? Beyond(draft, switchover).Where(db => db.Uid != winner.Uid).Concat(source is null ? [] : [source]).Where(db => MayBeSynchronous(draft, db))
                .Select(db => db.Uid).Take(draft.Settings.MaxSynchronousStandbys).Order().ToValueList()
            : default;
        draft = Lead(draft, winner, known, known).WithDb(switchover.Source, spec => Follower(spec, winner.Uid));
        return Enter(draft, switchover, winner, $"{winner.Uid} has all that {switchover.Source} had, and takes over.");
    }

    /// <summary>The promotion was ordered: it is finished when the new primary has carried out everything, and clients may come in.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover.</param>
    /// <returns>The draft.</returns>
    public static Draft AwaitTarget(Draft draft, Switchover switchover)
    {
        if (draft.Observed.Primary is not { } primary || primary.Uid != switchover.Target || switchover.StoppedAt is null)
        {
            return Clear(draft).Because(new Reason.SwitchoverUndone(switchover.Id, "The document was changed behind it."));
        }

        var isPromoted = TimelineBegan(draft, switchover);
        if (draft.PrimaryIsReady && isPromoted)
        {
            return Clear(draft).Because(new Reason.SwitchoverFinished(switchover.Id, primary.Uid));
        }

        draft = draft.End();
        if (Election.FailureOf(draft, primary) is not { } failure)
        {
            return draft.Because(new Reason.SwitchoverWaits(switchover.Id, $"{primary.Uid} becomes the primary."));
        }

        if (Beyond(draft, switchover).FirstOrDefault(db => db.Uid != primary.Uid) is { } other)
        {
            return Promote(draft, switchover, other);
        }

        var gaveUp = new[] { primary, draft.Observed.Databases.Find(switchover.Source) }.FirstOrDefault(db => IsToldToFail(draft, db));
        var targetIsGivenUp = IsToldToFail(draft, primary);
        if (StoppedSource(draft, switchover) is { } source && (!isPromoted || targetIsGivenUp))
        {
            return Return(draft.WithDb(primary.Uid, spec => Follower(spec, source.Uid)), switchover, source, $"{primary.Uid} failed ({failure})");
        }

        return gaveUp is not null
            ? Clear(draft).Because(new Reason.SwitchoverUndone(switchover.Id, $"Keeper {gaveUp.Spec.Keeper} was told to fail.")) with { EndsHere = false }
            : draft.Because(new Reason.SwitchoverWaits(switchover.Id, WhoHasToComeBack(draft, switchover, primary, failure)));
    }

    private static string WhoHasToComeBack(Draft draft, Switchover switchover, Database target, string failure)
    {
        var keeper = draft.Observed.Databases.Find(switchover.Source)?.Spec.Keeper;
        return $"{target.Uid} failed ({failure}), and nobody else has all that {switchover.Source} had: one of them has to come back. "
            + $"failkeeper {target.Spec.Keeper} gives up what only {target.Uid} has"
            + (keeper is { } of ? $", failkeeper {of} what only {switchover.Source} has." : ".");
    }

    /// <summary>The source, if it surely still stands where it stopped, and may be the primary again.</summary>
    private static Database? StoppedSource(Draft draft, Switchover switchover) =>
        draft.Observed.Databases.Find(switchover.Source) is { } source && MayLead(draft, source)
        && SwitchoverSteps.Answer(draft, switchover)?.StoppedAt == switchover.StoppedAt && draft.Memory.StateOf(source) is not { Healthy: true }
            ? source : null;

    /// <summary>The target has said that it is a primary: from then on others may follow its timeline.</summary>
    private static bool TimelineBegan(Draft draft, Switchover switchover) => draft.Observed.Primary?.Status.TimelineId > switchover.StoppedAt?.Timeline;

    private static bool IsToldToFail(Draft draft, Database? db) =>
        db is not null && draft.Observed.Keepers.Find(db.Spec.Keeper) is { Status.ForceFail: true };

    /// <summary>
    /// Back to what was before. Proxies that still send clients to the source, or never closed, agree with all others; a source that was told to stop has to
    /// converge anew before clients come in.
    /// </summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover.</param>
    /// <param name="why">Why, as a sentence.</param>
    /// <returns>The draft; nothing further is planned in it.</returns>
    public static Draft Undo(Draft draft, Switchover switchover, string why)
    {
        draft = Clear(draft).Because(new Reason.SwitchoverUndone(switchover.Id, why)).End();
        if (draft.Observed.Primary is not { } source || source.Uid != switchover.Source)
        {
            return draft;
        }

        return switchover.Phase == SwitchoverPhase.Draining
            ? draft.WithProxy(draft.Next.Proxy.Spec with { PrimaryDb = source.Uid })
            : draft.WithDb(source with { Generation = 1 + Finishing.HighestGeneration(draft, source) });
    }

    /// <summary>
    /// Nobody took over: the source starts again where it stopped. Until it runs nobody is elected who has less than all of its WAL.
    /// </summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover; where its source stopped is known.</param>
    /// <param name="source">The source.</param>
    /// <param name="why">Why, as half a sentence.</param>
    /// <returns>The draft; nothing further is planned in it.</returns>
    public static Draft Return(Draft draft, Switchover switchover, Database source, string why)
    {
        // Its set stays what it was, unless it was given to the target already; that anybody has everything is not known then.
        var wasPrimary = draft.PrimaryId == source.Uid;
        var standbys = wasPrimary ? source.Spec.SynchronousStandbys
            : draft.Settings.SynchronousReplication && switchover.Target is { } target ? new[] { target }.ToValueList() : default;
        draft = Lead(draft, source, standbys, wasPrimary ? source.Status.SynchronousStandbys : default);
        return draft
            .WithStatus(status => status with { Primary = source.Uid, Switchover = switchover with { Phase = SwitchoverPhase.Returning } })
            .Because(new Reason.SwitchoverProceeds(switchover.Id, SwitchoverPhase.Returning, $"{why}: {source.Uid} starts again.")).End();
    }

    /// <summary>The source was told to start again: it is undone when it runs.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover.</param>
    /// <returns>The draft.</returns>
    public static Draft AwaitSource(Draft draft, Switchover switchover)
    {
        if (draft.Observed.Primary is not { } source || source.Uid != switchover.Source || switchover.StoppedAt is null || draft.PrimaryIsReady)
        {
            return Clear(draft).Because(new Reason.SwitchoverUndone(switchover.Id, $"{switchover.Source} is the primary as before."));
        }

        if (draft.Observed.Keepers.Find(source.Spec.Keeper) is { Status.ForceFail: true })
        {
            return Clear(draft).Because(new Reason.SwitchoverUndone(switchover.Id, $"Keeper {source.Spec.Keeper} was told to fail."));
        }

        draft = draft.End();
        return Election.FailureOf(draft, source) is { } failure && Beyond(draft, switchover) is [var other, ..]
            ? Promote(draft, switchover, other)
            : draft.Because(new Reason.SwitchoverWaits(
                switchover.Id, $"{source.Uid} starts again; nobody else has all of its WAL. failkeeper {source.Spec.Keeper} gives up what only it has."));
    }

    private static Draft Enter(Draft draft, Switchover switchover, Database winner, string step) =>
        draft
            .WithStatus(status => status with
            {
                Primary = winner.Uid,
                Switchover = switchover with
                {
                    Phase = SwitchoverPhase.Promoting,
                    Target = winner.Uid,
                },
            })
            .Because(new Reason.SwitchoverProceeds(switchover.Id, SwitchoverPhase.Promoting, step)).End();

    /// <summary>All others follow the next primary: their slots are there before anyone connects. It has converged when it has carried out this change (Q36).</summary>
    private static Draft Lead(Draft draft, Database next, ValueList<DbId> standbys, ValueList<DbId> known)
    {
        var followers = draft.Next.Databases.Keys.Where(uid => uid != next.Uid && draft.Next.Databases[uid].Spec.Follow?.Type != FollowType.External).ToValueList();
        var isSynchronous = draft.Settings.SynchronousReplication;
        var blocks = isSynchronous && standbys.Count < draft.Settings.MinSynchronousStandbys;
        return draft.WithDb(next with
        {
            Generation = 1 + Finishing.HighestGeneration(draft, next),
            Spec = next.Spec with
            {
                Role = Role.Primary,
                Follow = null,
                Followers = followers,
                SynchronousReplication = isSynchronous,
                SynchronousStandbys = standbys,
                ExternalSynchronousStandbys = blocks ? [ObjectNames.FakeStandby] : isSynchronous ? [] : default,
            },
            Status = next.Status with { SynchronousStandbys = known },
        });
    }

    private static DatabaseSpec Follower(DatabaseSpec spec, DbId primary) => spec with
    {
        Role = Role.Standby,
        Follow = FollowConfig.Internal(primary),
        Followers = [],
        SynchronousReplication = false,
        SynchronousStandbys = default,
        ExternalSynchronousStandbys = default,
    };

    private static bool MayLead(Draft draft, Database db) =>
        draft.Observed.Keepers.Find(db.Spec.Keeper) is { Status: { Healthy: true, CanBePrimary: not false } }
        && draft.Memory.ReportOf(db.Spec.Keeper) is { Leaving: false };

    /// <summary>N22.3: whom commits never wait for.</summary>
    private static bool MayBeSynchronous(Draft draft, Database db) =>
        draft.Observed.Keepers.Find(db.Spec.Keeper) is { Status.CanBeSynchronousReplica: not false };

    private static Draft Clear(Draft draft) => draft.WithStatus(status => status with { Switchover = null });
}
