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

    /// <summary>A dead disk hangs and says nothing. Shorter than the time until the harder stop.</summary>
    private static readonly TimeSpan LookLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>Until a stop that failed is tried again.</summary>
    private static readonly TimeSpan BeforeStart = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than any failInterval: the next mode follows at its instant.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromDays(1);

    private readonly HangingCalls files = new(bootClock);
    private readonly Lock gate = new();
    private bool armed;

    /// <summary>From now on the instance may take writes: called before it can.</summary>
    public void Arm()
    {
        lock (gate)
        {
            armed = enabled;
            RenewGuard();
        }

        contact.Moved.Ring();
    }

    /// <summary>From now on the instance is a standby: it may run without the store. Called before it starts.</summary>
    public void Disarm()
    {
        lock (gate)
        {
            armed = false;
            instance.SetDeadline(null);
        }
    }

    /// <summary>Watches the limits until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            memory.Pulses.Fence.Beat(LongestWait + contact.Limits.Kill);
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
        // With the lock, so that no late renewal hands a deadline to what has become a standby meanwhile.
        lock (gate)
        {
            if (!armed)
            {
                return null;
            }

            instance.SetDeadline(contact.Deadline(limits => limits.Immediate));
            return contact.Deadline(limits => limits.Fast);
        }
    }

    private async Task<TimeSpan> FenceAsync(CancellationToken cancellationToken)
    {
        if (!await MayRunAsync(cancellationToken).ConfigureAwait(false))
        {
            // It may be about to start: it was armed, and has no postmaster yet.
            return BeforeStart;
        }

        var limits = contact.Limits;
        memory.Metrics.OnFence();
        LogFencing(logger, memory.Name, limits.Fast.TotalSeconds);
        memory.Trouble = $"the store was out of reach for {limits.Fast.TotalSeconds} s, and the primary was stopped; it starts again when the store is back";
        try
        {
            await StopInTimeAsync(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever fails, it is tried again; and the guard is there.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFenceFailed(logger, memory.Name, exception.Message);
            return Again;
        }

        memory.InstanceChanged();
        return LongestWait;
    }

    /// <summary>Fast now, immediate at F - margin/2, SIGKILL at F - margin/4 (S4); the instants are fixed, whatever is heard meanwhile.</summary>
    private async Task StopInTimeAsync(CancellationToken cancellationToken)
    {
        var immediate = contact.Deadline(limits => limits.Immediate) ?? TimeSpan.Zero;
        var kill = contact.Deadline(limits => limits.Kill) ?? TimeSpan.Zero;
        lock (gate)
        {
            if (armed)
            {
                // This process is awake and at work: the guard need not be faster than it.
                instance.SetDeadline(kill);
            }
        }

        using var timer = new CancellationTokenSource(Until(immediate), bootClock);
        using var fast = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await instance.StopAsync(StopMode.Fast, LongestStop, fast.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await instance.StopAsync(StopMode.Immediate, Until(kill), cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Until(TimeSpan instant) => instant > bootClock.Now() ? instant - bootClock.Now() : TimeSpan.Zero;

    /// <summary>Who cannot look stops it to be sure.</summary>
    private async Task<bool> MayRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await files.RunAsync(() => Task.FromResult(instance.Inspect().Running), LookLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is PostgresInstanceException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            // The host ends, and stops it.
            return false;
        }
    }

    [LoggerMessage(2050, LogLevel.Warning,
        "{Keeper}: the store has not been reached for {Seconds} s: the primary stops, before another may be elected.")]
    private static partial void LogFencing(ILogger logger, string keeper, double seconds);

    [LoggerMessage(2051, LogLevel.Error, "{Keeper}: the primary could not be stopped, and the guard kills it: {Failure}")]
    private static partial void LogFenceFailed(ILogger logger, string keeper, string failure);
}
