using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What an operator changes while the cluster runs.</summary>
public sealed class RunningChangesTests(RunningChangesTests.Running running) : IClassFixture<RunningChangesTests.Running>
{
    private StolonCluster Cluster => running.Cluster;

    [Fact, Trait("Rule", "F1"), Trait("Rule", "K22")]
    public async Task A_parameter_reaches_every_instance_and_a_removed_one_leaves_it()
    {
        await Cluster.UpdateAsync("""{ "pgParameters": { "work_mem": "7MB", "log_min_duration_statement": "1234" } }""");
        await EverywhereAsync("show work_mem", "7MB");

        await Cluster.UpdateAsync("""{ "pgParameters": { "work_mem": null } }""");

        await EverywhereAsync("show work_mem", "4MB");
        await EverywhereAsync("show log_min_duration_statement", "1234ms");
    }

    [Fact, Trait("Rule", "K22")]
    public async Task With_automaticPgRestart_a_parameter_that_needs_a_restart_takes_effect()
    {
        await Cluster.UpdateAsync("""{ "automaticPgRestart": true, "pgParameters": { "max_connections": "150" } }""");

        await EverywhereAsync("show max_connections", "150");
        await Cluster.UpdateAsync("""{ "automaticPgRestart": false, "pgParameters": { "max_connections": "160" } }""");
        await Cluster.ConvergedAsync();
        await EverywhereAsync("select pending_restart from pg_settings where name = 'max_connections'", "True");
        await EverywhereAsync("show max_connections", "150");
        await Cluster.UpdateAsync("""{ "automaticPgRestart": true }""");
        await EverywhereAsync("show max_connections", "160");
    }

    [Fact, Trait("Rule", "K22")]
    public async Task A_limit_that_standbys_must_not_fall_below_can_be_lowered_all_the_same()
    {
        await Cluster.UpdateAsync("""{ "automaticPgRestart": true, "pgParameters": { "max_locks_per_transaction": "99" } }""");
        await EverywhereAsync("show max_locks_per_transaction", "99");

        await Cluster.UpdateAsync("""{ "pgParameters": { "max_locks_per_transaction": "70" } }""");

        await EverywhereAsync("show max_locks_per_transaction", "70");
        await Cluster.StandbysFollowAsync(1);
    }

    [Fact, Trait("Rule", "K24")]
    public async Task Additional_slots_are_made_on_the_primary_and_dropped_again()
    {
        await Cluster.UpdateAsync("""{ "additionalMasterReplicationSlots": ["archiver"] }""");
        await SlotsAsync("stolon_archiver", "1");

        await Cluster.UpdateAsync("""{ "additionalMasterReplicationSlots": null }""");

        await SlotsAsync("stolon_archiver", "0");
    }

    [Fact, Trait("Rule", "H2")]
    public async Task In_strict_mode_a_superuser_comes_in_only_from_the_members_and_own_lines_are_kept_in_order()
    {
        await Cluster.UpdateAsync("""{ "defaultSUReplAccessMode": "strict", "pgHBA": ["host all all 127.0.0.1/32 md5"] }""");
        await EverywhereAsync("select count(*) from pg_hba_file_rules where error is not null", "0");
        await EverywhereAsync("select count(*) from pg_hba_file_rules where 'postgres' = any(user_name) and address = '0.0.0.0'", "0");
        await Cluster.StandbysFollowAsync(1);

        await Cluster.UpdateAsync("""{ "defaultSUReplAccessMode": "all", "pgHBA": null }""");

        await EverywhereAsync("select count(*) from pg_hba_file_rules where 'postgres' = any(user_name) and address = '0.0.0.0'", "1");
    }

    [Fact, Trait("Rule", "K22")]
    public async Task A_line_that_cannot_match_because_TLS_is_off_is_no_mistake()
    {
        await Cluster.UpdateAsync("""{ "pgHBA": ["hostssl all all 10.0.0.0/8 md5", "host all all 127.0.0.1/32 md5"] }""");

        await EverywhereAsync("select count(*) from pg_hba_file_rules where error like 'hostssl record cannot match%'", "1");
        await Cluster.ConvergedAsync();
        await EverywhereAsync("select count(*) from pg_hba_file_rules where error like 'hostssl record cannot match%'", "1");
        await Cluster.UpdateAsync("""{ "pgHBA": null }""");
        await EverywhereAsync("select count(*) from pg_hba_file_rules where error is not null", "0");
    }

    [Fact, Trait("Rule", "N18"), Trait("Rule", "N22")]
    public async Task Synchronous_replication_is_switched_on_and_off_and_blocks_without_its_standby()
    {
        await Cluster.UpdateAsync("""{ "synchronousReplication": true }""");
        await Cluster.UntilAsync(async () => await Cluster.AskAsync("select count(*) from pg_stat_replication where sync_state = 'sync'") == "1", "the standby is synchronous");
        await Cluster.WritableAsync();
        var standby = (await Cluster.StandbysAsync())[0];
        Cluster.FreezePostgres(standby);
        var write = Cluster.AskAsync("insert into alive values (2)");
        await Cluster.UntilAsync(
            async () => await Cluster.AskAsync("select count(*) from pg_stat_activity where wait_event = 'SyncRep'") == "1", "the write waits for its standby");
        Cluster.ThawPostgres(standby);
        await write;

        await Cluster.UpdateAsync("""{ "synchronousReplication": false }""");

        await EverywhereAsync("show synchronous_standby_names", "");
        await Cluster.WritableAsync();
    }

    [Fact, Trait("Rule", "G8")]
    public async Task ALTER_SYSTEM_is_refused()
    {
        var alter = async () => await Cluster.AskAsync("alter system set work_mem = '9MB'");

        await alter.Should().ThrowAsync<PostgresException>();
        await EverywhereAsync("show work_mem", "4MB");
    }

    [Theory, Trait("Rule", "K20")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_standby_finds_the_primary_again_after_it_moved_to_another_port(bool synchronous)
    {
        // Nobody takes over while it is away.
        await Cluster.UpdateAsync($$"""{ {{Synchronous.Spec(synchronous)}}, "failInterval": "60s", "failOnRefusal": false }""");
        await Synchronous.ReadyAsync(Cluster, synchronous);
        var primary = await Cluster.PrimaryAsync();
        await Cluster.KillAsync($"keeper{primary}");

        Cluster.StartKeeper(primary, Stolon.Tests.FreePort.Next());

        await Cluster.WritableAsync();
        await Cluster.StandbysFollowAsync(1);
        (await Cluster.PrimaryAsync()).Should().Be(primary);
        await Cluster.UpdateAsync("""{ "synchronousReplication": false, "failInterval": "6s", "failOnRefusal": true }""");
        await Cluster.ConvergedAsync();
    }

    [Theory, Trait("Rule", "K3"), Trait("Rule", "Q43")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_second_keeper_over_the_same_data_directory_is_refused_and_the_first_goes_on(int keeper)
    {
        var answer = await Cluster.SecondKeeperAsync(keeper);

        answer.Code.Should().Be(1);
        answer.Error.Should().Contain(Cluster.KeeperFolder(keeper)).And.Contain("in use by another keeper");
        await Cluster.WritableAsync();
        await Cluster.StandbysFollowAsync(1);
    }

    private Task SlotsAsync(string name, string count) =>
        Cluster.UntilAsync(async () => await Cluster.AskAsync($"select count(*) from pg_replication_slots where slot_name = '{name}'") == count, $"{count} slots {name}");

    private async Task EverywhereAsync(string question, string answer)
    {
        foreach (var keeper in new[] { 1, 2 })
        {
            await Cluster.AnswersAsync(keeper, question, answer);
        }
    }

    /// <summary>One cluster for all of them.</summary>
    public sealed class Running : IAsyncLifetime
    {
        private readonly EtcdOfTests etcd = new();

        internal StolonCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await etcd.InitializeAsync();
            Cluster = await StolonCluster.StartAsync(etcd.Server, "changing", """ "initMode": "new" """);
            await Cluster.WritableAsync();
            await Cluster.StandbysFollowAsync(1);
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await etcd.DisposeAsync();
        }
    }
}
