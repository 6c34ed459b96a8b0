using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Integration.Proxy;

/// <summary>A store for one proxy: tests write its document, and may hold up, refuse or observe each of its calls.</summary>
internal sealed class ScriptedStore : IClusterStore
{
    private readonly ConcurrentDictionary<Channel<bool>, bool> watchers = [];
    private ClusterData? document;
    private int reads;

    /// <summary>Runs inside each read, before the document is looked at.</summary>
    public Func<CancellationToken, Task> OnRead { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs inside each read, after the document was looked at.</summary>
    public Func<CancellationToken, Task> AfterRead { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs inside each publication, before it is visible.</summary>
    public Func<ProxyReport, CancellationToken, Task> OnPublish { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Every report that became visible.</summary>
    public ConcurrentQueue<ProxyReport> Published { get; } = [];

    public int Reads => Volatile.Read(ref reads);

    public ProxyReport? LastReport => Published.LastOrDefault();

    public ClusterData? Document
    {
        get => Volatile.Read(ref document);
        set
        {
            Volatile.Write(ref document, value);
            foreach (var watcher in watchers.Keys)
            {
                watcher.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>A call that never ends, whatever its token says.</summary>
    public static Task HangAsync() => new TaskCompletionSource().Task;

    /// <summary>A call of a store that is out of reach.</summary>
    public static Task FailAsync() => Task.FromException(new StoreUnavailableException("The test's store is out of reach."));

    public async ValueTask<StoredClusterData?> ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        await OnRead(cancellationToken);
        var found = Document;
        await AfterRead(cancellationToken);
        return found is null ? null : new StoredClusterData(found, new StoreVersion("1"));
    }

    public async ValueTask PublishAsync(ProxyReport report, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await OnPublish(report, cancellationToken);
        Published.Enqueue(report);
    }

    public async IAsyncEnumerable<StoreChange> WatchAsync(
        StoreChange scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        watchers[hints] = true;
        yield return StoreChange.ClusterData;
        await foreach (var hint in hints.Reader.ReadAllAsync(cancellationToken))
        {
            yield return StoreChange.ClusterData;
        }
    }

    public ValueTask<bool> TryWriteAsync(
        ClusterData next, StoreVersion? expected, ImmutableArray<Decision> decisions, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask OverwriteAsync(ClusterData next, ImmutableArray<Decision> decisions, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask PublishAsync(KeeperReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask PublishAsync(SentinelReport report, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask WithdrawAsync(SentinelId sentinel, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask PublishAsync(SettingsQuestion question, TimeSpan timeToLive, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask WithdrawAsync(QuestionId question, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Reports> ListReportsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ILeadership> CampaignAsync(SentinelId candidate, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<SentinelId?> ReadLeaderAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ImmutableArray<Decision>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
