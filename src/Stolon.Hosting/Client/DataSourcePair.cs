using Microsoft.Extensions.Logging;
using Npgsql;

namespace Stolon.Hosting.Client;

/// <summary>The two data sources of one connection over one set of pools, which it owns.</summary>
internal sealed class DataSourcePair : IDisposable, IAsyncDisposable
{
    private readonly NpgsqlDataSource pools;

    private DataSourcePair(NpgsqlDataSource pools, NpgsqlDataSource main, NpgsqlDataSource standby)
    {
        this.pools = pools;
        Main = main;
        Standby = standby;
    }

    /// <summary>Leads to the primary, unless the connection string asks for other servers.</summary>
    public NpgsqlDataSource Main { get; }

    /// <summary>Prefers standbys; with one host the same as <see cref="Main"/>.</summary>
    public NpgsqlDataSource Standby { get; }

    /// <summary>Makes the two. No connection is opened.</summary>
    /// <param name="registration">What was registered.</param>
    /// <param name="loggers">Where Npgsql logs; null = nowhere.</param>
    /// <returns>The pair.</returns>
    /// <exception cref="InvalidOperationException">There is no connection string, or Npgsql does not understand it.</exception>
    /// <exception cref="ArgumentException">The connection string names no host.</exception>
    /// <exception cref="NotSupportedException">The connection string asks for what Npgsql does not do with several hosts.</exception>
    public static DataSourcePair Create(ClientRegistration registration, ILoggerFactory? loggers)
    {
        var builder = new NpgsqlDataSourceBuilder(registration.RequireConnectionString());
        builder.UseLoggerFactory(loggers);
        registration.ConfigureBuilder?.Invoke(builder);

        // What code has set on the builder counts as named by the connection string.
        var plan = DataSourcePlan.For(builder.ConnectionString);
        builder.ConnectionStringBuilder.ConnectionString = plan.ConnectionString;
        if (!plan.HasSeveralHosts)
        {
            var only = builder.Build();
            return new DataSourcePair(only, only, only);
        }

        var hosts = builder.BuildMultiHost();
        return new DataSourcePair(hosts, hosts.WithTargetSession(plan.Main), hosts.WithTargetSession(plan.Standby));
    }

    /// <inheritdoc/>
    public void Dispose() => pools.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => pools.DisposeAsync();
}
