using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.DependencyInjection;
using Stolon.Hosting.Health;
using Stolon.Hosting.Liveness;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// Drives one PostgreSQL instance (10): seven loops that look, publish, converge, fence, prove, mind the passwords and observe others, each of which goes on when another hangs.
/// </summary>
/// <param name="settings">Its settings.</param>
/// <param name="store">The store of its cluster.</param>
/// <param name="time">The clock of waits.</param>
/// <param name="logger">The log.</param>
/// <param name="meterScope">See <see cref="RoleMeter"/>.</param>
internal sealed class KeeperService(
    KeeperSettings settings, IClusterStore store, TimeProvider time, ILogger<KeeperService> logger, object? meterScope = null)
    : BackgroundService, IHealthyRole, ILeavingRole
{
    /// <summary>How long PostgreSQL may take for a clean stop when the host ends; then it is stopped at once.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8);

    /// <summary>How long the folders, the lock and PostgreSQL's programs may take: more means that the file system does not answer.</summary>
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long an instance of an earlier life may take to end, and what an interrupted exchange left behind to be removed.</summary>
    private static readonly TimeSpan RepairLimit = TimeSpan.FromMinutes(10);

    private readonly Pulse start = new("starting", time);
    private readonly TimeProvider bootClock = BootTimeProvider.Instance;
    private KeeperDirectory? directory;
    private PostgresInstance? instance;
    private KeeperMemory? memory;
    private LivenessPort? liveness;
    private PasswordLoop? passwords;
    private volatile KeeperLoops? loops;
    private volatile bool isStopping;

    /// <summary>Null when there is nothing to leave.</summary>
    private GracefulLeave? Leave =>
        memory is { } known && loops is not null && settings.LeaveTimeout > TimeSpan.Zero ? new(settings, store, known, time, logger) : null;

    /// <summary>The keeper's uid; null before it started.</summary>
    public KeeperId? Uid => memory?.Self;

    /// <inheritdoc/>
    public RoleHealth Health => new(
        memory?.Name ?? "keeper",
        isStopping ? [] : RoleTroubles.Of(start).AddRange(memory?.Pulses.Troubles ?? []),
        isStopping ? ["it is stopping"] : loops is { } running ? [.. running.Health.FindReasons()] : ["it is starting"]);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The calls of the file system cannot be cancelled: none may hold up the start of the other roles.
            await Task.Run(() => OpenAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            start.End();
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task AnnounceLeaveAsync(CancellationToken cancellationToken) => Leave?.AnnounceAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public Task LeaveAsync(TimeSpan limit, CancellationToken cancellationToken) => Leave?.RunAsync(limit, cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        isStopping = true;
        memory?.Metrics.OnShutdown();
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (instance is not null)
        {
            await StopInstanceAsync(instance, cancellationToken).ConfigureAwait(false);
            await instance.DisposeAsync().ConfigureAwait(false);
            logger.Stopped(memory?.Name ?? settings.ToString());
        }

        // Only now: whoever is refused by it may count PostgreSQL as ended, too.
        liveness?.Dispose();
        directory?.Dispose();
        instance = null;
        directory = null;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        memory?.Metrics.Dispose();
        liveness?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var running = new KeeperLoops(settings, store, directory!, instance!, passwords!, memory!, time, bootClock, logger);
        loops = running;
        await running.RunAsync(stoppingToken).ConfigureAwait(false);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        // The lock and the identity come first, and only then PostgreSQL (S7).
        start.Beat(OpenLimit);
        directory = KeeperDirectory.Open(settings.DataDirectory, settings.RunAsUser, settings.LockDataDirectory);
        try
        {
            var uid = directory.Identify(settings.Uid, () => Guid.NewGuid().ToString("N")[..8]);
            memory = new KeeperMemory(uid, new KeeperMetrics(settings.ClusterName, uid, time, meterScope), time);
            liveness = LivenessPort.Open(settings.ListenAddress, settings.LivenessPort, uid.Value, memory.BootUuid, time);
            memory.LivenessAddress = liveness.AddressFor(settings.AdvertiseAddress, peer: null);
            passwords = new PasswordLoop(settings, directory.Passwords, memory, time, logger);
            start.Beat(OpenLimit + (2 * PasswordFeed.Limit));
            await passwords.OpenAsync(cancellationToken).ConfigureAwait(false);
            start.Beat(OpenLimit);
            instance = await PostgresInstance
                .OpenAsync(PostgresSettingsOf(settings), time, logger, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            liveness?.Dispose();
            directory.Dispose();
            throw;
        }

        logger.Running(memory.Name, memory.Self, settings.DataDirectory, instance.Version.ToString());

        // K6: an instance of an earlier life was not started under our guard.
        start.Beat(RepairLimit);
        await instance.StopAsync(StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        await instance.RepairAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cleanly while the host waits; when its time is over, PostgreSQL is killed rather than left behind.</summary>
    private static async Task StopInstanceAsync(PostgresInstance instance, CancellationToken cancellationToken)
    {
        try
        {
            await instance.StopAsync(StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await instance.StopAsync(StopMode.Kill, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static PostgresSettings PostgresSettingsOf(KeeperSettings settings) =>
        new()
        {
            DataDirectory = settings.DataDirectory,
            ListenAddress = settings.ListenAddress,
            Port = settings.Port,
            BinDirectory = settings.BinDirectory,
            RunAsUser = settings.RunAsUser,
            PassEnvironment = settings.PassEnvironment,
            Superuser = settings.Superuser,
            Replication = settings.Replication,
        };
}
