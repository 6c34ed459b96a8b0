using System.Diagnostics;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>A standby counts as in sync when it is proven that commits wait for it, and not when a view says so (Q38).</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "Q38")]
public sealed class SynchronousProofTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly PostgresFixture left = new();
    private readonly PostgresFixture right = new();
    private PostgresInstance primary = null!;
    private PostgresInstance standby = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        primary = await left.CreateAsync();
        await primary.StartAsync(Listing(""), Cancel);
        await primary.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await primary.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db2" }, Cancel);
        standby = await right.OpenAsync();
        var systemId = (await primary.CollectAsync(Cancel)).SystemId;
        await standby.CopyAsync(new CopyRequest(Source, "secret too", "stolon_db2", systemId), new Progress<CopyProgress>(), Cancel);
        await StartStandbyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Fact]
    public async Task A_standby_that_streams_is_in_sync_once_the_list_is_proven_and_not_before()
    {
        await ApplyAsync("stolon_db2");
        await Hosting.Eventually.Holds(async () => await StateOfAsync("stolon_db2") == "sync");
        (await InSyncAsync()).Should().BeEmpty("nobody has proven it");
        primary.HasUnprovenList.Should().BeTrue();

        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();

        primary.HasUnprovenList.Should().BeFalse();
        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
    }

    [Theory]
    [InlineData("2 (stolon_dead,stolon_db2)")]
    [InlineData("2 (stolonfakestandby,stolon_db2)")]
    public async Task It_is_proven_with_a_member_that_is_not_there_too(string list)
    {
        await ApplyAsync(list);

        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();

        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
        (await WaitingAsync()).Should().Be("0", "what was committed for the proof waits no more");
    }

    [Fact]
    public async Task A_standby_that_has_not_flushed_what_was_committed_before_is_not_in_sync()
    {
        await right.SignalWalReceiverAsync("STOP");
        try
        {
            await left.AskAsync("create table t as select 1");
            await ApplyAsync("stolon_db2");
            (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();

            await Hosting.Eventually.Holds(async () => await StateOfAsync("stolon_db2") == "sync");
            (await InSyncAsync()).Should().BeEmpty("the view says sync whatever it has flushed");
        }
        finally
        {
            await right.SignalWalReceiverAsync("CONT");
        }

        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
    }

    [Fact]
    public async Task Nothing_is_proven_while_a_walsender_goes_by_the_old_list()
    {
        await ApplyAsync("stolon_db2");
        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        var walsender = await left.ReadAsync("select pid from pg_stat_replication");
        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
        Signal("STOP", walsender);
        try
        {
            await ApplyAsync("2 (stolon_db3,stolon_db2)");

            (await primary.ProveListAsync(TimeSpan.FromSeconds(0.5), Cancel)).Should().Match($"*walsender of stolon_db2 (process {walsender})*");

            (await InSyncAsync()).Should().BeEmpty();
        }
        finally
        {
            Signal("CONT", walsender);
        }

        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
    }

    [Fact]
    public async Task A_walsender_that_missed_two_changes_is_ended_when_its_place_says_nothing()
    {
        await ApplyAsync("2 (stolon_dead,stolon_db2)");
        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        var walsender = await left.ReadAsync("select pid from pg_stat_replication");
        Signal("STOP", walsender);
        await ApplyAsync("stolon_db2");
        await ApplyAsync("2 (stolon_db3,stolon_db2)");
        (await primary.ProveListAsync(TimeSpan.FromSeconds(0.3), Cancel)).Should().Match($"*process {walsender}*", "it still goes by the first list");

        Signal("CONT", walsender);

        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
        (await left.ReadAsync("select pid from pg_stat_replication")).Should().NotBe(walsender);
    }

    [Fact]
    public async Task Nothing_is_proven_while_the_checkpointer_has_not_told_the_backends_that_commits_wait()
    {
        var checkpointer = await left.ReadAsync("select pid from pg_stat_activity where backend_type = 'checkpointer'");
        Signal("STOP", checkpointer);
        try
        {
            await ApplyAsync("stolon_db2");
            await Hosting.Eventually.Holds(async () => await StateOfAsync("stolon_db2") == "sync");

            (await primary.ProveListAsync(TimeSpan.FromSeconds(0.5), Cancel)).Should().Be("no commit was seen to wait for them");

            (await InSyncAsync()).Should().BeEmpty("commits do not wait, whatever the view says");
        }
        finally
        {
            Signal("CONT", checkpointer);
        }

        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        await Hosting.Eventually.Holds(async () => await InSyncAsync() == "stolon_db2");
    }

    [Fact]
    public async Task The_same_list_again_after_another_is_a_new_one_and_after_a_restart_too()
    {
        await ApplyAsync("stolon_db2");
        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        var first = primary.Barrier;

        await ApplyAsync("");
        primary.HasUnprovenList.Should().BeFalse("an empty list needs no proof");
        await ApplyAsync("stolon_db2");
        primary.HasUnprovenList.Should().BeTrue();
        (await primary.ProveListAsync(Limit, Cancel)).Should().BeEmpty();
        primary.Barrier.Should().NotBe(first);

        await ApplyAsync("stolon_db2", work: "8MB");
        primary.HasUnprovenList.Should().BeFalse("the list is the same");

        await primary.StopAsync(StopMode.Kill, TimeSpan.FromSeconds(10), Cancel);
        await primary.StartAsync(Listing("stolon_db2"), Cancel);
        primary.HasUnprovenList.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "S2")]
    public async Task A_copy_that_is_made_under_the_standbys_name_acknowledges_no_commit()
    {
        await standby.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);
        var systemId = (await primary.CollectAsync(Cancel)).SystemId;
        await ApplyAsync("stolon_db2");
        var slow = new CopyRequest(Source, "secret too", "stolon_db2", systemId) { MegabytesPerSecond = 1 };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var copying = standby.CopyAsync(slow, new Progress<CopyProgress>(), stop.Token);
        await Hosting.Eventually.Holds(async () => await left.ReadAsync("select count(*) from pg_stat_replication where state = 'streaming' and flush_lsn is not null") == "1");

        (await left.ReadAsync("select string_agg(sync_state, ',') from pg_stat_replication where state = 'streaming'")).Should().Be("async");

        await stop.CancelAsync();
        await copying.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static void Signal(string signal, string pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid]);
        kill.WaitForExit();
        kill.ExitCode.Should().Be(0);
    }

    private ConnInfo Source => new("127.0.0.1", left.Port, "replicator", "stolon_db2");

    private Task<string> StateOfAsync(string name) =>
        left.ReadAsync($"select coalesce((select sync_state from pg_stat_replication where application_name = '{name}' and flush_lsn is not null), '')");

    private Task<string> WaitingAsync() => left.ReadAsync("select count(*) from pg_stat_activity where wait_event = 'SyncRep'");

    private async Task<string> InSyncAsync() => string.Join(',', (await primary.CollectAsync(Cancel)).SynchronousNames);

    private async Task ApplyAsync(string list, string work = "4MB")
    {
        var listing = Listing(list);
        (await primary.ApplyAsync(listing with { Parameters = listing.Parameters.With("work_mem", work) }, Cancel)).Should().BeNull();
    }

    private ServerConfiguration Listing(string names)
    {
        var configuration = left.Configuration(primary);
        return configuration with { Parameters = configuration.Parameters.With("synchronous_standby_names", names) };
    }

    private async Task StartStandbyAsync()
    {
        var own = right.Configuration(standby);
        await standby.StartAsync(RecoverySettings.Following(new DbId("db2"), Source, standby.PassFile).With(own.Parameters, own.Hba), Cancel);
        await standby.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await Hosting.Eventually.Holds(async () => await StateOfAsync("stolon_db2") == "async");
    }
}
