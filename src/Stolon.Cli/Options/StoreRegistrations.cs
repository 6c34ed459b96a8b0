using Microsoft.Extensions.DependencyInjection;
using Stolon.Hosting;

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
            : builder.UseEtcd(options => Configure(options, choice));

    private static void Configure(EtcdStoreOptions options, StoreChoice choice)
    {
        foreach (var endpoint in choice.Endpoints)
        {
            options.Endpoints.Add(endpoint);
        }

        options.Prefix = choice.Prefix ?? options.Prefix;
        options.Timeout = choice.Timeout;
        options.CaFile = choice.CaFile;
        options.CertificateFile = choice.CertFile;
        options.KeyFile = choice.KeyFile;
        options.SkipTlsVerification = choice.SkipTlsVerification;
        options.Username = choice.Username;
        options.PasswordFile = choice.PasswordFile;
    }
}
