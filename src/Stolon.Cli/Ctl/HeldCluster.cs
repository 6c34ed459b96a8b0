using Stolon.Cli.Options;
using Stolon.Cluster;

namespace Stolon.Cli.Ctl;

/// <summary>What a store holds of a cluster.</summary>
/// <param name="Store">The store.</param>
/// <param name="IsThere">There is a document.</param>
/// <param name="Data">The document; null = there is none, or it cannot be understood.</param>
internal sealed record HeldCluster(StoreChoice Store, bool IsThere, ClusterData? Data)
{
    /// <summary>What a new cluster does to it, for people.</summary>
    public string Fate => IsThere
        ? $"WARNING: The current cluster data will be removed. Cluster {Store.ClusterName} ({Details()}) in {Store.Name} is given up for a new one."
        : $"{Store.Name} holds no cluster {Store.ClusterName}: a new one will be made.";

    private string Details() => Data is null
        ? "its document cannot be understood"
        : $"uid {Data.Cluster.Uid}, {Keepers(Data)}, {(Data.Primary is { } primary ? $"primary on {primary.Spec.Keeper}" : "no primary")}";

    private static string Keepers(ClusterData data) => data.Keepers.Count == 0 ? "no keepers" : $"keepers {string.Join(", ", data.Keepers.Keys)}";
}
