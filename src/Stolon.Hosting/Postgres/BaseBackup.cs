using System.Globalization;
using System.Text.RegularExpressions;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Copies the followed primary (R4, Q10, Q31).</summary>
internal sealed partial class BaseBackup(PostgresContext context, DirectoryExchange exchange)
{
    /// <summary>WAL and whatever grows while the copy runs.</summary>
    private const long Reserve = 64L * 1024 * 1024;

    /// <summary>The password that the source accepted.</summary>
    private string? password;

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
        if (exchange.IsRebuiltInPlace)
        {
            obstacle = "an earlier copy in place was interrupted";
        }
        else if (obstacle is not null)
        {
            await CheckRoomInPlaceAsync(request, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var left = await CopyBesideAsync(request, progress, cancellationToken).ConfigureAwait(false);
            if (left == 0)
            {
                context.Logger.Copied(request.Source.Host, request.Source.Port);
                return;
            }

            obstacle = NoRoom(pgdata, left);
        }

        await CopyInPlaceAsync(request, obstacle, progress, cancellationToken).ConfigureAwait(false);
        context.Logger.Copied(request.Source.Host, request.Source.Port);
    }

    /// <summary>S5: the source is asked just before anything of ours may go.</summary>
    private async Task CheckSourceAsync(CopyRequest request, CancellationToken cancellationToken)
    {
        (var systemId, password) = await ReplicationClient.IdentifyAsync(request.Source, request.Password, cancellationToken).ConfigureAwait(false);
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
        var needed = 0L;
        try
        {
            needed = await CopyAsync(request, context.Folder.New, marker, progress, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            exchange.Abandon(marker);
            throw;
        }

        if (needed > 0)
        {
            exchange.Abandon(marker);
            return needed;
        }

        // What fails from here on is finished or undone by the next repair: both the old and the new data may be needed for it.
        exchange.Complete(marker);
        return 0;
    }

    private async Task CopyInPlaceAsync(
        CopyRequest request, string why, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        await CheckSourceAsync(request, cancellationToken).ConfigureAwait(false);
        context.Logger.CopyingInPlace(pgdata, why, request.Source.Host, request.Source.Port);
        var marker = exchange.Begin(ExchangeWork.Copy, inPlace: true);
        exchange.Empty(marker);
        var needed = await CopyAsync(request, pgdata, marker, progress, cancellationToken).ConfigureAwait(false);
        if (needed > 0)
        {
            throw new PostgresInstanceException(FullDisk([pgdata, .. marker.Tablespaces], needed));
        }

        exchange.Complete(marker);
    }

    /// <summary>S12: nothing is emptied for a copy that would not fit then. How big it is only the source can tell.</summary>
    private async Task CheckRoomInPlaceAsync(CopyRequest request, CancellationToken cancellationToken)
    {
        var total = 0L;
        var marker = exchange.Begin(ExchangeWork.Copy, inPlace: false);
        try
        {
            // In these forms it touches no tablespace. It is stopped as soon as it has told the size: from 15 on within a second, which
            // is too late for a disk that is almost full, before that with the first block.
            string[] options = context.Binaries.Version.Major >= 15
                ? ["--target=blackhole", "--wal-method=none"]
                : ["-D", context.Folder.New, "--format=tar", "--wal-method=none"];
            await StreamAsync(request, options, seen => (total = seen.Total) == 0, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            exchange.Abandon(marker);
        }

        var pgdata = context.Folder.Pgdata;
        List<string> places = [pgdata, .. DataLayout.Tablespaces(pgdata)];
        if (DataLayout.WalLink(pgdata) is { } wal)
        {
            places.Add(wal);
        }

        if (total + Reserve > CopyRoom.FreeWhenEmpty(places))
        {
            throw new PostgresInstanceException(FullDisk(places, total + Reserve));
        }
    }

    /// <returns>0 when it is complete and on disk, else the bytes that it needs and that are not free.</returns>
    private async Task<long> CopyAsync(
        CopyRequest request, string target, ExchangeMarker marker, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        List<string> options = ["-D", target, "--wal-method=stream"];
        if (request.Slot is not null)
        {
            options.Add($"--slot={request.Slot}");
        }

        if (request.MegabytesPerSecond is { } rate)
        {
            options.Add($"--max-rate={rate}M");
        }

        string[] places = [target, .. marker.Tablespaces];
        if (marker.Wal is not null)
        {
            options.Add($"--waldir={marker.Wal}");
            places = [.. places, marker.Wal];
        }

        var needed = 0L;
        var complete = await StreamAsync(
            request,
            options,
            seen =>
            {
                progress.Report(new CopyProgress(seen.Copied, seen.Total));
                // The disk of a tablespace that we do not know of yet may be another one: then only PostgreSQL's own error can tell.
                var fits = seen.Parts - 1 > marker.Tablespaces.Count || seen.Total - seen.Copied + Reserve <= CopyRoom.Free(places);
                needed = fits ? 0 : seen.Total + Reserve;
                return fits;
            },
            cancellationToken).ConfigureAwait(false);
        if (complete)
        {
            // Until the keeper says otherwise it is a standby: an exact copy must never start as a second primary.
            ServerFiles.CreateSignal(target, "standby.signal", context.Owner);
            context.Logger.Step("the copy is complete");
        }

        return complete ? 0 : needed;
    }

    /// <summary>Runs pg_basebackup.</summary>
    /// <returns>False when it was stopped, since it shall not go on with what was seen.</returns>
    private async Task<bool> StreamAsync(
        CopyRequest request, IEnumerable<string> options, Func<Seen, bool> goesOn, CancellationToken cancellationToken)
    {
        using var passFile = password is null ? null
            : SecretFile.Create(context.Folder, context.Owner, ConnInfoText.PassFile(request.Source.User, password));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopped = false;

        void See(string line)
        {
            if (!stopped && Progress().Match(line) is { Success: true } found && !goesOn(Seen.Of(found)))
            {
                stopped = true;
                stop.Cancel();
            }
        }

        // Not by the name of the standby that it is to become: what pg_basebackup has flushed is no reason for a commit not to wait (S2).
        var source = ConnInfoText.Render(request.Source with { ApplicationName = "stolon resync" }, passFile?.Path) + @" connect_timeout=10 options=-csynchronous_commit=off";
        string[] arguments = [.. options, "-d", source, "--checkpoint=fast", "--no-password", "--progress", "--no-manifest"];
        try
        {
            var result = await context.RunAsync(context.Binaries.PgBaseBackup, arguments, See, stop.Token).ConfigureAwait(false);
            // It may end by itself just when it is stopped.
            return stopped ? false
                : result.ExitCode == 0 ? true
                : throw context.Failure($"{request.Source.Host}:{request.Source.Port} could not be copied", result);
        }
        catch (OperationCanceledException) when (stopped && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Without room for two copies the old one goes first, if the new one then fits; else nothing is touched.</summary>
    private string NoRoom(string pgdata, long needed)
    {
        var old = DataFolder.IsComplete(pgdata) ? DataLayout.SizeOf(pgdata) : 0;
        return old > 0 && FailureRemedy.FreeSpace(context.Folder.Root) + old > needed
            ? "there is no room for two copies"
            : throw new PostgresInstanceException(FullDisk([context.Folder.Root], needed));
    }

    private static string FullDisk(IReadOnlyCollection<string> places, long needed) =>
        $"The copy needs {needed / (1024 * 1024)} MB, but on the disk of {string.Join(", ", places)} only "
        + $"{CopyRoom.Free(places) / (1024 * 1024)} MB are free: free some space on it.";

    /// <summary>What pg_basebackup told of its progress; the base directory is one of the parts, each tablespace another.</summary>
    private readonly record struct Seen(long Copied, long Total, int Parts)
    {
        public static Seen Of(Match line) => new(Number(line, "copied") * 1024, Number(line, "total") * 1024, (int)Number(line, "parts"));

        private static long Number(Match line, string name) => long.Parse(line.Groups[name].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\s*(?<copied>\d+)/(?<total>\d+) kB \(\d+%\), \d+/(?<parts>\d+) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Progress();
}
