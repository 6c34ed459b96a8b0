using System.Diagnostics.Metrics;
using Stolon.Cluster;
using Stolon.Hosting.Health;

namespace Stolon.Hosting.Proxy;

/// <summary>The numbers of one proxy, under the meter <c>Stolon.Proxy</c>.</summary>
internal sealed class ProxyMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Stolon.Proxy";

    private readonly RoleMeter meter;
    private readonly KeyValuePair<string, object?>[] tags;
    private readonly Counter<long> accepted;
    private readonly Counter<long> turnedAway;
    private readonly Counter<long> cut;
    private readonly Counter<long> connectFailures;
    private int active;
    private int held;
    private long cutTotal;

    /// <summary>Makes the instruments.</summary>
    /// <param name="clusterName">The cluster.</param>
    /// <param name="proxy">The proxy: it tells several proxies of a process apart, also where each listens on any free port.</param>
    /// <param name="listen">The address and port of the options.</param>
    /// <param name="scope">See <see cref="RoleMeter"/>.</param>
    public ProxyMetrics(string clusterName, ProxyId proxy, string listen, object? scope)
    {
        Steps = new RoleSteps(clusterName, "proxy", proxy.Value);
        meter = new RoleMeter(MeterName, clusterName, "proxy", scope);
        tags = [meter.Cluster, new("listen", listen), new("proxy", proxy.Value)];
        accepted = meter.Counter("stolon.proxy.connections.accepted", "{connection}", "Clients accepted.", tags);
        turnedAway = meter.Counter(
            "stolon.proxy.connections.turned_away", "{connection}", "Clients closed without a connection to the primary: nowhere to go, or too many.", tags);
        cut = meter.Counter("stolon.proxy.connections.cut", "{connection}", "Clients cut because the route ended.", tags);
        connectFailures = meter.Counter(
            "stolon.proxy.connect_failures", "{connection}", "Attempts to reach the primary for a client that failed.", tags);
        meter.Gauge("stolon.proxy.connections.active", "{connection}", "Clients connected now.", () => [new(Active, tags)]);
        meter.Gauge("stolon.proxy.connections.held", "{connection}", "Clients that wait for a primary now.", () => [new(Held, tags)]);
    }

    /// <summary>The proxy's activities.</summary>
    public RoleSteps Steps { get; }

    /// <summary>Clients connected now.</summary>
    public int Active => Volatile.Read(ref active);

    /// <summary>Clients that wait for a primary now.</summary>
    public int Held => Volatile.Read(ref held);

    /// <summary>Clients cut so far.</summary>
    public long Cut => Interlocked.Read(ref cutTotal);

    /// <summary>A client was accepted.</summary>
    public void OnAccepted() => accepted.Add(1, tags);

    /// <summary>A client was closed without a connection to the primary.</summary>
    public void OnTurnedAway() => turnedAway.Add(1, tags);

    /// <summary>A client is being forwarded.</summary>
    public void OnOpened() => Interlocked.Increment(ref active);

    /// <summary>A client is forwarded no more.</summary>
    public void OnClosed() => Interlocked.Decrement(ref active);

    /// <summary>A client waits for a primary.</summary>
    public void OnHeld() => Interlocked.Increment(ref held);

    /// <summary>A client waits no more.</summary>
    public void OnReleased() => Interlocked.Decrement(ref held);

    /// <summary>The primary could not be reached for a client.</summary>
    public void OnConnectFailure() => connectFailures.Add(1, tags);

    /// <summary>Clients were cut.</summary>
    /// <param name="count">How many.</param>
    public void OnCut(int count)
    {
        Interlocked.Add(ref cutTotal, count);
        cut.Add(count, tags);
    }

    /// <summary>Adds what only the proxy as a whole knows.</summary>
    /// <param name="status">Looks it up.</param>
    public void Observe(Func<ProxyStatus> status)
    {
        meter.Gauge(
            "stolon.proxy.last_good_check_age",
            "s",
            "How long ago the last good check began.",
            () => status().LastGoodCheck is { } known ? [new(known.TotalSeconds, tags)] : []);
        meter.Gauge(
            "stolon.proxy.has_route", null, "1 while clients are forwarded to a primary.", () => [new(status().Destination is null ? 0 : 1, tags)]);
        meter.Gauge(
            "stolon.proxy.generation", null, "The routing generation acknowledged last; 0 = none.", () => [new(status().Generation, tags)]);
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
