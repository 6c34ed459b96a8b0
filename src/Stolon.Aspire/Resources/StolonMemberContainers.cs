using Stolon.Aspire;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A member that runs as a container.</summary>
public abstract class StolonContainerResource : ContainerResource, IStolonMember
{
    private protected StolonContainerResource(string name, StolonClusterResource cluster, StolonMemberRole role, int ordinal)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        (Cluster, Role, Ordinal) = (cluster, role, ordinal);
    }

    /// <inheritdoc/>
    public StolonClusterResource Cluster { get; }

    /// <inheritdoc/>
    public StolonMemberRole Role { get; }

    /// <inheritdoc/>
    public int Ordinal { get; }
}

/// <summary>A keeper with its PostgreSQL, as a container.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="ordinal">Its number among the keepers, from 0 on.</param>
/// <remarks>Its connection string leads to its own PostgreSQL, be it primary or standby. Kubernetes makes a stateful set of what has one.</remarks>
public sealed class StolonKeeperContainerResource(string name, StolonClusterResource cluster, int ordinal)
    : StolonContainerResource(name, cluster, StolonMemberRole.Keeper, ordinal), IResourceWithConnectionString
{
    /// <summary>For Npgsql: this PostgreSQL alone.</summary>
    public ReferenceExpression ConnectionStringExpression => ConnectionText.ToKeeper(this);
}

/// <summary>A sentinel as a container.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="ordinal">Its number among the sentinels, from 0 on.</param>
public sealed class StolonSentinelContainerResource(string name, StolonClusterResource cluster, int ordinal)
    : StolonContainerResource(name, cluster, StolonMemberRole.Sentinel, ordinal);

/// <summary>A proxy as a container.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="ordinal">Its number among the proxies, from 0 on.</param>
public sealed class StolonProxyContainerResource(string name, StolonClusterResource cluster, int ordinal)
    : StolonContainerResource(name, cluster, StolonMemberRole.Proxy, ordinal);

/// <summary>A node of etcd as a container.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster whose store it is.</param>
/// <param name="ordinal">Its number among the nodes, from 0 on.</param>
/// <remarks>Its connection string is the address for clients. Kubernetes makes a stateful set of what has one.</remarks>
public sealed class EtcdContainerResource(string name, StolonClusterResource cluster, int ordinal)
    : StolonContainerResource(name, cluster, StolonMemberRole.Store, ordinal), IResourceWithConnectionString
{
    /// <summary>Where clients are let in, for example <c>http://pg-etcd0:2379</c>.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{new EndpointReference(this, StolonClusterResource.ClientEndpointName)}");
}
