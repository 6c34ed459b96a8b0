using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Integration.Hosting;

/// <summary>A store in which a test can interfere.</summary>
internal sealed class TamperedStore(IClusterStore inner) : IClusterStore
{
    private int reads;
    private int writes;

    /// <summary>Runs before each read of the document.</summary>
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before each listing of the reports.</summary>
    public Func<Task> BeforeList { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before each publication of a report.</summary>
    public Func<Task> BeforePublish { get; set; } = () => Task.CompletedTask;

    /// <summary>Reports that the store cannot read.</summary>
    public ImmutableArray<string> Unreadable { get; set; } = [];

    /// <summary>Runs before each write with a version.</summary>
    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    public int Reads => reads;

    public int Writes => writes;

    public async ValueTask<StoredClusterData?> ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        await BeforeRead();
        return await inner.ReadAsync(cancellationToken);
    }

    /// <summary>Reads past the interference.</summary>
    public ValueTask<StoredClusterData?> ReadUntamperedAsync(CancellationToken cancellationToken) => inner.ReadAsync(cancellationToken);

    public async ValueTask<bool> TryWriteAsync(
        ClusterData next, StoreVersion? expected, ImmutableArray<Decision> decisions, CancellationToken cancellationToken)
    {
        await BeforeWrite();
        var written = await inner.TryWriteAsync(next, expected, decisions, cancellationToken);
        Interlocked.Add(ref writes, written ? 1 : 0);
        return written;
    }

    public ValueTask OverwriteAsync(ClusterData next, ImmutableArray<Decision> decisions, CancellationToken cancellationToken) =>
        inner.OverwriteAsync(next, decisions, cancellationToken);

    public async ValueTask PublishAsync(KeeperReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await BeforePublish();
        await inner.PublishAsync(report, timeToLive, cancellationToken);
    }

    public async ValueTask PublishAsync(ProxyReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await BeforePublish();
        await inner.PublishAsync(report, timeToLive, cancellationToken);
    }

    public async ValueTask PublishAsync(SentinelReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await BeforePublish();
        await inner.PublishAsync(report, timeToLive, cancellationToken);
    }

    public ValueTask WithdrawAsync(SentinelId sentinel, CancellationToken cancellationToken) =>
        inner.WithdrawAsync(sentinel, cancellationToken);

    public ValueTask PublishAsync(SettingsQuestion question, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        inner.PublishAsync(question, timeToLive, cancellationToken);

    public ValueTask WithdrawAsync(QuestionId question, CancellationToken cancellationToken) => inner.WithdrawAsync(question, cancellationToken);

    public async ValueTask<Reports> ListReportsAsync(CancellationToken cancellationToken)
    {
        await BeforeList();
        return await inner.ListReportsAsync(cancellationToken) with { Unreadable = Unreadable };
    }

    public IAsyncEnumerable<StoreChange> WatchAsync(StoreChange scope, CancellationToken cancellationToken) =>
        inner.WatchAsync(scope, cancellationToken);

    public ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken) =>
        inner.CampaignAsync(candidate, cancellationToken);

    public ValueTask<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken) => inner.ReadLeaderAsync(cancellationToken);

    public ValueTask<ImmutableArray<Decision>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        inner.ReadHistoryAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
