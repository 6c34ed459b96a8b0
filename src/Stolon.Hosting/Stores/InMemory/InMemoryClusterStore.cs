using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// A store in the memory of one process, for tests: the same contract as a real one, and switches that make it fail.
/// <see cref="OpenAnother"/> gives another door to the same content, with switches of its own.
/// </summary>
public sealed class InMemoryClusterStore : IClusterStore, ILeaderTable
{
    private readonly InMemoryContent content;
    private readonly TimeProvider time;
    private readonly ReportAges ages;
    private readonly LeadershipTimes leadershipTimes;
    private readonly LeaderAge leaderAge;
    private readonly CancellationTokenSource closed = new();

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock of times to live and of leadership.</param>
    public InMemoryClusterStore(TimeProvider time)
        : this(time, new InMemoryContent(), LeadershipTimes.Default)
    {
    }

    internal InMemoryClusterStore(TimeProvider time, InMemoryContent content, LeadershipTimes leadershipTimes)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.time = time;
        this.content = content;
        this.leadershipTimes = leadershipTimes;
        ages = new ReportAges(time);
        leaderAge = new LeaderAge(time, leadershipTimes);
    }

    /// <summary>While true every call through this door fails, and no hints come through it.</summary>
    public bool Unavailable
    {
        get;
        set
        {
            field = value;
            if (!value)
            {
                // As after a real absence: whoever watches looks again.
                content.Hub.Raise(ChangeHub.All);
            }
        }
    }

    /// <summary>While true writes through this door happen, but their answers are lost: they throw.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Another door to the same content.</summary>
    /// <returns>The door; each is disposed on its own.</returns>
    public InMemoryClusterStore OpenAnother() => new(time, content, leadershipTimes);

    /// <inheritdoc/>
    public async ValueTask<StoredClusterData?> ReadAsync(CancellationToken cancellationToken)
    {
        var (body, version) = await ReadAsync(inside => (inside.Document, inside.Version), cancellationToken).ConfigureAwait(false);
        return body is null ? null : new StoredClusterData(ClusterJson.ReadClusterData(body), new StoreVersion(version));
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(
        ClusterData next, StoreVersion? expected, ImmutableArray<Decision> decisions, CancellationToken cancellationToken) =>
        WriteAsync(inside => inside.TryPut(ClusterJson.Write(next), expected, decisions), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask OverwriteAsync(
        ClusterData next, ImmutableArray<Decision> decisions, CancellationToken cancellationToken) =>
        await WriteAsync(inside => inside.Put(ClusterJson.Write(next), decisions), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask PublishAsync(KeeperReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        return PublishAsync(ReportKind.Keeper, report.Uid.Value, ClusterJson.Write(report), timeToLive, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(ProxyReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        return PublishAsync(ReportKind.Proxy, report.Uid.Value, ClusterJson.Write(report), timeToLive, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(SentinelReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        return PublishAsync(ReportKind.Sentinel, report.Uid.Value, ClusterJson.Write(report), timeToLive, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask WithdrawAsync(SentinelId sentinel, CancellationToken cancellationToken) =>
        await WriteAsync(inside => inside.Withdraw(ReportKind.Sentinel, sentinel.Value), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask PublishAsync(SettingsQuestion question, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        return PublishAsync(ReportKind.Question, question.Id.Value, ClusterJson.Write(question), timeToLive, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask WithdrawAsync(QuestionId question, CancellationToken cancellationToken) =>
        await WriteAsync(inside => inside.Withdraw(ReportKind.Question, question.Value), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reports> ListReportsAsync(CancellationToken cancellationToken)
    {
        var (live, expired) = ages.Look(await ReadAsync(inside => inside.Reports(), cancellationToken).ConfigureAwait(false));
        if (!expired.IsEmpty)
        {
            await ReadAsync(inside => inside.RemoveUnchanged(expired), cancellationToken).ConfigureAwait(false);
        }

        return ReportReader.Read(live);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreChange> WatchAsync(
        StoreChange scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = true;
        await foreach (var change in content.Hub.WatchAsync(scope, closed.Token, cancellationToken).ConfigureAwait(false))
        {
            if (first || !Unavailable)
            {
                yield return change;
            }

            first = false;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken) =>
        new Campaign(this, content.Hub, time, leadershipTimes, NullLogger.Instance).RunAsync(candidate, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken) =>
        leaderAge.Look(await ReadAsync(inside => inside.Leader, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<Decision>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        ReadAsync(inside => inside.History, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await closed.CancelAsync().ConfigureAwait(false);

    ValueTask<LeaderRow?> ILeaderTable.ReadLeaderRowAsync(CancellationToken cancellationToken) =>
        ReadAsync(inside => inside.Leader, cancellationToken);

    ValueTask<bool> ILeaderTable.TryTakeAsync(LeaderRow? seen, LeaderRow mine, CancellationToken cancellationToken) =>
        WriteAsync(inside => inside.TryTake(seen, mine), cancellationToken);

    ValueTask<bool> ILeaderSession.TryRenewAsync(string session, CancellationToken cancellationToken) =>
        WriteAsync(inside => inside.TryRenew(session), cancellationToken);

    async ValueTask ILeaderSession.ReleaseAsync(string session, CancellationToken cancellationToken) =>
        await WriteAsync(inside => inside.Release(session), cancellationToken).ConfigureAwait(false);

    private async ValueTask PublishAsync(
        ReportKind kind, string uid, byte[] body, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        await WriteAsync(inside => inside.Publish(kind, uid, body, timeToLive), cancellationToken).ConfigureAwait(false);

    private async ValueTask<T> ReadAsync<T>(Func<InMemoryContent, T> read, CancellationToken cancellationToken)
    {
        // Nothing to wait for: the method is async so that failures come with the task, as a real store's do.
        await ValueTask.CompletedTask.ConfigureAwait(false);
        ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        return Unavailable
            ? throw new StoreUnavailableException("The store in memory is switched off.")
            : content.Locked(read);
    }

    private async ValueTask<bool> WriteAsync(Func<InMemoryContent, bool> write, CancellationToken cancellationToken)
    {
        var done = await ReadAsync(write, cancellationToken).ConfigureAwait(false);
        return LosesAnswers
            ? throw new StoreUnavailableException("The answer of the store in memory was lost, as the test asked for.")
            : done;
    }
}
