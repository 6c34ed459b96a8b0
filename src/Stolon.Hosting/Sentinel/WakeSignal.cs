using Stolon.Hosting.Time;

namespace Stolon.Hosting.Sentinel;

/// <summary>Wakes a loop that rests. Signals that come while it works, or shortly after another, are merged into one.</summary>
/// <param name="time">The clock.</param>
internal sealed class WakeSignal(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim signal = new(0, 1);

    /// <summary>Wakes the loop, now or when it comes to rest next.</summary>
    public void Set()
    {
        lock (signal)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }

    /// <summary>Rests until woken, at most for a while, and in any case for the shortest rest: a burst of signals is one.</summary>
    /// <param name="longest">The longest rest; an hour at most.</param>
    /// <param name="shortest">The shortest rest, whatever is signalled.</param>
    /// <param name="cancellationToken">Ends the rest without an exception.</param>
    /// <returns>When it is over.</returns>
    public async Task RestAsync(TimeSpan longest, TimeSpan shortest, CancellationToken cancellationToken)
    {
        await Task.Delay(shortest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (longest <= shortest || cancellationToken.IsCancellationRequested)
        {
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var limit = new CancellationTokenSource(longest.Bounded() - shortest, time);
        await using var link = limit.Token.Register(over.Cancel).ConfigureAwait(false);
        try
        {
            await signal.WaitAsync(over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody signalled.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => signal.Dispose();
}
