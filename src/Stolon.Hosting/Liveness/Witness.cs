using Microsoft.Extensions.Logging;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Liveness;

/// <summary>
/// Observes one subject. It holds a connection to its liveness port, which costs next to nothing, and asks only when that was ended by the other side: who
/// was not connected until then has nothing to say about refusals. Of its PostgreSQL the observer's own walreceiver knows. A connection that says nothing is
/// none for PostgreSQL: one that it accepts while it starts or stops is waited for by its stop, for authentication_timeout.
/// </summary>
/// <param name="subject">Who is observed.</param>
/// <param name="store">Where the subject's last publication is read before each question.</param>
/// <param name="findings">Where findings go.</param>
/// <param name="sleepInterval">The cluster's sleepInterval.</param>
/// <param name="streamedAt">When this observer last received from the subject's PostgreSQL; null = it does not.</param>
/// <param name="broken">Called when the connection to the liveness port ended.</param>
/// <param name="time">The clock of waits.</param>
/// <param name="bootClock">The clock of ages.</param>
/// <param name="logger">The log: what a witness sees is for those who look closely.</param>
internal sealed partial class Witness(
    Subject subject, IClusterStore store, Findings findings, Func<TimeSpan> sleepInterval, Func<TimeSpan?> streamedAt, Action broken, TimeProvider time, TimeProvider bootClock,
    ILogger logger)
{
    /// <summary>A little more than the shortest time between two refusals that count.</summary>
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(105);

    private static readonly TimeSpan ShortestBetween = TimeSpan.FromMilliseconds(101);

    /// <summary>How long it asks after an end. PostgreSQL takes its time to end after its keeper; what takes longer is judged by silence.</summary>
    private static readonly TimeSpan LongestExamination = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(2);

    private volatile bool isConnected;

    /// <summary>It is connected, so that an end would be heard.</summary>
    public bool IsConnected => isConnected;

    private TimeSpan Now => bootClock.Now();

    /// <summary>Observes until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When it has ended; what was found is withdrawn.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (await HoldAsync(cancellationToken).ConfigureAwait(false) is { } connected)
                {
                    await ExamineAsync(connected.LivenessAt, connected.PostgresAt, cancellationToken).ConfigureAwait(false);
                    findings.Withdraw(subject);
                }

                await Task.Delay(sleepInterval(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody is interested any more.
        }
        finally
        {
            findings.Withdraw(subject);
        }
    }

    /// <summary>Holds the connection to the liveness port until it ends.</summary>
    /// <returns>When both were last connected, if the other side ended it and was the right one; else null.</returns>
    private async Task<(TimeSpan LivenessAt, TimeSpan PostgresAt)?> HoldAsync(CancellationToken cancellationToken)
    {
        var (liveness, _) = await HeldConnection.ConnectAsync(subject.Liveness, time, cancellationToken).ConfigureAwait(false);
        using var held = liveness;
        if (held is null
            || await held.ReadLineAsync(cancellationToken).ConfigureAwait(false) != LivenessPort.AnswerOf(subject.Uid, subject.BootUuid))
        {
            LogNotConnected(logger, subject.Uid, held is null);
            return null;
        }

        isConnected = true;
        var endedByPeer = await held.EndsByPeerAsync(cancellationToken).ConfigureAwait(false);
        isConnected = false;
        var now = Now;
        broken();
        var postgresAt = subject.Postgres is null ? now : streamedAt();
        LogEnded(logger, subject.Uid, endedByPeer, now - postgresAt);
        return endedByPeer && postgresAt is { } connectedAt ? (now, connectedAt) : null;
    }

    /// <summary>Asks until somebody answers, another process has published, or it is too late.</summary>
    private async Task ExamineAsync(TimeSpan livenessAt, TimeSpan postgresAt, CancellationToken cancellationToken)
    {
        var began = Now;
        string? infoUid = null;
        TimeSpan? first = null;
        while (findings.Has(subject) || Now - began < LongestExamination)
        {
            // Read before the question: what was published later was published by somebody who lives, and nothing is proven.
            var publication = await ReadPublicationAsync(cancellationToken).ConfigureAwait(false);
            (infoUid, first) = (publication, publication == infoUid ? first : null);
            var (liveness, postgres) = await AskAsync(cancellationToken).ConfigureAwait(false);
            var now = Now;
            LogAsked(logger, subject.Uid, liveness, postgres, infoUid);
            if (liveness is PortAnswer.Open)
            {
                return;
            }

            if (postgres is PortAnswer.Open)
            {
                postgresAt = now;
                findings.Withdraw(subject);
            }

            first = infoUid is not null && liveness is PortAnswer.Refused && postgres is PortAnswer.Refused ? first ?? now : null;
            if (first is { } firstAt && now - firstAt >= ShortestBetween)
            {
                findings.Found(subject, new Finding(infoUid!, livenessAt < postgresAt ? livenessAt : postgresAt, firstAt, now));
            }

            await Task.Delay(findings.Has(subject) ? sleepInterval() : BetweenQuestions, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The infoUID of the subject's last publication; null = it cannot be known now, or another process published it.</summary>
    private async Task<string?> ReadPublicationAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ReadLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var reports = await store.ListReportsAsync(either.Token).ConfigureAwait(false);
            return subject.IsProxy
                ? reports.Proxies.FirstOrDefault(report => report.Uid.Value == subject.Uid)?.InfoUid
                : reports.Keepers.FirstOrDefault(report => report.Uid.Value == subject.Uid && report.BootUuid == subject.BootUuid)?.InfoUid;
        }
        catch (Exception problem) when (problem is StoreUnavailableException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private async Task<(PortAnswer Liveness, PortAnswer Postgres)> AskAsync(CancellationToken cancellationToken)
    {
        var liveness = AskLivenessAsync(cancellationToken);
        var postgres = subject.Postgres is { } address ? HeldConnection.AskAsync(address, time, cancellationToken) : liveness;
        return (await liveness.ConfigureAwait(false), await postgres.ConfigureAwait(false));
    }

    /// <summary>
    /// Only a word says that somebody lives there: a process that is killed loses its connections before it stops listening, and in between the kernel still
    /// accepts for it.
    /// </summary>
    private async Task<PortAnswer> AskLivenessAsync(CancellationToken cancellationToken)
    {
        var (connection, answer) = await HeldConnection.ConnectAsync(subject.Liveness, time, cancellationToken).ConfigureAwait(false);
        using var asked = connection;
        return asked is null || (await asked.ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length > 0 ? answer : PortAnswer.Silent;
    }

    [LoggerMessage(2100, LogLevel.Debug, "{Subject} is not connected to: it did not answer as the process that is meant (refused: {Refused}).")]
    private static partial void LogNotConnected(ILogger logger, string subject, bool refused);

    [LoggerMessage(2101, LogLevel.Debug, "The connection to {Subject} ended, by its own side: {ByPeer}; connected to its PostgreSQL {Ago} before.")]
    private static partial void LogEnded(ILogger logger, string subject, bool byPeer, TimeSpan? ago);

    [LoggerMessage(2102, LogLevel.Debug, "{Subject} was asked: liveness port {Liveness}, PostgreSQL {Postgres}; its last publication is {InfoUid}.")]
    private static partial void LogAsked(ILogger logger, string subject, PortAnswer liveness, PortAnswer postgres, string? infoUid);
}
