using Stolon.Aspire;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A way to the standbys of a cluster, for reads that may be a moment old: Npgsql chooses among the keepers, and takes the primary when there is no
/// standby. No process of its own.
/// </summary>
/// <param name="name">The resource's name.</param>
/// <param name="databaseName">The database; null = the superuser's.</param>
/// <param name="parent">The cluster.</param>
public class StolonReplicaResource(string name, string? databaseName, StolonClusterResource parent)
    : Resource(name), IResourceWithParent<StolonClusterResource>, IResourceWithConnectionString
{
    /// <summary>The cluster.</summary>
    public StolonClusterResource Parent { get; } = parent ?? throw new ArgumentNullException(nameof(parent));

    /// <summary>The database; null = the superuser's.</summary>
    public string? DatabaseName { get; } = databaseName;

    /// <summary>For Npgsql: all keepers, standbys preferred, in turn.</summary>
    public ReferenceExpression ConnectionStringExpression => ConnectionText.ToKeepers(Parent, DatabaseName);
}
