using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Etcdserverpb;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>The store in etcd v3, in stolon's own layout (ST1), for clusters on several machines.</summary>
internal sealed class EtcdClusterStore : IClusterStore
{
    private const string Reading = "reading";
    private const string Writing = "writing";
    private const int OverwriteTries = 5;

    private readonly EtcdKeys keys;
    private readonly EtcdClient client;
    private readonly ChangeHub hub = new();
    private readonly EtcdWatch watch;
    private readonly EtcdReportLease lease;
    private readonly EtcdElection election;
    private readonly EtcdDocument document;
    private int disposed;

    /// <summary>Makes the store object; nothing is connected before the first call.</summary>
    /// <param name="settings">Where, as whom, and for how long.</param>
    /// <param name="time">The clock of deadlines and of leadership; it should run through suspend.</param>
    /// <param name="logger">Where changes are said.</param>
    public EtcdClusterStore(EtcdSettings settings, TimeProvider time, ILogger logger)
    {
        keys = new EtcdKeys(settings.Options.Prefix, settings.ClusterName);
        client = new EtcdClient(settings, time, () => hub.Raise(ChangeHub.All), logger);
        var leases = new EtcdLeases(client);
        lease = new EtcdReportLease(leases, time, client.Closed);
        watch = new EtcdWatch(client, keys, hub, time, logger);
        document = new EtcdDocument(client, keys.ClusterData);
        election = new EtcdElection(client, keys, leases, hub, time, settings.Leadership, logger);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredClusterData?> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
        return found is { } read
            ? new StoredClusterData(ClusterJson.ReadClusterData(read.Value.ToByteArray()), new(read.Revision.ToString(CultureInfo.InvariantCulture)))
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryWriteAsync(
        ClusterData next, StoreVersion? expected, ImmutableArray<Decision> decisions, CancellationToken cancellationToken)
    {
        var revision = 0L;
        if (expected is { } version
            && !long.TryParse(version.Token, NumberStyles.None, CultureInfo.InvariantCulture, out revision))
        {
            return false;
        }

        RequestOp[] also = [];
        if (!decisions.IsEmpty)
        {
            // It changes only together with the document, so it is right if the document is still what was expected.
            var history = await GetAsync(keys.History, cancellationToken).ConfigureAwait(false);
            also = [EtcdOps.Put(keys.History, EtcdHistory.Append(history?.Value, decisions))];
        }

        return await document.TryWriteAsync(
            new EtcdDocumentWrite(ByteString.CopyFrom(ClusterJson.Write(next)), revision, also, election.HeldKey), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask OverwriteAsync(
        ClusterData next, ImmutableArray<Decision> decisions, CancellationToken cancellationToken)
    {
        var body = ByteString.CopyFrom(ClusterJson.Write(next));
        for (var tried = 0; tried < OverwriteTries; tried++)
        {
            var history = await GetAsync(keys.History, cancellationToken).ConfigureAwait(false);
            if (await document.TryOverwriteAsync(
                body, keys.History, history?.ModRevision ?? 0, EtcdHistory.Append(history?.Value, decisions), cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new StoreUnavailableException($"{client.Name}: writing failed: others write all the time.");
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(KeeperReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(ReportKind.Keeper, report.Uid.Value, ClusterJson.Write(report), timeToLive, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishAsync(ProxyReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(ReportKind.Proxy, report.Uid.Value, ClusterJson.Write(report), timeToLive, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishAsync(SentinelReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(ReportKind.Sentinel, report.Uid.Value, ClusterJson.Write(report), timeToLive, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WithdrawAsync(SentinelId sentinel, CancellationToken cancellationToken) =>
        WithdrawAsync(ReportKind.Sentinel, sentinel.Value, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishAsync(SettingsQuestion question, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(ReportKind.Question, question.Id.Value, ClusterJson.Write(question), timeToLive, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WithdrawAsync(QuestionId question, CancellationToken cancellationToken) =>
        WithdrawAsync(ReportKind.Question, question.Value, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Reports> ListReportsAsync(CancellationToken cancellationToken)
    {
        // One transaction that only reads: one instant for all kinds.
        var kinds = Enum.GetValues<ReportKind>();
        var request = new TxnRequest();
        foreach (var start in kinds.Select(keys.Reports))
        {
            request.Success.Add(new RequestOp
            {
                RequestRange = new RangeRequest { Key = ByteString.CopyFromUtf8(start), RangeEnd = EtcdKeys.EndOf(start) },
            });
        }

        var answer = await client.RepeatAsync(Reading, attempt => attempt.Endpoint.Values.TxnAsync(request, attempt.Options), cancellationToken).ConfigureAwait(false);
        return ReportReader.Read([.. kinds.Zip(answer.Responses).SelectMany(pair => Rows(pair.First, pair.Second.ResponseRange))]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreChange> WatchAsync(
        StoreChange scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await watch.BeginAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await foreach (var change in hub.WatchAsync(scope, client.Closed, cancellationToken).ConfigureAwait(false))
        {
            yield return change;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken)
    {
        _ = watch.BeginAsync();
        return election.CampaignAsync(candidate, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken) =>
        await election.ReadLeaderAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<Decision>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        EtcdHistory.Read((await GetAsync(keys.History, cancellationToken).ConfigureAwait(false))?.Value);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            await watch.EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await lease.EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Mvccpb.KeyValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = ByteString.CopyFromUtf8(key) };
        var answer = await client.RepeatAsync(
            Reading,
            attempt => attempt.Endpoint.Values.RangeAsync(request, attempt.Options),
            cancellationToken).ConfigureAwait(false);
        return answer.Kvs.FirstOrDefault();
    }

    private IEnumerable<ReportRow> Rows(ReportKind kind, RangeResponse range) =>
        range.Kvs.Select(found => new ReportRow(
            kind, found.Key.ToStringUtf8()[keys.Reports(kind).Length..], "", TimeSpan.Zero, found.Value.ToByteArray()));

    private async ValueTask WithdrawAsync(ReportKind kind, string uid, CancellationToken cancellationToken)
    {
        var request = new DeleteRangeRequest { Key = ByteString.CopyFromUtf8(keys.Reports(kind) + uid) };
        await client.RepeatAsync(
            Writing,
            attempt => attempt.Endpoint.Values.DeleteRangeAsync(request, attempt.Options),
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask PublishAsync(
        ReportKind kind, string uid, byte[] body, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var request = new PutRequest { Key = ByteString.CopyFromUtf8(keys.Reports(kind) + uid), Value = ByteString.CopyFrom(body) };
        for (var isLast = false; ; isLast = true)
        {
            request.Lease = await lease.GetAsync(timeToLive, cancellationToken).ConfigureAwait(false);
            try
            {
                await client.RepeatAsync(
                    Writing,
                    attempt => attempt.Endpoint.Values.PutAsync(request, attempt.Options),
                    cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (EtcdNotFoundException exception)
            {
                // The lease ran out while this process was frozen, or etcd away.
                lease.Forget(request.Lease);
                if (isLast)
                {
                    throw new StoreUnavailableException($"{client.Name}: a report was not published: {exception.Message}", exception);
                }
            }
        }
    }
}
