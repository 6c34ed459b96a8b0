using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Cli.Options;
using Stolon.Cli.Output;
using Stolon.Hosting;

namespace Stolon.Cli.Roles;

/// <summary>Runs one role until a signal ends it.</summary>
internal static partial class RoleHost
{
    private const int Success = 0;
    private const int Failure = 1;

    /// <summary>Runs.</summary>
    /// <param name="name">The role's name, for the log.</param>
    /// <param name="store">Where the cluster is kept.</param>
    /// <param name="log">What is said.</param>
    /// <param name="addRole">Adds the role.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string name, StoreChoice store, LogChoice log, Action<IStolonBuilder> addRole)
    {
        var lines = new LineLog(log, TimeProvider.System);
        await using (lines.ConfigureAwait(false))
        {
            if (log.TraceFile is not { } file)
            {
                return await RunAsync(name, store, log, addRole, lines).ConfigureAwait(false);
            }

            var trace = TraceFile.Open(file, TimeProvider.System);
            await using (trace.ConfigureAwait(false))
            {
                return await RunAsync(name, store, log, addRole, lines).ConfigureAwait(false);
            }
        }
    }

    private static async Task<int> RunAsync(string name, StoreChoice store, LogChoice log, Action<IStolonBuilder> addRole, LineLog lines)
    {
        // No configuration files, no variables of others: what is not on the command line is in our own environment variables.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "stolon" });
        builder.Services.AddSingleton<SignalLifetime>();
        builder.Services.AddSingleton<IHostLifetime>(services => services.GetRequiredService<SignalLifetime>());
        builder.Services.AddLogging(logging => logging.ClearProviders().SetMinimumLevel(log.Level).AddProvider(lines));
        var cluster = builder.Services.AddStolon(store.ClusterName).UseStore(store);
        addRole(cluster);
        if (log.MetricsAddress is { } address)
        {
            cluster.AddHttpListener(options => options.Address = address);
        }

        using var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        return await RunAsync(host, name, store).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(IHost host, string name, StoreChoice store)
    {
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Stolon.Cli");
        var lifetime = host.Services.GetRequiredService<SignalLifetime>();
        Starting(logger, StolonProgram.Version, name, store.ClusterName, store.Name);
        foreach (var warning in store.Warnings)
        {
            Limited(logger, warning);
        }

        try
        {
            await host.StartAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.WasAsked)
        {
            // Asked to end while it was starting: what has started is stopped below.
            await host.StopAsync().ConfigureAwait(false);
            Ended(logger, name);
            return Success;
        }

        await host.WaitForShutdownAsync().ConfigureAwait(false);
        Ended(logger, name);
        return lifetime.WasAsked ? Success : Failure;
    }

    [LoggerMessage(7001, LogLevel.Information, "stolon {Version}: {Role} of cluster {Cluster}, store: {Store}.")]
    private static partial void Starting(ILogger logger, string version, string role, string cluster, string store);

    [LoggerMessage(7003, LogLevel.Warning, "{Warning}.")]
    private static partial void Limited(ILogger logger, string warning);

    [LoggerMessage(7002, LogLevel.Information, "The {Role} has ended.")]
    private static partial void Ended(ILogger logger, string role);
}
