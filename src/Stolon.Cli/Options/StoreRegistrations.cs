using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;
using Stolon.Hosting.Stores;

namespace Stolon.Cli.Options;

/// <summary>Registers the store that was chosen.</summary>
internal static class StoreRegistrations
{
    /// <summary>Uses the store.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="choice">The store.</param>
    /// <returns>The cluster.</returns>
    public static IStolonBuilder UseStore(this IStolonBuilder builder, StoreChoice choice) =>
        choice.Backend == StoreBackend.Embedded
            ? builder.UseEmbeddedStore(choice.EmbeddedPath)
            : UseEtcd(builder, options => Configure(options, choice));

    private static void Configure(EtcdStoreOptions options, StoreChoice choice)
    {
        foreach (var endpoint in choice.Endpoints)
        {
            options.Endpoints.Add(endpoint);
        }

        options.Prefix = choice.Prefix?.Trim('/') ?? options.Prefix;
        options.Timeout = choice.Timeout;
        options.CaFile = choice.CaFile;
        options.CertificateFile = choice.CertFile;
        options.KeyFile = choice.KeyFile;
        options.SkipTlsVerification = choice.SkipTlsVerification;
    }

    // Until Hosting has UseEtcd of its own: then this method goes, and the call above means that one.
    private static IStolonBuilder UseEtcd(IStolonBuilder builder, Action<EtcdStoreOptions> configure)
    {
        var cluster = ClusterRegistration.Of(builder);
        var options = new EtcdStoreOptions();
        configure(options);
        cluster.Store = new StoreRegistration(
            services => new EtcdClusterStore(
                new EtcdSettings(cluster.Name, options), Clocks.Boot(services), services.GetRequiredService<ILogger<EtcdClusterStore>>()),
            _ => EtcdSettings.FindMistakes(options).Select(mistake => $"{cluster.Name}: {mistake}"),
            _ => null,
            IsOnThisMachine: false);
        return builder;
    }
}
