using System.Diagnostics;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>Init mode pitr on a real PostgreSQL with a real archive.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
public sealed class RestoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "K26")]
    public async Task A_backup_is_recovered_to_its_target_and_what_was_there_is_kept()
    {
        await using var origin = new PostgresFixture();
        var backup = await BackUpAsync(origin);
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var progress = new Progress();

        await instance.RestoreAsync(Request(fixture, instance, $"cp -a {backup}/base/. %d", backup), "c9", progress, Cancel);

        Directory.GetDirectories(fixture.DataDirectory, "postgres.old-c9-*").Should().ContainSingle("nobody deletes data (Q31)");
        instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Primary));
        progress.Seen.Should().BeGreaterThan(20 * 1024 * 1024);
        await RunAsync(instance, fixture);
        (await CountAsync(fixture)).Should().Be(2, "the row after the restore point is not part of it");
        (await instance.CollectAsync(Cancel)).TimelineId.Should().Be(2);
    }

    [Fact]
    [Trait("Rule", "K26")]
    public async Task A_command_that_puts_the_backup_one_folder_deeper_is_understood()
    {
        await using var origin = new PostgresFixture();
        var backup = await BackUpAsync(origin);
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();

        await instance.RestoreAsync(Request(fixture, instance, $"cp -a {backup}/base '%d'", backup), "c9", new Progress(), Cancel);

        await RunAsync(instance, fixture);
        (await CountAsync(fixture)).Should().Be(2);
    }

    [Fact]
    [Trait("Rule", "K26")]
    public async Task A_backup_can_become_a_standby_that_follows_the_outside()
    {
        await using var origin = new PostgresFixture();
        var backup = await BackUpAsync(origin);
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        var request = Request(fixture, instance, $"cp -a {backup}/base/. %d", backup);
        var parameters = request.Configuration.Parameters.Without("recovery_target_name").Without("recovery_target_action");

        await instance.RestoreAsync(
            request with { Configuration = request.Configuration with { Signal = RecoverySignal.Standby, Parameters = parameters } }, "c9", new Progress(), Cancel);

        instance.Inspect().LocalRole.Should().Be(Role.Standby);
    }

    [Theory]
    [Trait("Rule", "K26")]
    [InlineData("echo no such backup >&2; exit 3", "*exit code 3*no such backup*")]
    [InlineData("true", "*no complete PostgreSQL data directory*%d*")]
    [InlineData("echo 100%% of nothing; exit 1", "*100% of nothing*")]
    public async Task A_command_that_fails_is_quoted_and_leaves_what_was_there(string command, string expected)
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();

        await instance.Awaiting(one => one.RestoreAsync(Request(fixture, one, command, "/nowhere"), "c9", new Progress(), Cancel))
            .Should().ThrowAsync<PostgresInstanceException>().WithMessage(expected);

        instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Primary));
        Directory.Exists(Path.Combine(fixture.DataDirectory, "postgres.new")).Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "K26")]
    public async Task A_target_that_the_archive_does_not_reach_is_told_in_PostgreSQLs_words()
    {
        await using var origin = new PostgresFixture();
        var backup = await BackUpAsync(origin);
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        var request = Request(fixture, instance, $"cp -a {backup}/base/. %d", backup);
        request = request with { Configuration = request.Configuration with { Parameters = request.Configuration.Parameters.With("recovery_target_name", "never") } };

        await instance.Awaiting(one => one.RestoreAsync(request, "c9", new Progress(), Cancel))
            .Should().ThrowAsync<PostgresInstanceException>().WithMessage("*recovery ended before configured recovery target was reached*");

        instance.Inspect().Initialized.Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "Q42")]
    public async Task A_command_that_a_killed_keeper_left_running_is_ended_with_all_its_children_before_anything_is_replaced()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        var target = Path.Combine(fixture.DataDirectory, "postgres.new");
        using var left = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 1000 & wait"])
        {
            WorkingDirectory = fixture.DataDirectory,
            Environment = { [RestoredData.TargetVariable] = target },
            UseShellExecute = false,
        })!;

        await instance.RepairAsync(Cancel);

        await left.WaitForExitAsync(Cancel);
        left.ExitCode.Should().Be(128 + 9);
        EndToEnd.Processes.Of(fixture.DataDirectory).Should().BeEmpty();
    }

    [Theory]
    [InlineData("restore --to %d", "restore --to /data")]
    [InlineData("date +%%d > %d/x", "date +%d > /data/x")]
    [InlineData("%d%d", "/data/data")]
    public void The_folder_stands_for_a_letter_and_a_percent_sign_for_two(string command, string expected) =>
        RestoredData.Expand(command, "/data").Should().Be(expected);

    /// <summary>Two rows, a base backup between them, the restore point "wanted", and a third row; all WAL archived.</summary>
    private static async Task<string> BackUpAsync(PostgresFixture origin)
    {
        var instance = await origin.CreateAsync();
        var folder = Path.Combine(origin.DataDirectory, "backup");
        PostgresFixture.Owner.CreateFolder(folder);
        var configuration = origin.Configuration(instance);
        await instance.StartAsync(
            configuration with { Parameters = configuration.Parameters.With("archive_mode", "on").With("archive_command", $"cp %p {folder}/%f") }, Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await origin.AskAsync("create table t as select 1 as n");
        var copied = await PostgresProgram.RunAsync(
            PostgresFixture.Owner, origin.DataDirectory, origin.Program("pg_basebackup"),
            ["-D", $"{folder}/base", "-h", instance.SocketDirectory, "-p", $"{origin.Port}", "-U", "replicator", "--checkpoint=fast"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PGPASSWORD"] = "secret too" }, null, Cancel);
        copied.ExitCode.Should().Be(0, copied.Errors);
        await origin.AskAsync("insert into t values (2)");
        await origin.AskAsync("select pg_create_restore_point('wanted')");
        await origin.AskAsync("insert into t values (3)");
        await origin.AskAsync("select pg_switch_wal()");
        await Hosting.Eventually.Holds(() => Directory.GetFiles(folder, "00000001????????????????").Length >= 3);
        await instance.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(30), Cancel);
        return folder;
    }

    private static RestoreRequest Request(PostgresFixture fixture, PostgresInstance instance, string command, string archive)
    {
        var config = new PitrConfig
        {
            DataRestoreCommand = command,
            ArchiveRecoverySettings = new ArchiveRecoverySettings { RestoreCommand = $"cp {archive}/%f %p" },
            RecoveryTargetSettings = new RecoveryTargetSettings { TargetName = "wanted" },
        };
        var configuration = fixture.Configuration(instance);
        return new RestoreRequest(command, RecoverySettings.Restoring(config, follow: null).With(configuration.Parameters, configuration.Hba), TimeSpan.FromMinutes(1));
    }

    private static async Task RunAsync(PostgresInstance instance, PostgresFixture fixture)
    {
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    private static async Task<long> CountAsync(PostgresFixture fixture)
    {
        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={fixture.Port};Username=postgres;Password=secret;Database=postgres");
        await using var command = source.CreateCommand("select count(*) from t");
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private sealed class Progress : IProgress<CopyProgress>
    {
        public long Seen { get; private set; }

        public void Report(CopyProgress value) => Seen = value.CopiedBytes;
    }
}
