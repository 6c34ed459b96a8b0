using System.Collections.Concurrent;
using Etcdserverpb;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// Leadership by etcd's own recipe, so that stolon's sentinels take part: every candidate has a key under a lease of its own, and the
/// one whose key was made first leads (ST4). The lease is short and is revoked by whoever leaves (Q30).
/// </summary>
internal sealed class EtcdElection(
    EtcdClient client, EtcdKeys keys, EtcdLeases leases, ChangeHub hub, TimeProvider time, LeadershipTimes times, ILogger logger)
    : ILeaderSession
{
    /// <summary>Leases of campaigns that have ended, which could not be revoked at that time: while they live nobody leads.</summary>
    private readonly ConcurrentDictionary<long, bool> leftOver = [];

    /// <summary>The leases under which this process leads.</summary>
    private readonly ConcurrentDictionary<long, bool> held = [];

    /// <summary>The key that shows that this process leads; null when it does not. It is gone when another one leads.</summary>
    public string? HeldKey => held.Keys.Take(2).ToArray() is [var lease] ? keys.Leader(lease) : null;

    /// <summary>Who leads now.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The sentinel, or null.</returns>
    public async Task<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken) =>
        await FirstAsync(cancellationToken).ConfigureAwait(false) is { } first ? new SentinelId(first.Value.ToStringUtf8()) : null;

    /// <summary>Waits until the caller leads.</summary>
    /// <param name="candidate">The caller.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The leadership.</returns>
    public async ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken)
    {
        using var changes = hub.Subscribe(ChangeHub.Leader);
        long? lease = null;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var began = time.GetTimestamp();
                try
                {
                    await RevokeLeftOverAsync(cancellationToken).ConfigureAwait(false);
                    lease = await StandAsync(candidate, lease, cancellationToken).ConfigureAwait(false);
                    if (lease is { } mine && await LeadsAsync(mine, cancellationToken).ConfigureAwait(false))
                    {
                        lease = null;
                        held[mine] = true;
                        logger.LeadershipTaken(candidate);
                        return new HeldLeadership(this, Session(mine), candidate, time, times, began, logger);
                    }
                }
                catch (StoreUnavailableException)
                {
                    // The store says once that it is away; a candidate only waits.
                }

                await changes.WaitAsync(times.Look, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (lease is { } unused)
            {
                await Campaign.ReleaseQuietlyAsync(this, Session(unused)).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryRenewAsync(string session, CancellationToken cancellationToken)
    {
        // The key too: somebody may have removed it, and then another one leads.
        var lease = LeaseOf(session);
        return await leases.KeepAliveAsync(lease, cancellationToken).ConfigureAwait(false)
            && await LeadsAsync(lease, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(string session, CancellationToken cancellationToken)
    {
        var lease = LeaseOf(session);
        held.TryRemove(lease, out _);
        leftOver[lease] = true;
        await leases.RevokeAsync(lease, cancellationToken).ConfigureAwait(false);
        leftOver.TryRemove(lease, out _);
    }

    private static string Session(long lease) => lease.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private static long LeaseOf(string session) =>
        long.Parse(session, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);

    private async Task RevokeLeftOverAsync(CancellationToken cancellationToken)
    {
        foreach (var lease in leftOver.Keys)
        {
            await ReleaseAsync(Session(lease), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sees to it that the candidate has a living lease with its key under it.</summary>
    /// <returns>The lease; null if it has just run out.</returns>
    private async Task<long?> StandAsync(SentinelId candidate, long? lease, CancellationToken cancellationToken)
    {
        if (lease is { } old && !await leases.KeepAliveAsync(old, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        // The key again each time: somebody may have removed it.
        var granted = lease ?? await leases.GrantAsync(times.Expiry, cancellationToken).ConfigureAwait(false);
        try
        {
            await PutAsync(granted, candidate, cancellationToken).ConfigureAwait(false);
            return granted;
        }
        catch (EtcdNotFoundException)
        {
            return null;
        }
        catch
        {
            // Its key may be there.
            leftOver[granted] = true;
            throw;
        }
    }

    /// <summary>Makes the candidate's key; made once it keeps its place, so that doing it twice does no harm.</summary>
    private Task<TxnResponse> PutAsync(long lease, SentinelId candidate, CancellationToken cancellationToken)
    {
        var key = ByteString.CopyFromUtf8(keys.Leader(lease));
        var request = new TxnRequest();
        request.Compare.Add(new Compare
        {
            Key = key,
            Target = Compare.Types.CompareTarget.Create,
            Result = Compare.Types.CompareResult.Equal,
            CreateRevision = 0,
        });
        request.Success.Add(new RequestOp
        {
            RequestPut = new PutRequest { Key = key, Value = ByteString.CopyFromUtf8(candidate.Value), Lease = lease },
        });
        return client.RepeatAsync(
            "writing",
            attempt => attempt.Endpoint.Values.TxnAsync(request, attempt.Options),
            cancellationToken);
    }

    private async Task<bool> LeadsAsync(long lease, CancellationToken cancellationToken) =>
        await FirstAsync(cancellationToken).ConfigureAwait(false) is { } first && first.Key.ToStringUtf8() == keys.Leader(lease);

    private async Task<Mvccpb.KeyValue?> FirstAsync(CancellationToken cancellationToken)
    {
        var request = new RangeRequest
        {
            Key = ByteString.CopyFromUtf8(keys.Leaders),
            RangeEnd = EtcdKeys.EndOf(keys.Leaders),
            SortTarget = RangeRequest.Types.SortTarget.Create,
            SortOrder = RangeRequest.Types.SortOrder.Ascend,
            Limit = 1,
        };
        var answer = await client.RepeatAsync(
            "reading",
            attempt => attempt.Endpoint.Values.RangeAsync(request, attempt.Options),
            cancellationToken).ConfigureAwait(false);
        return answer.Kvs.FirstOrDefault();
    }
}
