using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>How many standbys there are. Rules N23 to N25 of docs/behaviour.md, with Q4, Q8 and Q14.</summary>
internal static class StandbyCount
{
    public static Draft Adjust(Draft draft)
    {
        var primary = draft.Observed.Primary!;
        var standbys = draft.Next.Databases.Values.Where(db => db.IsStandbyType).ToList();
        var good = standbys.Where(db => draft.Judge.IsGoodStandby(db, primary)).ToList();
        return good.Count >= draft.Settings.MaxStandbysPerSender ? RemoveSurplus(draft, standbys, good) : Create(draft, standbys);
    }

    /// <summary>N24: first those that are not good, then the least advanced; never one that commits wait for.</summary>
    private static Draft RemoveSurplus(Draft draft, List<Database> standbys, List<Database> good)
    {
        var waitedFor = draft.Next.Databases[draft.PrimaryId!.Value].Spec.SynchronousStandbys;
        foreach (var db in standbys.Except(good).Where(db => !waitedFor.Contains(db.Uid)))
        {
            draft = draft.WithoutDb(db.Uid)
                .Because(new Reason.DbRemoved(db.Uid, "N24", "it is not good, and there are enough good standbys without it"));
        }

        // Those that stay whatever their place are left out before the surplus is counted off: in their place another goes.
        var surplus = good
            .Where(db => !waitedFor.Contains(db.Uid))
            .OrderBy(db => db.Status.XLogPos).ThenByDescending(db => db.Uid)
            .Take(good.Count - draft.Settings.MaxStandbysPerSender);
        foreach (var db in surplus)
        {
            draft = draft.WithoutDb(db.Uid).Because(new Reason.DbRemoved(db.Uid, "N24", "there are more standbys than maxStandbysPerSender"));
        }

        return draft;
    }

    /// <summary>N25: a standby that is still being made counts, whatever its data (Q4).</summary>
    private static Draft Create(Draft draft, List<Database> standbys)
    {
        var notFailed = standbys.Count(db => draft.Judge.HealthOf(db) != DbHealth.Failed);
        var wanted = Math.Max(0, draft.Settings.MaxStandbysPerSender - notFailed);
        var primary = draft.PrimaryId!.Value;
        foreach (var keeper in Keepers.Free(draft).Take(wanted).ToList())
        {
            var db = draft.NewDb(keeper, new DatabaseSpec
            {
                Keeper = keeper,
                InitMode = InitMode.Resync,
                Role = Role.Standby,
                Follow = FollowConfig.Internal(primary),
            });
            draft = draft.WithDb(db).Because(new Reason.StandbyCreated(db.Uid, keeper, primary));
        }

        return wanted == 0
            ? draft
            : draft.Because(Keepers.Occupied(draft).Select(keeper =>
                new Reason.KeeperHoldsForeignData(keeper, draft.Memory.ReportOf(keeper)!.ForeignData!.ClusterUid)));
    }
}
