using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Stolon.Hosting.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>An application's way to a cluster: data sources that find the primary and the standbys, with health check, traces and metrics.</summary>
public static class StolonDataSourceExtensions
{
    private const string Meter = "Npgsql";

    /// <summary>
    /// Registers an <see cref="NpgsqlDataSource"/> that leads to the primary, unless the connection string has other <c>Target Session Attributes</c>, and one
    /// with the key <see cref="StolonDataSources.Standby"/> that prefers standbys, over the same pools; with each of them <see cref="DbDataSource"/>, <see cref="NpgsqlConnection"/> and <see cref="DbConnection"/>.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="connectionName">
    /// The name of the connection: its connection string is <c>ConnectionStrings:NAME</c>, its settings are <c>Stolon:Client</c> and
    /// <c>Stolon:Client:NAME</c>.
    /// </param>
    /// <param name="configureSettings">Sets settings over those of the configuration.</param>
    /// <param name="configureDataSourceBuilder">
    /// Goes on with Npgsql's builder when the data source is made. What it sets counts as named by the connection string, so that no default replaces it.
    /// </param>
    /// <remarks>A second call for the same name changes nothing.</remarks>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="InvalidOperationException">
    /// The configuration has a setting that is none, is out of range, or has another type; or the call was made for another name before. When the data
    /// source is asked for: there is no connection string, or Npgsql does not understand it.
    /// </exception>
    public static void AddStolonDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StolonDataSourceSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureDataSourceBuilder);

    /// <summary>
    /// Registers an <see cref="NpgsqlDataSource"/> with the name as its key that leads to the primary, unless the connection string has other
    /// <c>Target Session Attributes</c>, and one with the key <see cref="StolonDataSources.StandbyOf"/> that prefers standbys, over the same pools; with each of them <see cref="DbDataSource"/>,
    /// <see cref="NpgsqlConnection"/> and <see cref="DbConnection"/>.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="name">
    /// The key of the services and the name of the connection: its connection string is <c>ConnectionStrings:NAME</c>, its settings are
    /// <c>Stolon:Client</c> and <c>Stolon:Client:NAME</c>.
    /// </param>
    /// <param name="configureSettings">Sets settings over those of the configuration.</param>
    /// <param name="configureDataSourceBuilder">
    /// Goes on with Npgsql's builder when the data source is made. What it sets counts as named by the connection string, so that no default replaces it.
    /// </param>
    /// <remarks>A second call for the same name changes nothing.</remarks>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="InvalidOperationException">
    /// The configuration has a setting that is none, is out of range, or has another type. When the data source is asked for: there is no connection
    /// string, or Npgsql does not understand it.
    /// </exception>
    public static void AddKeyedStolonDataSource(
        this IHostApplicationBuilder builder,
        string name,
        Action<StolonDataSourceSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null) =>
        Add(builder, name, serviceKey: name, configureSettings, configureDataSourceBuilder);

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StolonDataSourceSettings>? configureSettings,
        Action<NpgsqlDataSourceBuilder>? configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        if (ClientRegistration.Find(builder.Services, serviceKey) is { } earlier)
        {
            if (earlier.ConnectionName != connectionName)
            {
                throw new InvalidOperationException(
                    $"{nameof(AddStolonDataSource)} was called for \"{earlier.ConnectionName}\" before: for \"{connectionName}\" call "
                        + $"{nameof(AddKeyedStolonDataSource)}, so that the two have keys.");
            }

            return;
        }

        var settings = ClientSection.Read(builder.Configuration, connectionName, configureSettings);
        var registration = new ClientRegistration(connectionName, serviceKey, settings, configureBuilder);
        builder.Services.AddSingleton(registration);
        AddSources(builder.Services, registration);
        AddHealthCheck(builder.Services, registration);
        AddTelemetry(builder.Services, settings);
    }

    private static void AddSources(IServiceCollection services, ClientRegistration registration)
    {
        // The pair has the key of the main source.
        var key = registration.ServiceKey;
        AddService<DataSourcePair>(
            services, key, ServiceLifetime.Singleton, provider => DataSourcePair.Create(registration, provider.GetService<ILoggerFactory>()));
        AddSource(services, key, provider => Get<DataSourcePair>(provider, key).Main);
        AddSource(services, registration.StandbyKey, provider => Get<DataSourcePair>(provider, key).Standby);
    }

    private static void AddSource(IServiceCollection services, string? key, Func<IServiceProvider, NpgsqlDataSource> find)
    {
        AddService<NpgsqlDataSource>(services, key, ServiceLifetime.Singleton, find);
        AddService<DbDataSource>(services, key, ServiceLifetime.Singleton, provider => Get<NpgsqlDataSource>(provider, key));
        AddService<NpgsqlConnection>(services, key, ServiceLifetime.Transient, provider => Get<NpgsqlDataSource>(provider, key).CreateConnection());
        AddService<DbConnection>(services, key, ServiceLifetime.Transient, provider => Get<NpgsqlConnection>(provider, key));
    }

    private static void AddHealthCheck(IServiceCollection services, ClientRegistration registration)
    {
        if (registration.Settings.DisableHealthChecks)
        {
            return;
        }

        services.AddHealthChecks().Add(new HealthCheckRegistration(
            registration.HealthCheckName,
            provider => new DataSourceHealthCheck(() => Get<NpgsqlDataSource>(provider, registration.ServiceKey)),
            failureStatus: null,
            tags: null,
            timeout: registration.Settings.HealthCheckTimeout));
    }

    private static void AddTelemetry(IServiceCollection services, StolonDataSourceSettings settings)
    {
        if (!settings.DisableTracing)
        {
            services.AddOpenTelemetry().WithTracing(tracing => tracing.AddNpgsql());
        }

        if (!settings.DisableMetrics)
        {
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meter));
        }
    }

    private static void AddService<T>(IServiceCollection services, string? key, ServiceLifetime lifetime, Func<IServiceProvider, T> make)
        where T : class => services.Add(new ServiceDescriptor(typeof(T), key, (provider, _) => make(provider), lifetime));

    private static T Get<T>(IServiceProvider provider, string? key)
        where T : class => key is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(key);
}
