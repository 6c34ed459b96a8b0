using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Why a keeper is not ready, by the last document that it read and the last look at its instance.</summary>
/// <param name="Self">The keeper.</param>
/// <param name="Document">The last document; null before the first.</param>
/// <param name="Snapshot">The last look; null before the first.</param>
/// <param name="RunningWith">What the instance runs with; null when it does not.</param>
/// <param name="Stored">The content of <c>dbstate</c>.</param>
/// <param name="Trouble">Why the keeper cannot do what it is asked to; empty when it can.</param>
internal sealed record KeeperHealth(
    KeeperId Self, ClusterData? Document, InstanceSnapshot? Snapshot, ServerConfiguration? RunningWith, DbState Stored, string Trouble)
{
    /// <summary>One sentence for each reason; none when PostgreSQL serves as the document asks for.</summary>
    /// <returns>The sentences.</returns>
    public IEnumerable<string> FindReasons()
    {
        if (Document is null)
        {
            return [WithTrouble("it has read no cluster data yet")];
        }

        if (Document.DatabaseOf(Self) is not { } db)
        {
            return [WithTrouble("no db is assigned to it")];
        }

        return Snapshot switch
        {
            null => ["it has not looked at PostgreSQL yet"],
            { IsOutdated: true } => [$"PostgreSQL does not answer: {Snapshot.Failure}"],
            { State.Running: false } => [WithTrouble("PostgreSQL does not run")],
            { Collected: null, Failure.Length: > 0 } => [$"PostgreSQL does not answer: {Snapshot.Failure}"],
            { Collected: null } => ["PostgreSQL does not answer yet"],
            { Collected: { } collected } => FindReasons(Document, db, collected.Role),
        };
    }

    private IEnumerable<string> FindReasons(ClusterData document, Database db, Role role)
    {
        if (role != db.Spec.Role)
        {
            yield return WithTrouble($"PostgreSQL is a {Word(role)}, and the cluster data asks for a {Word(db.Spec.Role)}");
        }

        if (db.Spec.Role == Role.Primary && document.Cluster.Status.Primary != db.Uid)
        {
            yield return "another primary was elected";
        }

        if (RunningWith is { InternalOnly: true })
        {
            yield return WithTrouble("PostgreSQL is closed to clients");
        }

        // A generation that is being put in force, as happens at each change of the cluster, makes nobody unready; one that cannot be does.
        if (Stored.Uid != db.Uid)
        {
            yield return WithTrouble("its data is that of an earlier db");
        }
        else if (Stored.Generation != db.Generation && Trouble.Length > 0)
        {
            yield return WithTrouble($"generation {db.Generation} of its db could not be put in force, {Stored.Generation} is");
        }
    }

    private static string Word(Role role) => role == Role.Primary ? "primary" : "standby";

    private string WithTrouble(string reason) => Trouble.Length > 0 ? $"{reason}: {Trouble}" : reason;
}
