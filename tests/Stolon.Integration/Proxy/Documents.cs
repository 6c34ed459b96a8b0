using System.Net;
using Stolon.Cluster;

namespace Stolon.Integration.Proxy;

/// <summary>Cluster data as far as a proxy looks at it.</summary>
internal static class Documents
{
    /// <summary>Clients go to an address.</summary>
    public static ClusterData Routed(
        long generation, IPEndPoint primary, ProxyId proxy, TimeSpan proxyTimeout, string db = "db1", string? host = null) =>
        Document(generation, new DbId(db), proxy, proxyTimeout) with
        {
            Databases = new(
            [
                KeyValuePair.Create(
                    new DbId(db),
                    new Database
                    {
                        Uid = new DbId(db),
                        Spec = new() { Keeper = new($"keeper_{db}") },
                        Status = new() { ListenAddress = host ?? primary.Address.ToString(), Port = $"{primary.Port}" },
                    }),
            ]),
        };

    /// <summary>The primary changes: clients go nowhere.</summary>
    public static ClusterData Closed(long generation, ProxyId proxy, TimeSpan proxyTimeout) =>
        Document(generation, null, proxy, proxyTimeout);

    private static ClusterData Document(long generation, DbId? primary, ProxyId proxy, TimeSpan proxyTimeout) => new()
    {
        Cluster = new()
        {
            Uid = "c1",
            Spec = new()
            {
                InitMode = InitMode.New,
                ProxyTimeout = proxyTimeout,
                ProxyCheckInterval = TimeSpan.FromMilliseconds(100),
            },
        },
        Proxy = new() { Generation = generation, Spec = new() { PrimaryDb = primary, EnabledProxies = [proxy] } },
    };
}
