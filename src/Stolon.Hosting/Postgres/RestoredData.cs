using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

// FileOwner.Find refuses to go on where there are no Unix modes.
#pragma warning disable CA1416

/// <summary>Init mode pitr: restores a backup by the operator's command, and lets PostgreSQL recover to the target (K26, Q31).</summary>
internal sealed class RestoredData(PostgresContext context, DirectoryExchange exchange, Postmaster postmaster)
{
    /// <summary>Marks the command and all that it starts: what a killed keeper leaves is found by it (Q42).</summary>
    public const string TargetVariable = "STOLON_RESTORES";

    private const string Shell = "/bin/sh";
    private const string AutoConfig = "postgresql.auto.conf";

    /// <summary>No recovery is limited unless the operator limits it.</summary>
    private static readonly TimeSpan NoLimit = TimeSpan.FromDays(36500);

    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(10);

    /// <summary>A signal file or a lock of the server that was backed up means nothing here.</summary>
    private static readonly string[] OfAnotherLife =
        ["recovery.signal", "standby.signal", "postmaster.pid", "postmaster.opts", "recovery.conf", "recovery.done"];

    /// <summary>Restores and recovers.</summary>
    /// <param name="request">How.</param>
    /// <param name="clusterUid">Names the data that is replaced and kept.</param>
    /// <param name="progress">Hears of it.</param>
    /// <param name="cancellationToken">Gives up; what was there stays.</param>
    /// <returns>The parameters found in its files (G1).</returns>
    /// <exception cref="PostgresInstanceException">The command failed, or what it brought cannot be recovered.</exception>
    public Task<ValueMap<string, string>> RunAsync(
        RestoreRequest request, string clusterUid, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        var fresh = new FreshData(context, exchange);
        return fresh.MakeAsync(clusterUid, async target =>
        {
            var watch = RestoreWatch.Start(target, context.Clock, progress, cancellationToken);
            await using var watchEnd = watch.ConfigureAwait(false);
            context.Logger.Restoring(target);
            await FetchAsync(target, request.Command, cancellationToken).ConfigureAwait(false);
            Prepare(target, request.Configuration.Signal);
            context.Logger.Recovering(target);
            var captured = await RecoverAsync(target, request, cancellationToken).ConfigureAwait(false);
            await fresh.SyncAsync(target, cancellationToken).ConfigureAwait(false);
            context.Logger.Restored(target);
            return captured;
        });
    }

    /// <summary>What the shell is given: <c>%d</c> is the folder.</summary>
    public static string Expand(string command, string target) =>
        string.Join('%', command.Split("%%").Select(part => part.Replace("%d", target, StringComparison.Ordinal)));

    private async Task FetchAsync(string target, string command, CancellationToken cancellationToken)
    {
        // Some tools want the folder to be there and empty, and none minds.
        context.Owner.CreateFolder(target);
        string[] arguments = ["-c", "exec 1>&2\n" + Expand(command, target)];
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { [TargetVariable] = target };
        var result = await PostgresProgram.RunAsync(
            context.Owner, context.Folder.Root, Shell, arguments, environment, context.Logger.RestoreSaid, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw context.Failure("The dataRestoreCommand failed", result);
        }

        Unwrap(target);
        if (!DataFolder.IsComplete(target))
        {
            throw new PostgresInstanceException(
                $"The dataRestoreCommand ended well, but there is no complete PostgreSQL data directory in {target}: "
                + "does it restore into the folder that %d stands for?");
        }
    }

    /// <summary>Of <c>cp -a backup %d</c> the data lies one folder deeper.</summary>
    private static void Unwrap(string target)
    {
        if (!DataFolder.IsComplete(target) && Directory.GetFileSystemEntries(target) is [var only] && DataFolder.IsComplete(only))
        {
            // Its own name may be that of a folder in it.
            var inner = Path.Combine(target, $"stolon.{Guid.NewGuid():N}");
            Directory.Move(only, inner);
            foreach (var entry in Directory.GetFileSystemEntries(inner))
            {
                Directory.Move(entry, Path.Combine(target, Path.GetFileName(entry)));
            }

            Directory.Delete(inner);
        }
    }

    private void Prepare(string target, RecoverySignal signal)
    {
        // As the owner: what was restored may hold links.
        using (context.Owner.Assume())
        {
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var name in OfAnotherLife)
            {
                File.Delete(Path.Combine(target, name));
            }
        }

        ForgetRecovery(Path.Combine(target, AutoConfig));
        ServerFiles.CreateSignal(target, signal == RecoverySignal.Standby ? "standby.signal" : "recovery.signal", context.Owner);
    }

    /// <summary>Backup tools leave a recovery of their own there; two targets are an error of PostgreSQL.</summary>
    private void ForgetRecovery(string autoConfig)
    {
        if (new FileInfo(autoConfig) is { Exists: true, LinkTarget: null })
        {
            var kept = File.ReadLines(autoConfig).Where(line => !RecoverySettings.IsOne(line.Split('=', ' ', '\t')[0]));
            context.Owner.Replace(autoConfig, string.Concat(kept.Select(line => line + "\n")));
        }
    }

    private async Task<ValueMap<string, string>> RecoverAsync(string target, RestoreRequest request, CancellationToken cancellationToken)
    {
        var run = new PrivateRun(context, postmaster, request.Limit ?? NoLimit) { StopLimit = StopLimit, Archives = true };

        // Until it is over nobody is let in: then its first answer is the end of recovery, and the memory of its old machine is not asked for.
        string[] options = request.Configuration.Signal == RecoverySignal.Recovery ? ["-c", "hot_standby=off"] : [];
        return await ExistingData.CaptureAsync(context, run, target, request.Configuration.Parameters, options, cancellationToken)
            .ConfigureAwait(false);
    }
}
