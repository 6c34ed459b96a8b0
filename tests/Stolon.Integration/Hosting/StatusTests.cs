using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Hosting.Stores;

namespace Stolon.Integration.Hosting;

public sealed class StatusTests : IAsyncDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly InMemoryClusterStore store;
    private readonly ClusterAdministration administration;

    public StatusTests()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        store = new InMemoryClusterStore(time);
        administration = new ClusterAdministration("orders", store, time);
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task The_status_shows_every_part_of_the_cluster()
    {
        var data = A.Document(A.Spec, A.Primary("db1", at: 1000), A.Standby("db2", of: "db1", at: 900), A.Standby("db3", of: "db1"));
        data = data with { Proxy = data.Proxy with { Spec = data.Proxy.Spec with { EnabledProxies = [new ProxyId("p1"), new ProxyId("p2")] } } };
        await WriteAsync(data);
        await PublishAsync(A.KeeperReport("keeper_db2", data.Cluster.Uid) with
        {
            Trouble = "the disk is full",
            PostgresState = new PostgresState { Uid = new DbId("db2"), CopiedBytes = 5, TotalBytes = 10 },
        });
        await PublishProxiesAsync("p1", "p2");
        await store.PublishAsync(new SentinelReport { Uid = new SentinelId("s1") }, Minute, Cancel);
        await store.PublishAsync(new SentinelReport { Uid = new SentinelId("s2") }, Minute, Cancel);
        await using var leadership = await store.CampaignAsync(new SentinelId("s2"), Cancel);

        var status = await administration.GetStatusAsync(Cancel);

        status.IsAvailable.Should().BeTrue();
        status.PrimaryKeeper.Should().Be(new KeeperId("keeper_db1"));
        status.Keepers.Select(keeper => keeper.LagBytes).Should().Equal(null, 100, 0);
        status.Keepers[1].Resync.Should().Be(new ResyncOverview(5, 10, null));
        status.Keepers[0].ListenAddress.Should().Be("127.0.0.1:5432");
        status.Proxies.Should().Equal(
            new ProxyOverview(new ProxyId("p1"), 1, IsEnabled: true, "127.0.0.1:p1"), new ProxyOverview(new ProxyId("p2"), 1, IsEnabled: true, "127.0.0.1:p2"));
        status.Sentinels.Should().Equal(
            new SentinelOverview(new SentinelId("s1"), IsLeader: false), new SentinelOverview(new SentinelId("s2"), IsLeader: true));
        status.Troubles.Should().Equal("Keeper keeper_db2: the disk is full");
        status.Warnings.Should().BeEmpty();
        status.ToView().Cluster.PrimaryDb.Should().Be(new DbId("db1"));
    }

    [Theory]
    [InlineData(0, 0, null, "0 B")]
    [InlineData(1_288_490_189, 4_294_967_296, 12.9, "1.2 GB of 4.0 GB (30 %), no progress for 12 s")]
    [InlineData(1_288_490_189, 4_294_967_296, 2.0, "1.2 GB of 4.0 GB (30 %)")]
    [InlineData(5000, 2000, null, "5 kB of 2 kB (100 %)")]
    [InlineData(3_000_000_000_000_000, 0, 0.0, "2728.5 TB")]
    [Trait("Rule", "Q4")]
    public void A_copy_says_how_far_it_is(long copied, long total, double? stalled, string text) =>
        new ResyncOverview(copied, total, stalled is { } seconds ? TimeSpan.FromSeconds(seconds) : null).ToString().Should().Be(text);

    [Fact]
    [Trait("Rule", "Q4")]
    public async Task A_copy_that_has_brought_nothing_yet_is_shown_and_one_that_failed_is_not()
    {
        var db = A.Standby("db2", of: "db1");
        var data = A.Document(A.Spec, A.Primary("db1"), db with { Spec = db.Spec with { InitMode = InitMode.Resync } });
        await WriteAsync(data);
        var begun = new PostgresState { Uid = db.Uid, StalledFor = TimeSpan.FromSeconds(7) };
        await PublishAsync(A.KeeperReport("keeper_db2", data.Cluster.Uid) with { PostgresState = begun });
        var running = await administration.GetStatusAsync(Cancel);
        await PublishAsync(A.KeeperReport("keeper_db2", data.Cluster.Uid) with { PostgresState = begun with { StalledFor = null, FailedResyncs = 1 } });
        var failed = await administration.GetStatusAsync(Cancel);

        running.Keepers[1].Resync!.ToString().Should().Be("0 B, no progress for 7 s");
        running.ToView().Keepers.Items[1].Should().BeEquivalentTo(new { CopiedBytes = 0L, CopyTotalBytes = (long?)null, CopyStalledFor = TimeSpan.FromSeconds(7) });
        failed.Keepers[1].Resync.Should().BeNull();
        failed.ToView().Keepers.Items[1].CopiedBytes.Should().BeNull();
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task A_cluster_without_a_standby_is_warned_about()
    {
        var warnings = await WarningsAsync(A.Document(A.Spec, A.Primary("db1")));

        warnings.Should().ContainSingle().Which.Should().Contain("keeper_db1").And.Contain("no other keeper");
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task Standbys_that_could_not_take_over_are_named_with_their_reason()
    {
        var far = A.Standby("db2", of: "db1", at: 1000);
        var ill = A.Standby("db3", of: "db1", at: 20_000_000);
        ill = ill with { Status = ill.Status with { Healthy = false } };

        var warnings = await WarningsAsync(A.Document(A.Spec, A.Primary("db1", at: 20_000_000), far, ill));

        warnings.Should().ContainSingle().Which.Should()
            .Contain("keeper_db1").And.Contain("nobody takes over").And.Contain("db2").And.Contain("db3");
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task A_cluster_with_a_good_standby_survives()
    {
        var warnings = await WarningsAsync(A.Document(A.Spec, A.Primary("db1"), A.Standby("db2", of: "db1")));

        warnings.Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task The_only_proxy_and_the_only_sentinel_are_warned_about_as_what_they_are()
    {
        var data = A.Document(A.Spec, A.Primary("db1"), A.Standby("db2", of: "db1"));
        await WriteAsync(data with { Proxy = data.Proxy with { Spec = data.Proxy.Spec with { EnabledProxies = [new ProxyId("p2")] } } });
        await store.PublishAsync(new SentinelReport { Uid = new SentinelId("s1") }, Minute, Cancel);

        var none = (await administration.GetStatusAsync(Cancel)).Warnings;
        await PublishProxiesAsync("p1-gone-but-not-expired", "p2");
        var one = (await administration.GetStatusAsync(Cancel)).Warnings;

        none.Select(warning => warning.Loss).Should().Equal(OverviewLoss.Proxy, OverviewLoss.Sentinel);
        none[0].Text.Should().StartWith("No proxy runs");
        one.Select(warning => warning.Loss).Should().Equal(OverviewLoss.Proxy, OverviewLoss.Sentinel);
        one[0].Text.Should().StartWith("Only one proxy runs").And.Contain("clients that connect through it");
        one[1].Text.Should().StartWith("Only one sentinel runs").And.Contain("clients go on");
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task Synchronous_replication_without_a_standby_to_spare_is_warned_about()
    {
        var primary = A.Primary("db1");
        primary = primary with
        {
            Spec = primary.Spec with { SynchronousReplication = true, SynchronousStandbys = [new DbId("db2")] },
            Status = primary.Status with { SynchronousStandbys = [new DbId("db2")] },
        };
        var spec = A.Spec with { SynchronousReplication = true };

        var one = await WarningsAsync(A.Document(spec, primary, A.Standby("db2", of: "db1")));
        var two = await WarningsAsync(A.Document(spec, primary, A.Standby("db2", of: "db1"), A.Standby("db3", of: "db1")));

        one.Should().ContainSingle().Which.Should().Contain("commits wait");
        two.Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "A5")]
    public async Task Without_a_leader_the_status_says_that_nothing_is_decided()
    {
        await WriteAsync(A.Document(A.Spec, A.Primary("db1")));

        (await administration.GetStatusAsync(Cancel)).Troubles.Should().Contain(trouble => trouble.Contains("No sentinel leads"));
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static TimeSpan Minute => TimeSpan.FromMinutes(1);

    private async Task<IEnumerable<string>> WarningsAsync(ClusterData data)
    {
        await WriteAsync(data);
        return (await administration.GetStatusAsync(Cancel)).Warnings
            .Where(warning => warning.Loss == OverviewLoss.Database)
            .Select(warning => warning.Text);
    }

    private async Task PublishProxiesAsync(params string[] uids)
    {
        foreach (var uid in uids)
        {
            var report = new ProxyReport { InfoUid = "1", Uid = new ProxyId(uid), Generation = 1, ListenAddress = $"127.0.0.1:{uid}" };
            await store.PublishAsync(report, Minute, Cancel);
        }
    }

    private async Task WriteAsync(ClusterData data) => await store.OverwriteAsync(data, [], Cancel);

    private async Task PublishAsync(KeeperReport report) => await store.PublishAsync(report, Minute, Cancel);
}
