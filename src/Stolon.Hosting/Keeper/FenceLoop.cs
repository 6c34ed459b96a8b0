using Microsoft.Extensions.Logging;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// Stops a primary that is not heard or does not hear, before another may have been elected (S4). It shares nothing with the other loops
/// but the instants of the last contact, so that no hanging call of theirs can keep it from acting; and it hands the same limit to the
/// guard, which acts when this process is frozen.
/// </summary>
internal sealed partial class FenceLoop(
    IPostgresInstance instance, StoreContact contact, KeeperMemory memory, TimeProvider bootClock, bool enabled, ILogger logger)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private volatile bool armed;

    /// <summary>From now on the instance may take writes: called before it can.</summary>
    public void Arm()
    {
        armed = enabled;
        RenewGuard();
        contact.Moved.Ring();
    }

    /// <summary>From now on the instance is a standby: it may run without the store. Called before it starts.</summary>
    public void Disarm()
    {
        armed = false;
        instance.SetDeadline(null);
    }

    /// <summary>Watches the limits until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var left = RenewGuard() is { } fast ? fast - bootClock.Now() : LongestWait;
            if (left <= TimeSpan.Zero)
            {
                left = await FenceAsync(cancellationToken).ConfigureAwait(false);
            }

            await contact.Moved.WaitAsync(left < LongestWait ? left : LongestWait, bootClock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the guard how long the instance may go on without this process.</summary>
    /// <returns>When this process itself has to act; null = not at all.</returns>
    private TimeSpan? RenewGuard()
    {
        if (!armed)
        {
            return null;
        }

        instance.SetDeadline(contact.Deadline(limits => limits.Immediate));
        return contact.Deadline(limits => limits.Fast);
    }

    private async Task<TimeSpan> FenceAsync(CancellationToken cancellationToken)
    {
        if (!instance.Inspect().Running)
        {
            return LongestWait;
        }

        var limits = contact.Limits;
        LogFencing(logger, memory.Name, limits.Fast.TotalSeconds);
        memory.Trouble = $"the store was out of reach for {limits.Fast.TotalSeconds} s, and the primary was stopped; it starts again when the store is back";
        try
        {
            await instance.StopAsync(StopMode.Fast, limits.Kill - limits.Immediate, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresInstanceException exception)
        {
            LogFenceFailed(logger, memory.Name, exception.Message);
            return TimeSpan.FromMilliseconds(100);
        }

        memory.InstanceChanged();
        return LongestWait;
    }

    [LoggerMessage(2050, LogLevel.Warning,
        "{Keeper}: the store has not been reached for {Seconds} s: the primary stops, before another may be elected.")]
    private static partial void LogFencing(ILogger logger, string keeper, double seconds);

    [LoggerMessage(2051, LogLevel.Error, "{Keeper}: the primary could not be stopped, and the guard kills it: {Failure}")]
    private static partial void LogFenceFailed(ILogger logger, string keeper, string failure);
}
