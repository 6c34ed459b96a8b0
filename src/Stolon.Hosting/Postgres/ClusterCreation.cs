using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Init mode new: makes a fresh cluster (K25, K29, Q31).</summary>
internal sealed class ClusterCreation(
    PostgresContext context, DirectoryExchange exchange, Postmaster postmaster, TimeSpan readyLimit)
{
    /// <summary>What is lost of it in a power cut is made again; it is synced as a whole at the end.</summary>
    private static readonly string[] Unsynced = ["-c", "fsync=off"];

    /// <summary>
    /// Whatever the operator's parameters say, the statements that make the roles are in no log and no statistics (S11). Only here: data
    /// that exists may need its libraries.
    /// </summary>
    private static readonly string[] Silent =
    [
        "-c", "shared_preload_libraries=", "-c", "session_preload_libraries=", "-c", "local_preload_libraries=",
        "-c", "log_transaction_sample_rate=0", "-c", "log_min_duration_sample=-1", "-c", "log_duration=off",
        "-c", "log_min_error_statement=panic", "-c", "log_min_messages=warning",
        "-c", "debug_print_parse=off", "-c", "debug_print_rewritten=off", "-c", "debug_print_plan=off",
    ];

    private PostgresSettings Settings => context.Settings;

    public Task<ValueMap<string, string>> RunAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, CancellationToken cancellationToken)
    {
        // A password that cannot be stored is known before anything is made.
        foreach (var password in new[] { Settings.Superuser.NeededPassword, Settings.Replication.NeededPassword }.OfType<string>())
        {
            SaslPrep.Prepare(password);
        }

        var fresh = new FreshData(context, exchange);
        return fresh.MakeAsync(clusterUid, async target =>
        {
            context.Logger.Creating(target);
            await InitdbAsync(target, config, cancellationToken).ConfigureAwait(false);
            var captured = await SetUpAsync(target, parameters, cancellationToken).ConfigureAwait(false);
            await fresh.SyncAsync(target, cancellationToken).ConfigureAwait(false);
            return captured;
        });
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

        using var named = NamelessUser.For(context);
        // Not in English: the language of the environment becomes the cluster's.
        var result = await PostgresProgram.RunAsync(
            context.Owner, context.Folder.Root, context.Binaries.Initdb, arguments, named?.Environment, null, cancellationToken).ConfigureAwait(false);
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
            [.. Unsynced, .. Silent],
            async main =>
            {
                var captured = await PrivateRun.CaptureAsync(main, cancellationToken).ConfigureAwait(false);
                await RoleSetup.ApplyAsync(main, Settings.Superuser, Settings.Replication, cancellationToken).ConfigureAwait(false);
                return captured;
            },
            cancellationToken);
}
