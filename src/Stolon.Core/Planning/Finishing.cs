using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>What every pass ends with: rules F1 to F4 of docs/behaviour.md, with Q33.</summary>
internal static class Finishing
{
    /// <summary>F1: what of the cluster's spec every db carries. F2: followers of the outside follow as it says.</summary>
    public static Draft PropagateSpec(Draft draft)
    {
        var spec = draft.Next.Cluster.Spec;
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var before in draft.Next.Databases.Values)
        {
            draft = draft.WithDb(before.Uid, db => Follow(spec, db) with
            {
                RequestTimeout = draft.Settings.RequestTimeout,
                MaxStandbys = draft.Settings.MaxStandbys,
                UsePgRewind = draft.Settings.UsePgRewind,
                PgParameters = spec.PgParameters,
                PgHba = spec.PgHba,
                AdditionalWalSenders = draft.Settings.AdditionalWalSenders,
                AdditionalReplicationSlots = before.IsPrimaryType ? spec.AdditionalPrimaryReplicationSlots : default,
            });

            // A new db, and one of another role, carries all this as a part of what it is.
            if (draft.Observed.Databases.Find(before.Uid) is { } known && known.IsPrimaryType == before.IsPrimaryType)
            {
                fields.UnionWith(Changed(before.Spec, draft.Next.Databases[before.Uid].Spec));
            }
        }

        return fields.Count == 0 ? draft : draft.Because(new Reason.SpecificationSpread(fields.ToValueList()));
    }

    private static IEnumerable<string> Changed(DatabaseSpec before, DatabaseSpec after)
    {
        (string Field, bool Differs)[] fields =
        [
            ("requestTimeout", before.RequestTimeout != after.RequestTimeout),
            ("maxStandbys", before.MaxStandbys != after.MaxStandbys),
            ("usePgrewind", before.UsePgRewind != after.UsePgRewind),
            ("pgParameters", !before.PgParameters.Equals(after.PgParameters)),
            ("pgHBA", !Equals(before.PgHba, after.PgHba)),
            ("additionalWalSenders", before.AdditionalWalSenders != after.AdditionalWalSenders),
            ("additionalMasterReplicationSlots", before.AdditionalReplicationSlots != after.AdditionalReplicationSlots),
            ("standbyConfig", before.Follow != after.Follow),
        ];
        return fields.Where(field => field.Differs).Select(field => field.Field);
    }

    /// <summary>
    /// F3: a changed db spec, and a changed routing, is a new generation; above every one that was ever reported for it (Q33).
    /// F4: change times. Q33: the document's revision, likewise.
    /// </summary>
    public static Draft Number(Draft draft)
    {
        var (before, next, now) = (draft.Observed, draft.Next, Timestamp.From(draft.Inputs.Now.Wall));
        var databases = next.Databases.Select(entry => KeyValuePair.Create(entry.Key, Number(draft, before.Databases.Find(entry.Key), entry.Value, now)));
        var keepers = next.Keepers.Select(entry => KeyValuePair.Create(
            entry.Key, entry.Value == before.Keepers.Find(entry.Key) ? entry.Value : entry.Value with { ChangeTime = now }));
        var proxy = next.Proxy.Spec == before.Proxy.Spec
            ? next.Proxy
            : next.Proxy with { Generation = 1 + HighestProxyGeneration(draft), ChangeTime = now };
        return draft with
        {
            Next = next with
            {
                ChangeTime = now,
                Cluster = next.Cluster == before.Cluster ? next.Cluster : next.Cluster with { ChangeTime = now },
                Databases = new ValueMap<DbId, Database>(databases),
                Keepers = new ValueMap<KeeperId, KeeperRecord>(keepers),
                Proxy = proxy,
                Revision = 1 + HighestRevision(draft),
            },
        };
    }

    public static long HighestProxyGeneration(Draft draft) =>
        draft.ActiveProxies.Select(proxy => proxy.Generation).Append(draft.Observed.Proxy.Generation).Max();

    public static long HighestGeneration(Draft draft, Database db) =>
        Math.Max(db.Generation, draft.Memory.StateOf(db)?.Generation ?? Database.NoGeneration);

    private static long HighestRevision(Draft draft) =>
        draft.Memory.Reports.Select(report => report.SeenRevision).Append(draft.Observed.Revision).Max();

    private static Database Number(Draft draft, Database? before, Database db, Timestamp now)
    {
        if (before is null)
        {
            return db with { ChangeTime = now };
        }

        db = db.Spec == before.Spec || db.Generation != before.Generation ? db : db with { Generation = 1 + HighestGeneration(draft, before) };
        return db == before ? db : db with { ChangeTime = now };
    }

    private static DatabaseSpec Follow(ClusterSpec spec, DatabaseSpec db) =>
        db.Follow is { Type: FollowType.External } follow
            ? db with
            {
                Follow = follow with
                {
                    StandbySettings = spec.StandbyConfig?.StandbySettings,
                    ArchiveRecoverySettings = spec.StandbyConfig?.ArchiveRecoverySettings,
                },
            }
            : db;
}
