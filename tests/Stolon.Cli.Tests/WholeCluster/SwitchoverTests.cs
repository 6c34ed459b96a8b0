namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>An operator hands the primary to another keeper in a planned way (architecture, section 7).</summary>
public sealed class SwitchoverTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_lost_no_newcomer_is_refused_and_the_old_primary_follows_with_the_data_that_it_has(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, $"switchover_{synchronous}", $""" "initMode": "new", {Synchronous.Spec(synchronous)} """, keepers: 3);
        await SwitchoverScene.ReadyAsync(cluster, synchronous);
        var (old, db) = (await cluster.PrimaryAsync(), await cluster.DbOfAsync(await cluster.PrimaryAsync()));
        await using var client = await Client.StartAsync(cluster);
        await using var newcomers = Newcomers.Start(cluster);

        var answer = (await cluster.CtlAsync("switchover")).ShouldSucceed();

        answer.Out.Should().Contain("is finished");
        var next = await cluster.PrimaryAsync();
        next.Should().NotBe(old);
        await client.WritesAsync();
        await newcomers.ComeAsync();
        newcomers.Refused.Should().BeEmpty();
        await cluster.StandbysFollowAsync(2);
        (await cluster.DbOfAsync(old)).Should().Be(db, "it was not made anew");
        await client.NothingLostAsync();
    }

    [Fact]
    public async Task It_goes_to_the_keeper_that_is_named_and_there_and_back()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "switchover_named", """ "initMode": "new" """, keepers: 3);
        await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[^1]);
        await using var client = await Client.StartAsync(cluster);

        (await cluster.CtlAsync("switchover", "--to", $"keeper{next}")).ShouldSucceed();
        (await cluster.PrimaryAsync()).Should().Be(next);
        await cluster.StandbysFollowAsync(2);
        (await cluster.CtlAsync("switchover", "--to", $"keeper{old}")).ShouldSucceed();

        (await cluster.PrimaryAsync()).Should().Be(old);
        await cluster.StandbysFollowAsync(2);
        await client.NothingLostAsync();
    }

    [Fact]
    public async Task It_is_refused_with_the_reason_and_nothing_is_changed()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "switchover_refused", """ "initMode": "new" """);
        await SwitchoverScene.ReadyAsync(cluster, synchronous: false);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);

        (await cluster.CtlAsync("switchover", "--to", $"keeper{primary}")).ShouldFail("holds the primary");
        (await cluster.CtlAsync("switchover", "--to", "nobody")).ShouldFail("Keeper nobody");
        cluster.FreezePostgres(standby);
        (await cluster.CtlAsync("switchover")).ShouldFail("refused", "These receivers of WAL do not answer");
        cluster.ThawPostgres(standby);

        (await cluster.PrimaryAsync()).Should().Be(primary);
        await cluster.WritableAsync();
    }
}
