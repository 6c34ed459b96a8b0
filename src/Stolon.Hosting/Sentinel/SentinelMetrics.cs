using System.Diagnostics.Metrics;
using Stolon.Cluster;
using Stolon.Hosting.Health;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Sentinel;

/// <summary>The numbers of one sentinel, under the meter <c>Stolon.Sentinel</c> (A6).</summary>
internal sealed class SentinelMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Stolon.Sentinel";

    private readonly RoleMeter meter;
    private readonly KeyValuePair<string, object?>[] tags;
    private readonly Counter<long> decisions;
    private readonly Counter<long> failedPasses;
    private readonly TimeProvider time;
    private readonly TimeProvider bootClock;
    private long terms;
    private long lastGoodPass = -1;
    private long lastCheckMilliseconds;

    /// <summary>Makes the instruments.</summary>
    /// <param name="clusterName">The cluster.</param>
    /// <param name="sentinel">The sentinel: it tells several sentinels of a process apart.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="bootClock">The clock of ages.</param>
    /// <param name="isLeader">Whether the sentinel leads.</param>
    /// <param name="scope">See <see cref="RoleMeter"/>.</param>
    public SentinelMetrics(
        string clusterName, SentinelId sentinel, TimeProvider time, TimeProvider bootClock, Func<bool> isLeader, object? scope)
    {
        this.time = time;
        this.bootClock = bootClock;
        Steps = new RoleSteps(clusterName, "sentinel", sentinel.Value);
        meter = new RoleMeter(MeterName, clusterName, "sentinel", scope);
        tags = [meter.Cluster, new("sentinel", sentinel.Value)];
        decisions = meter.Counter("stolon.sentinel.decisions", "{decision}", "Decisions written, by kind.");
        failedPasses = meter.Counter("stolon.sentinel.failed_passes", "{pass}", "Passes that failed.", tags);
        meter.ObservedCounter(
            "stolon.sentinel.leader_count",
            "{term}",
            "Times that this sentinel won the lead.",
            () => new Measurement<long>(Interlocked.Read(ref terms), tags));
        meter.Gauge(
            "stolon.sentinel.is_leader", null, "1 while this sentinel leads.", () => [new(isLeader() ? 1 : 0, tags)]);
        meter.Gauge(
            "stolon.sentinel.last_cluster_check_success",
            "s",
            "When this sentinel, as the leader, last ended a good pass: Unix time; 0 = never.",
            () => [new(Interlocked.Read(ref lastCheckMilliseconds) / 1000.0, tags)]);
        meter.Gauge("stolon.sentinel.last_good_pass_age", "s", "How long ago the last good pass ended, as the leader or not.", Age);
    }

    /// <summary>The sentinel's activities.</summary>
    public RoleSteps Steps { get; }

    /// <summary>A pass has come to its end.</summary>
    public bool HasGoodPass => Interlocked.Read(ref lastGoodPass) >= 0;

    /// <summary>The lead was won.</summary>
    public void OnTerm() => Interlocked.Increment(ref terms);

    /// <summary>A decision was written.</summary>
    /// <param name="kind">Its kind.</param>
    public void OnDecision(string kind) => decisions.Add(1, [.. tags, new("kind", kind)]);

    /// <summary>A pass came to its end.</summary>
    /// <param name="leads">As the leader's.</param>
    public void OnGoodPass(bool leads)
    {
        Interlocked.Exchange(ref lastGoodPass, bootClock.Now().Ticks);
        if (leads)
        {
            Interlocked.Exchange(ref lastCheckMilliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    /// <summary>A pass failed.</summary>
    public void OnFailedPass() => failedPasses.Add(1, tags);

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private Measurement<double>[] Age() =>
        Interlocked.Read(ref lastGoodPass) is var at and >= 0
            ? [new((bootClock.Now() - TimeSpan.FromTicks(at)).TotalSeconds, tags)]
            : [];
}
