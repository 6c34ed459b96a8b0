using Stolon.Cluster;

namespace Stolon.Hosting.Stores;

/// <summary>Tells people who leads: a row that has not changed for too long while it was looked at names nobody.</summary>
internal sealed class LeaderAge(TimeProvider time, LeadershipTimes times)
{
    private readonly Lock gate = new();
    private LeaderRow? seen;
    private long seenAt;

    /// <summary>Looks at the row.</summary>
    /// <param name="row">What the store holds now.</param>
    /// <returns>The leader, or null.</returns>
    public SentinelId? Look(LeaderRow? row)
    {
        lock (gate)
        {
            if (row != seen)
            {
                seen = row;
                seenAt = time.GetTimestamp();
            }

            return row is null || time.GetElapsedTime(seenAt) > times.Expiry ? null : row.Holder;
        }
    }
}
