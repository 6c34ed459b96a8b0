using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Cluster;
using Stolon.Hosting;

namespace QuickStart.Roles;

/// <summary>Builds a host that plays some parts of the cluster: this is how an application carries its own PostgreSQL cluster.</summary>
internal static class RoleHost
{
    /// <summary>The cluster's name.</summary>
    public const string ClusterName = "quickstart";

    /// <summary>Builds the host.</summary>
    /// <param name="folder">Where everything is kept.</param>
    /// <param name="roles">The parts; none = only the store and its administration.</param>
    /// <param name="log">Where logs go.</param>
    /// <returns>The host.</returns>
    public static IHost Build(DataFolder folder, IEnumerable<RoleSpec> roles, ILoggerProvider log)
    {
        // No configuration files, no console log, no signal handlers: this program does these things itself.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "QuickStart" });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddLogging(logging => logging
            .ClearProviders()
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddProvider(log));

        var cluster = builder.Services.AddStolon(ClusterName).UseEmbeddedStore(folder.StoreFile);
        foreach (var role in roles)
        {
            Add(cluster, role, folder);
        }

        return builder.Build();
    }

    /// <summary>What went wrong, for people.</summary>
    /// <param name="exception">What the host threw.</param>
    /// <returns>One line for each mistake.</returns>
    public static string Explain(Exception exception) => exception switch
    {
        OptionsValidationException invalid => string.Join('\n', invalid.Failures),
        AggregateException { InnerExceptions: { Count: > 0 } inner } => string.Join('\n', inner.Select(Explain).Distinct(StringComparer.Ordinal)),
        _ => exception.Message,
    };

    private static void Add(IStolonBuilder cluster, RoleSpec role, DataFolder folder)
    {
        switch (role.Kind)
        {
            case RoleKind.Keeper:
                cluster.AddKeeper(keeper =>
                {
                    keeper.Uid = role.Name;
                    keeper.DataDirectory = folder.KeeperFolder(role.Name);
                    keeper.Port = role.Port;
                });
                break;
            case RoleKind.Sentinel:
                cluster.AddSentinel(sentinel =>
                {
                    sentinel.InitialClusterSpecFile = role.SpecFile;
                    sentinel.InitialClusterSpec = role.SpecFile is null
                        ? new ClusterSpec { InitMode = InitMode.New, SynchronousReplication = role.Synchronous ? true : null }
                        : null;
                });
                break;
            case RoleKind.Proxy:
                cluster.AddProxy(proxy => proxy.Port = role.Port);
                break;
        }
    }

    /// <summary>The program itself decides when the host stops.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
