using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>Publishes the keeper's report: at once when something that matters changed, else every sleepInterval.</summary>
internal sealed partial class PublishLoop(
    IClusterStore store, KeeperReports reports, StoreContact contact, KeeperMemory memory, TimeProvider time, TimeProvider bootClock, ILogger logger)
{
    /// <summary>Stores keep a report at least this long (ST3).</summary>
    private static readonly TimeSpan ShortestTimeToLive = TimeSpan.FromSeconds(20);

    /// <summary>Changes that come closer together than this are told in one report.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>More than any store takes for one call.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// So many reports come at a quarter of the interval at first: a sentinel believes none that it has not seen change (O2), and waits for the
    /// second one before it makes the first instance.
    /// </summary>
    private const int EarlyReports = 3;

    private bool failing;
    private string early = "";
    private int told;

    /// <summary>Publishes until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            memory.Pulses.Publish.Beat(memory.SleepInterval + CallLimit);
            var published = await PublishAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(published ? ShortestPause : memory.SleepInterval / 4, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (published)
            {
                await memory.PublishAgain.WaitAsync(NextInterval() - ShortestPause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan NextInterval()
    {
        (early, told) = early == memory.DocumentClusterUid ? (early, told + 1) : (memory.DocumentClusterUid, 0);
        return told < EarlyReports ? memory.SleepInterval / 4 : memory.SleepInterval;
    }

    private async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        var began = bootClock.Now();
        using var step = memory.BeginStep("keeper.report");
        var timeToLive = memory.SleepInterval > ShortestTimeToLive ? memory.SleepInterval : ShortestTimeToLive;
        try
        {
            var report = reports.Next();
            step?.SetTag("reached", report.PostgresState?.Generation).SetTag("healthy", report.PostgresState?.Healthy);
            await store.PublishAsync(report, timeToLive, cancellationToken).ConfigureAwait(false);
            memory.OnPublished(report);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (StoreUnavailableException exception)
        {
            step?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (!failing)
            {
                LogFailed(logger, memory.Name, exception.Message);
            }

            failing = true;
            return false;
        }

        if (failing)
        {
            LogWorksAgain(logger, memory.Name);
        }

        failing = false;
        contact.PublicationSucceeded(began);
        return true;
    }

    [LoggerMessage(2060, LogLevel.Warning, "{Keeper}: its report could not be published: {Failure}")]
    private static partial void LogFailed(ILogger logger, string keeper, string failure);

    [LoggerMessage(2061, LogLevel.Information, "{Keeper}: its reports are published again.")]
    private static partial void LogWorksAgain(ILogger logger, string keeper);
}
