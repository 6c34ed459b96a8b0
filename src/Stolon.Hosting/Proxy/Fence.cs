using Stolon.Hosting.Time;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// The instant from which nothing may be forwarded any more, on a clock that runs through suspend. Whoever is about to forward looks at it
/// right before, so that a process that was paused finds out by itself, however late its timers and its store calls come (S1).
/// </summary>
/// <param name="clock">The boot clock.</param>
internal sealed class Fence(TimeProvider clock)
{
    private long deadlineTicks;

    /// <summary>The clock's present.</summary>
    public TimeSpan Now => clock.Now();

    /// <summary>The instant.</summary>
    public TimeSpan Deadline => TimeSpan.FromTicks(Interlocked.Read(ref deadlineTicks));

    /// <summary>Nothing may be forwarded.</summary>
    public bool IsPast => Now >= Deadline;

    /// <summary>Moves the instant.</summary>
    /// <param name="deadline">The new instant.</param>
    /// <returns>False if the former one had passed: what was forwarded under it is over, whatever the new one says.</returns>
    public bool TryRenew(TimeSpan deadline)
    {
        var former = Interlocked.Exchange(ref deadlineTicks, deadline.Ticks);
        return Now.Ticks < former;
    }
}
