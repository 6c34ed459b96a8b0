namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>How many standbys there are, and who is one.</summary>
public sealed class StandbyNumberTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Theory, Trait("Rule", "N1"), Trait("Rule", "N22"), Trait("Rule", "N24"), Trait("Rule", "N25"), Trait("Rule", "A6")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_standby_is_replaced_by_a_free_keeper_and_keepers_go_by_command_or_by_time(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, $"replacing_{synchronous}", $""" "initMode": "new", {Synchronous.Spec(synchronous)}, "maxStandbysPerSender": 1, "deadKeeperRemovalInterval": "10s" """, keepers: 3);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        var primary = await cluster.PrimaryAsync();
        var standby = await FollowerAsync(cluster, primary);
        var free = new[] { 1, 2, 3 }.Single(number => number != primary && number != standby);
        if (synchronous)
        {
            await cluster.InSyncAsync(standby);
        }

        await using var client = await Client.StartAsync(cluster);

        await cluster.KillAsync($"keeper{standby}");
        await cluster.UntilAsync(async () => await FollowerAsync(cluster, primary) == free, "the free keeper takes its place");
        (await cluster.CtlAsync("removekeeper", $"keeper{primary}")).ShouldBeRefused("primary");
        await client.WritesAsync();

        // It is not removed by time as long as it has a db; the db goes when the new standby is good.
        await cluster.KeepersAsync(primary, free);
        await cluster.UpdateAsync("""{ "deadKeeperRemovalInterval": "48h" }""");
        cluster.StartKeeper(standby);
        await cluster.KeepersAsync(1, 2, 3);
        await cluster.StopAsync($"keeper{standby}");
        await cluster.GivenUpAsync(standby);
        (await cluster.CtlAsync("removekeeper", $"keeper{standby}")).ShouldSucceed();
        await cluster.KeepersAsync(primary, free);
        await client.WritesAsync();
    }

    [Theory, Trait("Rule", "N24"), Trait("Rule", "N25"), Trait("Rule", "K12"), Trait("Rule", "K24")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_a_lowered_maxStandbysPerSender_only_those_stay_that_it_allows_and_never_the_synchronous_one_goes(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, $"lowered_{synchronous}", $""" "initMode": "new", {Synchronous.Spec(synchronous)}, "maxStandbysPerSender": 2 """, keepers: 3);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(3);
        await cluster.StandbysFollowAsync(2);
        var waitedFor = synchronous ? await cluster.AskAsync("select application_name from pg_stat_replication where sync_state = 'sync'") : "";

        await cluster.UpdateAsync("""{ "maxStandbysPerSender": 1 }""");

        await cluster.ReliableAsync(2);
        await cluster.StandbysFollowAsync(1);
        await cluster.UntilAsync(async () => await cluster.AskAsync("select count(*) from pg_replication_slots") == "1", "the other's slot goes");
        await cluster.UntilAsync(
            () => Task.FromResult(new[] { 1, 2, 3 }.Count(keeper => Processes.HasPostgres(cluster.PgData(keeper))) == 2), "the other's PostgreSQL ends");
        if (synchronous)
        {
            (await cluster.AskAsync("select application_name from pg_stat_replication where sync_state = 'sync'")).Should().Be(waitedFor);
        }

        await cluster.UpdateAsync("""{ "maxStandbysPerSender": 2 }""");
        await cluster.StandbysFollowAsync(2);
        await cluster.WritableAsync();
    }

    /// <summary>The keeper whose standby streams now; 0 = none does.</summary>
    private static async Task<int> FollowerAsync(StolonCluster cluster, int primary)
    {
        var name = await cluster.AskKeeperAsync(primary, "select application_name from pg_stat_replication where state = 'streaming' and application_name like 'stolon\\_%'");
        var document = await cluster.DocumentAsync();
        return name.Length == 0 ? 0 : StolonCluster.KeeperOf(document["dbs"]![name["stolon_".Length..]]);
    }
}
