using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Sentinel;
using Stolon.Hosting.Stores;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Integration.Hosting;

public sealed class SentinelServiceTests : IAsyncDisposable
{
    private static readonly ClusterSpec Spec = new ClusterSpec { InitMode = InitMode.New }.WithFastDefaults();
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly TamperedStore store;
    private readonly ListLogger<SentinelService> log = new();
    private readonly List<SentinelService> sentinels = [];

    public SentinelServiceTests() => store = new TamperedStore(new InMemoryClusterStore(time));

    [Fact]
    [Trait("Rule", "L3")]
    public async Task The_first_sentinel_creates_the_document_with_our_fast_values()
    {
        await StartAsync(Spec);

        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null, time);

        var data = (await store.ReadAsync(Cancel))!.Data;
        data.Cluster.Status.Phase.Should().Be(ClusterPhase.Initializing);
        data.Cluster.Spec.FailInterval.Should().Be(TimeSpan.FromSeconds(10));
        (await store.ReadHistoryAsync(Cancel)).Should().Contain(decision => decision.Kind == "ClusterCreated");
    }

    [Fact]
    [Trait("Rule", "L3")]
    public async Task A_sentinel_without_an_initial_specification_waits_and_says_so_once()
    {
        await StartAsync(initialSpec: null);

        await Eventually.Passes(TimeSpan.FromSeconds(5), time);

        (await store.ReadAsync(Cancel)).Should().BeNull();
        log.Lines.Where(line => line.Contains("does not exist yet", StringComparison.Ordinal)).Should().ContainSingle();
    }

    [Fact]
    [Trait("Rule", "ST4")]
    [Trait("Rule", "Q30")]
    public async Task Of_two_sentinels_one_leads_and_hands_on_at_once_when_it_stops()
    {
        var first = await StartAsync(Spec);
        await Eventually.Holds(() => first.IsLeader, time);
        var second = await StartAsync(Spec);
        await Eventually.Holds(async () => (await store.ListReportsAsync(Cancel)).Sentinels.Length == 2, time);
        second.IsLeader.Should().BeFalse();

        await first.StopAsync(Cancel);

        // The clock stands still: nothing has to run out.
        await Eventually.Holds(() => second.IsLeader);
        first.IsLeader.Should().BeFalse();
        (await store.ReadLeaderAsync(Cancel)).Should().Be(second.Id);
        (await store.ListReportsAsync(Cancel)).Sentinels.Select(report => report.Uid).Should().Equal(second.Id);
    }

    [Fact]
    [Trait("Rule", "L7")]
    public async Task The_leader_decides_writes_it_with_its_reason_and_says_it_once()
    {
        await StartAsync(Spec);
        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null, time);
        var uid = (await store.ReadAsync(Cancel))!.Data.Cluster.Uid;

        await Eventually.Holds(
            async () =>
            {
                await PublishKeeperAsync("keeper1", uid);
                return (await store.ReadAsync(Cancel))!.Data.Primary is not null;
            },
            time);

        (await store.ReadAsync(Cancel))!.Data.Primary!.Spec.Keeper.Should().Be(new KeeperId("keeper1"));
        var decisions = await store.ReadHistoryAsync(Cancel);
        decisions.Should().HaveCountGreaterThan(1);
        decisions.Should().OnlyContain(decision => decision.Sentinel == sentinels[0].Id.Value && decision.Text.Length > 0);
        decisions.Should().AllSatisfy(decision => log.Lines.Should().ContainSingle(line => line.Contains(decision.Text, StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Rule", "L9")]
    [Trait("Rule", "Q2")]
    public async Task A_steady_cluster_is_not_written_and_why_it_cannot_go_on_is_said_once()
    {
        await StartAsync(Spec);
        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null, time);
        await Eventually.Passes(TimeSpan.FromSeconds(2), time);
        var (writes, reads) = (store.Writes, store.Reads);

        await Eventually.Passes(TimeSpan.FromSeconds(10), time);

        store.Reads.Should().BeGreaterThan(reads);
        store.Writes.Should().Be(writes);
        log.Lines.Should().ContainSingle(line => line.Contains($"[{nameof(Reason.InitializationWaits)}]", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "L8")]
    [Trait("Rule", "Q3")]
    public async Task After_a_lost_compare_and_swap_it_plans_again_at_once()
    {
        await StartAsync(Spec);
        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null, time);
        var interferences = 0;
        store.BeforeWrite = async () =>
        {
            if (Interlocked.Increment(ref interferences) == 1)
            {
                await TouchAsync();
            }
        };
        var uid = (await store.ReadAsync(Cancel))!.Data.Cluster.Uid;

        await Eventually.Holds(
            async () =>
            {
                await PublishKeeperAsync("keeper1", uid);
                return (await store.ReadAsync(Cancel))!.Data.Keepers.Count == 1;
            },
            time);

        interferences.Should().BeGreaterThan(1);
        (await store.ReadAsync(Cancel))!.Data.Cluster.Spec.MaxStandbys.Should().Be(7, "what the other wrote is kept");
    }

    [Fact]
    [Trait("Rule", "S4")]
    public async Task A_pass_that_was_held_up_longer_than_its_limit_does_not_write()
    {
        // Longer than a pass may take, and shorter than what costs a sentinel the lead.
        var holdUp = TimeSpan.FromSeconds(1.5);
        await StartAsync(Spec with { FailInterval = TimeSpan.FromSeconds(4) });
        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null, time);
        var uid = (await store.ReadAsync(Cancel))!.Data.Cluster.Uid;

        // A report that was never seen to change may be a leftover: the second one makes the keeper known.
        await PublishKeeperAsync("keeper1", uid);
        var looks = 0;
        store.BeforeList = () =>
        {
            looks++;
            return Task.CompletedTask;
        };
        await Eventually.Holds(() => looks > 1, time);
        var writes = store.Writes;
        var heldUp = false;
        store.BeforeList = async () =>
        {
            // Frozen once, between its first read and its decision.
            if (!heldUp)
            {
                heldUp = true;
                await PublishKeeperAsync("keeper1", uid);
                time.Advance(holdUp);
            }
        };

        await Eventually.Holds(() => heldUp && log.Lines.Any(line => line.Contains("was dropped", StringComparison.Ordinal)), time);

        store.Writes.Should().Be(writes);
        store.BeforeList = () => Task.CompletedTask;
        await Eventually.Holds(
            async () =>
            {
                await PublishKeeperAsync("keeper1", uid);
                return store.Writes > writes;
            },
            time);
    }

    [Fact]
    [Trait("Rule", "L2")]
    [Trait("Rule", "S10")]
    public async Task A_document_with_an_invalid_specification_is_left_alone_and_said_once()
    {
        var broken = A.Document(Spec with { InitMode = null });
        await store.TryWriteAsync(broken, expected: null, [], Cancel);
        var before = await store.ReadAsync(Cancel);

        await StartAsync(Spec);
        await Eventually.Passes(TimeSpan.FromSeconds(10), time);

        (await store.ReadAsync(Cancel))!.Version.Should().Be(before!.Version);
        log.Lines.Where(line => line.Contains("cannot be understood", StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Should().Contain("initMode");
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_store_that_is_away_is_said_once_and_passes_go_on_afterwards()
    {
        var isAway = true;
        store.BeforeRead = () => isAway ? throw new StoreUnavailableException("The test took it away.") : Task.CompletedTask;
        await StartAsync(Spec);
        await Eventually.Passes(TimeSpan.FromSeconds(5), time);

        isAway = false;
        await Eventually.Holds(() => store.Writes > 0, time);

        log.Lines.Where(line => line.Contains("the store is away", StringComparison.Ordinal)).Should().ContainSingle();
        await Eventually.Holds(() => log.Lines.Any(line => line.Contains("succeed again", StringComparison.Ordinal)), time);
    }

    [Fact]
    [Trait("Rule", "L1")]
    public async Task A_burst_of_hints_is_one_pass_and_never_are_there_two_at_once()
    {
        await StartAsync(Spec);
        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null, time);
        await Eventually.Passes(TimeSpan.FromSeconds(1), time);
        var (atOnce, most) = (0, 0);
        store.BeforeList = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            await Task.Yield();
            Interlocked.Decrement(ref atOnce);
        };
        var reads = store.Reads;

        // The clock stands still: after the first pass the shortest rest does not end.
        for (var hint = 0; hint < 100; hint++)
        {
            await PublishKeeperAsync("keeper1", "another-cluster");
        }

        await Eventually.Holds(() => store.Reads > reads);
        store.Reads.Should().BeLessThanOrEqualTo(reads + 2);
        most.Should().BeLessThanOrEqualTo(1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in sentinels)
        {
            await sentinel.StopAsync(CancellationToken.None);
            sentinel.Dispose();
        }
    }

    private async Task<SentinelService> StartAsync(ClusterSpec? initialSpec)
    {
        var sentinel = new SentinelService("orders", store, initialSpec, time, time, log);
        sentinels.Add(sentinel);
        await sentinel.StartAsync(Cancel);
        return sentinel;
    }

    private async Task PublishKeeperAsync(string uid, string clusterUid) =>
        await store.PublishAsync(A.KeeperReport(uid, clusterUid), TimeSpan.FromMinutes(1), Cancel);

    private async Task TouchAsync()
    {
        var stored = (await store.ReadAsync(Cancel))!;
        var spec = stored.Data.Cluster.Spec with { MaxStandbys = 7 };
        var before = store.BeforeWrite;
        store.BeforeWrite = () => Task.CompletedTask;
        await store.TryWriteAsync(stored.Data with { Cluster = stored.Data.Cluster with { Spec = spec } }, stored.Version, [], Cancel);
        store.BeforeWrite = before;
    }
}
