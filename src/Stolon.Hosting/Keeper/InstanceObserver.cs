using Microsoft.Extensions.Logging;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Looks at the instance: in a loop of its own, and when a step was taken. One look at a time.</summary>
internal sealed partial class InstanceObserver(IPostgresInstance instance, KeeperMemory memory, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How often an instance that was started and does not answer yet is asked.</summary>
    private static readonly TimeSpan StartingInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile InstanceSnapshot latest = InstanceSnapshot.Nothing;

    /// <summary>The last look.</summary>
    public InstanceSnapshot Latest => latest;

    /// <summary>Looks again and again until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var snapshot = await LookAsync(cancellationToken).ConfigureAwait(false);
            var starting = snapshot is { State.Running: true, Collected: null };
            var pause = starting ? StartingInterval : memory.SleepInterval / 2;

            // The end of the process is an event of its own; a look between the loops' ends needs no other.
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var ended = snapshot.State.Running ? instance.Exited : Task.Delay(Timeout.InfiniteTimeSpan, time, waiting.Token);
            await Task.WhenAny(ended, memory.LookAgain.WaitAsync(pause, time, waiting.Token)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Looks now, and tells the other loops when something that matters changed.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>What was found.</returns>
    public async Task<InstanceSnapshot> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return latest;
        }

        try
        {
            var earlier = latest;
            latest = await FindAsync(earlier, cancellationToken).ConfigureAwait(false);
            if (latest.Failure.Length > 0 && latest.Failure != earlier.Failure && earlier.Collected is not null)
            {
                LogNoAnswer(logger, memory.Name, latest.Failure);
            }

            if (latest.MattersAfter(earlier))
            {
                memory.InstanceChanged();
            }

            return latest;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task<InstanceSnapshot> FindAsync(InstanceSnapshot earlier, CancellationToken cancellationToken)
    {
        var state = instance.Inspect();
        if (!state.Running)
        {
            var control = state.Initialized && earlier.Control is not null
                ? earlier.Control
                : await ReadControlAsync(state, cancellationToken).ConfigureAwait(false);
            return new InstanceSnapshot { State = state, Control = control };
        }

        var limit = memory.SleepInterval > ShortestLimit ? memory.SleepInterval : ShortestLimit;
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            var collected = await instance.CollectAsync(either.Token).ConfigureAwait(false);
            return new InstanceSnapshot { State = state, Collected = collected };
        }
        catch (OperationCanceledException)
        {
            var failure = cancellationToken.IsCancellationRequested ? "" : $"PostgreSQL did not answer within {limit.TotalSeconds} s";
            return new InstanceSnapshot { State = state, Failure = failure };
        }
#pragma warning disable CA1031 // Whatever keeps it from answering, the loop that looks goes on and the report says so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new InstanceSnapshot { State = instance.Inspect(), Failure = exception.Message };
        }
    }

    private async Task<ControlData?> ReadControlAsync(InstanceState state, CancellationToken cancellationToken)
    {
        if (!state.Initialized)
        {
            return null;
        }

        try
        {
            return await instance.ReadControlDataAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PostgresInstanceException or OperationCanceledException)
        {
            return null;
        }
    }

    [LoggerMessage(2040, LogLevel.Warning, "{Keeper}: PostgreSQL does not answer: {Failure}")]
    private static partial void LogNoAnswer(ILogger logger, string keeper, string failure);
}
