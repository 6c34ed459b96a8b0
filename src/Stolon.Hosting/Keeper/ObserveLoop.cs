using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Liveness;
using Stolon.Observation;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>Has a witness for everybody whom this keeper observes: the primary's keeper with its PostgreSQL, and the proxies (architecture, section 5).</summary>
internal sealed partial class ObserveLoop(
    IClusterStore store, KeeperMemory memory, Findings findings, TimeProvider time, TimeProvider bootClock, ILogger logger)
{
    /// <summary>Who comes and goes changes the document, and that rings; this is for what was missed.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Subject, (Task Running, CancellationTokenSource End)> witnesses = [];

    /// <summary>Observes until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When all witnesses have ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var subjects = await FindSubjectsAsync(cancellationToken).ConfigureAwait(false);
                if (subjects is not null)
                {
                    await AppointAsync(subjects, cancellationToken).ConfigureAwait(false);
                }

                await memory.SubjectsChanged.WaitAsync(subjects is null ? memory.SleepInterval : LongestRest, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await AppointAsync([], CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Whom the document and the reports give this keeper to observe; null = it cannot be known now.</summary>
    private async Task<HashSet<Subject>?> FindSubjectsAsync(CancellationToken cancellationToken)
    {
        if (memory.Document is not { } data || !Observers.ObservesProxies(data, memory.Self))
        {
            return [];
        }

        using var limit = new CancellationTokenSource(ReadLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var reports = await store.ListReportsAsync(either.Token).ConfigureAwait(false);
            var primary = Observers.ObservesPrimary(data, memory.Self) ? data.Primary?.Spec.Keeper : null;
            return
            [
                .. reports.Keepers.Where(report => report.Uid == primary).Select(Of).OfType<Subject>(),
                .. reports.Proxies.Where(report => report is { Closed: false, LivenessAddress.IsGiven: true })
                    .Select(report => new Subject(report.Uid.Value, IsProxy: true, report.Uid.Value, EndPoint(report.LivenessAddress), Postgres: null)),
            ];
        }
        catch (Exception problem) when (problem is StoreUnavailableException or OperationCanceledException)
        {
            return null;
        }
    }

    private static Subject? Of(KeeperReport report) =>
        report is { LivenessAddress.IsGiven: true, BootUuid.Length: > 0, PostgresState: { ListenAddress.Length: > 0 } state }
            && int.TryParse(state.Port, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort
            ? new Subject(report.Uid.Value, IsProxy: false, report.BootUuid, EndPoint(report.LivenessAddress), new DnsEndPoint(state.ListenAddress, port))
            : null;

    private static DnsEndPoint EndPoint(LivenessAddress address) => new(address.Host, address.Port);

    private async Task AppointAsync(HashSet<Subject> subjects, CancellationToken cancellationToken)
    {
        foreach (var (subject, witness) in witnesses.Where(one => !subjects.Contains(one.Key) || one.Value.Running.IsCompleted).ToList())
        {
            await witness.End.CancelAsync().ConfigureAwait(false);
            await witness.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (witness.Running.Exception is { } failure)
            {
                LogFailed(logger, failure.GetBaseException(), memory.Name, subject.Uid);
            }

            witness.End.Dispose();
            LogObservesNoMore(logger, memory.Name, subject.Uid);
            witnesses.Remove(subject);
        }

        foreach (var subject in subjects.Where(subject => !witnesses.ContainsKey(subject)))
        {
            var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

            // A standby that has lost its primary should say so at once: an election waits for it.
            Action broken = subject.IsProxy ? () => { } : memory.LookAgain.Ring;
            var keeper = new KeeperId(subject.Uid);
            var witness = new Witness(subject, store, findings, () => memory.SleepInterval, () => memory.StreamedAt(keeper), broken, time, bootClock, logger);
            LogObserves(logger, memory.Name, subject.Uid);
            witnesses.Add(subject, (Task.Run(() => witness.RunAsync(end.Token), CancellationToken.None), end));
        }
    }

    [LoggerMessage(2110, LogLevel.Debug, "{Keeper} observes {Subject}.")]
    private static partial void LogObserves(ILogger logger, string keeper, string subject);

    [LoggerMessage(2112, LogLevel.Error, "{Keeper}: observing {Subject} failed; it is begun anew.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string keeper, string subject);

    [LoggerMessage(2111, LogLevel.Debug, "{Keeper} observes {Subject} no more.")]
    private static partial void LogObservesNoMore(ILogger logger, string keeper, string subject);
}
