using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Aspire.Running;

/// <summary>What the dashboard says of a cluster: a pure function of its overview.</summary>
internal static class ClusterView
{
    /// <summary>How many of the last decisions a status shows.</summary>
    private const int LastDecisions = 5;

    /// <summary>The properties of the cluster.</summary>
    /// <param name="cluster">The overview.</param>
    /// <returns>Names and values; an empty value = there is none.</returns>
    public static ImmutableArray<(string Name, string Value)> OfCluster(ClusterOverview cluster) =>
    [
        ("stolon.primary", cluster.PrimaryKeeper?.Value ?? ""),
        ("stolon.phase", cluster.Uid is null ? "no cluster yet" : cluster.Phase.ToString().ToLowerInvariant()),
        ("stolon.sentinelLeader", cluster.Sentinels.FirstOrDefault(sentinel => sentinel.IsLeader)?.Uid.Value ?? ""),
        ("stolon.syncStandbys", string.Join(", ", cluster.Synchronous.Wanted)),
        ("stolon.troubles", string.Join(' ', cluster.Troubles)),
    ];

    /// <summary>What stands beside the cluster's name.</summary>
    /// <param name="cluster">The overview.</param>
    /// <returns>A few words.</returns>
    public static string Summary(ClusterOverview cluster) =>
        cluster.PrimaryKeeper is not { } primary ? "no primary"
        : cluster.Synchronous.Wanted.IsEmpty ? $"primary {primary}"
        : $"primary {primary}, synchronous {string.Join(", ", cluster.Synchronous.Wanted)}";

    /// <summary>The properties of a keeper.</summary>
    /// <param name="cluster">The overview.</param>
    /// <param name="uid">The keeper.</param>
    /// <returns>Names and values; none of a keeper that the cluster does not know yet.</returns>
    public static ImmutableArray<(string Name, string Value)> OfKeeper(ClusterOverview cluster, string uid) =>
        cluster.Keepers.FirstOrDefault(keeper => keeper.Uid.Value == uid) is not { } found ? []
        :
        [
            ("stolon.role", found.IsPrimary ? "primary" : found.Role is null ? "none" : "standby"),
            ("stolon.healthy", found.IsHealthy && found.IsPostgresHealthy ? "yes" : "no"),
            ("stolon.lag", found.LagBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes") : ""),
            ("stolon.timeline", found.TimelineId == 0 ? "" : found.TimelineId.ToString(CultureInfo.InvariantCulture)),
        ];

    /// <summary>Why clients cannot write now; null = they can.</summary>
    /// <param name="cluster">The overview.</param>
    /// <returns>A sentence.</returns>
    public static string? Trouble(ClusterOverview cluster) =>
        cluster.IsAvailable ? null
        : cluster.Troubles.IsEmpty ? "There is no primary yet."
        : string.Join(' ', cluster.Troubles);

    /// <summary>The status in words, with what was decided last and why.</summary>
    /// <param name="cluster">The overview.</param>
    /// <param name="history">The decisions, oldest first.</param>
    /// <returns>Several lines.</returns>
    public static string Describe(ClusterOverview cluster, ImmutableArray<Decision> history)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"primary: {cluster.PrimaryKeeper?.Value ?? "none"}{(cluster.IsAvailable ? "" : " (clients cannot write)")}\n");
        foreach (var keeper in cluster.Keepers)
        {
            text.Append(CultureInfo.InvariantCulture, $"{keeper.Uid}: {string.Join(", ", OfKeeper(cluster, keeper.Uid.Value)
                .Where(property => property.Value.Length > 0).Select(property => $"{property.Name["stolon.".Length..]} {property.Value}"))}\n");
        }

        foreach (var sentence in cluster.Troubles.Concat(cluster.Warnings.Select(warning => warning.Text)))
        {
            text.Append("- ").Append(sentence).Append('\n');
        }

        foreach (var decision in history.TakeLast(LastDecisions))
        {
            text.Append(CultureInfo.InvariantCulture, $"{decision.Time:HH:mm:ss} {ByKeeper(cluster, decision.Text)}\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Decisions speak of instances, which nobody knows by name here.</summary>
    /// <param name="cluster">The overview.</param>
    /// <param name="decision">What was decided.</param>
    /// <returns>The same of keepers.</returns>
    public static string ByKeeper(ClusterOverview cluster, string decision) =>
        cluster.Keepers.Where(keeper => keeper.Db is not null).Aggregate(decision, (text, keeper) => text.Replace(keeper.Db!.Value.Value, keeper.Uid.Value, StringComparison.Ordinal));
}
