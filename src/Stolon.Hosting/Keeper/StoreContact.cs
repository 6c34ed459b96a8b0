using Stolon.Convergence;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// When the store last took our report and last let us read, by the boot clock, and until when a primary may serve for it (S4).
/// What counts is when a call <em>began</em>: what the others know of us is at least that old.
/// </summary>
internal sealed class StoreContact(TimeProvider bootClock)
{
    private readonly Lock gate = new();
    private TimeSpan? readBegan;
    private TimeSpan? publicationBegan;
    private TimeSpan failInterval = TimeSpan.FromSeconds(20);
    private TimeSpan earlierFailInterval = TimeSpan.FromSeconds(20);
    private TimeSpan failIntervalChanged;

    /// <summary>Rings when a deadline moved.</summary>
    public Wake Moved { get; } = new();

    /// <summary>The store was reached recently enough for a primary to start, to be promoted, or to open.</summary>
    public bool Heard => Deadline(limits => limits.Fast) is { } end && bootClock.Now() < end;

    /// <summary>The limits that hold now.</summary>
    public Fencing Limits
    {
        get
        {
            lock (gate)
            {
                return Fencing.For(SmallestFailInterval());
            }
        }
    }

    /// <summary>A linearizable read succeeded.</summary>
    /// <param name="began">When it began.</param>
    /// <param name="interval">The failInterval of the document; null when there is none.</param>
    public void ReadSucceeded(TimeSpan began, TimeSpan? interval)
    {
        lock (gate)
        {
            // Two may read at once, and the earlier one may end later.
            readBegan = readBegan > began ? readBegan : began;
            if (interval is { } next && next != failInterval)
            {
                (earlierFailInterval, failInterval, failIntervalChanged) = (failInterval, next, bootClock.Now());
            }
        }

        Moved.Ring();
    }

    /// <summary>A publication succeeded.</summary>
    /// <param name="began">When it began.</param>
    public void PublicationSucceeded(TimeSpan began)
    {
        lock (gate)
        {
            publicationBegan = began;
        }

        Moved.Ring();
    }

    /// <summary>One of the limits as an instant of the boot clock; null when the store was never reached both ways.</summary>
    /// <param name="limit">Which one.</param>
    /// <returns>The instant.</returns>
    public TimeSpan? Deadline(Func<Fencing, TimeSpan> limit)
    {
        lock (gate)
        {
            return Older() is { } older ? older + limit(Fencing.For(SmallestFailInterval())) : null;
        }
    }

    private TimeSpan? Older() =>
        readBegan is { } read && publicationBegan is { } publication ? (read < publication ? read : publication) : null;

    /// <summary>The smallest failInterval seen since the older contact: a sentinel may still act on the one before the last change.</summary>
    private TimeSpan SmallestFailInterval() =>
        Older() is { } older && older >= failIntervalChanged
            ? failInterval
            : failInterval < earlierFailInterval ? failInterval : earlierFailInterval;
}
