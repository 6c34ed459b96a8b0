using System.Text.Json.Nodes;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>Where a cluster's data and parameters come from. Backups: <see cref="RestoredClusterTests"/>.</summary>
public sealed class InitModeTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Theory, Trait("Rule", "K25"), Trait("Rule", "I6"), Trait("Rule", "G3"), Trait("Rule", "G6")]
    [InlineData(true, "logical", "logical")]
    [InlineData(false, "minimal", "replica")]
    public async Task A_new_cluster_keeps_what_initdb_wrote_if_it_shall_and_a_wal_level_only_if_it_is_logical(bool merge, string asked, string got)
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, $"new_{merge}", $$""" "initMode": "new", "mergePgParameters": {{(merge ? "true" : "false")}}, "pgParameters": { "wal_level": "{{asked}}", "work_mem": "9MB" } """);
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);

        var parameters = JsonNode.Parse((await cluster.CtlAsync("spec")).ShouldSucceed().Out)!["pgParameters"]!.AsObject();
        parameters.ContainsKey("dynamic_shared_memory_type").Should().Be(merge, "initdb wrote it");
        foreach (var keeper in new[] { 1, 2 })
        {
            (await cluster.AskKeeperAsync(keeper, "select count(*) from pg_file_settings where name = 'dynamic_shared_memory_type'")).Should().Be(merge ? "1" : "0");
            (await cluster.AskKeeperAsync(keeper, "show wal_level")).Should().Be(got);
            (await cluster.AskKeeperAsync(keeper, "show work_mem")).Should().Be("9MB");
        }
    }

    [Theory, Trait("Rule", "K27"), Trait("Rule", "I3"), Trait("Rule", "I6"), Trait("Rule", "Q32")]
    [InlineData(true, "9MB", "logical")]
    [InlineData(false, "4MB", "replica")]
    public async Task The_data_of_another_cluster_is_taken_over_with_its_rows_and_its_parameters_if_they_shall_be(bool merge, string workMemory, string walLevel)
    {
        await using var origin = await StolonCluster.StartAsync(
            etcd.Server, $"before_{merge}", """ "initMode": "new", "pgParameters": { "wal_level": "logical", "work_mem": "9MB" } """, keepers: 1);
        await origin.WritableAsync();
        await origin.AskAsync("create table t as select 7 as n");
        await origin.StopAsync("keeper1");

        await using var adopted = await StolonCluster.StartAsync(
            etcd.Server, $"after_{merge}", $$""" "initMode": "existing", "mergePgParameters": {{(merge ? "true" : "false")}}, "existingConfig": { "keeperUID": "keeper1" } """,
            firstData: origin.KeeperFolder(1));

        await adopted.WritableAsync();
        await adopted.ReliableAsync(2);
        await adopted.StandbysFollowAsync(1);
        foreach (var keeper in new[] { 1, 2 })
        {
            await adopted.AnswersAsync(keeper, "select n from t", "7");
            (await adopted.AskKeeperAsync(keeper, "show work_mem")).Should().Be(workMemory);
            (await adopted.AskKeeperAsync(keeper, "show wal_level")).Should().Be(walLevel);
        }
    }
}
