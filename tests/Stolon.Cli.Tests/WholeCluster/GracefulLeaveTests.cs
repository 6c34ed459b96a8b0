namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>Hosts end in an orderly way, as in a rolling deployment: the primary is handed on first (architecture, section 7).</summary>
public sealed class GracefulLeaveTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Fact]
    public async Task Each_of_three_hosts_is_restarted_under_load_and_nothing_is_lost_and_nobody_has_to_be_elected()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "rolling", """ "initMode": "new" """, keepers: 3);
        await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        await using var client = await Client.StartAsync(cluster);

        foreach (var keeper in new[] { await cluster.PrimaryAsync() }.Concat(await cluster.StandbysAsync()).ToList())
        {
            await cluster.StopAsync($"keeper{keeper}");
            (await cluster.PrimaryAsync()).Should().NotBe(keeper, "it was handed on before the host ended");
            cluster.StartKeeper(keeper);
            await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        }

        await client.WritesAsync();
        await client.NothingLostAsync();
        (await cluster.CtlAsync("history")).Out.Should().Contain("is finished").And.NotContain("PrimaryElected");
    }

    [Fact]
    public async Task A_keeper_that_nobody_could_follow_ends_without_waiting()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "alone", """ "initMode": "new" """, keepers: 2);
        await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.KillAsync($"keeper{standby}");
        await cluster.UntilAsync(async () => (await cluster.CtlAsync("explain")).Out.Contains("is not heard", StringComparison.Ordinal), "the standby is missed");

        await cluster.StopAsync($"keeper{primary}");

        cluster.SaidBy(primary).Should().NotContain("the primary could not be handed on within");
        cluster.StartKeeper(primary);
        cluster.StartKeeper(standby);
        await cluster.WritableAsync();
    }

    [Fact]
    public async Task Hosts_that_end_together_do_not_wait_for_one_another()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "together", """ "initMode": "new" """, keepers: 2);
        await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        // So slow a sentinel that it does not begin before all have said that they end.
        cluster.Freeze("sentinel");

        var leaving = cluster.StopAsync($"keeper{primary}");
        await cluster.UntilAsync(() => Task.FromResult(cluster.SaidBy(primary).Contains("the primary is handed on first", StringComparison.Ordinal)), "it asks for a switchover");
        await cluster.StopAsync($"keeper{standby}");
        await leaving;

        cluster.SaidBy(primary).Should().Contain("nobody is left to have the primary").And.NotContain("could not be handed on within");
        cluster.Thaw("sentinel");
        cluster.StartKeeper(primary);
        cluster.StartKeeper(standby);
        await cluster.WritableAsync();
    }

    [Fact]
    public async Task With_leave_timeout_zero_it_ends_at_once()
    {
        await using var cluster = new StolonCluster(etcd.Server, "at_once");
        await cluster.InitialiseAsync(""" "initMode": "new" """);
        cluster.StartKeeper(1, more: ["--leave-timeout", "0"]);
        cluster.StartKeeper(2, more: ["--leave-timeout", "0"]);
        await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);

        await cluster.StopAsync($"keeper{primary}");

        cluster.SaidBy(primary).Should().NotContain("the primary is handed on first");
        await cluster.ElectedAsync(standby);
    }
}
