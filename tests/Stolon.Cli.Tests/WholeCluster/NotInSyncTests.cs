using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>Standbys that need not have every acknowledged commit.</summary>
public sealed class NotInSyncTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Fact, Trait("Rule", "N4"), Trait("Rule", "N20"), Trait("Rule", "K22"), Trait("Rule", "H5"), Trait("Rule", "S2"), Trait("Rule", "S3")]
    public async Task A_synchronous_standby_that_was_never_in_sync_is_not_elected_and_clients_are_blocked_until_it_is()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "never", """ "initMode": "new" """);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.AskAsync("create role app login password 'app'");
        await cluster.FreezeSenderAsync(primary, standby);
        await cluster.AskKeeperAsync(primary, "create table big as select repeat('x', 1000) from generate_series(1, 5000)");
        await cluster.UpdateAsync("""{ "synchronousReplication": true }""");
        await cluster.AnswersAsync(primary, "show synchronous_standby_names", $"stolon_{await cluster.DbOfAsync(standby)}");

        await cluster.KillAsync($"keeper{primary}");
        await cluster.RefusedAsync(standby, "not known to have every acknowledged commit");
        (await cluster.PrimaryAsync()).Should().Be(primary);

        (await cluster.AskKeeperAsync(standby, "select count(*) from pg_class where relname = 'big'")).Should().Be("0");

        // It shall not be taken for dead while it is kept from getting in sync.
        await cluster.UpdateAsync("""{ "failInterval": "10m" }""");
        cluster.FreezePostgres(standby);
        cluster.StartKeeper(primary);
        await cluster.UntilAsync(async () => await RefusalAsync(cluster, primary) == PostgresErrorCodes.InvalidAuthorizationSpecification, "clients are turned away");
        cluster.ThawPostgres(standby);

        await cluster.UntilAsync(async () => await RefusalAsync(cluster, primary) == "", "clients come in");
        await cluster.AnswersAsync(standby, "select count(*) from big", "5000");
        await cluster.InSyncAsync(standby);
        await cluster.WritableAsync();
    }

    [Fact, Trait("Rule", "N4"), Trait("Rule", "S2"), Trait("Rule", "S3")]
    public async Task When_the_primary_and_its_synchronous_standby_are_gone_an_asynchronous_one_is_not_elected_and_the_synchronous_one_is_when_it_comes_back()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "both", """ "initMode": "new", "synchronousReplication": true """);
        await Synchronous.ReadyAsync(cluster, isOn: true);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        const int other = 3;
        cluster.StartKeeper(other);
        await cluster.ReliableAsync(3);
        await cluster.InSyncAsync(standby);
        await using var client = await Client.StartAsync(cluster);

        await Task.WhenAll(cluster.KillAsync($"keeper{standby}"), cluster.KillAsync($"keeper{primary}"));
        await cluster.RefusedAsync(other, "not known to have every acknowledged commit");
        (await cluster.PrimaryAsync()).Should().Be(primary);
        cluster.StartKeeper(standby);

        await cluster.ElectedAsync(standby);
        cluster.StartKeeper(primary);
        await client.WritesAsync();
        await client.NothingLostAsync();
        await cluster.StandbysFollowAsync(2);
    }

    /// <summary>What an ordinary user is told; "" = he comes in.</summary>
    private static async Task<string> RefusalAsync(StolonCluster cluster, int keeper)
    {
        try
        {
            await using var connection = await cluster.ConnectToAsync(keeper, "app", "app");
            return "";
        }
        catch (PostgresException exception)
        {
            return exception.SqlState;
        }
    }
}
