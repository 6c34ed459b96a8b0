namespace Stolon.Hosting.Time;

/// <summary>
/// Makes calls that may hang for ever and that nobody can cancel, such as those to the files of a dead network disk: each on a thread of
/// its own and with a limit, and none while an earlier one hangs.
/// </summary>
/// <param name="time">The clock of the limits.</param>
internal sealed class HangingCalls(TimeProvider time)
{
    private Task underWay = Task.CompletedTask;

    /// <summary>Calls. One caller at a time.</summary>
    /// <param name="call">The call.</param>
    /// <param name="limit">How long to wait, for an earlier call too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the call returned.</returns>
    /// <exception cref="TimeoutException">It hangs, or an earlier one does: then this one was not made.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await Task.WhenAny(underWay).WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        var running = Task.Run(call, CancellationToken.None);
        underWay = running;
        var left = limit - time.GetElapsedTime(began);
        return await running.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(false);
    }
}
