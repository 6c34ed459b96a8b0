namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What happens to keepers and their data over the life of a cluster.</summary>
public sealed class LifeOfAClusterTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Fact, Trait("Rule", "N1"), Trait("Rule", "N24"), Trait("Rule", "N25"), Trait("Rule", "A6")]
    public async Task A_failed_standby_is_replaced_by_a_free_keeper_and_keepers_go_by_command_or_by_time()
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, "replacing", """ "initMode": "new", "maxStandbysPerSender": 1, "deadKeeperRemovalInterval": "10s" """, keepers: 3);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        var primary = await cluster.PrimaryAsync();
        var standby = await FollowerAsync(cluster);
        var free = new[] { 1, 2, 3 }.Single(number => number != primary && number != standby);

        await cluster.KillAsync($"keeper{standby}");
        await cluster.UntilAsync(async () => await FollowerAsync(cluster) == free, "the free keeper takes its place");
        (await cluster.CtlAsync("removekeeper", $"keeper{primary}")).ShouldBeRefused("primary");

        // It is not removed by time as long as it has a db; the db goes when the new standby is good.
        await cluster.KeepersAsync([.. new[] { primary, free }.Order()]);
        cluster.StartKeeper(standby);
        await cluster.KeepersAsync(1, 2, 3);
        await cluster.StopAsync($"keeper{standby}");
        (await cluster.CtlAsync("removekeeper", $"keeper{standby}")).ShouldSucceed();
        await cluster.KeepersAsync([.. new[] { primary, free }.Order()]);
        await cluster.WritableAsync();
    }

    [Fact, Trait("Rule", "K27"), Trait("Rule", "I3"), Trait("Rule", "Q32")]
    public async Task The_data_of_another_cluster_is_taken_over_with_its_rows_and_parameters()
    {
        await using var origin = await StolonCluster.StartAsync(
            etcd.Server, "before", """ "initMode": "new", "pgParameters": { "wal_level": "logical", "work_mem": "9MB" } """, keepers: 1);
        await origin.WritableAsync();
        (await origin.AskAsync("show wal_level")).Should().Be("logical");
        await origin.AskAsync("create table t as select 7 as n");
        await origin.StopAsync("keeper1");

        await using var adopted = await StolonCluster.StartAsync(
            etcd.Server, "after", """ "initMode": "existing", "existingConfig": { "keeperUID": "keeper1" } """, firstData: origin.KeeperFolder(1));

        await adopted.WritableAsync();
        (await adopted.AskAsync("select n from t")).Should().Be("7");
        (await adopted.AskAsync("show work_mem")).Should().Be("9MB", "mergePgParameters is on");
        (await adopted.AskAsync("show wal_level")).Should().Be("logical");
        await adopted.StandbysFollowAsync(1);
    }

    [Fact, Trait("Rule", "P8"), Trait("Rule", "N4")]
    public async Task A_standby_that_is_too_far_behind_is_not_elected_and_the_old_primary_serves_again()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "lagging", """ "initMode": "new", "maxStandbyLag": 100000 """);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        var primary = await cluster.PrimaryAsync();
        cluster.FreezePostgres(primary, "walsender");
        await cluster.AskKeeperAsync(primary, "create table big as select repeat('x', 1000) from generate_series(1, 5000)");
        await cluster.UntilAsync(async () => await LagAsync(cluster, primary) > 1_000_000, "the document knows of the lag");

        await cluster.KillAsync($"keeper{primary}");

        await cluster.UntilAsync(async () => (await cluster.CtlAsync("explain")).Out.Contains("behind", StringComparison.Ordinal), "the standby is refused");
        (await cluster.PrimaryAsync()).Should().Be(primary);
        cluster.StartKeeper(primary);
        await cluster.WritableAsync();
        (await cluster.AskAsync("select count(*) from big")).Should().Be("5000");
        await cluster.StandbysFollowAsync(1);
    }

    /// <summary>The keeper whose standby streams now; 0 = none does.</summary>
    private static async Task<int> FollowerAsync(StolonCluster cluster)
    {
        var name = await cluster.AskAsync("select application_name from pg_stat_replication where state = 'streaming' and application_name like 'stolon\\_%'");
        var document = await cluster.DocumentAsync();
        var db = document["dbs"]!.AsObject().FirstOrDefault(pair => $"stolon_{pair.Key}" == name).Value;
        return db is null ? 0 : int.Parse(((string)db["spec"]!["keeperUID"]!)["keeper".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>How far the standby's stored position is behind the primary's.</summary>
    private static async Task<long> LagAsync(StolonCluster cluster, int primary)
    {
        var positions = (await cluster.DocumentAsync())["dbs"]!.AsObject().Select(pair => pair.Value!)
            .ToDictionary(db => (string)db["spec"]!["keeperUID"]!, db => (long?)db["status"]!["xLogPos"] ?? 0);
        return positions[$"keeper{primary}"] - positions.Single(pair => pair.Key != $"keeper{primary}").Value;
    }
}
