using Stolon.Cluster;
using Stolon.Hosting.Administration;

namespace QuickStart.Output;

/// <summary>Says in a sentence what a cluster looks like.</summary>
internal static class StatusText
{
    /// <summary>What is going on while the cluster comes up, or comes back.</summary>
    /// <param name="status">The cluster; null = it could not be asked.</param>
    /// <returns>A sentence without its end.</returns>
    public static string Progress(ClusterOverview? status) => status switch
    {
        null => "waiting for the store",
        { Uid: null } => "waiting for the sentinel to make the cluster",
        { PrimaryKeeper: null } => "waiting for keepers, one of which gets the first PostgreSQL",
        { Phase: ClusterPhase.Initializing, PrimaryKeeper: { } first } => $"{first} makes the first PostgreSQL",
        { IsAvailable: false, PrimaryKeeper: { } primary } => $"waiting for the primary on {primary}",
        _ => Standbys(status),
    };

    /// <summary>Who is what.</summary>
    /// <param name="status">The cluster.</param>
    /// <returns>A sentence without its end.</returns>
    public static string Summary(ClusterOverview status)
    {
        if (status.PrimaryKeeper is not { } primary)
        {
            return "there is no primary";
        }

        var parts = new List<string> { $"primary {primary}{(status.IsAvailable ? "" : " (not available)")}" };
        foreach (var keeper in status.Keepers.Where(keeper => !keeper.IsPrimary))
        {
            parts.Add($"{keeper.Uid} {Condition(keeper, status.Synchronous)}");
        }

        return string.Join(", ", parts);
    }

    /// <summary>Whether a keeper's standby is complete and follows.</summary>
    /// <param name="keeper">The keeper.</param>
    /// <returns>True if it could be elected.</returns>
    public static bool IsGoodStandby(KeeperOverview keeper) =>
        keeper is { IsPrimary: false, IsHealthy: true, IsPostgresHealthy: true, Db: not null, Role: Role.Standby, CurrentGeneration: > 0 }
        && keeper.CurrentGeneration == keeper.WantedGeneration;

    /// <summary>Everything: for the message of a failure.</summary>
    /// <param name="status">The cluster; null = it could not be asked.</param>
    /// <returns>Lines.</returns>
    public static string Everything(ClusterOverview? status) =>
        status is null
            ? "the store did not answer"
            : string.Join('\n', [Summary(status), .. status.Troubles, .. status.Warnings.Select(warning => warning.Text)]);

    private static string Standbys(ClusterOverview status)
    {
        var rest = status.Keepers.Where(keeper => !keeper.IsPrimary && !IsGoodStandby(keeper)).ToList();
        return rest.Count == 0 ? Summary(status) : string.Join(", ", rest.Select(keeper => $"{keeper.Uid} {Condition(keeper, status.Synchronous)}"));
    }

    private static string Condition(KeeperOverview keeper, SynchronousOverview synchronous) => keeper switch
    {
        { IsHealthy: false } => "is not heard",
        { Resync: { TotalBytes: > 0 } resync } when keeper.CurrentGeneration == 0 =>
            $"copies the primary: {resync}",
        { Db: null } => "has nothing to do",
        { CurrentGeneration: 0 } => "gets a copy of the primary",
        _ when IsGoodStandby(keeper) => synchronous.InSync.Contains(keeper.Uid) ? "follows in sync" : "follows",
        { IsPostgresHealthy: false } => "is not well",
        _ => "catches up",
    };
}
