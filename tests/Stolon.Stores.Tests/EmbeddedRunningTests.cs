using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>The store file under a running cluster.</summary>
public sealed class EmbeddedRunningTests : IAsyncDisposable
{
    private readonly StoreFolder folder = new();

    private static CancellationToken None => CancellationToken.None;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory, Trait("Rule", "Q32")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_deleted_is_never_made_again_by_itself(bool withLog)
    {
        var (one, two) = await OpenTwoAsync();
        File.Delete(folder.Path);
        if (withLog)
        {
            File.Delete(folder.Log);
            File.Delete(folder.Index);
        }

        foreach (var store in (EmbeddedClusterStore[])[one, two, one, two])
        {
            var message = await StoreFolder.FailureAsync(store);
            message.Should().Contain(folder.Path).And.Contain("deleted").And.Contain("initMode existing");
            var write = async () => await store.OverwriteAsync(A.Document(2), A.NoDecisions, None);
            await write.Should().ThrowAsync<StoreUnavailableException>();
        }

        File.Exists(folder.Path).Should().BeFalse();
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_file_that_comes_back_is_used_again()
    {
        var (one, two) = await OpenTwoAsync();
        File.Move(folder.Path, folder.Path + ".away");
        await StoreFolder.FailureAsync(one);
        await StoreFolder.FailureAsync(two);

        File.Move(folder.Path + ".away", folder.Path);

        (await StoreFolder.ReadWhenBackAsync(one))!.Data.Revision.Should().Be(1);
        await one.OverwriteAsync(A.Document(2), A.NoDecisions, None);
        (await StoreFolder.ReadWhenBackAsync(two))!.Data.Revision.Should().Be(2);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task A_new_store_made_by_init_is_used_by_those_who_run()
    {
        var (one, two) = await OpenTwoAsync();
        foreach (var path in (string[])[folder.Path, folder.Log, folder.Index])
        {
            File.Delete(path);
        }

        await StoreFolder.FailureAsync(one);
        await folder.MakeAsync(revision: 77);

        (await StoreFolder.ReadWhenBackAsync(one))!.Data.Revision.Should().Be(77);
        (await StoreFolder.ReadWhenBackAsync(two))!.Data.Revision.Should().Be(77);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task A_file_that_is_emptied_is_an_error_with_a_remedy()
    {
        var (one, two) = await OpenTwoAsync();
        await folder.TruncateAsync(0);

        foreach (var store in (EmbeddedClusterStore[])[one, two, one])
        {
            var message = await StoreFolder.FailureAsync(store);
            message.Should().Contain(folder.Path).And.Contain("empty").And.Contain("initMode existing");
        }

        new FileInfo(folder.Path).Length.Should().Be(0);
    }

    [Theory, Trait("Rule", "S10")]
    [InlineData(100)]
    [InlineData(8192)]
    public async Task A_file_that_is_truncated_is_an_error_with_a_remedy(int length)
    {
        var (one, two) = await OpenTwoAsync();
        await folder.TruncateAsync(length);

        foreach (var store in (EmbeddedClusterStore[])[one, two])
        {
            var message = await StoreFolder.FailureAsync(store);
            message.Should().Contain(folder.Path).And.MatchRegex("truncated|damaged").And.Contain("initMode existing");
        }

        new FileInfo(folder.Path).Length.Should().Be(length);
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_file_overwritten_by_something_else_is_left_alone()
    {
        var (one, two) = await OpenTwoAsync();
        await File.WriteAllTextAsync(folder.Path + ".old", new string('x', 40_000));
        await folder.PutBackAsync(inPlace: true);

        (await StoreFolder.FailureAsync(one)).Should().Contain(folder.Path).And.Contain("no store of Stolon");
        (await StoreFolder.FailureAsync(two)).Should().Contain(folder.Path).And.Contain("no store of Stolon");

        (await StoreFolder.RunAsync("cmp", folder.Path, folder.Path + ".old")).Should().Be(0);
    }

    [Theory, Trait("Rule", "Q33")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_old_copy_put_in_its_place_is_never_mixed_with_the_log(bool inPlace)
    {
        await folder.MakeAsync(revision: 1);
        await folder.CopyAsync();
        await folder.MakeAsync(revision: 2);
        var (one, two) = (folder.Open(), folder.Open());
        await one.OverwriteAsync(A.Document(3), A.NoDecisions, None);
        await two.OverwriteAsync(A.Document(4), A.NoDecisions, None);

        await folder.PutBackAsync(inPlace);
        (await StoreFolder.RunAsync("cp", folder.Path, folder.Path + ".same")).Should().Be(0);
        var write = async () => await two.OverwriteAsync(A.Document(5), A.NoDecisions, None);
        (await write.Should().ThrowAsync<StoreUnavailableException>()).Which.Message.Should().Contain("replaced");
        await StoreFolder.FailureAsync(one);
        await Wait.UntilAsync(async () => (await StoreFolder.FailureAsync(one)).Contains("delete", StringComparison.Ordinal));
        (await StoreFolder.RunAsync("cmp", folder.Path, folder.Path + ".same")).Should().Be(0, "nobody writes into the copy");

        File.Delete(folder.Log);
        File.Delete(folder.Index);
        (await StoreFolder.ReadWhenBackAsync(one))!.Data.Revision.Should().Be(1);
        (await StoreFolder.ReadWhenBackAsync(two))!.Data.Revision.Should().Be(1);
        await two.OverwriteAsync(A.Document(6), A.NoDecisions, None);
        (await one.ReadAsync(None))!.Data.Revision.Should().Be(6);
    }

    [Fact, Trait("Rule", "Q33")]
    public async Task A_version_of_before_is_worth_nothing_in_an_old_copy()
    {
        await folder.MakeAsync(revision: 1);
        await folder.CopyAsync();
        StoreVersion later;
        await using (var store = folder.Open())
        {
            await store.OverwriteAsync(A.Document(2), A.NoDecisions, None);
            later = (await store.ReadAsync(None))!.Version;
        }

        await folder.PutBackAsync(inPlace: false);
        var again = folder.Open();
        await again.OverwriteAsync(A.Document(1), A.NoDecisions, None);

        (await again.TryWriteAsync(A.Document(3), later, A.NoDecisions, None)).Should().BeFalse();
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_deleted_log_is_noticed()
    {
        var (one, two) = await OpenTwoAsync();
        await one.OverwriteAsync(A.Document(2), A.NoDecisions, None);
        File.Delete(folder.Log);

        (await StoreFolder.FailureAsync(two)).Should().Contain("-wal").And.Contain("deleted");
        (await StoreFolder.FailureAsync(one)).Should().Contain("-wal");
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_watch_goes_on_after_the_file_was_away()
    {
        var (one, _) = await OpenTwoAsync();
        await using var stream = one.WatchAsync(StoreChange.ClusterData, None).GetAsyncEnumerator(None);
        await stream.MoveNextAsync();
        File.Move(folder.Path, folder.Path + ".away");
        await StoreFolder.FailureAsync(one);
        var hint = stream.MoveNextAsync();

        File.Move(folder.Path + ".away", folder.Path);

        (await hint.AsTask().WaitAsync(Wait.Long, TimeProvider.System)).Should().BeTrue();
        await StoreFolder.ReadWhenBackAsync(one);
        await one.OverwriteAsync(A.Document(2), A.NoDecisions, None);
        (await stream.MoveNextAsync().AsTask().WaitAsync(Wait.Long, TimeProvider.System)).Should().BeTrue();
    }

    [Fact]
    public async Task What_happens_is_said_once()
    {
        await folder.MakeAsync();
        var log = new LogLines();
        var store = folder.Open(logger: log);
        await store.ReadAsync(None);
        File.Move(folder.Path, folder.Path + ".away");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await StoreFolder.FailureAsync(store);
        }

        File.Move(folder.Path + ".away", folder.Path);
        await StoreFolder.ReadWhenBackAsync(store);
        await store.ReadAsync(None);

        log.Ids.Should().Equal(4000, 4001);
    }

    private async Task<(EmbeddedClusterStore One, EmbeddedClusterStore Two)> OpenTwoAsync()
    {
        await folder.MakeAsync();
        var (one, two) = (folder.Open(), folder.Open());
        await one.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await two.PublishAsync(A.Keeper("k1"), TimeSpan.FromSeconds(30), None);
        await one.ReadAsync(None);
        await two.ReadAsync(None);
        return (one, two);
    }
}
