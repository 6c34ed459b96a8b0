using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// The roles of a cluster from the host's configuration: <c>Stolon:orders:Store:Kind</c> (Embedded or Etcd), <c>Stolon:orders:Store:Path</c>, <c>Stolon:orders:Keeper:Port</c>,
/// <c>Stolon:orders:Sentinel:InitialClusterSpecFile</c> and so on.
/// </summary>
public static class StolonHostApplicationBuilderExtensions
{
    private const string KindKey = "Kind";
    private const string EmbeddedKind = "Embedded";
    private const string EtcdKind = "Etcd";

    /// <summary>Begins, or goes on with, this process's part in a cluster, with the store that the configuration names.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The builder of this cluster.</returns>
    public static IStolonBuilder AddStolon(this IHostApplicationBuilder builder, string clusterName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isNew = ClusterRegistration.Find(builder.Services, clusterName) is null;
        var stolon = builder.Services.AddStolon(clusterName);
        if (isNew)
        {
            var section = ConfigurationSections.Cluster(builder.Configuration, clusterName);
            builder.Services.AddOptions<StolonOptions>(clusterName).Bind(section);
            ClusterRegistration.Of(stolon).Section = section;
            UseConfiguredStore(stolon, section.GetSection(ConfigurationSections.Store));
        }

        return stolon;
    }

    /// <summary>Adds a keeper that is configured by <c>Stolon:NAME:Keeper</c>.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="configure">Sets options over those of the configuration.</param>
    /// <returns>The builder of this cluster.</returns>
    public static IStolonBuilder AddStolonKeeper(
        this IHostApplicationBuilder builder, string clusterName, Action<KeeperOptions>? configure = null) =>
        Role(builder, clusterName, nameof(RoleKind.Keeper)).AddKeeper(configure);

    /// <summary>Adds a sentinel that is configured by <c>Stolon:NAME:Sentinel</c>.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="configure">Sets options over those of the configuration.</param>
    /// <returns>The builder of this cluster.</returns>
    public static IStolonBuilder AddStolonSentinel(
        this IHostApplicationBuilder builder, string clusterName, Action<SentinelOptions>? configure = null) =>
        Role(builder, clusterName, nameof(RoleKind.Sentinel)).AddSentinel(configure);

    /// <summary>Adds a proxy that is configured by <c>Stolon:NAME:Proxy</c>.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="configure">Sets options over those of the configuration.</param>
    /// <returns>The builder of this cluster.</returns>
    public static IStolonBuilder AddStolonProxy(
        this IHostApplicationBuilder builder, string clusterName, Action<ProxyOptions>? configure = null) =>
        Role(builder, clusterName, nameof(RoleKind.Proxy)).AddProxy(configure);

    private static RoleBuilder Role(IHostApplicationBuilder builder, string clusterName, string role)
    {
        var stolon = builder.AddStolon(clusterName);
        return new RoleBuilder(stolon, ConfigurationSections.Cluster(builder.Configuration, clusterName).GetSection(role));
    }

    private static void UseConfiguredStore(IStolonBuilder stolon, IConfigurationSection section)
    {
        if (!section.Exists())
        {
            return;
        }

        var cluster = ClusterRegistration.Of(stolon);
        var isEtcd = EtcdKind.Equals(section[KindKey], StringComparison.OrdinalIgnoreCase);
        var store = isEtcd ? StolonStoreExtensions.Etcd(cluster, section.Path) : StolonStoreExtensions.Embedded(cluster, section.Path);
        if (isEtcd)
        {
            stolon.Services.AddOptions<EtcdStoreOptions>(cluster.Name).Bind(section);
        }
        else
        {
            stolon.Services.AddOptions<EmbeddedStoreOptions>(cluster.Name).Bind(section);
        }

        var known = isEtcd ? typeof(EtcdStoreOptions) : typeof(EmbeddedStoreOptions);
        cluster.Store = store with
        {
            FindMistakes = services => FindMissingKind(section) is { } mistake ? [mistake] : FindMistakes(section, known).Concat(store.FindMistakes(services)),
        };
    }

    /// <summary>Without a kind it is the embedded store: settings of another one say that something else was meant.</summary>
    private static string? FindMissingKind(IConfigurationSection section)
    {
        var etcd = typeof(EtcdStoreOptions).GetProperties().Select(property => property.Name)
            .Where(name => section.GetSection(name).Exists()).ToList();
        return section[KindKey] is null && etcd.Count > 0
            ? $"{section.Path}:{KindKey}: missing; set it to {EtcdKind}, whose settings stand beside it ({string.Join(", ", etcd)}), "
                + $"or leave them out for {EmbeddedKind}."
            : null;
    }

    private static IEnumerable<string> FindMistakes(IConfigurationSection section, Type options)
    {
        if (section[KindKey] is { } kind && options == typeof(EmbeddedStoreOptions) && !kind.Equals(EmbeddedKind, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{section.Path}:{KindKey}: \"{kind}\" is unknown; there are {EmbeddedKind} and {EtcdKind}.";
        }

        foreach (var mistake in ConfigurationSections.FindUnknown(section, options, KindKey))
        {
            yield return $"{section.Path}: {mistake}";
        }
    }
}
