using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>
/// Whether the next failure would be survived. It is not judged by rules of its own: the planner itself is asked what it would do if the
/// primary and its keeper were gone.
/// </summary>
public static class Survivability
{
    /// <summary>More than the planner waits for fresh reports before an election, and fewer passes than any other wait needs.</summary>
    private const int Passes = 3;

    private static readonly TimeSpan BetweenPasses = TimeSpan.FromSeconds(1);

    /// <summary>Finds what the next failure would do to the cluster.</summary>
    /// <param name="data">The document.</param>
    /// <param name="now">The present.</param>
    /// <returns>One sentence for each failure that would not be survived, and why; empty = all is well, or there is no cluster to lose yet.</returns>
    public static ImmutableArray<string> Judge(ClusterData data, PassTime now)
    {
        if (data.Cluster.Status.Phase != ClusterPhase.Normal || data.Primary is not { } primary)
        {
            return [];
        }

        return [.. LossOfThePrimary(data, primary, now), .. LossOfASynchronousStandby(data)];
    }

    private static IEnumerable<string> LossOfThePrimary(ClusterData data, Database primary, PassTime now)
    {
        if (data.Keepers.Count < 2)
        {
            yield return $"If keeper {primary.Spec.Keeper} fails, the cluster is down until it is back: there is no other keeper. Add one.";
            yield break;
        }

        var (plan, winner) = Lose(data, primary, now);
        if (winner is null)
        {
            var why = plan.Reasons.Where(reason => !reason.IsChange).Select(reason => reason.Text).Distinct(StringComparer.Ordinal);
            yield return $"If the primary on keeper {primary.Spec.Keeper} fails, nobody takes over. {string.Join(' ', why)}".TrimEnd();
        }
    }

    /// <summary>Lets the primary fail in a copy of the document, and the planner decide.</summary>
    private static (Plan Plan, DbId? Winner) Lose(ClusterData data, Database primary, PassTime now)
    {
        var lost = WithoutPrimary(data, primary);
        var memory = SentinelMemory.Empty;
        for (var pass = 1; ; pass++)
        {
            var plan = Planner.Next(lost, [], memory, new PlannerInputs(now, () => $"judge{pass}"));
            var next = plan.Next.Cluster.Status.Primary;
            if (next != primary.Uid || pass == Passes)
            {
                return (plan, next == primary.Uid ? null : next);
            }

            (lost, memory) = (plan.Next, plan.Memory);
            now = new PassTime(now.Monotonic + BetweenPasses, now.Wall + BetweenPasses);
        }
    }

    /// <summary>The document as it would be observed if the primary and its keeper were gone.</summary>
    internal static ClusterData WithoutPrimary(ClusterData data, Database primary)
    {
        var keeper = data.Keepers.Find(primary.Spec.Keeper);
        return data with
        {
            Databases = data.Databases.With(primary.Uid, primary with { Status = primary.Status with { Healthy = false } }),
            Keepers = keeper is null
                ? data.Keepers
                : data.Keepers.With(keeper.Uid, keeper with { Status = keeper.Status with { Healthy = false } }),
        };
    }

    /// <summary>Both the loss of a synchronous standby and the loss of the primary leave one standby less to wait for.</summary>
    private static IEnumerable<string> LossOfASynchronousStandby(ClusterData data)
    {
        var settings = new ClusterSettings(data.Cluster.Spec);
        if (!settings.SynchronousReplication || settings.MinSynchronousStandbys == 0)
        {
            yield break;
        }

        var able = data.Databases.Values.Count(db =>
            db is { IsStandbyType: true, Converged: true, Status.Healthy: true }
            && data.Keepers.Find(db.Spec.Keeper) is { Status: { Healthy: true, CanBeSynchronousReplica: not false } });
        var needed = settings.MinSynchronousStandbys;
        if (able < needed)
        {
            yield return $"Commits wait now: synchronous replication needs {needed} standby(s) in sync, and only {able} can be.";
        }
        else if (able == needed)
        {
            yield return $"If one more keeper fails, commits wait until it is back: synchronous replication needs {needed} standby(s) in sync, "
                + $"and there are just {able} that can be. Add a keeper.";
        }
    }
}
