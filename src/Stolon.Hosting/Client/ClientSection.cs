using Microsoft.Extensions.Configuration;
using Stolon.Hosting.DependencyInjection;

namespace Stolon.Hosting.Client;

/// <summary>Where the settings of clients stand in a configuration: <c>Stolon:Client:DisableTracing</c>, <c>Stolon:Client:orders:DisableTracing</c>.</summary>
internal static class ClientSection
{
    /// <summary>The section for all connections.</summary>
    public const string Path = "Stolon:Client";

    private static readonly TimeSpan LongestHealthCheck = TimeSpan.FromMinutes(10);

    /// <summary>The settings of one connection: those of all, over them its own, over them its connection string, over them those of code.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="connectionName">The name of the connection.</param>
    /// <param name="configure">What code sets.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="InvalidOperationException">A setting has another type, is out of range, or is none.</exception>
    public static StolonDataSourceSettings Read(
        IConfiguration configuration, string connectionName, Action<StolonDataSourceSettings>? configure)
    {
        var all = configuration.GetSection(Path);
        var own = all.GetSection(connectionName);

        // A key with further keys is the name of a connection; one with a value is a setting.
        string[] names = [.. all.GetChildren().Where(child => child.Value is null).Select(child => child.Key)];
        string[] mistakes = [.. FindMisspelt(all, names), .. FindMisspelt(own)];
        if (mistakes.Length > 0)
        {
            throw new InvalidOperationException(string.Join(' ', mistakes));
        }

        var settings = new StolonDataSourceSettings();
        all.Bind(settings);
        own.Bind(settings);
        if (configuration.GetConnectionString(connectionName) is { } text && !string.IsNullOrWhiteSpace(text))
        {
            settings.ConnectionString = text;
        }

        configure?.Invoke(settings);
        return settings.HealthCheckTimeout > TimeSpan.Zero && settings.HealthCheckTimeout <= LongestHealthCheck
            ? settings
            : throw new InvalidOperationException(
                $"{own.Path}: {nameof(settings.HealthCheckTimeout)}: {settings.HealthCheckTimeout} is out of range; give more than 0, up to 10 minutes.");
    }

    private static IEnumerable<string> FindMisspelt(IConfigurationSection section, params string[] names) => ConfigurationSections
        .FindUnknown(section, typeof(StolonDataSourceSettings), names)
        .Select(mistake => $"{section.Path}: {mistake}");
}
