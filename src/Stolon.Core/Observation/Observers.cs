using Stolon.Cluster;

namespace Stolon.Observation;

/// <summary>Who observes whom, so that evidence can beat silence (architecture, section 5): a few, however large the cluster.</summary>
public static class Observers
{
    /// <summary>More would only hold more connections.</summary>
    private const int Most = 3;

    /// <summary>Whether a keeper observes the primary's keeper and its PostgreSQL.</summary>
    /// <param name="data">The document.</param>
    /// <param name="self">The keeper.</param>
    /// <returns>True for up to three living keepers of standbys, those on other hosts than the primary's first.</returns>
    public static bool ObservesPrimary(ClusterData data, KeeperId self) => Of(data).Contains(self);

    /// <summary>Whether a keeper observes the proxies: the primary's does, too, since the barrier still stands when it has just been elected.</summary>
    /// <param name="data">The document.</param>
    /// <param name="self">The keeper.</param>
    /// <returns>True if it does.</returns>
    public static bool ObservesProxies(ClusterData data, KeeperId self) =>
        new ClusterSettings(data.Cluster.Spec).FailOnRefusal && (data.Primary?.Spec.Keeper == self || Of(data).Contains(self));

    private static IEnumerable<KeeperId> Of(ClusterData data) =>
        data.Primary is { } primary && new ClusterSettings(data.Cluster.Spec).FailOnRefusal
            ? data.Databases.Values
                .Where(db => db.Spec.Keeper != primary.Spec.Keeper && data.Keepers.Find(db.Spec.Keeper) is { Status.Healthy: true })
                .OrderBy(db => string.Equals(db.Status.ListenAddress, primary.Status.ListenAddress, StringComparison.OrdinalIgnoreCase))
                .ThenBy(db => db.Spec.Keeper)
                .Select(db => db.Spec.Keeper)
                .Take(Most)
            : [];
}
