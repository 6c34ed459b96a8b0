using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>The store in memory: the contract, and its switches.</summary>
public sealed class InMemoryStoreTests : AgingStoreConformance
{
    private readonly InMemoryContent content = new();

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Switched_off_it_fails_through_that_door_only_and_goes_on_afterwards()
    {
        var store = new InMemoryClusterStore(TimeProvider.System);
        var other = store.OpenAnother();
        await using var stream = store.WatchAsync(StoreChange.ClusterData, None).GetAsyncEnumerator(None);
        await stream.MoveNextAsync();
        store.Unavailable = true;

        var read = async () => await store.ReadAsync(None);
        await read.Should().ThrowAsync<StoreUnavailableException>();
        await other.OverwriteAsync(A.Document(3), A.NoDecisions, None);
        var hint = stream.MoveNextAsync();
        store.Unavailable = false;

        (await hint).Should().BeTrue();
        (await store.ReadAsync(None))!.Data.Revision.Should().Be(3);
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_has_happened()
    {
        var store = new InMemoryClusterStore(TimeProvider.System) { LosesAnswers = true };

        var write = async () => await store.TryWriteAsync(A.Document(1), expected: null, A.NoDecisions, None);

        await write.Should().ThrowAsync<StoreUnavailableException>();
        (await store.ReadAsync(None))!.Data.Revision.Should().Be(1);
    }

    internal override IClusterStore Open(TimeProvider time) => new InMemoryClusterStore(time, content, Quick);

    internal override Task PutRawDocumentAsync(string json)
    {
        content.Locked(inside => inside.Put(System.Text.Encoding.UTF8.GetBytes(json), A.NoDecisions));
        return Task.CompletedTask;
    }

    internal override Task PutRawReportAsync(string uid, string json)
    {
        content.Locked(inside => inside.Publish(
            ReportKind.Keeper, uid, System.Text.Encoding.UTF8.GetBytes(json), TimeSpan.FromSeconds(30)));
        return Task.CompletedTask;
    }
}
