using Microsoft.Extensions.Logging;
using Stolon.Hosting.Liveness;
using Stolon.Hosting.Postgres;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>Puts the loops of one keeper together and runs them.</summary>
internal sealed partial class KeeperLoops(
    KeeperSettings settings, IClusterStore store, KeeperDirectory files, IPostgresInstance postgres, PasswordLoop passwords, KeeperMemory memory, TimeProvider time,
    TimeProvider bootClock, ILogger logger) : IDisposable
{
    /// <summary>How long the first look may take, which the loops wait for: nobody answers yet, so it reads files and asks a program.</summary>
    private static readonly TimeSpan FirstLookLimit = TimeSpan.FromSeconds(30);

    private readonly InstanceObserver observer = new(postgres, memory, time, bootClock, logger);

    /// <summary>How the keeper does now.</summary>
    public KeeperHealth Health =>
        new(memory.Self, memory.Document, observer.Latest, postgres.RunningWith, files.DbState, memory.Trouble);

    /// <inheritdoc/>
    public void Dispose() => observer.Dispose();

    /// <summary>Looks until something was seen, and then runs until cancelled.</summary>
    /// <param name="cancellationToken">Ends all loops.</param>
    /// <returns>When all have ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var contact = new StoreContact(bootClock);
        var refused = new RefusedSettings();
        var findings = new Findings(memory.PublishAgain.Ring);
        var fence = new FenceLoop(postgres, contact, memory, bootClock, settings.FencesItself, logger);
        var reports = new KeeperReports(settings, files, postgres, observer, refused, passwords, findings, memory, bootClock);
        var publish = new PublishLoop(store, reports, contact, memory, time, bootClock, logger);
        var data = new DataActions(postgres, files, settings, memory, bootClock, logger);
        var runner = new ActionRunner(settings, postgres, files, data, fence, refused, memory, logger);
        var desired = new DesiredFactory(settings, files, postgres, refused, memory);
        var document = new DocumentReader(store, contact, memory, bootClock, logger);
        var facts = new LocalFacts(settings, files, postgres, observer, contact, memory);
        var prove = new ProveLoop(postgres, observer, memory, time, logger);
        var converge = new ConvergeLoop(document, facts, observer, runner, files, desired, new SettingsAnswers(postgres, memory, time), memory, time, logger);

        memory.Metrics.Observe(memory, () => observer.Latest);

        // Who has not looked knows of no data, and would say so to a sentinel that seeks an empty keeper (Q32).
        memory.Pulses.Observe.Beat(FirstLookLimit);
        await observer.LookFirstAsync(cancellationToken).ConfigureAwait(false);
        Task[] loops =
        [
            Keep(observer.RunAsync), Keep(publish.RunAsync), Keep(converge.RunAsync), Keep(fence.RunAsync), Keep(prove.RunAsync),
            Keep(token => passwords.RunAsync(postgres, observer, desired, token)), Keep(WatchAsync), Keep(HearQuestionsAsync),
            Keep(new ObserveLoop(store, memory, findings, time, bootClock, logger).RunAsync),
        ];
        await Task.WhenAll(loops).ConfigureAwait(false);

        Task Keep(Func<CancellationToken, Task> loop) => KeepAsync(loop, cancellationToken);
    }

    /// <summary>
    /// What nobody foresaw ends no keeper, for its PostgreSQL would end with it: the loop begins anew (S12). Where it fails again and again, the sentinel
    /// hears nothing, or the guard's lease runs out.
    /// </summary>
    private async Task KeepAsync(Func<CancellationToken, Task> loop, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await loop(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The host ends.
            }
#pragma warning disable CA1031 // Whatever it is: see above.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogBegunAnew(logger, exception, memory.Name);
            }

            await Task.Delay(memory.SleepInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(2120, LogLevel.Error, "{Keeper}: something failed that should not; it is begun anew.")]
    private static partial void LogBegunAnew(ILogger logger, Exception exception, string keeper);

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in store.WatchAsync(StoreChange.ClusterData, cancellationToken).ConfigureAwait(false))
        {
            memory.DocumentChanged.Ring();
            memory.PassAgain.Ring();
        }
    }

    /// <summary>A loop of its own: a store that answers slowly must not hold up what comes of a changed document.</summary>
    private async Task HearQuestionsAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in store.WatchAsync(StoreChange.ClusterData, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var reports = await store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
                if (memory.Questions.Hear(reports.Questions))
                {
                    memory.PassAgain.Ring();
                    memory.PublishAgain.Ring();
                }
            }
            catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
            {
                // There is a hint when the store is back.
            }
        }
    }
}
