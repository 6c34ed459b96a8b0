using Npgsql;
using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>A run of PostgreSQL on its socket only, for what has to be done before clients may come (K25, K27).</summary>
/// <param name="context">What every part works with.</param>
/// <param name="postmaster">Starts and stops it.</param>
/// <param name="limit">Until it must be ready (PG4).</param>
internal sealed class PrivateRun(PostgresContext context, Postmaster postmaster, TimeSpan limit)
{
    private static readonly string[] NoArchive = ["-c", "archive_mode=off"];

    private static readonly string[] Closed =
    [
        "-c", "listen_addresses=", "-c", "synchronous_standby_names=", "-c", "logging_collector=off",
        "-c", "log_statement=none", "-c", "log_min_duration_statement=-1",
    ];

    private TimeSpan ReadyLimit { get; } = limit;

    /// <summary>How long each way to stop it may take.</summary>
    public TimeSpan StopLimit { get; init; } = limit;

    /// <summary>Its WAL goes to the archive. That of a fresh cluster, or of one that is only looked at, is no business of the archive's.</summary>
    public bool Archives { get; init; }

    /// <summary>Starts it, lets something be done with it, stops it cleanly.</summary>
    /// <param name="pgdata">Its PGDATA.</param>
    /// <param name="parameters">They win over its own files.</param>
    /// <param name="options">More options of the postmaster, which win over those.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Ends the work and kills the instance, which is stopped in any case.</param>
    public async Task<T> RunAsync<T>(
        string pgdata,
        ValueMap<string, string> parameters,
        IEnumerable<string> options,
        Func<NpgsqlConnection, Task<T>> work,
        CancellationToken cancellationToken)
    {
        var all = parameters.SelectMany(parameter => new[] { "-c", $"{parameter.Key}={parameter.Value}" })
            .Concat(["-c", $"port={context.Settings.Port}"]).Concat(Closed).Concat(Archives ? [] : NoArchive).Concat(options);
        using var guard = await postmaster.StartAsync(pgdata, null, all, cancellationToken).ConfigureAwait(false);
        try
        {
            var settings = context.Settings;
            var connections = new LocalConnections(context.SocketFolder, settings.Port, settings.Superuser, settings.Replication);
            await using var end = connections.ConfigureAwait(false);
            await Readiness.WaitAsync(connections, guard.Exited, postmaster, ReadyLimit, context.Clock, cancellationToken).ConfigureAwait(false);
            return await connections.AskAsync(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await EndAsync(guard, pgdata, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The parameters of its files (G1); the options of the command line are not among them.</summary>
    public static async Task<ValueMap<string, string>> CaptureAsync(NpgsqlConnection main, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(StateCollection.Configured, main);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        var captured = new List<KeyValuePair<string, string>>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            captured.Add(KeyValuePair.Create(rows.GetString(0), rows.GetString(1)));
        }

        return new ValueMap<string, string>(captured);
    }

    private async Task EndAsync(Guard guard, string pgdata, CancellationToken cancellationToken)
    {
        try
        {
            await postmaster.StopAsync(guard, pgdata, StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever gives up does not wait for a checkpoint.
            await postmaster.StopAsync(guard, pgdata, StopMode.Kill, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
