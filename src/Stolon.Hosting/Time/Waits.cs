namespace Stolon.Hosting.Time;

/// <summary>Bounds of every wait whose length somebody chose: timers take no more than 49 days, and a wait of nothing burns the processor.</summary>
internal static class Waits
{
    /// <summary>The shortest wait.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait: whoever waits looks again then, and waits on.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The wait within these bounds.</summary>
    /// <param name="wait">As long as somebody asked for.</param>
    /// <returns>From 50 ms to 1 h.</returns>
    public static TimeSpan Bounded(this TimeSpan wait) => wait < Shortest ? Shortest : wait < Longest ? wait : Longest;
}
