using System.Collections.Concurrent;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>Hints.</summary>
public abstract partial class StoreConformance
{
    [Fact, Trait("Rule", "ST2")]
    public async Task Whoever_watches_hears_at_the_start_and_of_every_change()
    {
        await using var heard = Listener.On(Open(), StoreChange.Any);
        (await heard.NextAsync()).Should().Be(StoreChange.Any);

        var other = Open();
        await other.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        (await heard.NextAsync()).Should().Be(StoreChange.ClusterData);

        await other.PublishAsync(A.Keeper("k1"), Ttl, None);
        (await heard.NextAsync()).Should().Be(StoreChange.Reports);

        await other.PublishAsync(A.Keeper("k1", "again"), Ttl, None);
        (await heard.NextAsync()).Should().Be(StoreChange.Reports);
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task Whoever_watches_hears_of_writes_through_the_same_door()
    {
        var store = Open();
        await using var heard = Listener.On(store, StoreChange.Reports);
        await heard.NextAsync();

        await store.PublishAsync(A.Keeper("k1"), Ttl, None);

        (await heard.NextAsync()).Should().Be(StoreChange.Reports);
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task Who_listens_to_the_document_hears_of_a_question_and_of_its_end()
    {
        await using var heard = Listener.On(Open(), StoreChange.ClusterData);
        await heard.NextAsync();
        var other = Open();

        await other.PublishAsync(A.Question("q1"), Ttl, None);
        (await heard.NextAsync()).Should().Be(StoreChange.ClusterData);

        await other.WithdrawAsync(A.Question("q1").Id, None);
        (await heard.NextAsync()).Should().Be(StoreChange.ClusterData);
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task Nobody_hears_of_what_is_outside_the_scope()
    {
        var (store, other) = (Open(), Open());
        await using var document = Listener.On(store, StoreChange.ClusterData);
        await using var reports = Listener.On(store, StoreChange.Reports);
        await document.NextAsync();
        await reports.NextAsync();

        await other.PublishAsync(A.Keeper("k1"), Ttl, None);
        await reports.NextAsync();
        await other.OverwriteAsync(A.Document(1), A.NoDecisions, None);

        (await document.NextAsync()).Should().Be(StoreChange.ClusterData);
        document.HasMore.Should().BeFalse();
        reports.HasMore.Should().BeFalse();
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task Hints_for_a_busy_reader_are_merged()
    {
        var (store, other) = (Open(), Open());
        await using var stream = store.WatchAsync(StoreChange.Any, None).GetAsyncEnumerator(None);
        await stream.MoveNextAsync();

        await using var barrier = Listener.On(store, StoreChange.ClusterData);
        await barrier.NextAsync();
        for (var number = 0; number < 20; number++)
        {
            await other.PublishAsync(A.Keeper("k1", $"i{number}"), Ttl, None);
        }

        await other.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await barrier.NextAsync();

        await stream.MoveNextAsync();
        stream.Current.Should().Be(StoreChange.Any);
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_watch_ends_without_an_exception_when_it_is_cancelled_or_the_store_is_disposed()
    {
        var store = Open();
        using var cancel = new CancellationTokenSource();
        await using var first = Listener.On(store, StoreChange.Any, cancel.Token);
        await using var second = Listener.On(store, StoreChange.Any);
        await first.NextAsync();
        await second.NextAsync();

        await cancel.CancelAsync();
        await first.EndAsync();

        await store.DisposeAsync();
        await second.EndAsync();
    }

    /// <summary>Collects the hints of one watch.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly ConcurrentQueue<StoreChange> hints = new();
        private readonly CancellationTokenSource stop;
        private readonly Task running;

        private Listener(IClusterStore store, StoreChange scope, CancellationToken cancellationToken)
        {
            stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            running = Task.Run(() => RunAsync(store, scope), CancellationToken.None);
        }

        public bool HasMore => !hints.IsEmpty;

        public static Listener On(IClusterStore store, StoreChange scope, CancellationToken cancellationToken = default) =>
            new(store, scope, cancellationToken);

        public async Task<StoreChange> NextAsync()
        {
            var hint = StoreChange.None;
            await Wait.UntilAsync(() => hints.TryDequeue(out hint), because: "a hint comes");
            return hint;
        }

        public Task EndAsync() => running.WaitAsync(Wait.Long, TimeProvider.System);

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await EndAsync();
            stop.Dispose();
        }

        private async Task RunAsync(IClusterStore store, StoreChange scope)
        {
            await foreach (var hint in store.WatchAsync(scope, stop.Token))
            {
                hints.Enqueue(hint);
            }
        }
    }
}
