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

    private async Task<DbId?> PrimaryAsync() => (await store.ReadUntamperedAsync(Cancel))!.Data.Cluster.Status.Primary;
}
