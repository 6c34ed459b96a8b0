using Microsoft.Extensions.Logging;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Looks at the instance: in a loop of its own, and when a step was taken. One look at a time.</summary>
internal sealed partial class InstanceObserver(IPostgresInstance instance, KeeperMemory memory, TimeProvider time, ILogger logger)
    : IDisposable
{
    /// <summary>How soon an instance that does not answer is asked again; longer each time.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(2);

    private readonly OnceLog said = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly InstanceEnds ends = new(instance, memory, logger);
    private volatile InstanceSnapshot? latest;

    private TimeSpan LookLimit => memory.SleepInterval > ShortestLimit ? memory.SleepInterval : ShortestLimit;

    /// <summary>The last look; null before the first.</summary>
    public InstanceSnapshot? Latest => latest;

    /// <summary>Looks again and again until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = ShortestPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            // This look, one of the converging loop before it, and the rest.
            memory.Pulses.Observe.Beat((2 * LookLimit) + memory.SleepInterval);
            await LookAsync(cancellationToken).ConfigureAwait(false);
            var longest = memory.SleepInterval / 2;
            var asksAgain = latest is { State.Running: true, Collected: null } && pause < longest;
            var wait = asksAgain ? pause : longest;
            pause = asksAgain ? pause * 2 : latest?.Collected is null ? pause : ShortestPause;

            // The end of the process is an event of its own. Once it ended, or when another than ours runs, it is none.
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var ended = instance.Exited is { IsCompleted: false } running ? running : Task.Delay(Timeout.InfiniteTimeSpan, time, waiting.Token);
            await Task.WhenAny(ended, memory.LookAgain.WaitAsync(wait, time, waiting.Token)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Looks now, and tells the other loops when something that matters changed.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>When looked.</returns>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            if (Inspect() is not { } state)
            {
                return;
            }

            var earlier = latest ?? InstanceSnapshot.Nothing;
            var found = await FindAsync(state, cancellationToken).ConfigureAwait(false);

            // Judged before anybody hears of it: the converging loop starts it again at once, and what ended it is forgotten then.
            ends.Judge(earlier, found);
            latest = found;
            if (found.Failure.Length > 0 && found.Failure != earlier.Failure && earlier.Collected is not null)
            {
                LogNoAnswer(logger, memory.Name, found.Failure);
            }

            if (found.MattersAfter(earlier))
            {
                memory.InstanceChanged();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    /// <summary>Null when nobody can tell: then what was seen before still holds.</summary>
    private InstanceState? Inspect()
    {
        try
        {
            var state = instance.Inspect();
            said.IsNew("");
            return state;
        }
        catch (Exception exception) when (exception is PostgresInstanceException or IOException or UnauthorizedAccessException)
        {
            if (said.IsNew(exception.Message))
            {
                LogNotInspected(logger, memory.Name, exception.Message);
            }

            return null;
        }
    }

    private async Task<InstanceSnapshot> FindAsync(InstanceState state, CancellationToken cancellationToken)
    {
        if (!state.Running)
        {
            return new InstanceSnapshot { State = state, Control = await ReadControlAsync(state, cancellationToken).ConfigureAwait(false) };
        }

        var limit = LookLimit;
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
            return new InstanceSnapshot { State = Inspect() ?? state, Failure = exception.Message.ReplaceLineEndings(" ") };
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
        catch (Exception exception) when (exception is PostgresInstanceException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    [LoggerMessage(2042, LogLevel.Error, "{Keeper}: the data directory cannot be looked at: {Failure}")]
    private static partial void LogNotInspected(ILogger logger, string keeper, string failure);

    [LoggerMessage(2040, LogLevel.Warning, "{Keeper}: PostgreSQL does not answer: {Failure}")]
    private static partial void LogNoAnswer(ILogger logger, string keeper, string failure);
}
