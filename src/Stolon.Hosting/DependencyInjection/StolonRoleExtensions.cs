using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The roles that a process can have in a cluster.</summary>
public static class StolonRoleExtensions
{
    /// <summary>Adds a keeper: it drives one PostgreSQL. May be called several times; each keeper needs a folder and a port of its own.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddKeeper(this IStolonBuilder builder, Action<KeeperOptions>? configure = null) =>
        new RoleBuilder(builder, section: null).AddKeeper(configure);

    /// <summary>Adds a sentinel: it watches all others and decides. Two of them on different hosts survive the loss of one.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddSentinel(this IStolonBuilder builder, Action<SentinelOptions>? configure = null) =>
        new RoleBuilder(builder, section: null).AddSentinel(configure);

    /// <summary>Adds a proxy: clients connect to it and reach the primary, wherever it is.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddProxy(this IStolonBuilder builder, Action<ProxyOptions>? configure = null) =>
        new RoleBuilder(builder, section: null).AddProxy(configure);
}
