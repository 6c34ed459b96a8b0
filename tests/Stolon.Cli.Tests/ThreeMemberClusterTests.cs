using Npgsql;

namespace Stolon.Cli.Tests;

/// <summary>A whole cluster over three etcd members, one of which fails: nobody's business but etcd's.</summary>
public sealed class ThreeMemberClusterTests(ThreeMemberClusterTests.Cluster cluster) : IClassFixture<ThreeMemberClusterTests.Cluster>
{
    [Theory, Trait("Rule", "S12")]
    [InlineData("kill", true)]
    [InlineData("freeze", true)]
    [InlineData("freeze", false)]
    public async Task No_client_notices_that_one_member_is_gone_and_the_same_keeper_stays_primary(string how, bool leader)
    {
        await using var connection = await cluster.ConnectAsync();
        var primary = await cluster.PrimaryAsync();
        var leads = await cluster.Etcd.LeaderAsync();
        var victim = leader ? leads : (leads + 1) % 3;
        if (how == "kill")
        {
            await cluster.Etcd.KillAsync(victim);
        }
        else
        {
            cluster.Etcd.Freeze(victim);
        }

        // Longer than a proxy may go on without the store (proxyTimeout, 15 s): with two of three members it was never without.
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
        {
            await using var command = new NpgsqlCommand("insert into t default values", connection);
            await command.ExecuteNonQueryAsync();
        }

        (await cluster.CtlAsync("status")).ShouldSucceed();
        (await cluster.PrimaryAsync()).Should().Be(primary);
        if (how == "kill")
        {
            cluster.Etcd.Start(victim);
        }
        else
        {
            cluster.Etcd.Thaw(victim);
        }

        await cluster.Etcd.AllReadyAsync();
    }

    /// <summary>One for all tests of the class.</summary>
    public sealed class Cluster() : EtcdCluster(members: 3);
}
