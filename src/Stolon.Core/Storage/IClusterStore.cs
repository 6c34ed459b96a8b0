using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Storage;

/// <summary>
/// The only door to the shared state of one cluster. Every call has a deadline of its own, shorter than any rule that waits for it,
/// and may throw <see cref="StoreUnavailableException"/>. Members may be called from several threads at once.
/// </summary>
public interface IClusterStore : IAsyncDisposable
{
    /// <summary>Reads the document. Linearizable: what it returns was current at some instant between call and return.</summary>
    /// <param name="cancellationToken">Gives up waiting; nothing is known then.</param>
    /// <returns>The document and its version, or null when the store holds none.</returns>
    /// <exception cref="StoreUnavailableException">Nothing could be read.</exception>
    /// <exception cref="ClusterDataException">The store holds a document that this version does not understand.</exception>
    ValueTask<StoredClusterData?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes the document if nobody wrote since it was read, and appends to the history in the same transaction.</summary>
    /// <param name="next">The new document.</param>
    /// <param name="expected">The version that was read; null = only if the store holds no document.</param>
    /// <param name="decisions">What to append to the history; the last 100 are kept.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether the write happened.</param>
    /// <returns>False if somebody else wrote in between: nothing was written.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether the write happened.</exception>
    ValueTask<bool> TryWriteAsync(
        ClusterData next, StoreVersion? expected, ImmutableArray<Decision> decisions, CancellationToken cancellationToken);

    /// <summary>Writes the document whatever the store holds (A1, <c>init</c>); the history is kept.</summary>
    /// <param name="next">The new document.</param>
    /// <param name="decisions">What to append to the history.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether the write happened.</param>
    /// <returns>When written.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether the write happened.</exception>
    ValueTask OverwriteAsync(ClusterData next, ImmutableArray<Decision> decisions, CancellationToken cancellationToken);

    /// <summary>Publishes the caller's own report. Last writer wins, and only the owner writes.</summary>
    /// <param name="report">The report; it replaces the owner's earlier one.</param>
    /// <param name="timeToLive">After how long without a new one it may vanish. Garbage collection only: liveness is never decided from it (ST3).</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When published.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was published.</exception>
    ValueTask PublishAsync(KeeperReport report, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <inheritdoc cref="PublishAsync(KeeperReport, TimeSpan, CancellationToken)"/>
    ValueTask PublishAsync(ProxyReport report, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <inheritdoc cref="PublishAsync(KeeperReport, TimeSpan, CancellationToken)"/>
    ValueTask PublishAsync(SentinelReport report, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Takes back the report of a sentinel that ends.</summary>
    /// <param name="sentinel">The caller's own id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When removed; it is no error if there was none.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was removed.</exception>
    ValueTask WithdrawAsync(SentinelId sentinel, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a question to the keepers. Whoever watches <see cref="StoreChange.ClusterData"/> hears of it, and answers in its own report.
    /// </summary>
    /// <param name="question">The question.</param>
    /// <param name="timeToLive">After how long it may vanish if nobody withdraws it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When asked.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was asked.</exception>
    ValueTask PublishAsync(SettingsQuestion question, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Takes back a question; whoever watches <see cref="StoreChange.ClusterData"/> hears of that too.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When removed; it is no error if there was none.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was removed.</exception>
    ValueTask WithdrawAsync(QuestionId question, CancellationToken cancellationToken);

    /// <summary>Lists all reports, and the open questions. Linearizable. A report that cannot be read is left out and named in <see cref="Reports.Unreadable"/>.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The reports.</returns>
    /// <exception cref="StoreUnavailableException">Nothing could be read.</exception>
    ValueTask<Reports> ListReportsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Says that something under this cluster may have changed: a hint to look, never the truth itself. Yields once at the start,
    /// and goes on by itself after the store was away. Hints that come while the reader is busy are merged into one.
    /// </summary>
    /// <param name="scope">What the caller wants to hear of.</param>
    /// <param name="cancellationToken">Ends the stream, without an exception.</param>
    /// <returns>One element per hint.</returns>
    IAsyncEnumerable<StoreChange> WatchAsync(StoreChange scope, CancellationToken cancellationToken);

    /// <summary>Waits until the caller is the leader among the sentinels (ST4, Q30). Leadership is never trusted for safety: the compare-and-swap is.</summary>
    /// <param name="candidate">The caller's id, shown to people.</param>
    /// <param name="cancellationToken">Gives up; the caller is not leader then.</param>
    /// <returns>The leadership; dispose it to hand it on at once.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken);

    /// <summary>Who leads now, for people.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The leader, or null when there is none.</returns>
    /// <exception cref="StoreUnavailableException">Nothing could be read.</exception>
    ValueTask<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken);

    /// <summary>The last decisions, oldest first, at most 100.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The decisions.</returns>
    /// <exception cref="StoreUnavailableException">Nothing could be read.</exception>
    ValueTask<ImmutableArray<Decision>> ReadHistoryAsync(CancellationToken cancellationToken);
}

/// <summary>Leadership among the sentinels, held until lost or disposed.</summary>
public interface ILeadership : IAsyncDisposable
{
    /// <summary>Cancelled when the leadership is lost, at the latest when somebody else may have it.</summary>
    CancellationToken Lost { get; }
}
