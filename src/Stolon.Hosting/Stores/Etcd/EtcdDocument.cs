using Etcdserverpb;
using Google.Protobuf;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>A write of the document.</summary>
/// <param name="Value">The document.</param>
/// <param name="Expected">The revision that it must still have; 0 = it must not be there.</param>
/// <param name="Also">What is written with it.</param>
/// <param name="LeaderKey">The key that shows that the writer leads, which must be there; null = it need not lead.</param>
internal sealed record EtcdDocumentWrite(ByteString Value, long Expected, IReadOnlyList<RequestOp> Also, string? LeaderKey);

/// <summary>
/// The document's key. A write whose answer is lost is asked for again, the same, until it is known what became of it: what etcd still
/// holds somewhere, in a member that is frozen say, could otherwise be carried out minutes later, when its decision is wrong.
/// </summary>
/// <param name="client">The members.</param>
/// <param name="key">Where it is.</param>
internal sealed class EtcdDocument(EtcdClient client, string key)
{
    private const long Settled = -1;

    /// <summary>The revision that an unsettled write expects; -1 = every write of this process is settled.</summary>
    private long unsettled = Settled;

    /// <summary>Reads it. While a write of this process may still be carried out, the document is written anew first, unchanged: that settles it.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The document and its revision; null when it is not there.</returns>
    public async Task<(ByteString Value, long Revision)?> ReadAsync(CancellationToken cancellationToken)
    {
        var open = Interlocked.Read(ref unsettled);
        var request = new RangeRequest { Key = ByteString.CopyFromUtf8(key) };
        var answer = await client.RepeatAsync(
            "reading", attempt => attempt.Endpoint.Values.RangeAsync(request, attempt.Options), cancellationToken).ConfigureAwait(false);
        var found = answer.Kvs.FirstOrDefault();
        if (found is null || open == Settled)
        {
            return found is null ? null : (found.Value, found.ModRevision);
        }

        if (found.ModRevision == open)
        {
            var again = new TxnRequest
            {
                Compare = { EtcdOps.ChangedIn(key, open) },
                Success = { EtcdOps.Put(key, found.Value), EtcdOps.Get(key) },
                Failure = { EtcdOps.Get(key) },
            };
            var settled = await client.RepeatAsync(
                "writing", attempt => attempt.Endpoint.Values.TxnAsync(again, attempt.Options), cancellationToken).ConfigureAwait(false);
            found = settled.Responses[^1].ResponseRange.Kvs.FirstOrDefault();
        }

        Interlocked.CompareExchange(ref unsettled, Settled, open);
        return found is null ? null : (found.Value, found.ModRevision);
    }

    /// <summary>Writes it if it is still what was expected.</summary>
    /// <param name="write">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False if it was not.</returns>
    /// <exception cref="StoreUnavailableException">It is not known. The next read settles it.</exception>
    public async Task<bool> TryWriteAsync(EtcdDocumentWrite write, CancellationToken cancellationToken)
    {
        var request = new TxnRequest
        {
            Compare = { EtcdOps.ChangedIn(key, write.Expected) },
            Success = { EtcdOps.Put(key, write.Value), write.Also },
            Failure = { EtcdOps.Get(key) },
        };
        if (write.LeaderKey is { } leader)
        {
            // Whoever leads next need not fear it.
            request.Compare.Add(EtcdOps.Exists(leader));
        }

        Interlocked.Exchange(ref unsettled, write.Expected);
        var applied = await TryAsync(request, write.Value, write.Expected, cancellationToken).ConfigureAwait(false);
        Interlocked.CompareExchange(ref unsettled, Settled, write.Expected);
        return applied;
    }

    /// <summary>Writes it whatever it is, if the history is still what was expected.</summary>
    /// <param name="value">The document.</param>
    /// <param name="historyKey">Where the history is.</param>
    /// <param name="expectedHistory">The revision that it must still have; 0 = it must not be there.</param>
    /// <param name="history">The new history.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False if it was not.</returns>
    public Task<bool> TryOverwriteAsync(
        ByteString value, string historyKey, long expectedHistory, ByteString history, CancellationToken cancellationToken)
    {
        var request = new TxnRequest
        {
            Compare = { EtcdOps.ChangedIn(historyKey, expectedHistory) },
            Success = { EtcdOps.Put(historyKey, history), EtcdOps.Put(key, value) },
            Failure = { EtcdOps.Get(key) },
        };
        return TryAsync(request, value, expected: 0, cancellationToken);
    }

    private async Task<bool> TryAsync(TxnRequest request, ByteString value, long expected, CancellationToken cancellationToken)
    {
        var asked = 0;
        var answer = await client.RepeatAsync(
            "writing",
            attempt =>
            {
                Interlocked.Increment(ref asked);
                return attempt.Endpoint.Values.TxnAsync(request, attempt.Options);
            },
            cancellationToken).ConfigureAwait(false);

        // It was carried out by an earlier attempt, if it is there. Should another process have written the very same, nothing is lost either.
        return answer.Succeeded
            || (asked > 1 && answer.Responses[^1].ResponseRange.Kvs.Any(found => found.ModRevision > expected && found.Value.Equals(value)));
    }
}
