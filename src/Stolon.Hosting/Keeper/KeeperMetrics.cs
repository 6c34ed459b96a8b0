using System.Diagnostics.Metrics;
using Stolon.Cluster;
using Stolon.Hosting.Health;

namespace Stolon.Hosting.Keeper;

/// <summary>The numbers of one keeper, under the meter <c>Stolon.Keeper</c> (A6): stolon's own, then ours.</summary>
internal sealed class KeeperMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Stolon.Keeper";

    private readonly RoleMeter meter;
    private readonly KeyValuePair<string, object?>[] tags;
    private readonly TimeProvider time;
    private readonly Counter<long> failedPasses;
    private readonly Counter<long> fences;
    private double lastDocument;
    private double lastSync;
    private double shutdown;
    private volatile bool needsReload;

    /// <summary>Makes the instruments.</summary>
    /// <param name="clusterName">The cluster.</param>
    /// <param name="keeper">The keeper.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="scope">See <see cref="RoleMeter"/>.</param>
    public KeeperMetrics(string clusterName, KeeperId keeper, TimeProvider time, object? scope)
    {
        this.time = time;
        Steps = new RoleSteps(clusterName, "keeper", keeper.Value);
        meter = new RoleMeter(MeterName, clusterName, "keeper", scope);
        tags = [meter.Cluster, new("keeper", keeper.Value)];
        failedPasses = meter.Counter("stolon.keeper.failed_passes", "{pass}", "Passes in which a step failed.", tags);
        fences = meter.Counter("stolon.keeper.fences", "{stop}", "Times that the primary was stopped because the store was out of reach.", tags);
        Gauge(
            "stolon.keeper.clusterdata_last_valid_update",
            "s",
            "When cluster data that can be acted on was last read: Unix time; 0 = never.",
            () => Volatile.Read(ref lastDocument));
        Gauge(
            "stolon.keeper.last_sync_success",
            "s",
            "When PostgreSQL was last found as the cluster data asks for: Unix time; 0 = never.",
            () => Volatile.Read(ref lastSync));
        Gauge("stolon.keeper.shutdown", "s", "When the keeper began to stop: Unix time; 0 = it runs.", () => Volatile.Read(ref shutdown));
        Gauge("stolon.keeper.needs_reload", null, "1 while PostgreSQL has not loaded what it should.", () => needsReload ? 1 : 0);
    }

    /// <summary>The keeper's activities.</summary>
    public RoleSteps Steps { get; }

    /// <summary>Cluster data that can be acted on was read.</summary>
    public void OnDocument() => Volatile.Write(ref lastDocument, Now());

    /// <summary>PostgreSQL is as the cluster data asks for (K23).</summary>
    public void OnSync() => Volatile.Write(ref lastSync, Now());

    /// <summary>A configuration is to be loaded, or was.</summary>
    /// <param name="isPending">It is not loaded yet.</param>
    public void OnReload(bool isPending) => needsReload = isPending;

    /// <summary>A pass failed.</summary>
    public void OnFailedPass() => failedPasses.Add(1, tags);

    /// <summary>The primary fenced itself (S4).</summary>
    public void OnFence() => fences.Add(1, tags);

    /// <summary>The keeper begins to stop.</summary>
    public void OnShutdown() => Volatile.Write(ref shutdown, Now());

    /// <summary>Adds what is looked up in the keeper's memory and at its instance.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="lastLook">The last look.</param>
    public void Observe(KeeperMemory memory, Func<InstanceSnapshot?> lastLook)
    {
        // Nobody looks at an instance that is being stopped, and it lets nobody in any more.
        InstanceSnapshot? Latest() => Volatile.Read(ref shutdown) > 0 ? null : lastLook();

        meter.Gauge(
            "stolon.keeper.target_role", null, "1 for the role that the cluster data asks for.", () => Roles(memory.Assigned?.Spec.Role));
        meter.Gauge("stolon.keeper.local_role", null, "1 for the role that PostgreSQL has.", () => Roles(Latest()?.Collected?.Role));
        Gauge(
            "stolon.keeper.needs_restart",
            null,
            "1 while a changed parameter waits for a restart of PostgreSQL.",
            () => Latest()?.Collected is { PendingRestart: true } ? 1 : 0);
        Gauge("stolon.keeper.sleep_interval", null, "The cluster's sleepInterval in seconds.", () => memory.SleepInterval.TotalSeconds);
        Gauge("stolon.keeper.postgres_up", null, "1 while PostgreSQL answers.", () => Latest()?.Collected is null ? 0 : 1);
        Gauge("stolon.keeper.failed_starts", "{start}", "Starts of PostgreSQL that failed in a row.", () => memory.FailedStarts);
        Gauge("stolon.keeper.timeline", null, "PostgreSQL's timeline.", () => Latest()?.Collected?.TimelineId);
        Gauge("stolon.keeper.wal_position", "By", "How far PostgreSQL's WAL is.", () => Latest()?.Collected?.XLogPos.Value);
        Gauge("stolon.keeper.copied", "By", "What the running copy has brought so far.", () => memory.Copy is { Running: true } copy ? copy.CopiedBytes : null);
        Gauge("stolon.keeper.to_copy", "By", "What the running copy has to bring, as estimated.", () => memory.Copy is { Running: true, TotalBytes: > 0 and var total } ? total : null);
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private void Gauge(string name, string? unit, string description, Func<double?> look) =>
        meter.Gauge(name, unit, description, () => look() is { } value ? [new Measurement<double>(value, tags)] : []);

    /// <summary>One series for each role, with stolon's words for them: what dashboards ask for is the one that is 1.</summary>
    private Measurement<double>[] Roles(Role? role) =>
    [
        new(role is Role.Primary ? 1 : 0, [.. tags, new("role", "master")]),
        new(role is Role.Standby ? 1 : 0, [.. tags, new("role", "standby")]),
    ];

    private double Now() => time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
