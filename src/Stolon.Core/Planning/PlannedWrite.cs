using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Whether a plan is worth a write (Q2).</summary>
public static class PlannedWrite
{
    private static readonly TimeSpan HealthyTimeInterval = TimeSpan.FromMinutes(1);

    /// <summary>Whether a plan is to be written.</summary>
    /// <param name="stored">The document as it was read.</param>
    /// <param name="plan">The plan made from it.</param>
    /// <returns>True if it has to be written; never for a plan that may not be.</returns>
    public static bool IsNeeded(ClusterData stored, Plan plan) => plan.MayBeWritten && IsNeeded(stored, plan.Next);

    /// <summary>Compares what was stored with what is planned: change times, the revision and <c>lastHealthyTime</c> alone are no reason to write.</summary>
    /// <param name="stored">The document as it was read.</param>
    /// <param name="next">The planned one.</param>
    /// <returns>True if it has to be written; <c>lastHealthyTime</c> alone is refreshed once a minute.</returns>
    public static bool IsNeeded(ClusterData stored, ClusterData next) =>
        Essence(stored) != Essence(next)
        || next.Keepers.Values.Any(keeper => stored.Keepers.Find(keeper.Uid) is { } before
            && keeper.Status.LastHealthyTime.ToDateTimeOffset() - before.Status.LastHealthyTime.ToDateTimeOffset() >= HealthyTimeInterval);

    private static ClusterData Essence(ClusterData data) => data with
    {
        ChangeTime = Timestamp.Never,
        Revision = 0,
        Cluster = data.Cluster with { ChangeTime = Timestamp.Never },
        Proxy = data.Proxy with { ChangeTime = Timestamp.Never },
        Keepers = new(data.Keepers.Select(entry => KeyValuePair.Create(entry.Key, entry.Value with
        {
            ChangeTime = Timestamp.Never,
            Status = entry.Value.Status with { LastHealthyTime = Timestamp.Never },
        }))),
        Databases = new(data.Databases.Select(entry => KeyValuePair.Create(entry.Key, entry.Value with
        {
            ChangeTime = Timestamp.Never,
            Status = entry.Value.Status with { CurrentSynchronousStandbys = default },
        }))),
    };
}
