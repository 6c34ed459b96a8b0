namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What happens to the keepers of a cluster that follows another one.</summary>
public sealed class StandbyClusterTests(StandbyClusterTests.Outside outside) : IClassFixture<StandbyClusterTests.Outside>
{
    [Theory, Trait("Rule", "N6"), Trait("Rule", "N14"), Trait("Rule", "K20"), Trait("Rule", "A5"), Trait("Rule", "A6")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_old_primary_comes_back_behind_the_new_one_takes_over_again_by_command_and_the_other_can_be_removed(bool usePgRewind)
    {
        await using var cluster = await outside.FollowAsync($"rejoin_{usePgRewind}", $$""", "usePgrewind": {{(usePgRewind ? "true" : "false")}} """);
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);

        await cluster.KillAsync($"keeper{old}");
        await cluster.ElectedAsync(next);
        await outside.ArrivesAsync(cluster, next);
        cluster.StartKeeper(old);
        await FollowsAsync(cluster, next);
        await outside.ArrivesAsync(cluster, old);
        await cluster.ReliableAsync(2);

        (await cluster.CtlAsync("failkeeper", $"keeper{next}")).ShouldSucceed();
        await cluster.ElectedAsync(old);
        await FollowsAsync(cluster, old);
        await outside.ArrivesAsync(cluster, next);

        await cluster.StopAsync($"keeper{next}");
        await cluster.GivenUpAsync(next);
        (await cluster.CtlAsync("removekeeper", $"keeper{next}")).ShouldSucceed();
        await cluster.KeepersAsync(old);
        await outside.ArrivesAsync(cluster, old);
    }

    [Fact, Trait("Rule", "P8"), Trait("Rule", "N4")]
    public async Task One_that_is_too_far_behind_is_not_elected_there_either()
    {
        await using var cluster = await outside.FollowAsync("lagging", """, "maxStandbyLag": 100000 """);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.FreezeSenderAsync(primary, standby);
        await outside.Cluster.AskAsync("create table big as select repeat('x', 1000) from generate_series(1, 5000)");
        await cluster.LagsAsync(standby, 1_000_000);

        await cluster.KillAsync($"keeper{primary}");

        await cluster.RefusedAsync(standby, "behind");
        (await cluster.PrimaryAsync()).Should().Be(primary);
        cluster.StartKeeper(primary);
        await FollowsAsync(cluster, primary);
        await cluster.AnswersAsync(standby, "select count(*) from big", "5000");
        await outside.Cluster.AskAsync("drop table big");
    }

    [Fact, Trait("Rule", "N6"), Trait("Rule", "N14"), Trait("Rule", "Q41")]
    public async Task Its_primary_that_stood_still_with_its_keeper_is_replaced_and_follows_the_new_one_when_it_wakes()
    {
        await using var cluster = await outside.FollowAsync("standing");
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);

        cluster.FreezeHost(old);
        await cluster.ElectedAsync(next);
        await outside.ArrivesAsync(cluster, next);
        cluster.ThawHost(old);

        await FollowsAsync(cluster, next);
        await outside.ArrivesAsync(cluster, old);
    }

    [Fact, Trait("Rule", "K20")]
    public async Task Its_standby_finds_its_primary_again_after_that_moved_to_another_port()
    {
        await using var cluster = await outside.FollowAsync("moving");
        var primary = await cluster.PrimaryAsync();
        await cluster.UpdateAsync("""{ "failInterval": "60s", "failOnRefusal": false }""");
        await cluster.KillAsync($"keeper{primary}");

        cluster.StartKeeper(primary, Stolon.Tests.FreePort.Next());

        await FollowsAsync(cluster, primary);
        await outside.ArrivesAsync(cluster, (await cluster.StandbysAsync())[0]);
    }

    [Fact, Trait("Rule", "K28"), Trait("Rule", "S5")]
    public async Task When_its_primarys_data_is_lost_the_other_follows_the_outside_and_the_keeper_gets_a_copy()
    {
        await using var cluster = await outside.FollowAsync("losing");
        var (lost, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.KillAsync($"keeper{lost}");
        Directory.Move(cluster.KeeperFolder(lost), cluster.KeeperFolder(lost) + ".lost");

        cluster.StartKeeper(lost);

        await cluster.ElectedAsync(next);
        await FollowsAsync(cluster, next);
        await outside.ArrivesAsync(cluster, lost);
    }

    [Fact, Trait("Rule", "N24"), Trait("Rule", "N25")]
    public async Task Its_failed_standby_is_replaced_and_with_a_lowered_maxStandbysPerSender_one_goes()
    {
        await using var cluster = await outside.FollowAsync("numbers", """, "maxStandbysPerSender": 1, "deadKeeperRemovalInterval": "10s" """);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        const int free = 3;
        cluster.StartKeeper(free);
        await cluster.KeepersAsync(primary, standby, free);

        await cluster.KillAsync($"keeper{standby}");
        await outside.ArrivesAsync(cluster, free);
        await cluster.KeepersAsync(primary, free);

        await cluster.UpdateAsync("""{ "maxStandbysPerSender": 2 }""");
        cluster.StartKeeper(standby);
        await FollowsAsync(cluster, primary, 2);
        await cluster.ReliableAsync(3);
        await cluster.UpdateAsync("""{ "maxStandbysPerSender": 1 }""");
        await FollowsAsync(cluster, primary);
        await cluster.ReliableAsync(2);
    }

    /// <summary>Waits until so many standbys stream from the keeper.</summary>
    private static Task FollowsAsync(StolonCluster cluster, int keeper, int count = 1) =>
        cluster.AnswersAsync(keeper, "select count(*) from pg_stat_replication where state = 'streaming' and application_name like 'stolon\\_%'", $"{count}");

    /// <summary>The cluster that is followed; all of them follow the same.</summary>
    public sealed class Outside : IAsyncLifetime
    {
        private readonly EtcdOfTests etcd = new();
        private int rows;

        internal StolonCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await etcd.InitializeAsync();
            Cluster = await StolonCluster.StartAsync(etcd.Server, "outside", """ "initMode": "new", "pgParameters": { "wal_keep_size": "1GB" } """, keepers: 1);
            await Cluster.WritableAsync();
            await Cluster.AskAsync("create table arriving (n int)");
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await etcd.DisposeAsync();
        }

        /// <summary>A cluster of two that follows it.</summary>
        internal async Task<StolonCluster> FollowAsync(string name, string spec = "")
        {
            var origin = $"host=127.0.0.1 port={Cluster.PortOf(1)} user=repl password={StolonCluster.ReplicationPassword}";
            var cluster = await StolonCluster.StartAsync(etcd.Server, name, $$"""
                "initMode": "pitr", "role": "standby", "standbyConfig": { "standbySettings": { "primaryConninfo": "{{origin}}" } },
                "pitrConfig": { "dataRestoreCommand": "{{PostgresPrograms.Folder}}/pg_basebackup -D %d -d '{{origin}}' --checkpoint=fast" }{{spec}}
                """);
            await cluster.ReliableAsync(2);
            await FollowsAsync(cluster, await cluster.PrimaryAsync());
            return cluster;
        }

        /// <summary>Waits until a new row of the outside is on a keeper.</summary>
        internal async Task ArrivesAsync(StolonCluster cluster, int keeper)
        {
            await Cluster.AskAsync($"insert into arriving values ({++rows})");
            await cluster.AnswersAsync(keeper, "select max(n) from arriving", $"{rows}");
        }
    }
}
