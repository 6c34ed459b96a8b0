using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>Passwords that change while the cluster runs, on one keeper after the other.</summary>
public sealed class PasswordTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    private const string NewSuperuser = "su-2b61f09d";
    private const string NewReplication = "repl-c4d1e55a";

    [Fact, Trait("Rule", "S11"), Trait("Rule", "S12")]
    public async Task Both_passwords_change_keeper_by_keeper_and_a_standby_streams_all_the_time()
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, "rotating", """ "initMode": "new", "synchronousReplication": true """, passwordFiles: true);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        await cluster.StandbysFollowAsync(1);
        var (primary, standby) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);

        // The standby hears first. What streams goes on, and what breaks comes back, also after a start of its keeper.
        cluster.GivePasswords(standby, NewSuperuser, NewReplication);
        await cluster.UntilAsync(() => Task.FromResult(cluster.Said.Contains($"keeper{standby}: there is a new password of repl", StringComparison.Ordinal)), "the standby's keeper has read it");
        await StreamsAgainAsync(cluster);
        await cluster.KillAsync($"keeper{standby}");
        cluster.StartKeeper(standby, passwordFiles: true);
        await cluster.StandbysFollowAsync(1);
        (await OldPasswordWorksAsync(cluster, primary)).Should().BeTrue("the primary's keeper has not heard yet");

        cluster.GivePasswords(primary, NewSuperuser, NewReplication);

        await cluster.UntilAsync(async () => !await OldPasswordWorksAsync(cluster, primary), "the old password is refused");
        cluster.LogInWith = NewSuperuser;
        await StreamsAgainAsync(cluster);
        await cluster.WritableAsync();
        await cluster.UntilAsync(() => Task.FromResult(PassFile(cluster, standby).Contains(NewReplication, StringComparison.Ordinal)), "the standby logs in with the new one");

        // A new primary has it too, and the keeper of the old one comes back with it.
        await cluster.ReliableAsync(2);
        await cluster.KillAsync($"keeper{primary}");
        await cluster.UntilAsync(async () => await cluster.PrimaryAsync() == standby, "the standby is elected");
        cluster.StartKeeper(primary, passwordFiles: true);
        await cluster.WritableAsync();
        await cluster.StandbysFollowAsync(1);
        foreach (var secret in new[] { NewSuperuser, NewReplication, StolonCluster.SuperuserPassword, StolonCluster.ReplicationPassword, "SCRAM-SHA-256$" })
        {
            cluster.Said.Should().NotContain(secret);
        }
    }

    [Fact, Trait("Rule", "S12")]
    public async Task Keepers_that_are_all_started_again_with_new_passwords_give_them_to_the_roles()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "restarted", """ "initMode": "new" """, passwordFiles: true);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        await cluster.StandbysFollowAsync(1);
        foreach (var keeper in new[] { 1, 2 })
        {
            await cluster.StopAsync($"keeper{keeper}");
            cluster.GivePasswords(keeper, NewSuperuser, NewReplication);
        }

        cluster.StartKeeper(1, passwordFiles: true);
        cluster.StartKeeper(2, passwordFiles: true);

        cluster.LogInWith = NewSuperuser;
        await cluster.WritableAsync();
        await StreamsAgainAsync(cluster);
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_password_file_that_vanishes_or_is_emptied_changes_nothing_and_is_told()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "vanishing", """ "initMode": "new" """, keepers: 1, passwordFiles: true);
        await cluster.WritableAsync();
        var file = cluster.PasswordFile(1, "su");

        File.Delete(file);
        await cluster.UntilAsync(async () => (await cluster.CtlAsync("status")).Out.Contains($"cannot be had from {file}", StringComparison.Ordinal), "the status tells");
        await File.WriteAllTextAsync(file, "\n", TestContext.Current.CancellationToken);
        await cluster.UntilAsync(() => Task.FromResult(cluster.Said.Contains("it is empty. The last good one stays", StringComparison.Ordinal)), "the log tells");

        (await OldPasswordWorksAsync(cluster, 1)).Should().BeTrue();
        await File.WriteAllTextAsync(file, NewSuperuser, TestContext.Current.CancellationToken);
        cluster.LogInWith = NewSuperuser;
        await cluster.WritableAsync();
        await cluster.UntilAsync(async () => !(await cluster.CtlAsync("status")).Out.Contains("cannot be had", StringComparison.Ordinal), "the status is silent again");
        cluster.Said.Split('\n').Count(line => line.Contains("it is empty", StringComparison.Ordinal)).Should().Be(1, "a steady state is silent");
    }

    private static string PassFile(StolonCluster cluster, int keeper) => File.ReadAllText(Path.Combine(cluster.KeeperFolder(keeper), "run", "replication.pgpass"));

    /// <summary>Breaks what streams, and waits for the next.</summary>
    private static async Task StreamsAgainAsync(StolonCluster cluster)
    {
        await cluster.StandbysFollowAsync(1);
        var before = await cluster.AskAsync("select pid from pg_stat_replication");
        await cluster.AskAsync("select pg_terminate_backend(pid) from pg_stat_replication");
        await cluster.UntilAsync(
            async () => await cluster.AskAsync($"select count(*) from pg_stat_replication where state = 'streaming' and pid <> {before}") == "1", "the standby streams again");
    }

    private static async Task<bool> OldPasswordWorksAsync(StolonCluster cluster, int keeper)
    {
        try
        {
            return await cluster.AskKeeperAsync(keeper, "select 'yes'") == "yes";
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return false;
        }
    }
}
