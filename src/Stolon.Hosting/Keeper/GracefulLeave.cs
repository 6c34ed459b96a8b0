using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// What a keeper does before its host ends in an orderly way: it says so, and a primary asks for a switchover and waits for it, so that a rolling deployment
/// costs its clients a moment, not a failover (architecture, section 7).
/// </summary>
internal sealed partial class GracefulLeave(KeeperSettings settings, IClusterStore store, KeeperMemory memory, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AnnounceLimit = TimeSpan.FromSeconds(1);

    /// <summary>A store that does not answer within it will not carry a switchover either.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(2);

    /// <summary>The shortest time that a switchover is asked for: with less, it is no use.</summary>
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(1);

    /// <summary>How often it looks whether anybody is left to take over, once it asked.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(0.5);

    /// <summary>Says in the report that the host ends: nobody chooses this keeper for a primary from now on.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it was published, or could not be within a second.</returns>
    public async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        memory.Leaving = true;
        memory.PublishAgain.Ring();
        using var limit = new CancellationTokenSource(AnnounceLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await memory.LeavingPublished.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Hands the primary on, if this keeper has it and there is somebody to have it.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When done, or when it cannot be done.</returns>
    public async Task RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var within = limit < settings.LeaveTimeout ? limit : settings.LeaveTimeout;
        if (within < ShortestLimit)
        {
            return;
        }

        using var timer = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            if (await FindHeirsAsync(either.Token).WaitAsync(AskLimit, time, either.Token).ConfigureAwait(false) is Heirs.Some)
            {
                LogLeaving(logger, memory.Name);
                await HandOnAsync(within, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            LogNotInTime(logger, memory.Name, within.TotalSeconds);
        }
        catch (Exception exception) when (exception is StolonException or StoreUnavailableException or ClusterDataException or TimeoutException)
        {
            LogLeft(logger, memory.Name, exception.Message);
        }
    }

    /// <summary>Hosts often end together: as soon as all others have said so too, there is nothing to wait for.</summary>
    private async Task HandOnAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var handingOn = new SwitchoverRequest(settings.ClusterName, store, time).RunAsync(new SwitchoverOptions { Limit = limit }, giveUp.Token);
        using var timer = new PeriodicTimer(LookAgain, time);
        try
        {
            while (await Task.WhenAny(handingOn, timer.WaitForNextTickAsync(cancellationToken).AsTask()).ConfigureAwait(false) != handingOn)
            {
                if (await FindHeirsAsync(cancellationToken).ConfigureAwait(false) is Heirs.None)
                {
                    LogNobodyLeft(logger, memory.Name);
                    return;
                }
            }

            LogLeft(logger, memory.Name, (await handingOn.ConfigureAwait(false)).Text);
        }
        finally
        {
            await giveUp.CancelAsync().ConfigureAwait(false);
            await ((Task)handingOn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether another keeper process lives that may take the primary from here.</summary>
    private async Task<Heirs> FindHeirsAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(cancellationToken).ConfigureAwait(false) is not { Data: var data } || data.Primary?.Spec.Keeper != memory.Self)
        {
            return Heirs.NotNeeded;
        }

        var reports = await store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        return reports.Keepers.Any(other => other.Uid != memory.Self && other is { CanSwitchOver: true, Leaving: false } && data.DatabaseOf(other.Uid) is not null)
            ? Heirs.Some
            : Heirs.None;
    }

    private enum Heirs
    {
        /// <summary>The primary is not here, or not any more.</summary>
        NotNeeded,

        /// <summary>It is here, and nobody else may have it.</summary>
        None,

        /// <summary>It is here, and somebody may take it.</summary>
        Some,
    }

    [LoggerMessage(2090, LogLevel.Information, "{Keeper}: the host ends: the primary is handed on first.")]
    private static partial void LogLeaving(ILogger logger, string keeper);

    [LoggerMessage(2091, LogLevel.Information, "{Keeper}: {Outcome}")]
    private static partial void LogLeft(ILogger logger, string keeper, string outcome);

    [LoggerMessage(2093, LogLevel.Information, "{Keeper}: the other keepers end, too, and nobody is left to have the primary: it stops.")]
    private static partial void LogNobodyLeft(ILogger logger, string keeper);

    [LoggerMessage(2092, LogLevel.Warning, "{Keeper}: the primary could not be handed on within {Seconds} s: it stops, and another is elected.")]
    private static partial void LogNotInTime(ILogger logger, string keeper, double seconds);
}
