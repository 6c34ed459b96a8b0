namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>The keeper with the primary ends, its PostgreSQL with it, or an operator says that it has failed.</summary>
public sealed class FailoverTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Theory, Trait("Rule", "N4"), Trait("Rule", "N10"), Trait("Rule", "N14"), Trait("Rule", "K24"), Trait("Rule", "S2")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_serves_with_all_its_slots_and_the_old_primary_comes_back_as_a_standby(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, $"failover_{synchronous}", $""" "initMode": "new", {Synchronous.Spec(synchronous)}, "additionalMasterReplicationSlots": ["archiver"] """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await using var client = await Client.StartAsync(cluster);

        await cluster.KillAsync($"keeper{old}");

        await cluster.ElectedAsync(next);
        await cluster.AnswersAsync(next, "select count(*) from pg_replication_slots where slot_name = 'stolon_archiver'", "1");
        cluster.StartKeeper(old);
        await client.WritesAsync();
        await cluster.StandbysFollowAsync(1);
        await cluster.AnswersAsync(old, "select count(*) from pg_replication_slots", "0");
        if (synchronous)
        {
            await client.NothingLostAsync();
        }
    }

    [Theory, Trait("Rule", "A5"), Trait("Rule", "O7")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failkeeper_hands_the_primary_over_and_the_old_one_comes_back(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, $"failing_{synchronous}", $""" "initMode": "new", {Synchronous.Spec(synchronous)} """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await using var client = await Client.StartAsync(cluster);

        (await cluster.CtlAsync("failkeeper", $"keeper{old}")).ShouldSucceed();

        await cluster.ElectedAsync(next);
        await client.WritesAsync();
        await cluster.StandbysFollowAsync(1);
        if (synchronous)
        {
            await client.NothingLostAsync();
        }
    }

    [Theory, Trait("Rule", "K28"), Trait("Rule", "S5"), Trait("Rule", "O8")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_the_primarys_data_is_lost_nothing_is_made_in_its_place_another_is_elected_and_its_keeper_gets_a_copy(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, $"losing_{synchronous}", $""" "initMode": "new", {Synchronous.Spec(synchronous)} """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        var (lost, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.AskAsync("create table t as select 7 as n");
        await cluster.AnswersAsync(next, "select n from t", "7");
        var system = await cluster.AskAsync("select system_identifier from pg_control_system()");
        await cluster.KillAsync($"keeper{lost}");
        Directory.Move(cluster.KeeperFolder(lost), cluster.KeeperFolder(lost) + ".lost");

        cluster.StartKeeper(lost);

        var madeTooEarly = false;
        await cluster.UntilAsync(
            async () =>
            {
                // First the folder, then the document: what is there while the document still names it was not asked for.
                var isThere = Directory.Exists(cluster.PgData(lost));
                var primary = await cluster.PrimaryAsync();
                madeTooEarly |= isThere && primary == lost;
                return primary == next;
            },
            "the standby is elected");
        madeTooEarly.Should().BeFalse();
        await cluster.StandbysFollowAsync(1);
        await cluster.WritableAsync();
        await cluster.AnswersAsync(lost, "select n from t", "7");
        (await cluster.AskKeeperAsync(lost, "select system_identifier from pg_control_system()")).Should().Be(system);
        Directory.Exists(cluster.KeeperFolder(lost) + ".lost/postgres/base").Should().BeTrue("nobody touched what was moved away");
    }

    [Fact, Trait("Rule", "P8"), Trait("Rule", "N4")]
    public async Task A_standby_that_is_too_far_behind_is_not_elected_and_the_old_primary_serves_again()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "lagging", """ "initMode": "new", "maxStandbyLag": 100000 """);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.FreezeSenderAsync(primary, standby);
        await cluster.AskKeeperAsync(primary, "create table big as select repeat('x', 1000) from generate_series(1, 5000)");
        await cluster.LagsAsync(standby, 1_000_000);

        await cluster.KillAsync($"keeper{primary}");

        await cluster.RefusedAsync(standby, "behind");
        (await cluster.PrimaryAsync()).Should().Be(primary);
        cluster.StartKeeper(primary);
        await cluster.WritableAsync();
        (await cluster.AskAsync("select count(*) from big")).Should().Be("5000");
        await cluster.StandbysFollowAsync(1);
    }
}
