using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Which keepers are forgotten (N1), and which are free for a new db (P12, P13).</summary>
internal static class Keepers
{
    /// <summary>N1: a keeper without a db that was dead for too long is forgotten. Keepers with a db never are.</summary>
    public static Draft Retire(Draft draft)
    {
        foreach (var keeper in draft.Observed.Keepers.Values.Where(keeper => !keeper.Status.Healthy && !draft.Judge.HasDb(keeper.Uid)))
        {
            if (keeper.Status.LastHealthyTime.ToDateTimeOffset() + draft.Settings.DeadKeeperRemovalInterval < draft.Inputs.Now.Wall)
            {
                draft = (draft with { Next = draft.Next with { Keepers = draft.Next.Keepers.Without(keeper.Uid) } })
                    .Because(new Reason.KeeperRemoved(keeper.Uid));
            }
        }

        return draft;
    }

    /// <summary>O7: a forced failure lasts for one pass.</summary>
    public static Draft EndForcedFailures(Draft draft)
    {
        foreach (var keeper in draft.Next.Keepers.Values.Where(keeper => keeper.Status.ForceFail))
        {
            var ended = keeper with { Status = keeper.Status with { ForceFail = false } };
            draft = draft with { Next = draft.Next with { Keepers = draft.Next.Keepers.With(keeper.Uid, ended) } };
        }

        return draft;
    }

    /// <summary>P12: healthy keepers without a db in the document so far, by uid (Q14), but none that holds somebody else's data (Q32).</summary>
    public static IEnumerable<KeeperId> Free(Draft draft) => WithoutDb(draft).Where(keeper => !draft.Judge.KeepsForeignData(keeper));

    /// <summary>Those that could have a db if it were not for the data that they hold (Q32).</summary>
    public static IEnumerable<KeeperId> Occupied(Draft draft) => WithoutDb(draft).Where(draft.Judge.KeepsForeignData);

    private static IEnumerable<KeeperId> WithoutDb(Draft draft)
    {
        var busy = draft.Next.Databases.Values.Select(db => db.Spec.Keeper).ToHashSet();
        return draft.Next.Keepers.Values
            .Where(keeper => keeper.Status.Healthy && !busy.Contains(keeper.Uid))
            .Select(keeper => keeper.Uid);
    }

    /// <summary>
    /// P13: the keeper that makes the first instance: healthy, may be primary, by uid in turn after the one that failed last (Q16, Q24), so that two
    /// broken ones never keep a third waiting.
    /// </summary>
    public static KeeperId? First(Draft draft)
    {
        var failed = draft.Observed.Cluster.Status.LastFailedInitKeeper;
        var able = draft.Observed.Keepers.Values
            .Where(keeper => keeper.Status is { Healthy: true, CanBePrimary: not false })
            .Where(keeper => draft.Observed.Cluster.Status.DiscardData || draft.Memory.ReportOf(keeper.Uid)?.ForeignData is null)
            .OrderBy(keeper => failed is { } last && keeper.Uid.CompareTo(last) <= 0).ThenBy(keeper => keeper.Uid)
            .Select(keeper => (KeeperId?)keeper.Uid);
        return able.FirstOrDefault();
    }
}
