using Stolon.Cluster;

namespace Stolon.Hosting;

/// <summary>Settings of one sentinel: the process part that watches all others and decides.</summary>
public sealed class SentinelOptions
{
    /// <summary>Whether a cluster is made when the store holds none.</summary>
    /// <value>
    /// True by default. False: the sentinel waits until somebody asks for one (<see cref="Administration.IStolonAdministration.InitAsync"/>).
    /// </value>
    /// <remarks>An empty store never becomes a new cluster over data that a keeper already holds.</remarks>
    public bool CreatesCluster { get; set; } = true;

    /// <summary>The specification of the cluster that is made when the store holds none. It is not looked at afterwards.</summary>
    /// <value>
    /// Null by default: a new, empty PostgreSQL. In either case what is unset gets the fast values of this product:
    /// <c>failInterval</c> 10 s, <c>sleepInterval</c> 1 s and so on.
    /// </value>
    public ClusterSpec? InitialClusterSpec { get; set; }

    /// <summary>A JSON file to read <see cref="InitialClusterSpec"/> from. Give one of the two, not both.</summary>
    /// <value>Null by default.</value>
    public string? InitialClusterSpecFile { get; set; }
}
