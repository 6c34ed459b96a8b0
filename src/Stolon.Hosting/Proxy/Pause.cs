using System.Threading.Tasks.Sources;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// The wait of one direction of a connection for a receiver that does not keep up. A timer and no pending send: a pending send would be
/// completed by the runtime's socket thread, which knows no deadline. It doubles from 1 to 32 ms, and allocates nothing after its first use.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class Pause(TimeProvider time) : IValueTaskSource, IDisposable
{
    private const int LongestMilliseconds = 32;

    private ManualResetValueTaskSourceCore<bool> source;
    private ITimer? timer;
    private int milliseconds = 1;

    /// <summary>The receiver keeps up again: the next wait is short.</summary>
    public void Reset() => milliseconds = 1;

    /// <summary>Waits a little, each time longer. Never two waits at once.</summary>
    /// <returns>When it is worth trying again.</returns>
    public ValueTask WaitAsync()
    {
        source.Reset();
        var task = new ValueTask(this, source.Version);
        timer ??= time.CreateTimer(static state => ((Pause)state!).source.SetResult(true), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
        milliseconds = Math.Min(2 * milliseconds, LongestMilliseconds);
        return task;
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => source.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => source.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}
