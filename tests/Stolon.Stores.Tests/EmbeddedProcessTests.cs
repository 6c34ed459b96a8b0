using System.Diagnostics;
using Stolon.Cluster;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>Several processes on one file: working, killed, frozen.</summary>
public sealed class EmbeddedProcessTests : IAsyncDisposable
{
    private readonly StoreFolder folder = new();

    private static CancellationToken None => CancellationToken.None;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact, Trait("Rule", "ST2")]
    public async Task Several_processes_lose_no_write()
    {
        var workers = Enumerable.Range(0, 3).Select(_ => WorkerProcess.Start(folder.Path, "count", "30")).ToList();
        foreach (var worker in workers)
        {
            await worker.EndedAsync();
            worker.ExitCode.Should().Be(0);
            worker.Dispose();
        }

        var store = folder.Open();
        (await store.ReadAsync(None))!.Data.Revision.Should().Be(90);
        (await store.ReadHistoryAsync(None)).Should().Equal(Enumerable.Range(1, 90).Select(A.Decision));
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task A_change_of_another_process_is_heard_at_once()
    {
        // The interval is out of the game: only the file's own notice is left.
        var store = folder.Open(new EmbeddedStoreSettings { WatchInterval = TimeSpan.FromHours(1) });
        await using var stream = store.WatchAsync(StoreChange.Reports, None).GetAsyncEnumerator(None);
        await stream.MoveNextAsync();
        var hint = stream.MoveNextAsync();

        using var worker = WorkerProcess.Start(folder.Path, "publish", "k7");
        (await worker.NextAsync()).Should().Be("published");

        (await hint.AsTask().WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System)).Should().BeTrue();
        (await store.ListReportsAsync(None)).Keepers.Should().Equal(A.Keeper("k7"));
    }

    [Fact, Trait("Rule", "S12")]
    public async Task Processes_killed_at_any_instant_lose_nothing_that_was_acknowledged()
    {
        var random = new Random(20261124);
        for (var round = 0; round < 15; round++)
        {
            using var one = WorkerProcess.Start(folder.Path, "write");
            using var two = WorkerProcess.Start(folder.Path, "write");
            await Wait.UntilAsync(() => one.Acknowledged > 0 && two.Acknowledged > 0, because: "both write");
            var since = Stopwatch.GetTimestamp();
            var pause = TimeSpan.FromMicroseconds(random.Next(0, 40_000));
            await Wait.UntilAsync(() => Stopwatch.GetElapsedTime(since) >= pause);
            await Task.WhenAll(one.KillAsync(), two.KillAsync());

            await using var store = folder.Open();
            var read = (await store.ReadAsync(None))!.Data.Revision;
            read.Should().BeGreaterThanOrEqualTo(Math.Max(one.Acknowledged, two.Acknowledged));
            (await store.ReadHistoryAsync(None))[^1].Should().Be(A.Decision((int)read));
            folder.Sql("PRAGMA integrity_check").Should().Be("ok");
        }
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_process_frozen_inside_a_write_stops_writing_only_and_only_until_it_goes_on()
    {
        await folder.MakeAsync(revision: 1);
        var store = folder.Open();
        await store.ReadAsync(None);
        using var frozen = WorkerProcess.Start(folder.Path, "freeze");
        (await frozen.NextAsync()).Should().Be("inside");

        var since = Stopwatch.GetTimestamp();
        var writes = Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var write = async () => await (number % 2 == 0
                ? store.OverwriteAsync(A.Document(5), A.NoDecisions, None)
                : store.PublishAsync(A.Keeper("k1"), TimeSpan.FromSeconds(30), None));
            return (await write.Should().ThrowAsync<StoreUnavailableException>()).Which.Message;
        })).ToList();
        (await store.ReadAsync(None))!.Data.Revision.Should().Be(1);
        (await store.ListReportsAsync(None)).Keepers.Should().BeEmpty();
        Stopwatch.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(1), "reading goes on");
        var messages = await Task.WhenAll(writes);
        Stopwatch.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(3));
        messages.Should().AllSatisfy(message => message.Should().Contain(folder.Path).And.Contain("stopped process"));

        frozen.Thaw();
        (await frozen.NextAsync()).Should().MatchRegex("^done|did not answer", "its own deadline may have passed as well");
        await frozen.EndedAsync();
        await store.OverwriteAsync(A.Document(6), A.NoDecisions, None);
        (await store.ReadAsync(None))!.Data.Revision.Should().Be(6);
        folder.Sql("PRAGMA integrity_check").Should().Be("ok");
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_process_frozen_inside_a_write_and_killed_then_has_written_nothing()
    {
        await folder.MakeAsync(revision: 1);
        using var frozen = WorkerProcess.Start(folder.Path, "freeze");
        (await frozen.NextAsync()).Should().Be("inside");
        await frozen.KillAsync();

        var store = folder.Open();

        (await store.ReadAsync(None))!.Data.Revision.Should().Be(1);
        await store.OverwriteAsync(A.Document(2), A.NoDecisions, None);
    }

    [Fact, Trait("Rule", "Q32")]
    public async Task A_process_that_wakes_inside_a_write_to_a_file_that_was_deleted_acknowledges_nothing()
    {
        await folder.MakeAsync(revision: 1);
        using var frozen = WorkerProcess.Start(folder.Path, "freeze");
        (await frozen.NextAsync()).Should().Be("inside");
        foreach (var path in (string[])[folder.Path, folder.Log, folder.Index])
        {
            File.Delete(path);
        }

        frozen.Thaw();

        (await frozen.NextAsync()).Should().StartWith("failed: ").And.Contain("deleted");
        File.Exists(folder.Path).Should().BeFalse();
    }

    [Fact, Trait("Rule", "Q30")]
    public async Task A_frozen_leader_is_replaced_and_knows_at_once_when_it_wakes()
    {
        using var leader = WorkerProcess.Start(folder.Path, "lead", "s1");
        (await leader.NextAsync()).Should().Be("leader");
        var store = folder.Open();
        (await store.ReadLeaderAsync(None)).Should().Be(new SentinelId("s1"));
        using var early = new CancellationTokenSource(TimeSpan.FromSeconds(7));
        var renewed = async () => await store.CampaignAsync(new SentinelId("s2"), early.Token);
        await renewed.Should().ThrowAsync<OperationCanceledException>("the leader renews");

        var since = BootTimeProvider.Instance.GetTimestamp();
        leader.Freeze();
        await using var leadership = await store.CampaignAsync(new SentinelId("s2"), None);

        BootTimeProvider.Instance.GetElapsedTime(since).Should().BeGreaterThan(TimeSpan.FromSeconds(4))
            .And.BeLessThan(TimeSpan.FromSeconds(9));
        leader.HasSaidMore.Should().BeFalse();
        leader.Thaw();
        var woke = BootTimeProvider.Instance.GetTimestamp();
        (await leader.NextAsync()).Should().Be("lost");
        BootTimeProvider.Instance.GetElapsedTime(woke).Should().BeLessThan(TimeSpan.FromSeconds(1));
        await leader.EndedAsync();
        (await store.ReadLeaderAsync(None)).Should().Be(new SentinelId("s2"), "the one who lost it released nothing");
    }

    [Fact, Trait("Rule", "Q30")]
    public async Task A_leader_that_cannot_renew_knows_before_others_may_take_it()
    {
        await folder.MakeAsync();
        var store = folder.Open();
        await using var leadership = await store.CampaignAsync(new SentinelId("s1"), None);
        using var frozen = WorkerProcess.Start(folder.Path, "freeze");
        (await frozen.NextAsync()).Should().Be("inside");
        var since = BootTimeProvider.Instance.GetTimestamp();

        await Wait.UntilAsync(() => leadership.Lost.IsCancellationRequested);

        BootTimeProvider.Instance.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(4.5));
        frozen.Thaw();
        await frozen.EndedAsync();
    }

    [Fact]
    public async Task The_log_goes_with_the_last_process()
    {
        using (var other = WorkerProcess.Start(folder.Path, "hold"))
        {
            (await other.NextAsync()).Should().Be("open");
            await folder.MakeAsync(revision: 3);
            File.Exists(folder.Log).Should().BeTrue("another process has it open");
            await other.EndAsync();
        }

        Directory.GetFiles(folder.Folder).Should().Equal(folder.Path);
        (await folder.Open().ReadAsync(None))!.Data.Revision.Should().Be(3);
    }
}
