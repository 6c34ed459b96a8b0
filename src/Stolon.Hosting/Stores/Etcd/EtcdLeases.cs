using Etcdserverpb;
using Grpc.Core;

namespace Stolon.Hosting.Stores;

/// <summary>What can be done with a lease, each as one short call: nothing lives in the background that could die unnoticed.</summary>
/// <param name="client">The calls.</param>
internal sealed class EtcdLeases(EtcdClient client)
{
    private const string Activity = "writing";

    /// <summary>A new lease. One whose answer was lost runs out by itself.</summary>
    /// <param name="timeToLive">How long it lives without being kept alive; etcd may give more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its id.</returns>
    public async Task<long> GrantAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var seconds = (long)Math.Ceiling(timeToLive.TotalSeconds);
        var answer = await client.RepeatAsync(
            Activity,
            attempt => attempt.Endpoint.Leases.LeaseGrantAsync(new LeaseGrantRequest { TTL = seconds }, attempt.Options),
            cancellationToken).ConfigureAwait(false);
        return answer.ID;
    }

    /// <summary>Keeps a lease alive: one round trip on a stream of its own.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False if there is no such lease any more.</returns>
    public Task<bool> KeepAliveAsync(long lease, CancellationToken cancellationToken) =>
        client.RepeatAsync(Activity, attempt => KeepAliveAsync(lease, attempt), cancellationToken);

    /// <summary>Ends a lease, and removes all keys that it holds.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When done; it is no error if there was none.</returns>
    public async Task RevokeAsync(long lease, CancellationToken cancellationToken)
    {
        try
        {
            await client.RepeatAsync(
                Activity,
                attempt => attempt.Endpoint.Leases.LeaseRevokeAsync(new LeaseRevokeRequest { ID = lease }, attempt.Options),
                cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdNotFoundException)
        {
            // It ran out before.
        }
    }

    private static async Task<bool> KeepAliveAsync(long lease, EtcdAttempt attempt)
    {
        var cancellationToken = attempt.Options.CancellationToken;
        using var stream = attempt.Endpoint.Leases.LeaseKeepAlive(attempt.Options);
        await stream.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = lease }, cancellationToken).ConfigureAwait(false);
        if (!await stream.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the stream ended without an answer"));
        }

        var isAlive = stream.ResponseStream.Current.TTL > 0;
        await stream.RequestStream.CompleteAsync().ConfigureAwait(false);
        return isAlive;
    }
}
