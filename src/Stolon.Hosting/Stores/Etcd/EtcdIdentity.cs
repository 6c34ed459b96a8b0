using Etcdserverpb;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Stores;

/// <summary>
/// Which etcd cluster is spoken to. Members of another one, say one that was restored from a backup beside the old ones, hold another
/// document: a process must not hop between the two.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Where a change is said.</param>
internal sealed class EtcdIdentity(TimeProvider time, ILogger logger)
{
    /// <summary>After this time without the old cluster, the new one is it. A primary that hears nothing has stopped long before (S4).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private ulong known;
    private long lastHeard;

    /// <summary>Looks who answered.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="member">Who gave it.</param>
    /// <exception cref="EtcdForeignException">It is a member of another cluster: as good as unreachable.</exception>
    public void Check(object? answer, string member)
    {
        if (ClusterOf(answer) is not (> 0 and var cluster))
        {
            return;
        }

        lock (gate)
        {
            var isKnown = known == 0 || known == cluster;
            if (!isKnown && time.GetElapsedTime(lastHeard) < Patience)
            {
                throw new EtcdForeignException(
                    $"{member} is a member of another etcd cluster ({cluster:x}) than the one spoken to before ({known:x}): give the endpoints of one.");
            }

            if (!isKnown)
            {
                logger.EtcdIsAnother(member, $"{known:x}", $"{cluster:x}");
            }

            (known, lastHeard) = (cluster, time.GetTimestamp());
        }
    }

    private static ulong ClusterOf(object? answer) => (answer switch
    {
        RangeResponse found => found.Header,
        TxnResponse done => done.Header,
        PutResponse put => put.Header,
        DeleteRangeResponse deleted => deleted.Header,
        LeaseGrantResponse granted => granted.Header,
        LeaseRevokeResponse revoked => revoked.Header,
        _ => null,
    })?.ClusterId ?? 0;
}

/// <summary>Who answers is a member of another etcd cluster.</summary>
internal sealed class EtcdForeignException : RpcException
{
    public EtcdForeignException()
        : this("a member of another etcd cluster")
    {
    }

    public EtcdForeignException(string message)
        : base(new Status(StatusCode.Unavailable, message))
    {
    }

    public EtcdForeignException(string message, Exception innerException)
        : base(new Status(StatusCode.Unavailable, message, innerException))
    {
    }
}
