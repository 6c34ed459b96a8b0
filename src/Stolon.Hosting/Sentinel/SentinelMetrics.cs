using System.Diagnostics.Metrics;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Sentinel;

/// <summary>The numbers of one sentinel, under the meter <c>Stolon.Sentinel</c> (A6).</summary>
internal sealed class SentinelMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Stolon.Sentinel";

    private readonly Meter meter = new(MeterName);
    private readonly KeyValuePair<string, object?> cluster;
    private readonly Counter<long> terms;
    private readonly Counter<long> decisions;
    private readonly Counter<long> failedPasses;
    private readonly TimeProvider bootClock;
    private long lastGoodPass = -1;

    /// <summary>Makes the instruments.</summary>
    /// <param name="clusterName">The tag <c>cluster</c> of each.</param>
    /// <param name="bootClock">The clock of ages.</param>
    /// <param name="isLeader">Whether the sentinel leads.</param>
    public SentinelMetrics(string clusterName, TimeProvider bootClock, Func<bool> isLeader)
    {
        this.bootClock = bootClock;
        cluster = new("cluster", clusterName);
        terms = meter.CreateCounter<long>("stolon.sentinel.terms", "{term}", "Times that this sentinel won the lead.");
        decisions = meter.CreateCounter<long>("stolon.sentinel.decisions", "{decision}", "Decisions written, by kind.");
        failedPasses = meter.CreateCounter<long>("stolon.sentinel.failed_passes", "{pass}", "Passes that failed.");
        meter.CreateObservableGauge(
            "stolon.sentinel.is_leader", () => new Measurement<int>(isLeader() ? 1 : 0, cluster), description: "1 while this sentinel leads.");
        meter.CreateObservableGauge("stolon.sentinel.last_good_pass_age", Age, "s", "How long ago the last good pass ended.");
    }

    /// <summary>The lead was won.</summary>
    public void OnTerm() => terms.Add(1, cluster);

    /// <summary>A decision was written.</summary>
    /// <param name="kind">Its kind.</param>
    public void OnDecision(string kind) => decisions.Add(1, cluster, new("kind", kind));

    /// <summary>A pass came to its end.</summary>
    public void OnGoodPass() => Interlocked.Exchange(ref lastGoodPass, bootClock.Now().Ticks);

    /// <summary>A pass failed.</summary>
    public void OnFailedPass() => failedPasses.Add(1, cluster);

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private Measurement<double>[] Age() =>
        Interlocked.Read(ref lastGoodPass) is var at and >= 0
            ? [new((bootClock.Now() - TimeSpan.FromTicks(at)).TotalSeconds, cluster)]
            : [];
}
