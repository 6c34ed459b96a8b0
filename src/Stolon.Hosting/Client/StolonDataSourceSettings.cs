namespace Stolon.Hosting.Client;

/// <summary>Settings of an application's way to a cluster: those of <c>AddStolonDataSource</c> and <c>AddKeyedStolonDataSource</c>.</summary>
/// <remarks>
/// The section <c>Stolon:Client</c> of the configuration holds for all connections, <c>Stolon:Client:NAME</c> for one,
/// <c>ConnectionStrings:NAME</c> beats the connection strings of both, and code beats everything.
/// </remarks>
public sealed class StolonDataSourceSettings
{
    /// <summary>
    /// The connection string in Npgsql's form. Several hosts, the cluster's proxies or the PostgreSQL of its keepers, are parted by commas:
    /// <c>Host=h0:5432,h1:5432</c>.
    /// </summary>
    /// <value>Nothing by default: it must be given, at the latest when the data source is first asked for.</value>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to do without the health check.</summary>
    /// <value>False by default: there is one.</value>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether to do without OpenTelemetry's traces of commands.</summary>
    /// <value>False by default: they are traced.</value>
    public bool DisableTracing { get; set; }

    /// <summary>Whether to do without OpenTelemetry's metrics of connections and commands.</summary>
    /// <value>False by default: they are measured.</value>
    public bool DisableMetrics { get; set; }

    /// <summary>
    /// How long the health check may take, connecting included. A check that takes longer is ended and fails: a proxy that knows no primary
    /// lets a client wait, and of several hosts that do not answer each takes the time-out for connecting.
    /// </summary>
    /// <value>10 seconds by default; more than 0, up to 10 minutes.</value>
    public TimeSpan HealthCheckTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
