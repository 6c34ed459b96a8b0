using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Health;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Sentinel;

/// <summary>
/// One sentinel: campaigns for leadership, says that it lives, and runs one pass after the other. Passes are woken by the store's watch,
/// by the planner's clock and by leadership; the sleepInterval only bounds the rest between two.
/// </summary>
internal sealed class SentinelService : BackgroundService, IHealthyRole
{
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PassTimeout = TimeSpan.FromSeconds(10);

    private readonly IClusterStore store;
    private readonly TimeProvider time;
    private readonly TimeProvider bootClock;
    private readonly SentinelMetrics metrics;
    private readonly SentinelVoice voice;
    private readonly SentinelPass pass;
    private readonly SentinelLeadership leadership;
    private readonly SentinelPresence presence;
    private readonly WakeSignal wake;
    private readonly Pulse passes;
    private volatile bool isStopping;

    /// <summary>Makes a sentinel.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="store">The cluster's store.</param>
    /// <param name="initialSpec">What a cluster is made from when there is none; null = wait for one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bootClock">The clock of ages and silences: it runs through suspend.</param>
    /// <param name="logger">Where decisions are said.</param>
    /// <param name="meterScope">See <see cref="RoleMeter"/>.</param>
    public SentinelService(
        string clusterName,
        IClusterStore store,
        ClusterSpec? initialSpec,
        TimeProvider time,
        TimeProvider bootClock,
        ILogger<SentinelService> logger,
        object? meterScope = null)
    {
        this.store = store;
        this.time = time;
        this.bootClock = bootClock;
        metrics = new SentinelMetrics(clusterName, Id, time, bootClock, () => IsLeader, meterScope);
        voice = new SentinelVoice(clusterName, Id, logger, metrics);
        wake = new WakeSignal(time);
        pass = new SentinelPass(Id, store, initialSpec, time, bootClock, voice);
        leadership = new SentinelLeadership(Id, store, time, wake, voice);
        presence = new SentinelPresence(Id, store, time, bootClock, () => pass.FailInterval, pass.Forget, voice);
        passes = new Pulse("planning", time);
    }

    /// <summary>This sentinel's id, new at every start (M3).</summary>
    public SentinelId Id { get; } = new(SentinelPass.NewId());

    /// <summary>Whether it leads now.</summary>
    public bool IsLeader => leadership.IsHeld;

    /// <summary>A gap between two passes beyond which this sentinel cannot tell the others' silence from its own.</summary>
    private TimeSpan LongestGap
    {
        get
        {
            var (threeRests, halfAFailure) = (3 * pass.SleepInterval, pass.FailInterval / 2);
            return threeRests > halfAFailure ? threeRests : halfAFailure;
        }
    }

    /// <inheritdoc/>
    public RoleHealth Health => new(
        $"sentinel {Id}",
        isStopping ? [] : RoleTroubles.Of(passes, presence.Pulse),
        isStopping ? ["it is stopping"]
        : voice.Failure is { } failure ? [$"its last pass failed: {failure}"]
        : metrics.HasGoodPass ? [] : ["it has ended no pass yet"]);

    /// <inheritdoc/>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        isStopping = true;
        return base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        wake.Dispose();
        metrics.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        leadership.RunAsync(stoppingToken),
        presence.RunAsync(stoppingToken),
        WatchAsync(stoppingToken),
        RunPassesAsync(stoppingToken));

    private async Task RunPassesAsync(CancellationToken stoppingToken)
    {
        var lastStart = bootClock.Now();
        while (!stoppingToken.IsCancellationRequested)
        {
            var start = bootClock.Now();
            if (start - lastStart > LongestGap)
            {
                // The process or its host was frozen: what was silent meanwhile may have been frozen too (Q29).
                pass.Forget();
            }

            lastStart = start;
            passes.Beat(PassTimeout);
            var rest = await RunGuardedPassAsync(stoppingToken).ConfigureAwait(false);
            passes.Beat(rest);
            await wake.RestAsync(rest, Waits.Shortest, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<TimeSpan> RunGuardedPassAsync(CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(PassTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
        try
        {
            var rest = await pass.RunAsync(() => leadership.IsHeld, both.Token).ConfigureAwait(false);
            voice.PassSucceeded(leadership.IsHeld);
            return rest;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            voice.PassFailed(new StoreUnavailableException($"The store did not answer within {PassTimeout.TotalSeconds:0} s.", exception));
        }
#pragma warning disable CA1031 // The one place that keeps a sentinel going whatever a pass ran into (S12).
        catch (Exception exception)
#pragma warning restore CA1031
        {
            voice.PassFailed(exception);
        }

        pass.Forget();
        return pass.SleepInterval < RestAfterFailure ? pass.SleepInterval : RestAfterFailure;
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var _ in store.WatchAsync(StoreChange.Any, stoppingToken).ConfigureAwait(false))
                {
                    wake.Set();
                }
            }
            catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
            {
                // Without hints the passes go on at the sleepInterval.
            }

            await Task.Delay(RestAfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
