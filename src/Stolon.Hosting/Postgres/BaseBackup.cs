using System.Globalization;
using System.Text.RegularExpressions;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Copies the followed primary (R4, Q10, Q31).</summary>
internal sealed partial class BaseBackup(PostgresContext context, DirectoryExchange exchange)
{
    /// <summary>WAL and whatever grows while the copy runs.</summary>
    private const long Reserve = 64L * 1024 * 1024;

    public async Task RunAsync(CopyRequest request, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        var obstacle = DataLayout.Obstacle(pgdata);
        if (DataLayout.InnerMount(pgdata) is { } mount)
        {
            throw new PostgresInstanceException(
                $"{pgdata} cannot be replaced by a copy, since {mount} inside it is a mount point. "
                + "Mount the disk elsewhere and let pg_wal be a link to it, or mount the whole data directory.");
        }

        await CheckSourceAsync(request, cancellationToken).ConfigureAwait(false);
        context.Logger.Copying(pgdata, request.Source.Host, request.Source.Port);
        var left = 0L;
        if (obstacle is null && !exchange.IsRebuiltInPlace)
        {
            left = await CopyBesideAsync(request, progress, cancellationToken).ConfigureAwait(false);
            if (left == 0)
            {
                context.Logger.Copied(request.Source.Host, request.Source.Port);
                return;
            }

            obstacle = NoRoom(pgdata, left);
        }

        await CopyInPlaceAsync(request, obstacle ?? "an earlier copy in place was interrupted", progress, cancellationToken)
            .ConfigureAwait(false);
        context.Logger.Copied(request.Source.Host, request.Source.Port);
    }

    /// <summary>S5: the source is asked just before anything of ours may go.</summary>
    private static async Task CheckSourceAsync(CopyRequest request, CancellationToken cancellationToken)
    {
        var (systemId, _) = await ReplicationClient.IdentifyAsync(request.Source, request.Password, cancellationToken).ConfigureAwait(false);
        if (systemId != request.SystemId)
        {
            throw new PostgresInstanceException(
                $"{request.Source.Host}:{request.Source.Port} has the system identifier {systemId}, but {request.SystemId} is to be copied. "
                + "Another PostgreSQL answers there: check the address and the port. Nothing was changed.");
        }
    }

    /// <returns>0 when the copy is in its place, else the bytes that it needs and that are not free.</returns>
    private async Task<long> CopyBesideAsync(CopyRequest request, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        var marker = exchange.Begin(ExchangeWork.Copy, inPlace: false);
        try
        {
            var needed = await CopyAsync(request, context.Folder.New, null, progress, cancellationToken).ConfigureAwait(false);
            if (needed > 0)
            {
                exchange.Abandon(marker);
                return needed;
            }

            exchange.Complete(marker);
            return 0;
        }
        catch
        {
            exchange.Abandon(marker);
            throw;
        }
    }

    private async Task CopyInPlaceAsync(
        CopyRequest request, string why, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        await CheckSourceAsync(request, cancellationToken).ConfigureAwait(false);
        context.Logger.CopyingInPlace(pgdata, why, request.Source.Host, request.Source.Port);
        var marker = exchange.Begin(ExchangeWork.Copy, inPlace: true);
        var wal = DataLayout.WalLink(pgdata);
        DataLayout.Empty(pgdata);
        var needed = await CopyAsync(request, pgdata, wal, progress, cancellationToken).ConfigureAwait(false);
        if (needed > 0)
        {
            throw new PostgresInstanceException(FullDisk(needed));
        }

        exchange.Complete(marker);
    }

    /// <returns>0 when it is complete and on disk, else the bytes that it needs and that are not free.</returns>
    private async Task<long> CopyAsync(
        CopyRequest request, string target, string? wal, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        using var passFile = request.Password is null ? null
            : SecretFile.Create(context.Folder, context.Owner, ConnInfoText.PassFile(request.Source.User, request.Password));
        using var tooBig = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var needed = 0L;

        void See(string line)
        {
            if (Progress().Match(line) is not { Success: true } found)
            {
                return;
            }

            var copied = Kilobytes(found.Groups["copied"]);
            var total = Kilobytes(found.Groups["total"]);
            progress.Report(new CopyProgress(copied, total));
            if (total - copied + Reserve > FailureRemedy.FreeSpace(target))
            {
                needed = total + Reserve;
                tooBig.Cancel();
            }
        }

        try
        {
            var result = await context.RunAsync(
                context.Binaries.PgBaseBackup, Arguments(request, target, wal, passFile?.Path), See, tooBig.Token).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                throw context.Failure($"{request.Source.Host}:{request.Source.Port} could not be copied", result);
            }
        }
        catch (OperationCanceledException) when (needed > 0 && !cancellationToken.IsCancellationRequested)
        {
            return needed;
        }

        // Until the keeper says otherwise it is a standby: an exact copy must never start as a second primary.
        ServerFiles.CreateSignal(target, "standby.signal", context.Owner);
        return 0;
    }

    private static List<string> Arguments(CopyRequest request, string target, string? wal, string? passFile)
    {
        var source = ConnInfoText.Render(request.Source, passFile) + @" connect_timeout=10 options=-csynchronous_commit=off";
        List<string> arguments =
        [
            "-D", target, "-d", source, "-X", "stream", "--checkpoint=fast", "--no-password", "--progress", "--no-manifest",
        ];
        if (request.Slot is not null)
        {
            arguments.Add($"--slot={request.Slot}");
        }

        if (wal is not null)
        {
            arguments.Add($"--waldir={wal}");
        }

        return arguments;
    }

    /// <summary>Without room for two copies the old one goes first, if the new one then fits; else nothing is touched.</summary>
    private string NoRoom(string pgdata, long needed)
    {
        var old = DataFolder.IsComplete(pgdata) ? DataLayout.SizeOf(pgdata) : 0;
        return old > 0 && FailureRemedy.FreeSpace(context.Folder.Root) + old > needed
            ? "there is no room for two copies"
            : throw new PostgresInstanceException(FullDisk(needed));
    }

    private string FullDisk(long needed) =>
        $"The copy needs {needed / (1024 * 1024)} MB, but on the disk of {context.Folder.Root} only "
        + $"{FailureRemedy.FreeSpace(context.Folder.Root) / (1024 * 1024)} MB are free: free some space on it.";

    private static long Kilobytes(Group digits) => long.Parse(digits.Value, CultureInfo.InvariantCulture) * 1024;

    [GeneratedRegex(@"^\s*(?<copied>\d+)/(?<total>\d+) kB", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Progress();
}
