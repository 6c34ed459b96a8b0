using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Postgres;

/// <summary>Init mode new: makes a fresh cluster (K25, K29, Q31).</summary>
internal sealed class ClusterCreation(PostgresContext context, DirectoryExchange exchange, Postmaster postmaster)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>No client may come near it, and whatever is lost of it is made again: it is synced as a whole at the end.</summary>
    private static readonly string[] Private =
    [
        "-c", "listen_addresses=", "-c", "synchronous_standby_names=", "-c", "logging_collector=off", "-c", "archive_mode=off",
        "-c", "fsync=off", "-c", "log_statement=none", "-c", "log_min_duration_statement=-1",
    ];

    private PostgresSettings Settings => context.Settings;

    public async Task<ValueMap<string, string>> RunAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        var inPlace = DataLayout.Obstacle(pgdata);
        var complete = DataFolder.IsComplete(pgdata);
        if (inPlace is not null && complete)
        {
            throw new PostgresInstanceException(
                $"{pgdata} holds a PostgreSQL cluster and cannot be moved away, since {inPlace}. "
                + "Move the data to another place, or leave this keeper out, before a new cluster is made.");
        }

        context.Logger.Creating(pgdata);
        var hasFiles = Directory.Exists(pgdata) && Directory.EnumerateFileSystemEntries(pgdata).Any();
        var kept = inPlace is null && hasFiles ? $"postgres.old-{clusterUid}-{context.Clock.GetUtcNow():yyyyMMddHHmmss}" : null;
        var marker = exchange.Begin(ExchangeWork.Create, inPlace is not null, kept);
        try
        {
            var target = marker.InPlace ? pgdata : context.Folder.New;
            await InitdbAsync(target, config, cancellationToken).ConfigureAwait(false);
            var captured = await SetUpAsync(target, parameters, cancellationToken).ConfigureAwait(false);
            await SyncAsync(target, cancellationToken).ConfigureAwait(false);
            exchange.Complete(marker);
            return captured;
        }
        catch
        {
            exchange.Abandon(marker);
            throw;
        }
    }

    private async Task InitdbAsync(string target, NewConfig config, CancellationToken cancellationToken)
    {
        var password = Settings.Superuser.NeededPassword;
        using var file = password is null ? null : SecretFile.Create(context.Folder, context.Owner, password + "\n");
        var arguments = new List<string> { "-D", target, "-U", Settings.Superuser.UserName, "--no-sync" };
        arguments.AddRange(file is null ? ["--auth=trust"] : ["--auth=scram-sha-256", $"--pwfile={file.Path}"]);
        AddUnlessEmpty(arguments, "--locale", config.Locale);
        AddUnlessEmpty(arguments, "--encoding", config.Encoding);
        if (config.DataChecksums)
        {
            arguments.Add("--data-checksums");
        }
        else if (context.Binaries.Version.Major >= 18)
        {
            arguments.Add("--no-data-checksums");
        }

        // Not in English: the language of the environment becomes the cluster's.
        var result = await PostgresProgram.RunAsync(
            context.Owner, context.Folder.Root, context.Binaries.Initdb, arguments, null, null, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw context.Failure("initdb could not make a new cluster", result);
        }
    }

    private static void AddUnlessEmpty(List<string> arguments, string option, string value)
    {
        if (value.Length > 0)
        {
            arguments.Add($"{option}={value}");
        }
    }

    private async Task<ValueMap<string, string>> SetUpAsync(
        string target, ValueMap<string, string> parameters, CancellationToken cancellationToken)
    {
        var options = parameters.SelectMany(parameter => new[] { "-c", $"{parameter.Key}={parameter.Value}" })
            .Concat(["-c", $"port={Settings.Port}"]).Concat(Private);
        using var guard = await postmaster.StartAsync(target, null, options, cancellationToken).ConfigureAwait(false);
        try
        {
            // Whatever the method will be: initdb's own rules ask for a password exactly when there is one.
            var connections = new LocalConnections(
                context.SocketFolder, Settings.Port, Settings.Superuser, Settings.Replication);
            await using var end = connections.ConfigureAwait(false);
            await WaitReadyAsync(guard, connections, cancellationToken).ConfigureAwait(false);
            var captured = await connections.AskAsync(main => CaptureAsync(main, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            await connections.AskAsync(
                async main =>
                {
                    await RoleSetup.ApplyAsync(main, Settings.Superuser, Settings.Replication, cancellationToken).ConfigureAwait(false);
                    return 0;
                },
                cancellationToken).ConfigureAwait(false);
            return captured;
        }
        finally
        {
            await postmaster.StopAsync(guard, target, StopMode.Fast, Limit, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task WaitReadyAsync(Guard guard, LocalConnections connections, CancellationToken cancellationToken)
    {
        var end = context.Clock.Now() + Limit;
        while (true)
        {
            try
            {
                await connections.AskAsync(_ => Task.FromResult(0), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (PostgresInstanceException error) when (context.Clock.Now() < end && !guard.Exited.IsCompleted
                && error.InnerException is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
            {
                await Task.Delay(Poll, context.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What initdb wrote into its files (G1); the options of the command line are not among it.</summary>
    private static async Task<ValueMap<string, string>> CaptureAsync(NpgsqlConnection main, CancellationToken cancellationToken)
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

    private async Task SyncAsync(string target, CancellationToken cancellationToken)
    {
        var result = await context.RunAsync(context.Binaries.Initdb, ["--sync-only", "-D", target], null, cancellationToken)
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw context.Failure("The new cluster could not be written to disk", result);
        }
    }
}
