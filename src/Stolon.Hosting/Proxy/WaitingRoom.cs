using System.Net.Sockets;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// Where clients wait that came while there is no primary: a connection that is held for a moment is a slow one, a refused one is an error in
/// an application. Nothing of what they send is answered, and it is passed on unchanged when a primary appears.
/// </summary>
/// <param name="limit">How long one waits at most.</param>
/// <param name="time">The clock of waits.</param>
internal sealed class WaitingRoom(TimeSpan limit, TimeProvider time)
{
    private readonly Lock gate = new();
    private TaskCompletionSource<RouteEpoch?> next = New();
    private volatile bool closed;

    /// <summary>What the next call will say. To be taken in the same instant in which there is seen to be no route.</summary>
    public Task<RouteEpoch?> Next
    {
        get
        {
            lock (gate)
            {
                return next.Task;
            }
        }
    }

    /// <summary>Whether anybody may wait at all.</summary>
    public bool IsOpen => limit > TimeSpan.Zero && !closed;

    /// <summary>How long a client may still wait.</summary>
    /// <param name="arrived">When it came.</param>
    /// <returns>Below zero = it has waited too long.</returns>
    public TimeSpan Left(long arrived) => limit - time.GetElapsedTime(arrived);

    /// <summary>Nobody waits from now on; those who do wait for the next call.</summary>
    public void Close() => closed = true;

    /// <summary>A primary is there: everybody goes to it.</summary>
    /// <param name="epoch">The route to it; null = there will be none that this proxy may open, and nobody waits any longer.</param>
    public void Call(RouteEpoch? epoch)
    {
        TaskCompletionSource<RouteEpoch?> called;
        lock (gate)
        {
            (called, next) = (next, New());
        }

        called.SetResult(epoch);
    }

    /// <summary>Lets a client wait. When nobody comes for it, it is told so in its own language, and closed.</summary>
    /// <param name="client">The client.</param>
    /// <param name="called">See <see cref="Next"/>.</param>
    /// <param name="arrived">When it came: all its waits together are bounded.</param>
    /// <returns>The route that it takes; null = it is closed already.</returns>
    public async Task<RouteEpoch?> WaitAsync(Socket client, Task<RouteEpoch?> called, long arrived)
    {
        var refusal = new StartupRefusal(client, time);
        try
        {
            using var over = new CancellationTokenSource(Left(arrived).Bounded(), time);

            // Looked at, and not taken: it belongs to the primary.
            var looked = refusal.IsWorthWaitingAsync(over.Token);
            await Task.WhenAny(called, looked).ConfigureAwait(false);
            if (!called.IsCompleted && await looked.ConfigureAwait(false))
            {
                await ((Task)called).WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            // The look has to be over before anybody else reads.
            await over.CancelAsync().ConfigureAwait(false);
            var isWorth = await looked.ConfigureAwait(false);
            if (called is { IsCompletedSuccessfully: true, Result: { } epoch })
            {
                return epoch;
            }

            if (isWorth)
            {
                await refusal.SendAsync().ConfigureAwait(false);
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client did not wait.
        }

        client.Dispose();
        return null;
    }

    private static TaskCompletionSource<RouteEpoch?> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
