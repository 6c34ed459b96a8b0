using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Stolon.Hosting;
using Stolon.Hosting.Administration;

namespace Stolon.Aspire.Running;

/// <summary>The AppHost's own way to the cluster's store: nothing of the cluster runs in the AppHost.</summary>
internal sealed class StoreConnection : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private StoreConnection(string cluster, Action<IStolonBuilder> useStore)
    {
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.ClearProviders());
        useStore(collection.AddStolon(cluster));
        services = collection.BuildServiceProvider();
        Administration = services.GetRequiredKeyedService<IStolonAdministration>(cluster);
    }

    /// <summary>What can be asked of the cluster.</summary>
    public IStolonAdministration Administration { get; }

    /// <summary>Over etcd.</summary>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="endpoints">Where etcd's members are.</param>
    /// <returns>The connection; it is made when it is used.</returns>
    public static StoreConnection ToEtcd(string cluster, params string[] endpoints) => new(cluster, builder => builder.UseEtcd(endpoints));

    /// <summary>Over one file of this machine.</summary>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="path">The file.</param>
    /// <returns>The connection; it is made when it is used.</returns>
    public static StoreConnection ToFile(string cluster, string path) => new(cluster, builder => builder.UseEmbeddedStore(path));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => services.DisposeAsync();
}
