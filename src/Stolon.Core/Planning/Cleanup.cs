using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>
/// Which dbs are removed once the primary is ready: rules N14 to N17 of docs/behaviour.md. A removed db's keeper is free and gets a new one
/// with init mode resync: the only way a resync is ever ordered.
/// </summary>
internal static class Cleanup
{
    public static Draft Remove(Draft draft)
    {
        var primary = draft.Observed.Primary!;
        foreach (var db in draft.Observed.Databases.Values.Where(db => db.Uid != primary.Uid))
        {
            draft = Objection(draft, primary, db) is { } removed ? draft.WithoutDb(db.Uid).Because(removed) : Settle(draft, primary, db);
        }

        return draft;
    }

    private static Reason.DbRemoved? Objection(Draft draft, Database primary, Database db) =>
        db.IsPrimaryType ? new(db.Uid, "N14", "it was the primary, and another was elected")
        : Judgement.ValidityOf(db, primary) == Validity.Invalid ? new(db.Uid, "N15", "its data is on another branch than the primary's, or of another cluster")
        : draft.Memory.StateOf(db) is { NeedsResync: true } ? new(db.Uid, "N15", "its keeper says that its data cannot follow the primary's")
        : !draft.Judge.CanSync(primary, db) ? new(db.Uid, "N16", "the primary no longer has the WAL that it needs")
        : null;

    /// <summary>N17: a standby that was good once has its data.</summary>
    private static Draft Settle(Draft draft, Database primary, Database db) =>
        db.Spec.InitMode != InitMode.None && draft.Judge.IsGoodStandby(db, primary)
            ? draft.WithDb(db.Uid, spec => spec with { InitMode = InitMode.None }).Because(new Reason.StandbyCompleted(db.Uid))
            : draft;
}
