using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>A db in an election: either it may win, or the first rule that rejects it says why not.</summary>
/// <param name="Db">The db.</param>
/// <param name="Rejection">Null = it may win.</param>
internal sealed record Candidate(Database Db, Reason.CandidateRejected? Rejection)
{
    /// <summary>P10, P11: judges every db but the primary. Those that may win come first, the most advanced before the others (Q5), then by uid.</summary>
    public static IReadOnlyList<Candidate> All(Draft draft, Database primary) =>
    [
        .. draft.Observed.Databases.Values
            .Where(db => db.Uid != primary.Uid)
            .Select(db => new Candidate(db, Reject(draft, primary, db)))
            .OrderBy(candidate => candidate.Rejection is not null)
            .ThenByDescending(candidate => candidate.Db.Status.XLogPos)
            .ThenBy(candidate => candidate.Db.Uid),
    ];

    /// <summary>P10: why a db may not be a standby to rely on; null = it may. The order of the questions is the order of the explanations.</summary>
    public static Reason.CandidateRejected? Reject(Draft draft, Database primary, Database db)
    {
        var keeper = draft.Observed.Keepers.Find(db.Spec.Keeper);
        var validity = Judgement.ValidityOf(db, primary);
        if (keeper is not { Status.Healthy: true })
        {
            return No(db, "O7", $"its keeper {db.Spec.Keeper} is not heard");
        }

        if (keeper.Status.CanBePrimary == false)
        {
            return No(db, "P11", $"its keeper {db.Spec.Keeper} may not be primary");
        }

        if (validity != Validity.Valid)
        {
            return validity == Validity.Unknown
                ? No(db, "P4", "it was never complete")
                : No(db, "P4", "its data is on another branch than the primary's");
        }

        if (draft.Judge.HealthOf(db) != DbHealth.Good)
        {
            return db.Converged ? No(db, "P5", "its PostgreSQL is not healthy") : No(db, "P5", "it has not carried out its last change yet");
        }

        if (db.Status.TimelineId != primary.Status.TimelineId)
        {
            return No(db, "P10", $"it is on timeline {db.Status.TimelineId}, the primary on {primary.Status.TimelineId}");
        }

        var behind = Judgement.BytesBehind(primary, db);
        return !draft.Settings.SynchronousReplication && behind > draft.Settings.MaxStandbyLag
            ? No(db, "P8", $"it is {behind} bytes behind, more than maxStandbyLag ({draft.Settings.MaxStandbyLag})")
            : null;
    }

    private static Reason.CandidateRejected No(Database db, string rule, string why) => new(db.Uid, rule, why);
}
