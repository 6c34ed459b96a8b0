using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Sentinel;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The roles that a process can have in a cluster.</summary>
public static class StolonRoleExtensions
{
    /// <summary>Adds a keeper: it drives one PostgreSQL. May be called several times; each keeper needs a folder and a port of its own.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddKeeper(this IStolonBuilder builder, Action<KeeperOptions>? configure = null) =>
        builder.AddKeeper(label: null, options => options.Configure(configure ?? (_ => { })));

    /// <summary>Adds a sentinel: it watches all others and decides. Two of them in different processes survive the loss of one.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddSentinel(this IStolonBuilder builder, Action<SentinelOptions>? configure = null) =>
        builder.AddSentinel(label: null, options => options.Configure(configure ?? (_ => { })));

    internal static IStolonBuilder AddKeeper(
        this IStolonBuilder builder, string? label, Action<OptionsBuilder<KeeperOptions>> configure, Func<IEnumerable<string>>? unknown = null)
    {
        var cluster = ClusterRegistration.Of(builder);
        var name = cluster.NextOptionsName(RoleKind.Keeper);
        configure(builder.Services.AddOptions<KeeperOptions>(name));
        cluster.Roles.Add(new RoleRegistration(
            RoleKind.Keeper,
            label ?? $"{name}: keeper",
            services => CreateKeeper(cluster, services, Options(services)),
            services => [.. unknown?.Invoke() ?? [], .. Resolver(cluster, services).FindMistakes(Options(services)), .. Conflicts(services)]));
        return builder;

        KeeperOptions Options(IServiceProvider services) => services.GetRequiredService<IOptionsMonitor<KeeperOptions>>().Get(name);

        // Of two keepers with the same folder, port or uid, the later one gets the mistake.
        IEnumerable<string> Conflicts(IServiceProvider services)
        {
            var all = services.GetRequiredService<IOptionsMonitor<KeeperOptions>>();
            var names = Enumerable.Range(1, cluster.Roles.Count(role => role.Kind == RoleKind.Keeper))
                .Select(ordinal => ordinal == 1 ? cluster.Name : $"{cluster.Name}#{ordinal}");
            return KeeperOptionsRules.FindConflicts(names.TakeWhile(other => other != name).Select(all.Get), all.Get(name));
        }
    }

    internal static IStolonBuilder AddSentinel(
        this IStolonBuilder builder, string? label, Action<OptionsBuilder<SentinelOptions>> configure, Func<IEnumerable<string>>? unknown = null)
    {
        var cluster = ClusterRegistration.Of(builder);
        var name = cluster.NextOptionsName(RoleKind.Sentinel);
        configure(builder.Services.AddOptions<SentinelOptions>(name));
        cluster.Roles.Add(new RoleRegistration(
            RoleKind.Sentinel,
            label ?? $"{name}: sentinel",
            services => CreateSentinel(cluster, services, Options(services)),
            services => [.. unknown?.Invoke() ?? [], .. InitialSpec.Read(Options(services)).Mistakes]));
        return builder;

        SentinelOptions Options(IServiceProvider services) => services.GetRequiredService<IOptionsMonitor<SentinelOptions>>().Get(name);
    }

    private static KeeperSettingsResolver Resolver(ClusterRegistration cluster, IServiceProvider services) =>
        new(cluster.Name, cluster.Store?.PasswordFolder(services));

    private static KeeperService CreateKeeper(ClusterRegistration cluster, IServiceProvider services, KeeperOptions options)
    {
        var resolver = Resolver(cluster, services);
        var logger = services.GetRequiredService<ILogger<KeeperService>>();
        foreach (var warning in resolver.FindWarnings(options, cluster.Store!.IsOnThisMachine))
        {
            logger.OptionWarning(cluster.Name, warning);
        }

        return new KeeperService(
            resolver.Resolve(options),
            services.GetRequiredKeyedService<IClusterStore>(cluster.Name),
            services.GetRequiredService<TimeProvider>(),
            logger);
    }

    private static SentinelService CreateSentinel(ClusterRegistration cluster, IServiceProvider services, SentinelOptions options)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return new SentinelService(
            cluster.Name,
            services.GetRequiredKeyedService<IClusterStore>(cluster.Name),
            InitialSpec.Read(options).Spec,
            time,
            time == TimeProvider.System ? BootTimeProvider.Instance : time,
            services.GetRequiredService<ILogger<SentinelService>>());
    }
}
