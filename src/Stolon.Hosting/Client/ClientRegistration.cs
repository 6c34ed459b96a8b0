using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Stolon.Hosting.Client;

/// <summary>What one call of <c>AddStolonDataSource</c> or <c>AddKeyedStolonDataSource</c> has registered.</summary>
/// <param name="connectionName">The name of the connection string.</param>
/// <param name="serviceKey">The key of the services; null = they have none.</param>
/// <param name="settings">The settings.</param>
/// <param name="configureBuilder">What code does with Npgsql's builder.</param>
internal sealed class ClientRegistration(
    string connectionName, string? serviceKey, StolonDataSourceSettings settings, Action<NpgsqlDataSourceBuilder>? configureBuilder)
{
    /// <summary>The name of the connection string.</summary>
    public string ConnectionName => connectionName;

    /// <summary>The key of the services; null = they have none.</summary>
    public string? ServiceKey => serviceKey;

    /// <summary>The key of the services for reads.</summary>
    public string StandbyKey => serviceKey is null ? StolonDataSources.Standby : StolonDataSources.StandbyOf(serviceKey);

    /// <summary>The name of the health check.</summary>
    public string HealthCheckName => serviceKey is null ? "Stolon.Client" : $"Stolon.Client_{serviceKey}";

    /// <summary>The settings.</summary>
    public StolonDataSourceSettings Settings => settings;

    /// <summary>What code does with Npgsql's builder.</summary>
    public Action<NpgsqlDataSourceBuilder>? ConfigureBuilder => configureBuilder;

    /// <summary>Finds an earlier registration with the same key.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; null = without one.</param>
    /// <returns>It; null = there is none.</returns>
    public static ClientRegistration? Find(IServiceCollection services, string? serviceKey) => services
        .Where(service => !service.IsKeyedService)
        .Select(service => service.ImplementationInstance)
        .OfType<ClientRegistration>()
        .FirstOrDefault(registration => registration.ServiceKey == serviceKey);

    /// <summary>The connection string.</summary>
    /// <returns>The connection string.</returns>
    /// <exception cref="InvalidOperationException">There is none, or Npgsql does not understand it.</exception>
    public string RequireConnectionString()
    {
        if (string.IsNullOrWhiteSpace(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"There is no connection string for \"{connectionName}\": give it in ConnectionStrings:{connectionName}, or as "
                    + $"{ClientSection.Path}:{connectionName}:{nameof(StolonDataSourceSettings.ConnectionString)}.");
        }

        return DataSourcePlan.FindMistake(settings.ConnectionString) is { } mistake
            ? throw new InvalidOperationException($"The connection string for \"{connectionName}\" is wrong: {mistake}.")
            : settings.ConnectionString;
    }
}
