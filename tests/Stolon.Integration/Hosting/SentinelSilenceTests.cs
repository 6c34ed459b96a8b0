using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Sentinel;
using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Integration.Hosting;

public sealed class SentinelSilenceTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ListLogger<SentinelService> log = new();
    private readonly ClusterData data = A.Document(A.Spec, A.Primary("db1", followers: "db2"), A.Standby("db2", of: "db1"));
    private readonly TamperedStore store;
    private readonly SentinelService sentinel;

    public SentinelSilenceTests()
    {
        store = new TamperedStore(new InMemoryClusterStore(time));
        sentinel = new SentinelService("orders", store, initialSpec: null, time, time, log);
    }

    public async ValueTask InitializeAsync()
    {
        await store.OverwriteAsync(data, [], Cancel);
        await sentinel.StartAsync(Cancel);
        await Eventually.Holds(() => sentinel.IsLeader, time);
        await RunAsync(TimeSpan.FromSeconds(3), "db1", "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"));
    }

    [Fact]
    [Trait("Rule", "N4")]
    public async Task A_primary_that_is_silent_for_the_failInterval_is_replaced()
    {
        await RunAsync(TimeSpan.FromSeconds(8), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"));

        await RunAsync(TimeSpan.FromSeconds(6), "db2");

        (await PrimaryAsync()).Should().Be(new DbId("db2"));
        (await store.ReadHistoryAsync(Cancel)).Should().NotBeEmpty();
    }

    [Fact]
    [Trait("Rule", "Q29")]
    public async Task A_sentinel_that_was_frozen_does_not_take_the_others_silence_for_their_end()
    {
        // The whole machine stood still: nobody published, and no pass ran.
        time.Advance(TimeSpan.FromMinutes(1));
        await RunAsync(TimeSpan.FromSeconds(5), "db2");

        (await PrimaryAsync()).Should().Be(new DbId("db1"));
        await RunAsync(TimeSpan.FromSeconds(20), "db1", "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"));
    }

    [Fact]
    [Trait("Rule", "Q29")]
    public async Task A_store_that_was_away_is_nobodys_silence()
    {
        store.BeforeRead = () => throw new StoreUnavailableException("The test took it away.");
        await RunAsync(TimeSpan.FromSeconds(30));
        store.BeforeRead = () => Task.CompletedTask;
        await RunAsync(TimeSpan.FromSeconds(5), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"));

        await RunAsync(TimeSpan.FromSeconds(10), "db2");

        (await PrimaryAsync()).Should().Be(new DbId("db2"), "it really was gone");
    }

    [Fact]
    [Trait("Rule", "Q29")]
    [Trait("Rule", "S4")]
    public async Task A_report_counts_from_when_it_was_seen_and_not_from_before_a_slow_listing()
    {
        var listed = false;
        store.BeforeList = async () =>
        {
            store.BeforeList = () => Task.CompletedTask;

            // The keeper publishes for the last time while the pass that sees it has already run for four seconds.
            await Eventually.Passes(TimeSpan.FromSeconds(4), time);
            await PublishAsync("db1");
            listed = true;
        };
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Holds(() => listed);

        await RunAsync(TimeSpan.FromSeconds(8), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"), "it spoke 8 s ago");

        await RunAsync(TimeSpan.FromSeconds(6), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db2"));
    }

    [Fact]
    [Trait("Rule", "Q29")]
    [Trait("Rule", "S4")]
    public async Task A_store_that_can_be_read_but_not_written_is_nobodys_silence()
    {
        // As with a full disk, or a process that is frozen inside a write.
        store.BeforePublish = store.BeforeWrite = () => throw new StoreUnavailableException("The test's disk is full.");
        await Eventually.Passes(TimeSpan.FromSeconds(30), time);
        store.BeforePublish = store.BeforeWrite = () => Task.CompletedTask;

        // The standby's keeper happens to be the first that can write again.
        await RunAsync(TimeSpan.FromSeconds(3), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"));

        await RunAsync(TimeSpan.FromSeconds(12), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db2"), "it really was gone");
    }

    [Fact]
    [Trait("Rule", "L5")]
    [Trait("Rule", "L6")]
    [Trait("Rule", "Q30")]
    public async Task A_sentinel_that_does_not_lead_writes_nothing_and_goes_on_with_what_it_saw_when_it_does()
    {
        using var second = new SentinelService("orders", store, initialSpec: null, time, time, log);
        await second.StartAsync(Cancel);
        await RunAsync(TimeSpan.FromSeconds(3), "db1", "db2");
        await RunAsync(TimeSpan.FromSeconds(8), "db2");
        second.IsLeader.Should().BeFalse();

        await sentinel.StopAsync(Cancel);
        await RunAsync(TimeSpan.FromSeconds(5), "db2");

        second.IsLeader.Should().BeTrue();
        (await PrimaryAsync()).Should().Be(new DbId("db2"), "it has heard nothing of db1 for 13 s itself");
        (await store.ReadHistoryAsync(Cancel)).Should().ContainSingle(decision => decision.Kind == nameof(Stolon.Planning.Reason.PrimaryElected))
            .Which.Sentinel.Should().Be(second.Id.Value, "the first elected nobody");
        await second.StopAsync(Cancel);
    }

    [Fact]
    [Trait("Rule", "L4")]
    [Trait("Rule", "S12")]
    public async Task A_report_that_cannot_be_read_is_nobodys_silence_and_is_said_once_with_the_remedy()
    {
        store.Unreadable = ["keeper keeper_db1: $.uid: expected a string"];
        await RunAsync(TimeSpan.FromSeconds(20), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"));
        log.Lines.Where(line => line.Contains("keeper_db1: $.uid", StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Should().StartWith("Error").And.Contain("End their processes");

        store.Unreadable = [];
        await RunAsync(TimeSpan.FromSeconds(5), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db1"), "its silence begins now");
        await RunAsync(TimeSpan.FromSeconds(8), "db2");
        (await PrimaryAsync()).Should().Be(new DbId("db2"));
    }

    [Fact]
    [Trait("Rule", "L4")]
    [Trait("Rule", "N10")]
    [Trait("Rule", "S1")]
    public async Task Clients_are_not_let_in_while_a_proxy_may_be_there_whose_report_cannot_be_read()
    {
        store.Unreadable = ["proxy p1: $.Generation: expected a number"];
        await store.OverwriteAsync(data with { Proxy = data.Proxy with { Generation = 2, Spec = new ProxySpec() } }, [], Cancel);
        await RunAsync(TimeSpan.FromSeconds(5), "db1", "db2");
        (await RoutedAsync()).Should().BeNull();

        store.Unreadable = [];
        await RunAsync(TimeSpan.FromSeconds(2), "db1", "db2");

        (await RoutedAsync()).Should().Be(new DbId("db1"));
    }

    public async ValueTask DisposeAsync()
    {
        await sentinel.StopAsync(CancellationToken.None);
        sentinel.Dispose();
        await store.DisposeAsync();
    }

    /// <summary>Lets the clock run while the keepers of some dbs publish.</summary>
    private async Task RunAsync(TimeSpan span, params string[] living)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            foreach (var db in living)
            {
                await PublishAsync(db);
            }

            await Eventually.Passes(Step, time);
        }
    }

    private async Task PublishAsync(string uid)
    {
        var current = (await store.ReadUntamperedAsync(Cancel))!.Data.Databases.Find(new DbId(uid));
        var report = A.KeeperReport($"keeper_{uid}", data.Cluster.Uid) with
        {
            PostgresState = new PostgresState
            {
                Uid = new DbId(uid),
                Generation = current?.Generation ?? 2,
                Healthy = true,
                ListenAddress = "127.0.0.1",
                Port = "5432",
                SystemId = "7000000000000000001",
                TimelineId = 1,
                XLogPos = new Lsn(1000),
                Role = uid == "db1" ? Role.Primary : Role.Standby,
                WalReceiver = uid == "db1" ? WalReceiverState.Unknown : WalReceiverState.Gone,
            },
        };
        await store.PublishAsync(report, TimeSpan.FromMinutes(5), Cancel);
    }

    private async Task<DbId?> RoutedAsync() => (await store.ReadUntamperedAsync(Cancel))!.Data.Proxy.Spec.PrimaryDb;

    private async Task<DbId?> PrimaryAsync() => (await store.ReadUntamperedAsync(Cancel))!.Data.Cluster.Status.Primary;
}
