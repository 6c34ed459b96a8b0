using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Init mode new: makes a fresh cluster (K25, K29, Q31).</summary>
internal sealed class ClusterCreation(PostgresContext context, DirectoryExchange exchange, Postmaster postmaster)
{
    /// <summary>What is lost of it in a power cut is made again; it is synced as a whole at the end.</summary>
    private static readonly string[] Unsynced = ["-c", "fsync=off"];

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

    private Task<ValueMap<string, string>> SetUpAsync(
        string target, ValueMap<string, string> parameters, CancellationToken cancellationToken) =>
        new PrivateRun(context, postmaster).RunAsync(
            target,
            parameters,
            Unsynced,
            async main =>
            {
                var captured = await PrivateRun.CaptureAsync(main, cancellationToken).ConfigureAwait(false);
                await RoleSetup.ApplyAsync(main, Settings.Superuser, Settings.Replication, cancellationToken).ConfigureAwait(false);
                return captured;
            },
            cancellationToken);

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
