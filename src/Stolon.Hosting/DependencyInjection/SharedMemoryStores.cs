using System.Collections.Concurrent;
using Stolon.Hosting.Stores;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>The stores in the memory of this process, by cluster name, so that several hosts in it meet in one.</summary>
internal static class SharedMemoryStores
{
    private static readonly ConcurrentDictionary<string, InMemoryClusterStore> Stores = new(StringComparer.Ordinal);

    /// <summary>Opens a door to a cluster's store.</summary>
    /// <param name="clusterName">The cluster.</param>
    /// <param name="time">The clock, if this is the first door.</param>
    /// <returns>The door; its host disposes it.</returns>
    public static InMemoryClusterStore Open(string clusterName, TimeProvider time) =>
        Stores.GetOrAdd(clusterName, _ => new InMemoryClusterStore(time)).OpenAnother();
}
