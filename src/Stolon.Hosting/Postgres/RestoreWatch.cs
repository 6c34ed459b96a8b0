namespace Stolon.Hosting.Postgres;

/// <summary>
/// Tells that a restore makes progress, which neither its command nor PostgreSQL does: files grow, and then one segment of WAL after
/// another is brought from the archive (Q24).
/// </summary>
internal sealed class RestoreWatch : IAsyncDisposable
{
    private const long SegmentBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource ending;
    private readonly string target;
    private readonly TimeProvider clock;
    private readonly IProgress<CopyProgress> progress;
    private Task running = Task.CompletedTask;
    private long most;
    private long segments;
    private DateTime walChanged;

    private RestoreWatch(string target, TimeProvider clock, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        (this.target, this.clock, this.progress) = (target, clock, progress);
        ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Begins to watch.</summary>
    public static RestoreWatch Start(string target, TimeProvider clock, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        var watch = new RestoreWatch(target, clock, progress, cancellationToken);
        watch.running = Task.Run(watch.RunAsync, CancellationToken.None);
        return watch;
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            Look();
            await Task.Delay(Pause, clock, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Look();
    }

    private void Look()
    {
        try
        {
            most = Math.Max(most, DataLayout.SizeOf(target));
            if (new DirectoryInfo(Path.Combine(target, "pg_wal")) is { Exists: true } wal && wal.LastWriteTimeUtc != walChanged)
            {
                walChanged = wal.LastWriteTimeUtc;
                segments++;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It changes while it is looked at.
        }

        progress.Report(new CopyProgress(most + (segments * SegmentBytes), TotalBytes: 0));
    }
}
