using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Brings the data of an old primary back onto the current primary's branch by pg_rewind (R3, R5).</summary>
internal sealed partial class Rewind(PostgresContext context, ControlFile control, Postmaster postmaster, StateCollection collection)
{
    private const int LimitSeconds = 30;

    private string Pgdata => context.Folder.Pgdata;

    /// <summary>Rewinds, starts it once on its socket, and looks where it is.</summary>
    /// <param name="request">From whom.</param>
    /// <param name="beforeChange">Called when everything was tried that can be tried without changing a byte: from then on the old data is gone.</param>
    /// <param name="progress">Hears of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it says as a standby; null when it did not become ready.</returns>
    /// <exception cref="PostgresInstanceException">It cannot be rewound.</exception>
    public async Task<CollectedState?> RunAsync(
        RewindRequest request, Action beforeChange, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        await EndCleanlyAsync(cancellationToken).ConfigureAwait(false);
        var password = await PrepareSourceAsync(request, cancellationToken).ConfigureAwait(false);

        // pg_rewind wants no link but those of tablespaces and of the WAL. The next start puts this one back.
        File.Delete(Path.Combine(Pgdata, "postgresql.auto.conf"));
        using var passFile = SecretFile.Create(context.Folder, context.Owner, ConnInfoText.PassFile(request.Source.User, password));
        var source = ConnInfoText.Render(request.Source, passFile.Path) + " dbname=postgres connect_timeout=10 options=-csynchronous_commit=off";
        context.Logger.Step("the rewind is tried without a change");
        await RewindAsync(source, ["--dry-run"], progress, cancellationToken).ConfigureAwait(false);
        context.Logger.Step("the rewind would succeed");
        beforeChange();
        context.Logger.Step("the old data is given up for the rewind");
        context.Logger.Rewinding(Pgdata, request.Source.Host, request.Source.Port);
        await RewindAsync(source, [], progress, cancellationToken).ConfigureAwait(false);

        context.Logger.Step("the data is rewound");

        // From here on it is an incomplete copy of a primary: it must never start as one.
        ServerFiles.CreateSignal(Pgdata, "standby.signal", context.Owner);
        context.Logger.Step("the rewound data is a standby's");
        return await TryFollowAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>pg_rewind wants data that was shut down. What was killed recovers alone, without a soul connected.</summary>
    private async Task EndCleanlyAsync(CancellationToken cancellationToken)
    {
        if (await control.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } data)
        {
            throw new PostgresInstanceException($"{Pgdata} has no control file.");
        }

        if (data.State.StartsWith("shut down", StringComparison.Ordinal))
        {
            return;
        }

        string[] arguments =
        [
            "--single", "-F", "-D", Pgdata, "-c", "archive_mode=off", "-c", "synchronous_standby_names=", "-c", "logging_collector=off",
            "-c", context.SocketOption, "template1",
        ];
        var result = await context.RunAsync(context.Binaries.Postgres, arguments, null, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw context.Failure("The old data could not be recovered from its crash", result);
        }
    }

    /// <summary>The source is asked who it is, and to write down on which timeline it is: pg_rewind looks into its control file.</summary>
    /// <returns>The password that it accepted.</returns>
    private static async Task<string> PrepareSourceAsync(RewindRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.Password.LogInAsync(one => PrepareSourceAsync(request, one!, cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is PostgresInstanceException || LocalConnections.IsFailure(error))
        {
            throw new PostgresInstanceException(
                $"{request.Source.Host}:{request.Source.Port} cannot be rewound from as {request.Source.User}: {error.Message}", error);
        }
    }

    private static async Task<string> PrepareSourceAsync(RewindRequest request, string password, CancellationToken cancellationToken)
    {
        var server = request.Source;
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = server.User,
            Password = password,
            Database = "postgres",
            ApplicationName = server.ApplicationName,
            Pooling = false,
            SslMode = SslMode.Prefer,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = LimitSeconds,
            CommandTimeout = LimitSeconds,
        };
        var connection = new NpgsqlConnection(text.ConnectionString);
        await using var connectionEnd = connection.ConfigureAwait(false);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        var ask = new NpgsqlCommand("select system_identifier::text from pg_control_system()", connection);
        await using var askEnd = ask.ConfigureAwait(false);
        if (await ask.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not string id || id != request.SystemId)
        {
            throw new PostgresInstanceException($"Another PostgreSQL than the one with the system identifier {request.SystemId} answers there.");
        }

        var checkpoint = new NpgsqlCommand("checkpoint", connection);
        await using var checkpointEnd = checkpoint.ConfigureAwait(false);
        await checkpoint.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return password;
    }

    private async Task RewindAsync(string source, string[] options, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        string[] arguments = ["-D", Pgdata, $"--source-server={source}", "--progress", .. options];
        var result = await context.RunAsync(context.Binaries.PgRewind, arguments, See, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw context.Failure("pg_rewind failed", result);
        }

        void See(string line)
        {
            if (Progress().Match(line) is { Success: true } found)
            {
                context.Logger.Step(options.Length > 0 ? "nothing, as the rewind is only tried" : "the rewind copies");
                progress.Report(new CopyProgress(Bytes(found, "copied"), Bytes(found, "total")));
            }
        }

        static long Bytes(Match line, string name) => long.Parse(line.Groups[name].Value, CultureInfo.InvariantCulture) * 1024;
    }

    private async Task<CollectedState?> TryFollowAsync(RewindRequest request, CancellationToken cancellationToken)
    {
        using var rules = SecretFile.Create(
            context.Folder,
            context.Owner,
            $"local all all {context.Settings.Superuser.RuleMethod}\nlocal replication all {context.Settings.Replication.RuleMethod}\n");
        try
        {
            var least = (await control.ReadAsync(cancellationToken).ConfigureAwait(false))?.Limits ?? ValueMap<string, int>.Empty;
            return await new PrivateRun(context, postmaster, request.ReadyLimit).RunAsync(
                Pgdata,
                StandbyLimits.Raise(request.Parameters, least),
                ["-c", $"hba_file={rules.Path}"],
                _ => collection.CollectAsync(cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresInstanceException error)
        {
            context.Logger.RewoundNotReady(error.Message);
            return null;
        }
    }

    [GeneratedRegex(@"^\s*(?<copied>\d+)/(?<total>\d+) kB \(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Progress();
}
