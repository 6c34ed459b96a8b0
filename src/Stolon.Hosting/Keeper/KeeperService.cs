using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// Drives one PostgreSQL instance (10): four loops that look, publish, converge and fence, each of which goes on when another hangs.
/// </summary>
internal sealed class KeeperService(KeeperSettings settings, IClusterStore store, TimeProvider time, ILogger<KeeperService> logger)
    : BackgroundService
{
    /// <summary>How long PostgreSQL may take for a clean stop when the host ends; then it is stopped at once.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8);

    private readonly TimeProvider bootClock = BootTimeProvider.Instance;
    private KeeperDirectory? directory;
    private PostgresInstance? instance;
    private KeeperMemory? memory;

    /// <summary>The keeper's uid; null before it started.</summary>
    public KeeperId? Uid => memory?.Self;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The lock and the identity come first, and only then PostgreSQL (S7).
        directory = KeeperDirectory.Open(settings.DataDirectory, settings.RunAsUser, settings.LockDataDirectory);
        try
        {
            memory = new KeeperMemory(directory.Identify(settings.Uid, () => Guid.NewGuid().ToString("N")[..8]));
            instance = await PostgresInstance
                .OpenAsync(PostgresSettingsOf(settings), time, logger, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            directory.Dispose();
            throw;
        }

        var postgres = instance;
        logger.Running(memory.Name, memory.Self, settings.DataDirectory, postgres.Version.ToString());

        // K6: an instance of an earlier life was not started under our guard.
        await postgres.StopAsync(StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        await postgres.RepairAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (instance is not null)
        {
            await instance.StopAsync(StopMode.Fast, StopLimit, CancellationToken.None).ConfigureAwait(false);
            await instance.DisposeAsync().ConfigureAwait(false);
            logger.Stopped(memory?.Name ?? settings.ToString());
        }

        directory?.Dispose();
        instance = null;
        directory = null;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (postgres, files, shared) = (instance!, directory!, memory!);
        var contact = new StoreContact(bootClock);
        using var observer = new InstanceObserver(postgres, shared, time, logger);
        var fence = new FenceLoop(postgres, contact, shared, bootClock, settings.FencesItself, logger);
        var reports = new KeeperReports(settings, files, postgres, observer, shared, bootClock);
        var publish = new PublishLoop(store, reports, contact, shared, time, bootClock, logger);
        var data = new DataActions(postgres, files, settings, shared, bootClock, logger);
        var runner = new ActionRunner(postgres, files, data, fence, shared, logger);
        var desired = new DesiredFactory(settings, files, postgres, shared);
        var document = new DocumentReader(store, contact, shared, bootClock, logger);
        var facts = new LocalFacts(settings, files, postgres, observer, contact, shared, logger);
        var converge = new ConvergeLoop(document, facts, observer, runner, files, desired, shared, time, logger);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] loops =
        [
            observer.RunAsync(ending.Token), publish.RunAsync(ending.Token), converge.RunAsync(ending.Token),
            fence.RunAsync(ending.Token), WatchAsync(shared, ending.Token),
        ];

        // A loop ends only when the host does, or by a bug: then the others end too, and the host hears of it.
        await Task.WhenAny(loops).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(loops).ConfigureAwait(false);
    }

    private static PostgresSettings PostgresSettingsOf(KeeperSettings settings) =>
        new()
        {
            DataDirectory = settings.DataDirectory,
            ListenAddress = settings.ListenAddress,
            Port = settings.Port,
            BinDirectory = settings.BinDirectory,
            RunAsUser = settings.RunAsUser,
            Superuser = settings.Superuser,
            Replication = settings.Replication,
        };

    private async Task WatchAsync(KeeperMemory shared, CancellationToken cancellationToken)
    {
        await foreach (var _ in store.WatchAsync(StoreChange.ClusterData, cancellationToken).ConfigureAwait(false))
        {
            shared.PassAgain.Ring();
        }
    }
}
