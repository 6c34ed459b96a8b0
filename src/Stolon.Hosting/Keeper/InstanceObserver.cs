using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Keeper;

/// <summary>Looks at the instance: in a loop of its own, and when a step was taken. One look at a time.</summary>
internal sealed partial class InstanceObserver(
    IPostgresInstance instance, KeeperMemory memory, TimeProvider time, TimeProvider bootClock, ILogger logger) : IDisposable
{
    /// <summary>How soon an instance that does not answer is asked again; longer each time.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>By how much longer: a start is noticed at the latest when a quarter of the time that it took has gone by again.</summary>
    private const double PauseGrowth = 1.25;

    /// <summary>How often it is looked at while clients wait for a switchover.</summary>
    private static readonly TimeSpan HurriedPause = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(2);

    /// <summary>What a question that was cancelled at its limit may take to end.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly HangingCalls files = new(time);
    private readonly HangingCalls answers = new(time);
    private readonly OnceLog said = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly InstanceEnds ends = new(instance, memory, logger);
    private volatile InstanceSnapshot? latest;

    private TimeSpan LookLimit => memory.SleepInterval > ShortestLimit ? memory.SleepInterval : ShortestLimit;

    private string NoAnswer => $"PostgreSQL did not answer within {LookLimit.TotalSeconds} s";

    /// <summary>The last look, or what is left of it when it is too old; null before the first.</summary>
    public InstanceSnapshot? Latest => latest?.At(bootClock.Now()).Under(instance.Barrier);

    /// <summary>Looks until something was seen.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When seen, or given up.</returns>
    public async Task LookFirstAsync(CancellationToken cancellationToken)
    {
        while (latest is null && !cancellationToken.IsCancellationRequested)
        {
            memory.Pulses.Observe.Beat((2 * LookLimit) + memory.SleepInterval);
            await LookAsync(cancellationToken).ConfigureAwait(false);
            if (latest is null)
            {
                await memory.LookAgain.WaitAsync(memory.SleepInterval / 2, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

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
            var longest = memory.Hurries ? HurriedPause : memory.SleepInterval / 2;
            var asksAgain = latest is { State.Running: true, Collected: null } && pause < longest;
            var wait = asksAgain ? pause : longest;
            pause = asksAgain ? pause * PauseGrowth : latest?.Collected is null ? pause : ShortestPause;

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
            await LookInTurnAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task LookInTurnAsync(CancellationToken cancellationToken)
    {
        var earlier = latest ?? InstanceSnapshot.Nothing;
        var (began, wall) = (bootClock.Now(), memory.Now());
        var limit = LookLimit;
        if (await InspectAsync(limit, cancellationToken).ConfigureAwait(false) is not { } state)
        {
            return;
        }

        // The sleepInterval may be a shorter one already when the next look ends: it was promised for the one of now.
        var found = await AnswerAsync(state, earlier, limit - (bootClock.Now() - began), cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            if (found.Failure.Length > 0 && found.Failure != earlier.Failure && earlier.Collected is not null)
            {
                LogNoAnswer(logger, memory.Name, found.Failure);
            }

            if (earlier.State.Running && !found.State.Running)
            {
                memory.BeginStep("keeper.notice", wall)?.Dispose();
            }

            if (found.Collected is { WalReceiver: WalReceiverState.Streaming } && memory.Assigned is { Converged: true, Spec.Follow.Db: { } followed })
            {
                memory.Streamed = new StreamSeen(followed, began);
            }

            Take(found with { GoodUntil = began + (2 * limit) + memory.SleepInterval }, earlier);
        }
    }

    /// <summary>Null when nobody can tell: then what was seen before still holds, until it is too old.</summary>
    private async Task<InstanceState?> InspectAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            var state = await files.RunAsync(() => Task.FromResult(instance.Inspect()), limit, cancellationToken).ConfigureAwait(false);
            said.IsNew("");
            return state;
        }
        catch (TimeoutException)
        {
            Hang(limit);
        }
        catch (Exception exception) when (exception is PostgresInstanceException or IOException or UnauthorizedAccessException)
        {
            SayNotInspected(exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }

        return null;
    }

    /// <summary>What the instance answers, or its control file when it does not run. Null when nobody can tell.</summary>
    private async Task<InstanceSnapshot?> AnswerAsync(
        InstanceState state, InstanceSnapshot earlier, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var token = either.Token;
        try
        {
            return await answers.RunAsync(() => FindAsync(state, earlier, token), limit + Slack, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (state.Running)
        {
            return new InstanceSnapshot { State = state, Failure = NoAnswer };
        }
        catch (TimeoutException)
        {
            Hang(LookLimit);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Hang(LookLimit);
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }

        return null;
    }

    private async Task<InstanceSnapshot> FindAsync(InstanceState state, InstanceSnapshot earlier, CancellationToken cancellationToken)
    {
        var found = state.Running
            ? await CollectAsync(state, cancellationToken).ConfigureAwait(false)
            : new InstanceSnapshot { State = state, Control = await ReadControlAsync(state, cancellationToken).ConfigureAwait(false) };

        // Judged before anybody hears of it: the converging loop starts it again at once, and what ended it is forgotten then.
        ends.Judge(earlier, found);
        return found;
    }

    private async Task<InstanceSnapshot> CollectAsync(InstanceState state, CancellationToken cancellationToken)
    {
        try
        {
            return new InstanceSnapshot { State = state, Collected = await instance.CollectAsync(cancellationToken).ConfigureAwait(false) };
        }
        catch (OperationCanceledException)
        {
            return new InstanceSnapshot { State = state, Failure = NoAnswer };
        }
#pragma warning disable CA1031 // Whatever keeps it from answering, the loop that looks goes on and the report says so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new InstanceSnapshot { State = LookAgain() ?? state, Failure = exception.Message.ReplaceLineEndings(" ") };
        }
    }

    /// <summary>What does not answer may just have ended.</summary>
    private InstanceState? LookAgain()
    {
        try
        {
            return instance.Inspect();
        }
        catch (Exception exception) when (exception is PostgresInstanceException or IOException or UnauthorizedAccessException)
        {
            return null;
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
        catch (Exception exception) when (exception is PostgresInstanceException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Others hear at once that nobody can look; what was seen before leads to nothing but a stop.</summary>
    private void Hang(TimeSpan limit)
    {
        var failure = $"its data directory cannot be looked at: the disk did not answer within {limit.TotalSeconds} s";
        SayNotInspected(failure);
        if (latest is { } earlier)
        {
            Take(earlier with { Collected = null, Failure = failure, GoodUntil = TimeSpan.MinValue }, earlier);
        }
    }

    private void Take(InstanceSnapshot found, InstanceSnapshot earlier)
    {
        latest = found;
        if (found.MattersAfter(earlier))
        {
            memory.InstanceChanged();
        }
    }

    private void SayNotInspected(string failure)
    {
        if (said.IsNew(failure))
        {
            LogNotInspected(logger, memory.Name, failure);
        }
    }

    [LoggerMessage(2042, LogLevel.Error, "{Keeper}: the data directory cannot be looked at: {Failure}")]
    private static partial void LogNotInspected(ILogger logger, string keeper, string failure);

    [LoggerMessage(2040, LogLevel.Warning, "{Keeper}: PostgreSQL does not answer: {Failure}")]
    private static partial void LogNoAnswer(ILogger logger, string keeper, string failure);
}
