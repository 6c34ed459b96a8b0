using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;
using Stolon.Hosting.Stores;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The choice of a store.</summary>
public static class StolonStoreExtensions
{
    /// <summary>Uses one file on this machine as the store, shared by all processes of the cluster.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="path">The file, on a local file system. Its folder also gets the passwords that nobody gave.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder UseEmbeddedStore(this IStolonBuilder builder, string path) =>
        builder.UseEmbeddedStore(options => options.Path = path);

    /// <summary>Uses one file on this machine as the store, shared by all processes of the cluster.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder UseEmbeddedStore(this IStolonBuilder builder, Action<EmbeddedStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var cluster = ClusterRegistration.Of(builder);
        builder.Services.Configure(cluster.Name, configure);
        cluster.Store = Embedded(cluster, cluster.Name);
        return builder;
    }

    /// <summary>Uses the memory of this process as the store: for tests. Hosts of one process share it by the cluster's name.</summary>
    /// <param name="builder">The cluster.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Keepers need passwords then, since there is no folder to keep generated ones in.</remarks>
    public static IStolonBuilder UseInMemoryStore(this IStolonBuilder builder)
    {
        var cluster = ClusterRegistration.Of(builder);
        cluster.Store = new StoreRegistration(
            services => SharedMemoryStores.Open(cluster.Name, Clocks.Wall(services)),
            _ => [],
            _ => null,
            IsOnThisMachine: true);
        return builder;
    }

    internal static StoreRegistration Embedded(ClusterRegistration cluster, string label)
    {
        return new StoreRegistration(
            services => new EmbeddedClusterStore(
                Path.GetFullPath(Options(services).Path),
                Clocks.Boot(services),
                new EmbeddedStoreSettings { ExpectExisting = () => KeeperData.IsThere(cluster, services) },
                services.GetRequiredService<ILogger<EmbeddedClusterStore>>()),
            FindMistakes,
            services => Path.GetDirectoryName(Path.GetFullPath(Options(services).Path)),
            IsOnThisMachine: true);

        EmbeddedStoreOptions Options(IServiceProvider services) =>
            services.GetRequiredService<IOptionsMonitor<EmbeddedStoreOptions>>().Get(cluster.Name);

        IEnumerable<string> FindMistakes(IServiceProvider services)
        {
            var path = Options(services).Path;
            if (string.IsNullOrWhiteSpace(path))
            {
                yield return $"{label}: Path: missing; name the store file, for example /var/lib/{cluster.Name}/store.db.";
            }
            else if (Directory.Exists(path))
            {
                yield return $"{label}: Path: {path} is a folder; name a file in it.";
            }
        }
    }
}
