using System.Collections.Concurrent;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// Runs everything that calls SQLite, one thing after the other, on a thread of its own, and lets nobody wait longer than the limit:
/// a disk that is stuck, or a lock that a frozen process holds, costs this thread and no other.
/// </summary>
internal sealed class StoreThread : IAsyncDisposable
{
    private const int MostWaiting = 1000;

    private readonly string activity;
    private readonly StoreFile file;
    private readonly StoreSession session;
    private readonly TimeSpan limit;
    private readonly TimeProvider time;
    private readonly Availability availability;
    private readonly BlockingCollection<IJob> queue = new(MostWaiting);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int started;

    public StoreThread(
        string activity, StoreFile file, StoreSession session, TimeSpan limit, TimeProvider time, Availability availability)
    {
        this.activity = activity;
        this.file = file;
        this.session = session;
        this.limit = limit;
        this.time = time;
        this.availability = availability;
    }

    private interface IJob
    {
        void Run(StoreSession session);
    }

    /// <summary>Runs something on the thread.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="work">What to run.</param>
    /// <param name="cancellationToken">Gives up waiting; what has not begun is not begun any more.</param>
    /// <returns>What it gave.</returns>
    /// <exception cref="StoreUnavailableException">It failed, or not answered in time.</exception>
    public async ValueTask<T> RunAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(queue.IsAddingCompleted, this);
        Start();
        var job = new Job<T>(work);
        try
        {
            if (!queue.TryAdd(job, 0, CancellationToken.None))
            {
                throw StoreTrouble.Overrun(file.Path);
            }

            var result = await job.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            availability.Works(activity);
            return result;
        }
        catch (TimeoutException exception)
        {
            var silent = StoreTrouble.Silent(file.Path, limit, exception);
            availability.Fails(activity, silent.Message);
            throw silent;
        }
        catch (StoreUnavailableException exception)
        {
            availability.Fails(activity, exception.Message);
            throw;
        }
        catch (InvalidOperationException exception) when (queue.IsAddingCompleted)
        {
            throw new ObjectDisposedException("The store is disposed.", exception);
        }
        finally
        {
            job.Abandon();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        queue.CompleteAdding();
        if (Interlocked.Exchange(ref started, 1) == 1)
        {
            try
            {
                await ended.Task.WaitAsync(limit, time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The thread is stuck in a system call; it is a background thread and ends with the process.
            }
        }
    }

    private void Start()
    {
        if (Interlocked.Exchange(ref started, 1) == 0)
        {
            new Thread(Work) { IsBackground = true, Name = $"store {activity}" }.Start();
        }
    }

    private void Work()
    {
        foreach (var job in queue.GetConsumingEnumerable())
        {
            job.Run(session);
        }

        session.Close();
        ended.TrySetResult();
    }

    private sealed class Job<T>(Func<StoreSession, T> work) : IJob
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int abandoned;

        public Task<T> Task => done.Task;

        public void Abandon() => Volatile.Write(ref abandoned, 1);

        public void Run(StoreSession session)
        {
            if (Volatile.Read(ref abandoned) == 1)
            {
                done.TrySetCanceled();
                return;
            }

            try
            {
                done.TrySetResult(work(session));
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);

                // Whoever waited may be gone: then nobody else looks at it.
                _ = done.Task.Exception;
            }
        }
    }
}
