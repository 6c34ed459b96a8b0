using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Hosting;
using Stolon.Hosting.Administration;
using Stolon.Hosting.DependencyInjection;
using Stolon.Hosting.Health;
using Stolon.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Where a program begins to carry a part of a PostgreSQL cluster.</summary>
public static class StolonServiceCollectionExtensions
{
    /// <summary>
    /// Begins, or goes on with, this process's part in a cluster. Choose a store and roles on what is returned. The services
    /// <see cref="IClusterStore"/>, <see cref="IStolonAdministration"/> and <see cref="IStolonHealth"/> are keyed by the cluster's name.
    /// </summary>
    /// <param name="services">Where the services go.</param>
    /// <param name="clusterName">The cluster's name, the same in all its processes. Several clusters in one process are fine.</param>
    /// <param name="configure">Sets what concerns all roles.</param>
    /// <returns>The builder of this cluster.</returns>
    /// <exception cref="ArgumentException">The name is empty or has a slash or a space in it.</exception>
    public static IStolonBuilder AddStolon(
        this IServiceCollection services, string clusterName, Action<StolonOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(clusterName);
        if (clusterName.Any(character => character is '/' or '#' || char.IsWhiteSpace(character) || char.IsControl(character)))
        {
            throw new ArgumentException(
                $"\"{clusterName}\" is no name for a cluster: it must not contain slashes, # or spaces.", nameof(clusterName));
        }

        if (configure is not null)
        {
            services.Configure(clusterName, configure);
        }

        if (ClusterRegistration.Find(services, clusterName) is null)
        {
            Register(services, new ClusterRegistration(clusterName));
        }

        return new StolonBuilder(clusterName, services);
    }

    private static void Register(IServiceCollection services, ClusterRegistration cluster)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(cluster.Name, cluster);
        services.AddOptions<StolonOptions>(cluster.Name).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StolonOptions>>(provider => new ClusterOptionsValidator(cluster, provider));
        services.AddKeyedSingleton<IClusterStore>(cluster.Name, (provider, _) =>
            (cluster.Store ?? throw new StolonException($"No store was chosen for {cluster.Name}: choose one where AddStolon is called."))
                .Create(provider));
        services.AddKeyedSingleton<IStolonAdministration>(cluster.Name, (provider, _) => new ClusterAdministration(
            cluster.Name,
            provider.GetRequiredKeyedService<IClusterStore>(cluster.Name),
            Clocks.Wall(provider)));
        services.AddKeyedSingleton<IStolonHealth>(cluster.Name, (_, _) => new ClusterHealth(cluster));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IStolonHealth>(cluster.Name));
        services.AddSingleton<IHostedService>(provider => new ClusterHost(
            cluster.Name,
            () => Start(cluster, provider),
            provider.GetRequiredService<IOptionsMonitor<StolonOptions>>().Get(cluster.Name).StopTimeout,
            Clocks.Wall(provider),
            provider.GetRequiredService<ILogger<ClusterHost>>()));
    }

    /// <summary>Makes the roles: keepers first, since PostgreSQL takes longest.</summary>
    private static ImmutableArray<(RoleKind Kind, IHostedService Service)> Start(ClusterRegistration cluster, IServiceProvider provider)
    {
        ImmutableArray<(RoleKind Kind, IHostedService Service)> roles =
            [.. cluster.Roles.OrderByDescending(role => role.Kind).Select(role => (role.Kind, role.Create(provider)))];
        if (provider.GetRequiredKeyedService<IStolonHealth>(cluster.Name) is ClusterHealth health)
        {
            health.Adopt(roles.Select(role => role.Service).OfType<IHealthyRole>());
        }

        return roles;
    }

    private sealed record StolonBuilder(string ClusterName, IServiceCollection Services) : IStolonBuilder;
}
