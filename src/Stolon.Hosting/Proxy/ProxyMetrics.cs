using System.Diagnostics.Metrics;

namespace Stolon.Hosting.Proxy;

/// <summary>The numbers of one proxy, under the meter <c>Stolon.Proxy</c>.</summary>
internal sealed class ProxyMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Stolon.Proxy";

    private readonly Meter meter = new(MeterName);
    private readonly KeyValuePair<string, object?> cluster;
    private readonly Counter<long> accepted;
    private readonly Counter<long> turnedAway;
    private readonly Counter<long> cut;
    private readonly Counter<long> connectFailures;
    private int active;
    private long cutTotal;

    /// <summary>Makes the instruments.</summary>
    /// <param name="clusterName">The tag <c>cluster</c> of each.</param>
    public ProxyMetrics(string clusterName)
    {
        cluster = new("cluster", clusterName);
        accepted = meter.CreateCounter<long>("stolon.proxy.connections.accepted", "{connection}", "Clients accepted.");
        turnedAway = meter.CreateCounter<long>("stolon.proxy.connections.turned_away", "{connection}", "Clients closed at once: nowhere to go, or too many.");
        cut = meter.CreateCounter<long>("stolon.proxy.connections.cut", "{connection}", "Clients cut because the route ended.");
        connectFailures = meter.CreateCounter<long>("stolon.proxy.connect_failures", "{connection}", "Clients closed because the primary could not be reached.");
        meter.CreateObservableGauge("stolon.proxy.connections.active", () => new Measurement<int>(Active, cluster), "{connection}", "Clients connected now.");
    }

    /// <summary>Clients connected now.</summary>
    public int Active => Volatile.Read(ref active);

    /// <summary>Clients cut so far.</summary>
    public long Cut => Interlocked.Read(ref cutTotal);

    /// <summary>A client was accepted.</summary>
    public void OnAccepted() => accepted.Add(1, cluster);

    /// <summary>A client was closed at once.</summary>
    public void OnTurnedAway() => turnedAway.Add(1, cluster);

    /// <summary>A client is being forwarded.</summary>
    public void OnOpened() => Interlocked.Increment(ref active);

    /// <summary>A client is forwarded no more.</summary>
    public void OnClosed() => Interlocked.Decrement(ref active);

    /// <summary>The primary could not be reached for a client.</summary>
    public void OnConnectFailure() => connectFailures.Add(1, cluster);

    /// <summary>Clients were cut.</summary>
    /// <param name="count">How many.</param>
    public void OnCut(int count)
    {
        Interlocked.Add(ref cutTotal, count);
        cut.Add(count, cluster);
    }

    /// <summary>Adds the age of the last good check, in seconds.</summary>
    /// <param name="age">The age; null = none was good yet.</param>
    public void Observe(Func<TimeSpan?> age) => meter.CreateObservableGauge(
        "stolon.proxy.last_good_check_age",
        () => age() is { } known ? [new Measurement<double>(known.TotalSeconds, cluster)] : Array.Empty<Measurement<double>>(),
        "s",
        "How long ago the last good check began.");

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
