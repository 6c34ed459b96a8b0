using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// The store in one SQLite file: for one machine, any number of processes (architecture, section 4). All roles of a process share
/// one object. One thread reads and one writes, so that a lock held by a frozen process stops writing only.
/// </summary>
internal sealed class EmbeddedClusterStore : IClusterStore, ILeaderTable
{
    private readonly EmbeddedStoreSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly StoreFile file;
    private readonly StoreThread reading;
    private readonly StoreThread writing;
    private readonly ChangeHub hub = new();
    private readonly ChangeNotices notices;
    private readonly ReportAges ages;
    private readonly LeaderAge leaderAge;
    private readonly CancellationTokenSource closed = new();
    private int removing;
    private int disposed;

    /// <summary>Makes the store object; the file is opened, or made, by the first call.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock of times to live, of leadership and of deadlines; it should run through suspend.</param>
    /// <param name="settings">How it behaves; null = as usual.</param>
    /// <param name="logger">Where changes are said.</param>
    public EmbeddedClusterStore(string path, TimeProvider time, EmbeddedStoreSettings? settings, ILogger logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        this.settings = settings ?? new EmbeddedStoreSettings();
        this.time = time;
        this.logger = logger;
        file = new StoreFile(path, this.settings, time, logger);
        ages = new ReportAges(time);
        leaderAge = new LeaderAge(time, this.settings.Leadership);
        notices = new ChangeNotices(file, hub, LookAsync, this.settings.WatchInterval, time, logger);
        var availability = new Availability(file.Path, Recheck, notices.IsBack, logger);
        reading = Thread("reading", forWriting: false, availability);
        writing = Thread("writing", forWriting: true, availability);
    }

    /// <summary>An operator asked for a new cluster: a missing file is made, also where keepers have used one (Q32, A1).</summary>
    public void AllowNew() => file.AllowNew();

    /// <inheritdoc/>
    public async ValueTask<StoredClusterData?> ReadAsync(CancellationToken cancellationToken) =>
        await ReadAsync(StoreTables.ReadDocument, cancellationToken).ConfigureAwait(false) is var (version, body)
            ? new StoredClusterData(ClusterJson.ReadClusterData(body), new StoreVersion(version))
            : null;

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(
        ClusterData next, StoreVersion? expected, ImmutableArray<Decision> decisions, CancellationToken cancellationToken)
    {
        var body = ClusterJson.Write(next);
        return WriteAsync(
            durable: true, (connection, _) => StoreTables.TryPut(connection, body, expected, decisions), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask OverwriteAsync(
        ClusterData next, ImmutableArray<Decision> decisions, CancellationToken cancellationToken)
    {
        var body = ClusterJson.Write(next);
        await WriteAsync(durable: true, (connection, _) => StoreTables.Put(connection, body, decisions), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(KeeperReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await PublishAsync(
            new ReportRow(ReportKind.Keeper, report.Uid.Value, "", timeToLive, ClusterJson.Write(report)), cancellationToken)
            .ConfigureAwait(false);
        if (report.ClusterUid.Length > 0)
        {
            file.MarkUsed();
        }
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(ProxyReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(
            new ReportRow(ReportKind.Proxy, report.Uid.Value, "", timeToLive, ClusterJson.Write(report)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishAsync(SentinelReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(
            new ReportRow(ReportKind.Sentinel, report.Uid.Value, "", timeToLive, ClusterJson.Write(report)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask WithdrawAsync(SentinelId sentinel, CancellationToken cancellationToken) =>
        WithdrawAsync(ReportKind.Sentinel, sentinel.Value, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishAsync(SettingsQuestion question, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        PublishAsync(
            new ReportRow(ReportKind.Question, question.Id.Value, "", timeToLive, ClusterJson.Write(question)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask WithdrawAsync(QuestionId question, CancellationToken cancellationToken) =>
        WithdrawAsync(ReportKind.Question, question.Value, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Reports> ListReportsAsync(CancellationToken cancellationToken)
    {
        var (live, expired) = ages.Look(await ReadAsync(StoreTables.ReadReports, cancellationToken).ConfigureAwait(false));
        if (!expired.IsEmpty && Interlocked.Exchange(ref removing, 1) == 0)
        {
            // Nobody waits for it: the list is right without.
            _ = RemoveAsync(expired);
        }

        return ReportReader.Read(live);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreChange> WatchAsync(
        StoreChange scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await BeginToLookAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var change in hub.WatchAsync(scope, closed.Token, cancellationToken).ConfigureAwait(false))
        {
            yield return change;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken)
    {
        notices.Start();
        return new Campaign(this, hub, time, settings.Leadership, logger).RunAsync(candidate, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken) =>
        leaderAge.Look(await ReadAsync(StoreTables.ReadLeader, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<Decision>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        ReadAsync(StoreTables.ReadHistory, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await closed.CancelAsync().ConfigureAwait(false);
        await notices.DisposeAsync().ConfigureAwait(false);
        await reading.DisposeAsync().ConfigureAwait(false);
        await writing.DisposeAsync().ConfigureAwait(false);
    }

    ValueTask<LeaderRow?> ILeaderTable.ReadLeaderRowAsync(CancellationToken cancellationToken) =>
        ReadAsync(StoreTables.ReadLeader, cancellationToken);

    ValueTask<bool> ILeaderTable.TryTakeAsync(LeaderRow? seen, LeaderRow mine, CancellationToken cancellationToken) =>
        WriteAsync(durable: true, (connection, _) => StoreTables.TryTake(connection, seen, mine), cancellationToken);

    ValueTask<bool> ILeaderSession.TryRenewAsync(string session, CancellationToken cancellationToken) =>
        WriteAsync(durable: true, (connection, _) => StoreTables.TryRenew(connection, session), cancellationToken);

    async ValueTask ILeaderSession.ReleaseAsync(string session, CancellationToken cancellationToken) =>
        await WriteAsync(durable: true, (connection, _) => StoreTables.Release(connection, session), cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask BeginToLookAsync(CancellationToken cancellationToken)
    {
        notices.Start();
        try
        {
            // The look that later ones are compared with.
            await LookAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            // When the store is there, everybody hears of it.
        }
    }

    /// <summary>One thread found the file wrong: the other need not wait for its next call to find out.</summary>
    private void Recheck()
    {
        reading.Recheck();
        writing.Recheck();
    }

    private async ValueTask LookAsync(CancellationToken cancellationToken) =>
        await ReadAsync(_ => true, cancellationToken).ConfigureAwait(false);

    private async ValueTask PublishAsync(ReportRow report, CancellationToken cancellationToken) =>
        await WriteAsync(
            durable: false, (connection, sequence) => StoreTables.Publish(connection, sequence, report), cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask WithdrawAsync(ReportKind kind, string uid, CancellationToken cancellationToken) =>
        await WriteAsync(durable: false, (connection, _) => StoreTables.Withdraw(connection, kind, uid), cancellationToken)
            .ConfigureAwait(false);

    private async Task RemoveAsync(ImmutableArray<ReportRow> expired)
    {
        try
        {
            await WriteAsync(durable: false, (connection, _) => StoreTables.RemoveUnchanged(connection, expired), closed.Token)
                .ConfigureAwait(false);
            foreach (var row in expired)
            {
                logger.ReportExpired(row.Kind, row.Uid);
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException or ObjectDisposedException)
        {
            // They stay hidden, and the next list tries again.
        }
        finally
        {
            Volatile.Write(ref removing, 0);
        }
    }

    private async ValueTask<T> ReadAsync<T>(Func<StoreConnection, T> body, CancellationToken cancellationToken)
    {
        var outcome = await reading.RunAsync(session => session.Read(body), cancellationToken).ConfigureAwait(false);
        notices.Seen(outcome.Head);
        return outcome.Result;
    }

    private async ValueTask<T> WriteAsync<T>(
        bool durable, Func<StoreConnection, long, (T Result, StoreChange Change)> body, CancellationToken cancellationToken)
    {
        var outcome = await writing.RunAsync(session => session.Write(durable, body), cancellationToken).ConfigureAwait(false);
        notices.Seen(outcome.Head);
        return outcome.Result;
    }

    private StoreThread Thread(string activity, bool forWriting, Availability availability) =>
        new(
            activity,
            file,
            new StoreSession(file, settings, time, forWriting, logger),
            settings.OperationTimeout,
            time,
            availability);
}
