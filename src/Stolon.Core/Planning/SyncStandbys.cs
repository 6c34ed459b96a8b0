using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Planning;

/// <summary>
/// Which standbys commits wait for. Rules N18 to N22 of docs/behaviour.md, on two sets: S, the standbys that the primary is told to wait for,
/// and K, those known to have been in sync and still waited for. Only K∩S may ever be elected (S2); one change of S is in flight at a time (S8).
/// </summary>
internal static class SyncStandbys
{
    public static Draft Settle(Draft draft)
    {
        var primary = draft.Next.Databases[draft.PrimaryId!.Value];
        if (!draft.Settings.SynchronousReplication)
        {
            return TurnOff(draft, primary);
        }

        var good = draft.Next.Databases.Values
            .Where(db => db.Uid != primary.Uid && draft.Judge.IsGoodStandby(db, draft.Observed.Primary))
            .ToDictionary(db => db.Uid);
        var (set, known) = Learn(draft, primary, good);
        draft = Write(draft, primary, set, known);
        if (!Same(set, known))
        {
            return draft.Because(new Reason.SynchronousSetSettles(set.Except(known).Order().ToValueList()));    // N21
        }

        return Choose(draft, draft.Next.Databases[primary.Uid], good);
    }

    /// <summary>N18.</summary>
    private static Draft TurnOff(Draft draft, Database primary)
    {
        var wasOn = primary.Spec.SynchronousReplication;
        draft = draft.WithDb(primary with
        {
            Spec = primary.Spec with { SynchronousReplication = false, SynchronousStandbys = default, ExternalSynchronousStandbys = default },
            Status = primary.Status with { SynchronousStandbys = default },
        });
        return wasOn ? draft.Because(new Reason.SynchronousReplicationTurned(primary.Uid, On: false)) : draft;
    }

    /// <summary>
    /// N20: who of S is in sync now, and whether a member that is not yet in sync has failed: then S goes back to K, so that another can be chosen.
    /// </summary>
    private static (ValueList<DbId> Set, ValueList<DbId> Known) Learn(Draft draft, Database primary, Dictionary<DbId, Database> good)
    {
        var set = primary.Spec.SynchronousStandbys;
        var known = primary.Status.SynchronousStandbys;
        if (Same(set, known))
        {
            return (set, known);
        }

        // Who was in sync under an earlier set says nothing of this one (Q38): it may have left and come again.
        var observed = draft.Observed.Databases[primary.Uid];
        var now = observed.Converged ? observed.Status.CurrentSynchronousStandbys : default;
        var learnt = set.Where(uid => known.Contains(uid) || now.Contains(uid)).Order().ToValueList();
        var revert = set.Except(learnt).Any(uid => !good.ContainsKey(uid));
        return (revert ? learnt : set, learnt);
    }

    /// <summary>N22: the next set, from the settled one.</summary>
    private static Draft Choose(Draft draft, Database primary, Dictionary<DbId, Database> good)
    {
        var (min, max) = (draft.Settings.MinSynchronousStandbys, draft.Settings.MaxSynchronousStandbys);
        var previous = primary.Spec.SynchronousStandbys;
        var existing = previous.Where(draft.Next.Databases.ContainsKey).ToList();

        var next = Best(existing.Where(good.ContainsKey).Select(uid => good[uid])).Take(max).ToList();       // 1, 2
        next.AddRange(Best(good.Values.Where(db => MayJoin(draft, primary, db)))                             // 3
            .Where(uid => !next.Contains(uid)).Take(Math.Max(0, max - next.Count)).ToList());
        next.AddRange(Best(existing.Select(uid => draft.Next.Databases[uid]))                                // 4: rather wait than open a hole
            .Where(uid => !next.Contains(uid)).Take(Math.Max(0, min - next.Count)).ToList());
        if (next.Exists(uid => !previous.Contains(uid)))
        {
            next.AddRange(existing.Where(uid => !next.Contains(uid)).ToList());                              // 5: first add, later drop
        }

        var set = next.Order().ToValueList();
        var blocks = set.Count < min;
        ValueList<string> external = blocks ? [ObjectNames.FakeStandby] : [];                                // 6
        return Announce(draft, primary, set, blocks)
            .WithDb(primary.Uid, spec => spec with
            {
                SynchronousReplication = true,
                SynchronousStandbys = Same(set, spec.SynchronousStandbys) && !spec.SynchronousStandbys.IsNull ? spec.SynchronousStandbys : set,
                ExternalSynchronousStandbys = external,
            })
            .WithKnown(primary.Uid, primary.Status.SynchronousStandbys.Where(uid => set.Contains(uid)).ToValueList());      // 7
    }

    /// <summary>P10, without the limit on lag (Q23): it is chosen to catch up.</summary>
    private static bool MayJoin(Draft draft, Database primary, Database db) =>
        db.Status.TimelineId == primary.Status.TimelineId
        && draft.Observed.Keepers.Find(db.Spec.Keeper) is { Status.CanBeSynchronousReplica: not false };

    /// <summary>The most advanced first, then by uid (Q5, Q14).</summary>
    private static IEnumerable<DbId> Best(IEnumerable<Database> databases) =>
        databases.OrderByDescending(db => db.Status.XLogPos).ThenBy(db => db.Uid).Select(db => db.Uid);

    private static Draft Announce(Draft draft, Database primary, ValueList<DbId> set, bool blocks)
    {
        if (!primary.Spec.SynchronousReplication)
        {
            draft = draft.Because(new Reason.SynchronousReplicationTurned(primary.Uid, On: true));
        }

        return Same(set, primary.Spec.SynchronousStandbys) && blocks == primary.Spec.ExternalSynchronousStandbys.Count > 0
            ? draft
            : draft.Because(new Reason.SynchronousSetChanged(
                primary.Uid, primary.Spec.SynchronousStandbys, set, blocks ? draft.Settings.MinSynchronousStandbys : 0));
    }

    private static Draft Write(Draft draft, Database primary, ValueList<DbId> set, ValueList<DbId> known)
    {
        var reverted = !Same(set, primary.Spec.SynchronousStandbys);
        draft = draft.WithDb(primary.Uid, spec => reverted ? spec with { SynchronousStandbys = set } : spec).WithKnown(primary.Uid, known);
        draft = Same(known, primary.Status.SynchronousStandbys) ? draft : draft.Because(new Reason.SynchronousSetLearnt(primary.Uid, known));
        return reverted
            ? draft.Because(new Reason.SynchronousSetChanged(primary.Uid, primary.Spec.SynchronousStandbys, set, Missing: 0))
            : draft;
    }

    private static Draft WithKnown(this Draft draft, DbId uid, ValueList<DbId> known)
    {
        var db = draft.Next.Databases[uid];
        return Same(db.Status.SynchronousStandbys, known)
            ? draft
            : draft.WithDb(db with { Status = db.Status with { SynchronousStandbys = known } });
    }

    private static bool Same(ValueList<DbId> left, ValueList<DbId> right) => left.ToHashSet().SetEquals(right);
}
