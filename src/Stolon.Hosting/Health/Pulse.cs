namespace Stolon.Hosting.Health;

/// <summary>
/// The sign of life of one loop: at each turn it says when the next one is due at the latest. A loop that is overdue hangs, whatever it
/// waits for, since every wait of ours has a bound (S12).
/// </summary>
/// <param name="loop">What people call it.</param>
/// <param name="time">Its clock. It should not run through suspend: a machine that wakes up has no hanging loops.</param>
internal sealed class Pulse(string loop, TimeProvider time)
{
    /// <summary>What a busy machine gets on top: whoever is told that a loop hangs may kill the process, and with it PostgreSQL.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private volatile Turn? last;

    /// <summary>Why the loop is taken to hang; null while it turns, and before its first turn.</summary>
    public string? Trouble =>
        last is { } turn && time.GetElapsedTime(turn.Began) is var age && age > turn.Limit + Grace
            ? $"the {loop} loop has not advanced for {age.TotalSeconds:0} s (at most {turn.Limit.TotalSeconds:0} s were expected)"
            : null;

    /// <summary>A turn begins.</summary>
    /// <param name="limit">How long it may take until the next one begins.</param>
    public void Beat(TimeSpan limit) => last = new Turn(time.GetTimestamp(), limit);

    /// <summary>The loop has ended, as it should: nothing more is due.</summary>
    public void End() => last = null;

    private sealed record Turn(long Began, TimeSpan Limit);
}
