using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Administration;

/// <summary>Changes the document on behalf of somebody who is no sentinel.</summary>
/// <param name="clusterName">The cluster's name.</param>
/// <param name="store">The cluster's store.</param>
/// <param name="time">The wall clock.</param>
internal sealed class DocumentChange(string clusterName, IClusterStore store, TimeProvider time)
{
    private const int MaxAttempts = 5;

    /// <summary>
    /// Reads, changes and writes, again if somebody else wrote in between (A2). The revision grows by one and no further: if the
    /// document was restored from an old copy, this write must not hide that from the sentinels (Q33).
    /// </summary>
    /// <param name="change">What shall be written, and what the history says of it; null = nothing.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <exception cref="StolonException">There is no cluster, or others were faster too often.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    public async Task RunAsync(Func<ClusterData, Task<(ClusterData Next, Decision Decision)?>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var stored = await store.ReadAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new StolonException($"The cluster {clusterName} does not exist. Initialise it first.");
            if (await change(stored.Data).ConfigureAwait(false) is not { } changed)
            {
                return;
            }

            var now = Timestamp.From(time.GetUtcNow());
            var written = Stamp(changed.Next, stored.Data, now);
            if (await store.TryWriteAsync(written, stored.Version, [changed.Decision], cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new StolonException($"The cluster {clusterName} was changed by others {MaxAttempts} times in a row; nothing was written. Try again.");
    }

    /// <summary>Revision and change times of a written document (F4).</summary>
    private static ClusterData Stamp(ClusterData next, ClusterData stored, Timestamp now) => next with
    {
        Revision = stored.Revision + 1,
        ChangeTime = now,
        Cluster = next.Cluster == stored.Cluster ? next.Cluster : next.Cluster with { ChangeTime = now },
        Keepers = new ValueMap<KeeperId, KeeperRecord>(next.Keepers.Select(entry =>
            KeyValuePair.Create(
                entry.Key,
                entry.Value == stored.Keepers.Find(entry.Key) ? entry.Value : entry.Value with { ChangeTime = now }))),
    };
}
