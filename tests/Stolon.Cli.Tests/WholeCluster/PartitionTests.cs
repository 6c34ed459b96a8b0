using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>The primary is cut from the store, from everybody, or stands still. It is down before another is elected, and comes back as a standby.</summary>
public sealed class PartitionTests
{
    [Theory, Trait("Rule", "S1"), Trait("Rule", "S2"), Trait("Rule", "S4")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_primary_that_only_the_store_cannot_reach_ends_before_another_is_elected_though_its_clients_still_reach_it(bool synchronous)
    {
        await using var scene = await Scene.StartAsync(synchronous);
        await using var direct = await Client.StartAsync(scene.Cluster, Scene.Away);
        await using var client = await Client.StartAsync(scene.Cluster);

        await scene.Host.CutFromStoreAsync();

        await scene.FencedAndReplacedAsync();
        await scene.Host.ConnectAsync();
        await client.WritesAsync();
        await scene.Cluster.StandbysFollowAsync(1);
        if (synchronous)
        {
            await client.NothingLostAsync();
            await direct.NothingLostAsync();
        }
    }

    [Theory, Trait("Rule", "S1"), Trait("Rule", "S2"), Trait("Rule", "S4")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_primary_whose_host_nobody_can_reach_ends_before_another_is_elected_and_its_own_rows_go(bool synchronous)
    {
        await using var scene = await Scene.StartAsync(synchronous);
        await using var client = await Client.StartAsync(scene.Cluster);
        await scene.Cluster.AskAsync("create table alone (who text)");
        await scene.Cluster.AnswersAsync(Scene.Other, "select count(*) from alone", "0");

        await scene.Host.CutFromOthersAsync();
        var alone = scene.Host.RunHereAsync(
            "env", $"PGPASSWORD={StolonCluster.SuperuserPassword}", $"{PostgresPrograms.Folder}/psql", "-h", scene.Host.Address, "-p", $"{scene.Cluster.PortOf(Scene.Away)}",
            "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c", "insert into alone values ('old alone')");
        await scene.Host.CutFromStoreAsync();

        await scene.FencedAndReplacedAsync();
        (await alone).Code.Should().Be(synchronous ? 2 : 0, "a synchronous commit without its standby is never acknowledged: the connection ends first");
        await scene.Host.ConnectAsync();
        await client.WritesAsync();
        await scene.Cluster.StandbysFollowAsync(1);
        await scene.Cluster.AnswersAsync(Scene.Away, "select count(*) from alone", "0");
        if (synchronous)
        {
            await client.NothingLostAsync();
        }
    }

    [Theory, Trait("Rule", "S1"), Trait("Rule", "S2"), Trait("Rule", "S4")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_primary_that_stood_still_with_its_keeper_ends_when_it_wakes_and_comes_back_as_a_standby(bool synchronous)
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var cluster = await StolonCluster.StartAsync(etcd, "standing", $""" "initMode": "new", {Synchronous.Spec(synchronous)} """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await using var client = await Client.StartAsync(cluster);
        await using var late = await cluster.ConnectToAsync(old);

        cluster.FreezeHost(old);
        await cluster.ElectedAsync(next);
        cluster.ThawHost(old);

        await client.WritesAsync();
        await cluster.StandbysFollowAsync(1);
        var write = async () => await StolonCluster.AskAsync(late, "create table late (n int)");
        await write.Should().ThrowAsync<Exception>("the old primary ended with all its sessions");
        await cluster.AnswersAsync(old, "select pg_is_in_recovery()", "True");
        if (synchronous)
        {
            await client.NothingLostAsync();
        }
    }

    /// <summary>A cluster of two keepers, the first of which is alone on a host of its own and has the primary.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        public const int Away = 1;
        public const int Other = 2;

        private readonly EtcdServer etcd;

        private Scene(SeparateHost host, EtcdServer etcd, StolonCluster cluster) => (Host, this.etcd, Cluster) = (host, etcd, cluster);

        public SeparateHost Host { get; }

        public StolonCluster Cluster { get; }

        public static async Task<Scene> StartAsync(bool synchronous)
        {
            var hindrance = await SeparateHost.HindranceAsync();
            Assert.SkipWhen(hindrance.Length > 0, hindrance);
            var host = await SeparateHost.CreateAsync();
            var store = await EtcdServer.StartOnAsync(host.StoreAddress);
            var scene = new Scene(host, store, new StolonCluster(store, "parted") { Address = host.OthersAddress });
            try
            {
                await scene.Cluster.InitialiseAsync($""" "initMode": "new", {Synchronous.Spec(synchronous)} """);
                scene.Cluster.StartKeeper(Away, host: host);
                await scene.Cluster.WritableAsync();
                scene.Cluster.StartKeeper(Other);
                await Synchronous.ReadyAsync(scene.Cluster, synchronous);
                return scene;
            }
            catch
            {
                await scene.DisposeAsync();
                throw;
            }
        }

        /// <summary>Waits for the other's election; the old PostgreSQL had ended by then.</summary>
        public async Task FencedAndReplacedAsync()
        {
            var endedInTime = false;
            await Cluster.UntilAsync(
                async () =>
                {
                    // First the processes, then the document: it ended in time only if a document read later still names it.
                    var hasEnded = !Processes.HasPostgres(Cluster.PgData(Away));
                    var primary = await Cluster.PrimaryAsync();
                    endedInTime |= hasEnded && primary == Away;
                    return primary == Other;
                },
                "the other one is elected");
            endedInTime.Should().BeTrue("the old primary must be down when another is elected");
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await etcd.DisposeAsync();
            await Host.DisposeAsync();
        }
    }
}
