using Stolon.Cluster;

namespace Stolon.Hosting.Stores;

/// <summary>Who leads, as a store keeps it.</summary>
/// <param name="Holder">The sentinel, for people.</param>
/// <param name="Session">New for every campaign: the same sentinel may campaign twice.</param>
/// <param name="Renewal">Changes with every renewal; an unchanged row is what expires.</param>
internal sealed record LeaderRow(SentinelId Holder, string Session, long Renewal);

/// <summary>What a held leadership needs of a store: two small atomic steps. Each may throw <see cref="Stolon.Storage.StoreUnavailableException"/>.</summary>
internal interface ILeaderSession
{
    /// <summary>Renews, quietly.</summary>
    /// <param name="session">The caller's session.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False if somebody else leads, or nobody.</returns>
    ValueTask<bool> TryRenewAsync(string session, CancellationToken cancellationToken);

    /// <summary>Ends the leadership if it is the caller's, and tells everybody.</summary>
    /// <param name="session">The caller's session.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When done.</returns>
    ValueTask ReleaseAsync(string session, CancellationToken cancellationToken);
}

/// <summary>What a campaign needs of a store that keeps one row for the leader.</summary>
internal interface ILeaderTable : ILeaderSession
{
    /// <summary>Who leads; null = nobody.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The row or null.</returns>
    ValueTask<LeaderRow?> ReadLeaderRowAsync(CancellationToken cancellationToken);

    /// <summary>Takes the leadership if the row is still what was seen, and tells everybody.</summary>
    /// <param name="seen">The row that has expired; null = there was none.</param>
    /// <param name="mine">The new row.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False if the row is another one by now.</returns>
    ValueTask<bool> TryTakeAsync(LeaderRow? seen, LeaderRow mine, CancellationToken cancellationToken);
}

/// <summary>The times of leadership (Q30).</summary>
/// <param name="Expiry">After how long without a change on a candidate's own clock the candidate may take it.</param>
/// <param name="Renew">How often the holder renews.</param>
/// <param name="Margin">How much earlier than others may take it the holder counts it as lost.</param>
internal sealed record LeadershipTimes(TimeSpan Expiry, TimeSpan Renew, TimeSpan Margin)
{
    /// <summary>A session of 5 s.</summary>
    public static readonly LeadershipTimes Default =
        new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1));

    /// <summary>For how long a renewal holds, counted from before it began.</summary>
    public TimeSpan Valid => Expiry - Margin;

    /// <summary>How often a candidate looks when nothing wakes it.</summary>
    public TimeSpan Look => Expiry / 5;
}
