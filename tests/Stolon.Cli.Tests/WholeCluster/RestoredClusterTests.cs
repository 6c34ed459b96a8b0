using System.Diagnostics;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>Clusters that begin with a backup, or with another cluster that they follow.</summary>
public sealed class RestoredClusterTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Theory, Trait("Rule", "K26"), Trait("Rule", "I5"), Trait("Rule", "I6")]
    [InlineData(true, "9MB")]
    [InlineData(false, "4MB")]
    public async Task A_cluster_is_restored_from_a_backup_to_a_point_in_time_and_gets_a_standby(bool merge, string workMemory)
    {
        await using var origin = await StolonCluster.StartAsync(etcd.Server, $"origin_{merge}", Archived($"origin_{merge}"), keepers: 1);
        await origin.WritableAsync();
        var archive = ArchiveOf($"origin_{merge}");
        await origin.AskAsync("create table t as select 1 as n");
        BackUp(origin, archive);
        await origin.AskAsync("insert into t values (2)");
        await origin.AskAsync("select pg_create_restore_point('wanted')");
        await origin.AskAsync("insert into t values (3)");
        await origin.AskAsync("select pg_switch_wal()");
        await origin.UntilAsync(() => Task.FromResult(Directory.GetFiles(archive, "0000000100000000????????").Length >= 3), "WAL is archived");

        await using var restored = await StolonCluster.StartAsync(etcd.Server, $"restored_{merge}", $$"""
            "initMode": "pitr", "mergePgParameters": {{(merge ? "true" : "false")}}, "pitrConfig": {
              "dataRestoreCommand": "cp -a {{archive}}/base/. %d",
              "archiveRecoverySettings": { "restoreCommand": "cp {{archive}}/%f %p" },
              "recoveryTargetSettings": { "recoveryTargetName": "wanted" } }
            """);

        await restored.WritableAsync();
        (await restored.AskAsync("select string_agg(n::text, ',' order by n) from t")).Should().Be("1,2");
        (await restored.AskAsync("show work_mem")).Should().Be(workMemory);
        await restored.StandbysFollowAsync(1);
        (await restored.AskAsync("select timeline_id from pg_control_checkpoint()")).Should().Be("2");
    }

    [Fact, Trait("Rule", "K20"), Trait("Rule", "N12")]
    public async Task A_standby_cluster_follows_the_outside_fails_over_and_is_promoted()
    {
        await using var origin = await StolonCluster.StartAsync(etcd.Server, "outside", Archived("outside"), keepers: 1);
        await origin.WritableAsync();
        var archive = ArchiveOf("outside");
        await origin.AskAsync("create table t as select 1 as n");
        BackUp(origin, archive);

        await using var standby = await StolonCluster.StartAsync(etcd.Server, "follower", $$"""
            "initMode": "pitr", "role": "standby", "defaultSUReplAccessMode": "all",
            "pitrConfig": { "dataRestoreCommand": "cp -a {{archive}}/base/. %d" },
            "standbyConfig": {
              "standbySettings": { "primaryConninfo": "host=127.0.0.1 port={{origin.PortOf(1)}} user=repl password=repl-90b2ad41" },
              "archiveRecoverySettings": { "restoreCommand": "cp {{archive}}/%f %p" } }
            """);
        await standby.UntilAsync(async () => await standby.AskAsync("select count(*) from t") == "1", "the standby cluster serves reads");
        await origin.AskAsync("insert into t values (2)");
        await standby.UntilAsync(async () => await standby.AskAsync("select count(*) from t") == "2", "rows of the outside arrive");
        await standby.ReliableAsync(2);
        (await standby.AskAsync("select pg_is_in_recovery()")).Should().Be("True");

        var first = await standby.PrimaryAsync();
        await standby.KillAsync($"keeper{first}");
        await standby.UntilAsync(async () => await standby.PrimaryAsync() != first, "the other one follows the outside now");
        await origin.AskAsync("insert into t values (3)");
        await standby.UntilAsync(async () => await standby.AskAsync("select count(*) from t") == "3", "rows of the outside still arrive");

        (await standby.CtlAsync("promote", "-y")).ShouldSucceed();

        await standby.WritableAsync();
        (await standby.AskAsync("select pg_is_in_recovery()")).Should().Be("False");
        (await standby.AskAsync("select count(*) from t")).Should().Be("3");
    }

    private string ArchiveOf(string name) => etcd.Folder(name);

    private string Archived(string name) =>
        $$""" "initMode": "new", "pgParameters": { "work_mem": "9MB", "archive_mode": "on", "archive_command": "cp %p {{ArchiveOf(name)}}/%f" } """;

    private static void BackUp(StolonCluster cluster, string archive)
    {
        var start = new ProcessStartInfo($"{PostgresPrograms.Folder}/pg_basebackup", ["-D", $"{archive}/base", "-d", $"host=127.0.0.1 port={cluster.PortOf(1)} user=repl", "--checkpoint=fast"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            Environment = { ["PGPASSWORD"] = StolonCluster.ReplicationPassword },
        };
        if (Environment.IsPrivilegedProcess)
        {
            start.UserName = "postgres";
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, error);
    }
}
