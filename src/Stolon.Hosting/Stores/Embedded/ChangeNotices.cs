using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// Notices what other processes write: at the file system's notice (the new time of <see cref="StoreFile.Announce"/>), and otherwise at
/// the interval. Each time it reads the head, one small row, whose counters say what changed; so nobody is woken for nothing.
/// </summary>
internal sealed class ChangeNotices(
    StoreFile file, ChangeHub hub, Func<CancellationToken, ValueTask> look, TimeSpan interval, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<bool> signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Head? last;
    private bool wasAway;
    private Task? loop;
    private FileSystemWatcher? watcher;
    private bool toldWhyNot;

    /// <summary>A transaction of this process saw or wrote the head: hands out what is new in it.</summary>
    /// <param name="head">The head.</param>
    public void Seen(Head head)
    {
        StoreChange change;
        lock (gate)
        {
            if (!wasAway && last is not null && last.Stamp.Store == head.Stamp.Store && last.Stamp.Sequence >= head.Stamp.Sequence)
            {
                // Two threads of this process: the older look came later.
                return;
            }

            change = wasAway ? ChangeHub.All : last is null ? StoreChange.None : head.Since(last);
            wasAway = false;
            last = head;
        }

        if (change != StoreChange.None)
        {
            hub.Raise(change);
        }
    }

    /// <summary>The store was away: whatever comes next is news to everybody.</summary>
    public void IsBack()
    {
        lock (gate)
        {
            wasAway = true;
        }

        signal.Writer.TryWrite(true);
    }

    /// <summary>Begins to look; a second call does nothing.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (!stop.IsCancellationRequested)
            {
                loop ??= RunAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        if (loop is { } running)
        {
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var timer = time.CreateTimer(_ => signal.Writer.TryWrite(true), null, interval, interval);
        try
        {
            while (await signal.Reader.WaitToReadAsync(stop.Token).ConfigureAwait(false))
            {
                signal.Reader.TryRead(out _);
                Listen();
                await LookAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The store is disposed.
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    private async ValueTask LookAsync()
    {
        try
        {
            await look(stop.Token).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // Said once by whoever calls SQLite; the next look comes by itself.
        }
    }

    private void Listen()
    {
        if (Volatile.Read(ref watcher) is not null)
        {
            return;
        }

        var folder = Path.GetDirectoryName(file.Path)!;
        try
        {
            var made = new FileSystemWatcher(folder, Path.GetFileName(file.Path))
            {
                NotifyFilter = NotifyFilters.Attributes | NotifyFilters.FileName,
            };
            made.Changed += (_, _) => signal.Writer.TryWrite(true);
            made.Created += (_, _) => signal.Writer.TryWrite(true);
            made.Deleted += (_, _) => signal.Writer.TryWrite(true);
            made.Renamed += (_, _) => signal.Writer.TryWrite(true);
            made.Error += (_, _) => Forget(made);
            made.EnableRaisingEvents = true;
            Volatile.Write(ref watcher, made);
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            // No folder, or no more notices to be had (fs.inotify.max_user_instances): the interval is enough.
            if (!toldWhyNot)
            {
                toldWhyNot = true;
                logger.NoChangeNotices(folder, exception.Message, interval);
            }
        }
    }

    private void Forget(FileSystemWatcher broken)
    {
        broken.Dispose();
        Volatile.Write(ref watcher, null);
        signal.Writer.TryWrite(true);
    }
}
