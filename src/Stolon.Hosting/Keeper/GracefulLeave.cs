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
            if (await MayHandOnAsync(either.Token).WaitAsync(AskLimit, time, either.Token).ConfigureAwait(false))
            {
                LogLeaving(logger, memory.Name);
                var options = new SwitchoverOptions { Limit = within };
                var result = await new SwitchoverRequest(settings.ClusterName, store, time).RunAsync(options, either.Token).ConfigureAwait(false);
                LogLeft(logger, memory.Name, result.Text);
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

    /// <summary>It has the primary, and another keeper process lives that may take it.</summary>
    private async Task<bool> MayHandOnAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(cancellationToken).ConfigureAwait(false) is not { Data: var data } || data.Primary?.Spec.Keeper != memory.Self)
        {
            return false;
        }

        var reports = await store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        return reports.Keepers.Any(other => other.Uid != memory.Self && other is { CanSwitchOver: true, Leaving: false } && data.DatabaseOf(other.Uid) is not null);
    }

    [LoggerMessage(2090, LogLevel.Information, "{Keeper}: the host ends: the primary is handed on first.")]
    private static partial void LogLeaving(ILogger logger, string keeper);

    [LoggerMessage(2091, LogLevel.Information, "{Keeper}: {Outcome}")]
    private static partial void LogLeft(ILogger logger, string keeper, string outcome);

    [LoggerMessage(2092, LogLevel.Warning, "{Keeper}: the primary could not be handed on within {Seconds} s: it stops, and another is elected.")]
    private static partial void LogNotInTime(ILogger logger, string keeper, double seconds);
}
