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

    /// <summary>Uses etcd (v3) as the store, for roles on several machines.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="endpoints">The members, for example <c>http://10.0.0.1:2379</c>; none = http://127.0.0.1:2379.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Keepers need passwords then: only the embedded store has a folder to keep generated ones in.</remarks>
    public static IStolonBuilder UseEtcd(this IStolonBuilder builder, params string[] endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return builder.UseEtcd(options =>
        {
            foreach (var endpoint in endpoints)
            {
                options.Endpoints.Add(endpoint);
            }
        });
    }

    /// <summary>Uses etcd (v3) as the store, for roles on several machines.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder UseEtcd(this IStolonBuilder builder, Action<EtcdStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var cluster = ClusterRegistration.Of(builder);
        builder.Services.Configure(cluster.Name, configure);
        cluster.Store = Etcd(cluster, cluster.Name);
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

    internal static StoreRegistration Etcd(ClusterRegistration cluster, string label)
    {
        return new StoreRegistration(
            services => new EtcdClusterStore(
                new EtcdSettings(cluster.Name, Options(services)), Clocks.Boot(services), services.GetRequiredService<ILogger<EtcdClusterStore>>()),
            services => EtcdSettings.FindMistakes(Options(services)).Select(mistake => $"{label}: {mistake}"),
            _ => null,
            IsOnThisMachine: false);

        EtcdStoreOptions Options(IServiceProvider services) =>
            services.GetRequiredService<IOptionsMonitor<EtcdStoreOptions>>().Get(cluster.Name);
    }

    internal static StoreRegistration Embedded(ClusterRegistration cluster, string label)
    {
        return new StoreRegistration(
            services => new EmbeddedClusterStore(
                Path.GetFullPath(Options(services).Path),
                Clocks.Boot(services),
                new EmbeddedStoreSettings { ClusterName = cluster.Name, ExpectExisting = () => KeeperData.IsThere(cluster, services) },
                services.GetRequiredService<ILogger<EmbeddedClusterStore>>()),
            FindMistakes,
            services => Options(services).Path is var path && string.IsNullOrWhiteSpace(path) ? null : Path.GetDirectoryName(Path.GetFullPath(path)),
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
