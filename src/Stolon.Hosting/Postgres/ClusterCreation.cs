using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Init mode new: makes a fresh cluster (K25, K29, Q31).</summary>
internal sealed class ClusterCreation(
    PostgresContext context, DirectoryExchange exchange, Postmaster postmaster, TimeSpan readyLimit)
{
    /// <summary>What is lost of it in a power cut is made again; it is synced as a whole at the end.</summary>
    private static readonly string[] Unsynced = ["-c", "fsync=off"];

    private PostgresSettings Settings => context.Settings;

    public async Task<ValueMap<string, string>> RunAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        var inPlace = DataLayout.Obstacle(pgdata);
        var hasFiles = Directory.Exists(pgdata) && new DirectoryInfo(pgdata).EnumerateFileSystemInfos().Any(entry => entry.Name != "lost+found");
        var again = inPlace is not null && exchange.IsCreatedInPlace;
        if (inPlace is not null && hasFiles && !again)
        {
            var what = DataFolder.IsComplete(pgdata) ? "a PostgreSQL cluster" : "files that are not this keeper's";
            throw new PostgresInstanceException(
                $"{pgdata} holds {what} and cannot be moved away, since {inPlace}. "
                + "Move the data to another place, or leave this keeper out, before a new cluster is made.");
        }

        context.Logger.Creating(pgdata);
        var kept = inPlace is null && hasFiles ? $"postgres.old-{clusterUid}-{context.Clock.GetUtcNow():yyyyMMddHHmmss}" : null;
        var marker = exchange.Begin(ExchangeWork.Create, inPlace is not null, kept);
        ValueMap<string, string> captured;
        try
        {
            if (again)
            {
                exchange.Empty(marker);
            }

            captured = await MakeAsync(marker.InPlace ? pgdata : context.Folder.New, config, parameters, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            exchange.Abandon(marker);
            throw;
        }

        // What fails from here on is finished or undone by the next repair: both the old and the new data may be needed for it.
        exchange.Complete(marker);
        return captured;
    }

    private async Task<ValueMap<string, string>> MakeAsync(
        string target, NewConfig config, ValueMap<string, string> parameters, CancellationToken cancellationToken)
    {
        await InitdbAsync(target, config, cancellationToken).ConfigureAwait(false);
        var captured = await SetUpAsync(target, parameters, cancellationToken).ConfigureAwait(false);
        await SyncAsync(target, cancellationToken).ConfigureAwait(false);
        return captured;
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
        new PrivateRun(context, postmaster, readyLimit).RunAsync(
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
