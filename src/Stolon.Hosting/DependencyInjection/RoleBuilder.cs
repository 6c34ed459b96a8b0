using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Proxy;
using Stolon.Hosting.Sentinel;
using Stolon.Storage;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Registers roles: by code, or bound to a section of the configuration.</summary>
/// <param name="builder">The cluster.</param>
/// <param name="section">The role's section; null = by code alone.</param>
internal sealed class RoleBuilder(IStolonBuilder builder, IConfigurationSection? section)
{
    private readonly ClusterRegistration cluster = ClusterRegistration.Of(builder);

    /// <summary>Registers a keeper.</summary>
    /// <param name="configure">Sets options over those of the section.</param>
    /// <returns>The builder of the cluster.</returns>
    public IStolonBuilder AddKeeper(Action<KeeperOptions>? configure) => Add(
        RoleKind.Keeper,
        configure,
        CreateKeeper,
        (services, options, name) => Resolver(services).FindMistakes(options).Concat(FindConflicts(services, name)),
        options => new ListenPoint(options.ListenAddress, options.Port));

    /// <summary>Registers a sentinel.</summary>
    /// <param name="configure">Sets options over those of the section.</param>
    /// <returns>The builder of the cluster.</returns>
    public IStolonBuilder AddSentinel(Action<SentinelOptions>? configure) => Add(
        RoleKind.Sentinel,
        configure,
        CreateSentinel,
        (_, options, _) => InitialSpec.Read(options).Mistakes,
        _ => null);

    /// <summary>Registers a proxy.</summary>
    /// <param name="configure">Sets options over those of the section.</param>
    /// <returns>The builder of the cluster.</returns>
    public IStolonBuilder AddProxy(Action<ProxyOptions>? configure) => Add(
        RoleKind.Proxy,
        configure,
        CreateProxy,
        (_, options, name) =>
        [
            .. new ProxyOptionsValidator().Validate(name, options).Failures ?? [],
            .. new ProxyOptionsRules().Validate(name, options).Failures ?? [],
        ],
        options => new ListenPoint(options.ListenAddress, options.Port));

    private IStolonBuilder Add<TOptions>(
        RoleKind kind,
        Action<TOptions>? configure,
        Func<IServiceProvider, TOptions, IHostedService> create,
        Func<IServiceProvider, TOptions, string, IEnumerable<string>> findMistakes,
        Func<TOptions, ListenPoint?> listensOn)
        where TOptions : class
    {
        var name = cluster.NextOptionsName(kind);
        var options = builder.Services.AddOptions<TOptions>(name);
        if (section is not null)
        {
            options.Bind(section);
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }

        cluster.Roles.Add(new RoleRegistration(
            kind,
            section?.Path ?? $"{name}: {kind}",
            services => create(services, Get(services)),
            services =>
            [
                .. section is null ? [] : ConfigurationSections.FindUnknown(section, typeof(TOptions)),
                .. findMistakes(services, Get(services), name),
            ],
            services => listensOn(Get(services))));
        return builder;

        TOptions Get(IServiceProvider services) => services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);
    }

    private KeeperSettingsResolver Resolver(IServiceProvider services) => new(cluster.Name, cluster.Store?.PasswordFolder(services));

    /// <summary>Of two keepers with the same folder or uid, the later one gets the mistake.</summary>
    private IEnumerable<string> FindConflicts(IServiceProvider services, string name)
    {
        var all = services.GetRequiredService<IOptionsMonitor<KeeperOptions>>();
        var earlier = cluster.OptionsNames(RoleKind.Keeper).TakeWhile(other => other != name).Select(all.Get);
        return KeeperOptionsRules.FindConflicts(earlier, all.Get(name));
    }

    private KeeperService CreateKeeper(IServiceProvider services, KeeperOptions options)
    {
        var logger = services.GetRequiredService<ILogger<KeeperService>>();
        foreach (var warning in KeeperSettingsResolver.FindWarnings(options, cluster.Store!.IsOnThisMachine))
        {
            logger.OptionWarning(cluster.Name, warning);
        }

        return new KeeperService(Resolver(services).Resolve(options), Store(services), Clocks.Wall(services), logger, MeterScope(services));
    }

    private SentinelService CreateSentinel(IServiceProvider services, SentinelOptions options) => new(
        cluster.Name,
        Store(services),
        InitialSpec.Read(options).Spec,
        Clocks.Wall(services),
        Clocks.Boot(services),
        services.GetRequiredService<ILogger<SentinelService>>(),
        MeterScope(services));

    private ProxyService CreateProxy(IServiceProvider services, ProxyOptions options) => new(
        Store(services),
        options,
        cluster.Name,
        Clocks.Wall(services),
        Clocks.Boot(services),
        services.GetRequiredService<ILogger<ProxyService>>(),
        MeterScope(services));

    /// <summary>Every host has a meter factory; a bare service collection may have none.</summary>
    private static IMeterFactory? MeterScope(IServiceProvider services) => services.GetService<IMeterFactory>();

    private IClusterStore Store(IServiceProvider services) => services.GetRequiredKeyedService<IClusterStore>(cluster.Name);
}
