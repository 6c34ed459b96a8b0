using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Does what <see cref="Decide"/> chose. It decides nothing itself.</summary>
internal sealed class ActionRunner(
    IPostgresInstance instance, KeeperDirectory directory, DataActions data, FenceLoop fence, KeeperMemory memory, ILogger logger)
{
    /// <summary>How long a clean stop may take before it becomes an immediate one.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a fast stop may take when the instance must not serve any more.</summary>
    private static readonly TimeSpan FenceLimit = TimeSpan.FromSeconds(1);

    /// <summary>The step that failed last: tried again, it is not announced again.</summary>
    private KeeperAction? failed;

    /// <summary>Takes one step.</summary>
    /// <param name="action">The step; not <see cref="KeeperAction.Rest"/> or <see cref="KeeperAction.Refuse"/>.</param>
    /// <param name="want">What the document asks for.</param>
    /// <param name="cancellationToken">Gives up; the next pass looks where things stand.</param>
    /// <returns>When done.</returns>
    /// <exception cref="PostgresInstanceException">It could not be done.</exception>
    public async Task RunAsync(KeeperAction action, Desired want, CancellationToken cancellationToken)
    {
        if (action != failed)
        {
            logger.Acting(memory.Name, action);
        }

        failed = action;
        await TakeAsync(action, want, cancellationToken).ConfigureAwait(false);
        failed = null;
    }

    private Task TakeAsync(KeeperAction action, Desired want, CancellationToken cancellationToken) =>
        action switch
        {
            KeeperAction.AdoptCluster adopt => AdoptAsync(adopt.ClusterUid),
            KeeperAction.Stop => instance.StopAsync(StopMode.Fast, StopLimit, cancellationToken),
            KeeperAction.Fence => instance.StopAsync(StopMode.Fast, FenceLimit, cancellationToken),
            KeeperAction.Create create => data.CreateAsync(create, want, cancellationToken),
            KeeperAction.TakeOver takeOver => data.TakeOverAsync(takeOver, want, cancellationToken),
            KeeperAction.Resync resync => data.ResyncAsync(resync.Plan, want, cancellationToken),
            KeeperAction.Start start => StartAsync(start.Configuration, start.AsPrimary, cancellationToken),
            KeeperAction.Restart restart => RestartAsync(restart, cancellationToken),
            KeeperAction.Reload reload => instance.ApplyAsync(reload.Configuration, cancellationToken),
            KeeperAction.RecordPrimaryTimeline record => RecordAsync(record.Timeline),
            KeeperAction.Promote => PromoteAsync(want, cancellationToken),
            KeeperAction.SettleSlots slots => SettleSlotsAsync(slots.Wanted, cancellationToken),
            KeeperAction.RecordConverged converged => RecordConvergedAsync(converged.Generation),
            _ => throw new PostgresInstanceException($"this version cannot carry out {action.GetType().Name}"),
        };

    private async Task StartAsync(ServerConfiguration configuration, bool asPrimary, CancellationToken cancellationToken)
    {
        if (asPrimary)
        {
            fence.Arm();
        }
        else
        {
            fence.Disarm();
        }

        try
        {
            await instance.StartAsync(configuration, cancellationToken).ConfigureAwait(false);
            memory.StartedWithoutAnswer = true;
        }
        catch (PostgresInstanceException)
        {
            memory.FailedStarts++;
            throw;
        }
        finally
        {
            memory.LookAgain.Ring();
        }
    }

    private async Task RestartAsync(KeeperAction.Restart restart, CancellationToken cancellationToken)
    {
        await instance.StopAsync(StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        await StartAsync(restart.Configuration, restart.AsPrimary, cancellationToken).ConfigureAwait(false);
    }

    private async Task PromoteAsync(Desired want, CancellationToken cancellationToken)
    {
        fence.Arm();
        var limit = new ClusterSettings(want.Data.Cluster.Spec).DbWaitReadyTimeout;
        await instance.PromoteAsync(limit, cancellationToken).ConfigureAwait(false);
    }

    private async Task SettleSlotsAsync(ValueList<string> wanted, CancellationToken cancellationToken)
    {
        foreach (var failure in await instance.SettleSlotsAsync(wanted.ToHashSet(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false))
        {
            logger.SlotNotDropped(memory.Name, failure);
        }
    }

    private Task AdoptAsync(string clusterUid)
    {
        directory.Write(directory.KeeperState with { Uid = memory.Self, ClusterUid = clusterUid });
        directory.Write(directory.DbState with { SeenRevision = memory.SeenRevision });
        return Task.CompletedTask;
    }

    private Task RecordAsync(uint timeline)
    {
        var timelines = directory.DbState.PrimaryTimelines.Append(timeline).Distinct().Order().ToValueList();
        directory.Write(directory.DbState with { PrimaryTimelines = timelines });
        return Task.CompletedTask;
    }

    private Task RecordConvergedAsync(long generation)
    {
        directory.Write(directory.DbState with { Generation = generation, Initializing = false });
        memory.PublishAgain.Ring();
        return Task.CompletedTask;
    }
}
