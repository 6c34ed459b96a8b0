namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>A standby that can never catch up again.</summary>
public sealed class StandbyRecreatedTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Theory, Trait("Rule", "P7"), Trait("Rule", "N16"), Trait("Rule", "Q28")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_standby_whose_WAL_the_primary_has_removed_is_made_again(bool synchronous)
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, $"gone_{synchronous}", $$"""
            "initMode": "new", {{Synchronous.Spec(synchronous)}}, "pgParameters": { "max_slot_wal_keep_size": "1MB", "wal_keep_size": "0" }
            """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        var before = await cluster.DbOfAsync(standby);
        await cluster.StopAsync($"keeper{standby}");
        await cluster.AskAsync("set synchronous_commit = local; create table t as select 7 as n");
        await cluster.UntilAsync(
            async () => await cluster.AskAsync(
                "set synchronous_commit = local; insert into t values (8); select pg_switch_wal(); checkpoint; "
                + $"select wal_status from pg_replication_slots where slot_name = 'stolon_{before}'") == "lost",
            "the WAL that the standby needs is gone");

        cluster.StartKeeper(standby);

        await cluster.UntilAsync(async () => await cluster.DbOfAsync(standby) is { Length: > 0 } db && db != before, "its keeper gets another db");
        await cluster.StandbysFollowAsync(1);
        await cluster.AnswersAsync(standby, "select min(n) from t", "7");
        await cluster.WritableAsync();
        (await cluster.PrimaryAsync()).Should().Be(primary);
    }
}
