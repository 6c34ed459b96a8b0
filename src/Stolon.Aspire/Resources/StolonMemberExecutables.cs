namespace Aspire.Hosting.ApplicationModel;

/// <summary>A member that runs as a process of this machine: the <c>stolon</c> command.</summary>
public abstract class StolonExecutableResource : ExecutableResource, IStolonMember
{
    private protected StolonExecutableResource(string name, StolonClusterResource cluster, StolonMemberRole role, int ordinal, string command, string workingDirectory)
        : base(name, command, workingDirectory)
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

/// <summary>A keeper with its PostgreSQL, as processes of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="ordinal">Its number among the keepers, from 0 on.</param>
/// <param name="command">The <c>stolon</c> program.</param>
/// <param name="workingDirectory">Where it is started.</param>
public sealed class StolonKeeperExecutableResource(string name, StolonClusterResource cluster, int ordinal, string command, string workingDirectory)
    : StolonExecutableResource(name, cluster, StolonMemberRole.Keeper, ordinal, command, workingDirectory);

/// <summary>A sentinel as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="ordinal">Its number among the sentinels, from 0 on.</param>
/// <param name="command">The <c>stolon</c> program.</param>
/// <param name="workingDirectory">Where it is started.</param>
public sealed class StolonSentinelExecutableResource(string name, StolonClusterResource cluster, int ordinal, string command, string workingDirectory)
    : StolonExecutableResource(name, cluster, StolonMemberRole.Sentinel, ordinal, command, workingDirectory);

/// <summary>A proxy as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="ordinal">Its number among the proxies, from 0 on.</param>
/// <param name="command">The <c>stolon</c> program.</param>
/// <param name="workingDirectory">Where it is started.</param>
public sealed class StolonProxyExecutableResource(string name, StolonClusterResource cluster, int ordinal, string command, string workingDirectory)
    : StolonExecutableResource(name, cluster, StolonMemberRole.Proxy, ordinal, command, workingDirectory);

/// <summary>A node of etcd as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="cluster">The cluster whose store it is.</param>
/// <param name="ordinal">Its number among the nodes, from 0 on.</param>
/// <param name="command">The <c>etcd</c> program.</param>
/// <param name="workingDirectory">Where it is started.</param>
public sealed class EtcdExecutableResource(string name, StolonClusterResource cluster, int ordinal, string command, string workingDirectory)
    : StolonExecutableResource(name, cluster, StolonMemberRole.Store, ordinal, command, workingDirectory);
