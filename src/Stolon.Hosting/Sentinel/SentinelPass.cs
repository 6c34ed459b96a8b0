using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using Stolon.Cluster;
using Stolon.Hosting.Time;
using Stolon.Observation;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Hosting.Sentinel;

/// <summary>
/// One pass after the other over the cluster (L1-L9, as amended): read, observe, and, as the leader, plan and write. It decides nothing
/// itself. What it saw stays in <see cref="Memory"/>, whether the pass came to its end or not.
/// </summary>
/// <param name="self">The sentinel.</param>
/// <param name="store">The store.</param>
/// <param name="initialSpec">What a cluster is made from when there is none (L3); null = wait.</param>
/// <param name="time">The wall clock.</param>
/// <param name="bootClock">The clock of ages and silences: it runs through suspend.</param>
/// <param name="voice">Says what happened.</param>
internal sealed class SentinelPass(
    SentinelId self, IClusterStore store, ClusterSpec? initialSpec, TimeProvider time, TimeProvider bootClock, SentinelVoice voice)
{
    private const int MaxAttempts = 4;

    private volatile bool forget;

    /// <summary>What was seen so far.</summary>
    public SentinelMemory Memory { get; private set; } = SentinelMemory.Empty;

    /// <summary>The cluster's sleepInterval, as last read; a second as long as nothing is known of the cluster.</summary>
    public TimeSpan SleepInterval { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>The cluster's failInterval, as last read.</summary>
    public TimeSpan FailInterval { get; private set; } = TimeSpan.FromSeconds(10);

    /// <summary>A new id of the kind that the document uses (M3).</summary>
    /// <returns>Eight hex digits.</returns>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    /// <summary>
    /// A pass or a write of this sentinel failed, or the next pass comes after a gap: the others may not have been able to report
    /// either, so silence counts from the next good pass on (Q29). May be called from any thread.
    /// </summary>
    public void Forget() => forget = true;

    /// <summary>Runs one pass. A lost compare-and-swap is planned again at once (Q3), a few times.</summary>
    /// <param name="isLeader">Whether this sentinel may write; asked again right before it does.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    /// <returns>When to look again, if nothing wakes the sentinel before.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    /// <exception cref="ClusterDataException">The document cannot be understood.</exception>
    public async Task<TimeSpan> RunAsync(Func<bool> isLeader, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            using var step = voice.Steps.Begin("sentinel.pass");

            // Before the first read: what is read later is at least as fresh as this instant.
            var now = new PassTime(bootClock.Now(), time.GetUtcNow());
            if (await store.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                return await CreateAsync(now, cancellationToken).ConfigureAwait(false);
            }

            RefuseInvalid(stored.Data.Cluster.Spec);
            var settings = new ClusterSettings(stored.Data.Cluster.Spec);
            (SleepInterval, FailInterval) = (settings.SleepInterval.Bounded(), settings.FailInterval);
            var plan = await PlanAsync(stored.Data, now, isLeader, cancellationToken).ConfigureAwait(false);
            step?.SetTag("revision", stored.Data.Revision).SetTag("leads", plan is not null);
            if (plan is null)
            {
                return SleepInterval;
            }

            step?.SetTag("reasons", Kinds(plan.Reasons));
            switch (await WriteAsync(stored, plan, now, settings, isLeader, cancellationToken).ConfigureAwait(false))
            {
                case WriteResult.Settled:
                    Memory = plan.Memory;
                    return Shorter(SleepInterval, plan.WakeAt);
                case WriteResult.TooOld:
                    return TimeSpan.Zero;
                case WriteResult.NotLeader:
                    return SleepInterval;
                case WriteResult.SomebodyElseWrote:
                    break;
            }
        }

        return TimeSpan.Zero;
    }

    private static void RefuseInvalid(ClusterSpec spec)
    {
        if (spec.Validate() is { IsEmpty: false } mistakes)
        {
            throw new ClusterDataException($"The cluster specification is not valid: {string.Join("; ", mistakes)}");
        }
    }

    /// <summary>
    /// L4: whoever cannot be understood is neither silent nor gone. It may be a proxy that forwards clients, or the primary's keeper.
    /// </summary>
    private static void RefuseUnreadable(ImmutableArray<string> unreadable)
    {
        if (!unreadable.IsEmpty)
        {
            throw new ClusterDataException(
                $"Reports that cannot be read: {string.Join("; ", unreadable)}. End their processes, or run them in this program's version: "
                + "the report of a process that has ended vanishes by itself, after 20 s or a little more.");
        }
    }

    /// <summary>Observes, and plans if this sentinel leads; every sentinel keeps what it saw (Q30).</summary>
    private async Task<Plan?> PlanAsync(ClusterData data, PassTime now, Func<bool> isLeader, CancellationToken cancellationToken)
    {
        var reports = await store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        now = now with { SeenAt = bootClock.Now() };
        RefuseUnreadable(reports.Unreadable);
        if (Interlocked.Exchange(ref forget, false))
        {
            Memory = Memory.AfterFailedPass();
        }

        var observation = Observe.Reports(data, reports.Keepers, reports.Proxies, Memory, now);
        Memory = observation.Memory;
        return isLeader()
            ? Planner.Next(observation.Data, observation.ActiveProxies, observation.Memory, new PlannerInputs(now, NewId) { Self = self })
            : null;
    }

    private async Task<WriteResult> WriteAsync(
        StoredClusterData stored, Plan plan, PassTime now, ClusterSettings settings, Func<bool> isLeader, CancellationToken cancellationToken)
    {
        if (!PlannedWrite.IsNeeded(stored.Data, plan))
        {
            voice.Explain(plan.Reasons);
            return WriteResult.Settled;
        }

        var age = bootClock.Now() - now.Monotonic;
        var limit = Longer(settings.SleepInterval, settings.FailInterval / 4);
        if (age > limit)
        {
            voice.DroppedPass(age, limit);
            return WriteResult.TooOld;
        }

        if (!isLeader())
        {
            return WriteResult.NotLeader;
        }

        var decisions = plan.Reasons
            .Where(reason => reason.IsChange)
            .Select(reason => new Decision(now.Wall, self.Value, reason.Kind, reason.Text))
            .ToImmutableArray();
        using (var step = voice.Steps.Begin("sentinel.write"))
        {
            var primary = plan.Next.Primary;
            step?.SetTag("revision", plan.Next.Revision).SetTag("decisions", Kinds(plan.Reasons.Where(reason => reason.IsChange)))
                .SetTag("db", primary?.Uid.Value).SetTag("generation", primary?.Generation);
            if (!await store.TryWriteAsync(plan.Next, stored.Version, decisions, cancellationToken).ConfigureAwait(false))
            {
                step?.SetStatus(ActivityStatusCode.Error, "Somebody else wrote first.");
                return WriteResult.SomebodyElseWrote;
            }
        }

        voice.Explain(plan.Reasons);
        return WriteResult.Settled;
    }

    private static string Kinds(IEnumerable<Reason> reasons) => string.Join(' ', reasons.Select(reason => reason.Kind).Distinct(StringComparer.Ordinal));

    /// <summary>Makes the first document, if this sentinel was told to (L3). Any sentinel may; only one succeeds.</summary>
    private async Task<TimeSpan> CreateAsync(PassTime now, CancellationToken cancellationToken)
    {
        if (initialSpec is null)
        {
            voice.WaitsForInit();
            return SleepInterval;
        }

        var data = NewClusterData.Initial(initialSpec, NewId(), now);
        var decision = new Decision(
            now.Wall, self.Value, "ClusterCreated", $"The store held no cluster: cluster {data.Cluster.Uid} was created.");
        if (await store.TryWriteAsync(data, expected: null, [decision], cancellationToken).ConfigureAwait(false))
        {
            voice.Decided(decision);
        }

        return TimeSpan.Zero;
    }

    private TimeSpan Shorter(TimeSpan rest, TimeSpan? wakeAt)
    {
        var untilWake = (wakeAt ?? TimeSpan.MaxValue) - bootClock.Now();
        return untilWake < TimeSpan.Zero ? TimeSpan.Zero : untilWake < rest ? untilWake : rest;
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private enum WriteResult
    {
        Settled,
        SomebodyElseWrote,
        TooOld,
        NotLeader,
    }
}
