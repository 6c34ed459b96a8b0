using Stolon.Hosting.Stores;

namespace Stolon.Stores.Tests;

/// <summary>The store file under a stopped cluster: made once, never made again, and never taken for what it is not.</summary>
public sealed class EmbeddedFileTests : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly StoreFolder folder = new();

    private static CancellationToken None => CancellationToken.None;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact, Trait("Rule", "S11")]
    public async Task Only_the_owner_may_read_any_of_its_files()
    {
        var store = folder.Open();
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);

        foreach (var path in (string[])[folder.Path, folder.Log, folder.Index])
        {
            File.GetUnixFileMode(path).Should().Be(OwnerOnly, path);
        }

        Directory.GetFiles(folder.Folder).Should().HaveCount(3);
    }

    [Fact, Trait("Rule", "S11")]
    public async Task A_folder_that_it_makes_is_the_owners_only()
    {
        var path = Path.Combine(folder.Folder, "new", "store.db");

        await folder.Open(path: path).ReadAsync(None);

        File.GetUnixFileMode(Path.GetDirectoryName(path)!).Should().Be(OwnerOnly | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Closed_it_is_one_file_that_says_whose_it_is()
    {
        await folder.MakeAsync();

        Directory.GetFiles(folder.Folder).Should().Equal(folder.Path);
        folder.Sql("PRAGMA application_id").Should().Be("1400139628");
        folder.Sql("PRAGMA user_version").Should().Be("1");
    }

    [Fact]
    public async Task What_was_written_is_there_after_it_was_closed()
    {
        await folder.MakeAsync(revision: 5);

        (await folder.Open().ReadAsync(None))!.Data.Revision.Should().Be(5);
        (await folder.Open().ReadHistoryAsync(None)).Should().Equal(A.Decision(1));
    }

    [Fact]
    public async Task Of_many_that_make_it_at_once_all_use_the_same()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => folder.Open()).ToList();

        var wins = await Task.WhenAll(stores.Select((store, number) =>
            Task.Run(async () => await store.TryWriteAsync(A.Document(number), expected: null, A.NoDecisions, None))));

        wins.Count(won => won).Should().Be(1);
        Directory.GetFiles(folder.Folder).Should().HaveCount(3);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task Where_a_keeper_has_data_a_missing_file_is_an_error_with_a_remedy()
    {
        var store = folder.Open(new EmbeddedStoreSettings { ExpectExisting = () => true });

        var message = await StoreFolder.FailureAsync(store);

        message.Should().Contain(folder.Path).And.Contain("does not exist").And.Contain("initMode existing");
        Directory.GetFiles(folder.Folder).Should().BeEmpty();
    }

    [Fact, Trait("Rule", "Q32"), Trait("Rule", "ST1")]
    public async Task Where_a_keeper_has_joined_a_process_without_keepers_makes_no_new_file_either_unless_an_operator_asks()
    {
        await folder.MakeAsync();
        await using (var keeper = folder.Open())
        {
            await keeper.PublishAsync(A.Keeper("k1") with { ClusterUid = "c1" }, Wait.Long, None);
        }

        File.Delete(folder.Path);
        var sentinel = folder.Open();

        var message = await StoreFolder.FailureAsync(sentinel);
        message.Should().Contain(folder.Path).And.Contain("does not exist").And.Contain("initMode existing");
        File.Exists(folder.Path).Should().BeFalse();

        var init = folder.Open();
        init.AllowNew();
        await init.OverwriteAsync(A.Document(9), A.NoDecisions, None);
        (await StoreFolder.ReadWhenBackAsync(sentinel))!.Data.Revision.Should().Be(9);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task A_keeper_that_belongs_to_no_cluster_yet_does_not_hold_a_new_start_up()
    {
        await folder.MakeAsync();
        await using (var keeper = folder.Open())
        {
            await keeper.PublishAsync(A.Keeper("k1"), Wait.Long, None);
        }

        File.Delete(folder.Path);

        (await folder.Open().ReadAsync(None)).Should().BeNull();
    }

    [Fact]
    public async Task A_link_to_the_file_is_as_good_as_the_file()
    {
        var real = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Folder, "disk")).FullName, "real.db");
        File.CreateSymbolicLink(folder.Path, Path.Combine("disk", "real.db"));

        await folder.MakeAsync(revision: 5);

        File.Exists(real).Should().BeTrue();
        (await folder.Open().ReadAsync(None))!.Data.Revision.Should().Be(5);
        (await folder.Open(path: real).ReadAsync(None))!.Data.Revision.Should().Be(5);
        await folder.Open().OverwriteAsync(A.Document(6), A.NoDecisions, None);
        (await folder.Open(path: real).ReadAsync(None))!.Data.Revision.Should().Be(6);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task A_process_that_waits_for_a_file_uses_the_one_that_init_makes()
    {
        var store = folder.Open(new EmbeddedStoreSettings { ExpectExisting = () => true });
        await StoreFolder.FailureAsync(store);

        await folder.MakeAsync(revision: 9);

        (await StoreFolder.ReadWhenBackAsync(store))!.Data.Revision.Should().Be(9);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task A_file_deleted_from_beside_its_log_is_not_made_again()
    {
        await KillWithLogAsync();
        File.Delete(folder.Path);

        var message = await StoreFolder.FailureAsync(folder.Open());

        message.Should().Contain(folder.Path).And.Contain("deleted").And.Contain("initMode existing");
        File.Exists(folder.Path).Should().BeFalse();
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task An_empty_file_is_an_error_with_a_remedy()
    {
        await File.WriteAllBytesAsync(folder.Path, []);

        var message = await StoreFolder.FailureAsync(folder.Open());

        message.Should().Contain(folder.Path).And.Contain("empty").And.Contain("initMode existing");
        new FileInfo(folder.Path).Length.Should().Be(0);
    }

    [Theory, Trait("Rule", "S10")]
    [InlineData(50)]
    [InlineData(4096)]
    [InlineData(9000)]
    [InlineData(16384)]
    public async Task A_truncated_file_is_an_error_with_a_remedy(int length)
    {
        await folder.MakeAsync();
        await folder.TruncateAsync(length);

        var message = await StoreFolder.FailureAsync(folder.Open());

        message.Should().Contain(folder.Path).And.MatchRegex("truncated|damaged").And.Contain("initMode existing");
        new FileInfo(folder.Path).Length.Should().Be(length);
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_file_of_something_else_is_left_alone()
    {
        const string text = "a letter to somebody, longer than the header of a database file would be: it goes on and on and on and on.";
        await File.WriteAllTextAsync(folder.Path, text);

        var message = await StoreFolder.FailureAsync(folder.Open());

        message.Should().Contain(folder.Path).And.Contain("no store of Stolon");
        (await File.ReadAllTextAsync(folder.Path)).Should().Be(text);
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_database_of_another_program_is_left_alone()
    {
        folder.Sql("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");

        var message = await StoreFolder.FailureAsync(folder.Open());

        message.Should().Contain(folder.Path).And.Contain("another program");
        folder.Sql("SELECT count(*) FROM theirs").Should().Be("1");
    }

    [Fact, Trait("Rule", "M1")]
    public async Task A_newer_layout_is_left_alone()
    {
        await folder.MakeAsync();
        folder.Sql("PRAGMA user_version = 2");

        (await StoreFolder.FailureAsync(folder.Open())).Should().Contain("layout 2").And.Contain("newer version");
    }

    [Fact, Trait("Rule", "Q33")]
    public async Task An_old_copy_put_back_after_a_clean_stop_is_read_as_it_is()
    {
        await folder.MakeAsync(revision: 1);
        await folder.CopyAsync();
        await folder.MakeAsync(revision: 2);

        await folder.PutBackAsync(inPlace: false);

        (await folder.Open().ReadAsync(None))!.Data.Revision.Should().Be(1);
    }

    [Theory, Trait("Rule", "Q33")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_old_copy_is_never_mixed_with_a_log_that_a_killed_process_left(bool inPlace)
    {
        await folder.MakeAsync(revision: 1);
        await folder.CopyAsync();
        await folder.MakeAsync(revision: 2);
        await KillWithLogAsync();
        await folder.PutBackAsync(inPlace);

        var store = folder.Open();
        var message = await StoreFolder.FailureAsync(store);
        message.Should().Contain(folder.Path).And.Contain("replaced").And.Contain("-wal").And.Contain("delete");

        // What the message says to do.
        File.Delete(folder.Log);
        File.Delete(folder.Index);
        (await StoreFolder.ReadWhenBackAsync(store))!.Data.Revision.Should().Be(1);
    }

    [Fact, Trait("Rule", "Q33")]
    public async Task Another_store_is_never_mixed_with_a_log_that_a_killed_process_left()
    {
        await folder.MakeAsync(revision: 1);
        File.Move(folder.Path, folder.Path + ".old");
        await KillWithLogAsync();
        await folder.PutBackAsync(inPlace: true);

        (await StoreFolder.FailureAsync(folder.Open())).Should().Contain("replaced").And.Contain("-wal");
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_log_that_a_killed_process_left_is_read()
    {
        var acknowledged = await KillWithLogAsync();

        (await folder.Open().ReadAsync(None))!.Data.Revision.Should().BeGreaterThanOrEqualTo(acknowledged);
    }

    /// <summary>Leaves a file with a log: a process that wrote was killed.</summary>
    private async Task<long> KillWithLogAsync()
    {
        using var worker = WorkerProcess.Start(folder.Path, "write");
        await Wait.UntilAsync(() => worker.Acknowledged > 3);
        await worker.KillAsync();
        new FileInfo(folder.Log).Length.Should().BePositive();
        return worker.Acknowledged;
    }
}
