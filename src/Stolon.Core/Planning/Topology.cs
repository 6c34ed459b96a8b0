using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Who follows whom. Rules N12, N13, N26 and N27 of docs/behaviour.md. There is no cascading: all standbys follow the primary.</summary>
internal static class Topology
{
    /// <summary>N12: in an ordinary cluster the primary's db is a primary; changing the spec's role to master promotes a standby cluster.</summary>
    public static Draft PromoteCluster(Draft draft)
    {
        var primary = draft.Next.Databases[draft.PrimaryId!.Value];
        if (draft.Settings.Role != Role.Primary || primary.Spec is { Role: Role.Primary, Follow: null })
        {
            return NotReady(draft);
        }

        return NotReady(draft
            .WithDb(primary.Uid, spec => spec with { Role = Role.Primary, Follow = null })
            .Because(new Reason.StandbyClusterPromoted(primary.Uid)));
    }

    /// <summary>A db that follows the primary outside the cluster (N6, I5).</summary>
    public static DatabaseSpec Outside(DatabaseSpec spec, ClusterSpec cluster) => spec with
    {
        Role = Role.Standby,
        Follow = new FollowConfig
        {
            Type = FollowType.External,
            StandbySettings = cluster.StandbyConfig?.StandbySettings,
            ArchiveRecoverySettings = cluster.StandbyConfig?.ArchiveRecoverySettings,
        },
    };

    /// <summary>N26.</summary>
    public static Draft FollowPrimary(Draft draft)
    {
        var primary = draft.PrimaryId!.Value;
        foreach (var db in draft.Next.Databases.Values.Where(db => db.IsStandbyType))
        {
            var follow = Repoint(db.Spec.Follow, primary);
            var repointed = draft.WithDb(db.Uid, spec => spec with
            {
                Followers = spec.Followers.Count == 0 ? spec.Followers : [],
                Follow = follow,
                SynchronousReplication = false,
                SynchronousStandbys = spec.SynchronousStandbys.Count == 0 ? spec.SynchronousStandbys : default,
                ExternalSynchronousStandbys = spec.ExternalSynchronousStandbys.Count == 0 ? spec.ExternalSynchronousStandbys : default,
            });
            draft = ReferenceEquals(repointed, draft) ? draft : repointed.Because(new Reason.StandbyFollows(db.Uid, primary));

            // Q37: what it knew as a primary is of an earlier term.
            if (db.Status.SynchronousStandbys.Count > 0)
            {
                var demoted = draft.Next.Databases[db.Uid];
                draft = draft.WithDb(demoted with { Status = demoted.Status with { SynchronousStandbys = default } });
            }
        }

        return draft;
    }

    /// <summary>N27: the followers of the primary. In an election pass the old one loses them (N5).</summary>
    public static Draft ListFollowers(Draft draft)
    {
        if (draft.Observed.Cluster.Status.Primary is not { } uid || draft.PrimaryId is not { } wanted)
        {
            return draft;
        }

        var followers = draft.Next.Databases.Values
            .Where(db => db.Uid != uid && db.Spec.Follow is { Type: FollowType.Internal } follow && follow.Db == wanted)
            .Select(db => db.Uid)
            .ToValueList();
        return draft.Next.Databases.Find(uid) is { } db && db.Spec.Followers != followers
            ? draft.WithDb(uid, spec => spec with { Followers = followers }).Because(new Reason.FollowersChanged(uid, followers))
            : draft;
    }

    /// <summary>Members that this version does not know stay where they are (M1).</summary>
    private static FollowConfig Repoint(FollowConfig? follow, DbId primary) =>
        follow?.Db == primary ? follow
        : follow is { Type: FollowType.Internal } ? FollowConfig.Internal(primary) with { Unknown = follow.Unknown }
        : FollowConfig.Internal(primary);

    private static Draft NotReady(Draft draft)
    {
        var primary = draft.Observed.Primary!;
        return draft.PrimaryIsReady
            ? draft
            : draft.Because(new Reason.PrimaryNotReady(
                primary.Uid, primary.Status.Healthy ? "it has not carried out its last change yet" : "it is not healthy"));
    }
}
