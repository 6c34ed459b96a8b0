using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>A primary steps down: what would hold up its clean stop is found before, and a standby that has everything can lead, and be followed.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
public sealed class StepDownTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly PostgresFixture left = new();
    private readonly Hosting.ListLogger<PostgresInstance> log = new();
    private readonly PostgresFixture right;
    private PostgresInstance primary = null!;
    private PostgresInstance standby = null!;

    public StepDownTests() => right = new PostgresFixture { Log = log };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        primary = await left.CreateAsync();
        await primary.StartAsync(With("archive_mode", "off"), Cancel);
        await primary.WaitReadyAsync(Limit, Cancel);
        await primary.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db2" }, Cancel);
        standby = await right.OpenAsync();
        var systemId = (await primary.CollectAsync(Cancel)).SystemId;
        await standby.CopyAsync(new CopyRequest(Source(left), "secret too", "stolon_db2", systemId), new Progress<CopyProgress>(), Cancel);
        await StartStandbyAsync(standby, right, left);
        await StreamsAsync(left);
    }

    public async ValueTask DisposeAsync()
    {
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Fact]
    public async Task After_a_clean_stop_the_standby_is_beyond_the_shutdown_checkpoint_leads_and_is_followed_without_a_rewind()
    {
        await left.AskAsync("create table t as select generate_series(1, 10000) as n");
        (await primary.PrepareStopAsync(Limit, Cancel)).Should().BeEmpty();

        (await primary.StandDownAsync("stolon_db2", Cancel)).Should().BeEmpty();

        var control = (await primary.ReadControlDataAsync(Cancel))!;
        control.State.Should().Be("shut down");
        var state = await GoneAsync(standby);
        state.XLogPos.Should().BeGreaterThan(control.Checkpoint, "the last record begins there, and the standby has it");
        await standby.PromoteAsync(Limit, Cancel);
        var promoted = await standby.CollectAsync(Cancel);
        promoted.TimelinesHistory.Single(fork => fork.TimelineId == control.Timeline).SwitchPoint.Should().BeGreaterThan(control.Checkpoint);
        await right.AskAsync("insert into t values (0)");
        await right.AskAsync("select pg_create_physical_replication_slot('stolon_db1')");
        await StartStandbyAsync(primary, left, right, "db1");
        await StreamsAsync(right);
        await Hosting.Eventually.Holds(async () => await left.ReadAsync("select count(*) from t") == "10001");
    }

    [Fact]
    public async Task A_busy_session_does_not_hold_up_the_stop()
    {
        await using var busy = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={left.Port};Username=postgres;Password=secret;Database=postgres");
        await using var command = busy.CreateCommand("create table b as select generate_series(1, 100000000)");
        var running = command.ExecuteNonQueryAsync(Cancel);
        await Hosting.Eventually.Holds(async () => await left.ReadAsync("select count(*) from pg_stat_activity where query like 'create table b%'") != "0");

        (await primary.StandDownAsync("stolon_db2", Cancel)).Should().BeEmpty();

        (await primary.ReadControlDataAsync(Cancel))!.State.Should().Be("shut down");
        await running.Invoking(task => task).Should().ThrowAsync<NpgsqlException>();
    }

    [Fact]
    public async Task A_standby_that_stands_still_is_found_before_anything_is_stopped()
    {
        await right.SignalWalReceiverAsync("STOP");
        try
        {
            (await primary.PrepareStopAsync(Limit, Cancel)).Should().Contain("stolon_db2 (streaming)");
        }
        finally
        {
            await right.SignalWalReceiverAsync("CONT");
        }

        await Hosting.Eventually.Holds(async () => (await primary.PrepareStopAsync(Limit, Cancel)).Length == 0);
    }

    [Fact]
    public async Task The_target_that_stands_still_at_the_stop_is_waited_for_for_5_s_and_the_stop_is_given_up()
    {
        await right.SignalWalReceiverAsync("STOP");
        try
        {
            (await primary.StandDownAsync("stolon_db2", Cancel)).Should().Contain("did not stop within 5 s");
        }
        finally
        {
            await right.SignalWalReceiverAsync("CONT");
        }

        primary.Inspect().Running.Should().BeFalse();
    }

    [Fact]
    public async Task Another_standby_that_stands_still_is_left_behind_after_a_second()
    {
        await right.SignalWalReceiverAsync("STOP");
        try
        {
            (await primary.StandDownAsync("stolon_db9", Cancel)).Should().BeEmpty();
        }
        finally
        {
            await right.SignalWalReceiverAsync("CONT");
        }

        (await primary.ReadControlDataAsync(Cancel))!.State.Should().Be("shut down");
    }

    [Fact]
    public async Task A_client_that_connected_while_PostgreSQL_started_and_says_nothing_does_not_hold_up_a_stop()
    {
        await standby.StopAsync(StopMode.Fast, Limit, Cancel);
        var own = right.Configuration(standby);
        var starting = RecoverySettings.Following(new DbId("db2"), Source(left), standby.PassFile).With(own.Parameters.With("hot_standby", "off"), own.Hba);
        await standby.StartAsync(starting, Cancel);
        using var silent = new System.Net.Sockets.TcpClient();
        await silent.ConnectAsync("127.0.0.1", right.Port, Cancel);
        await StreamsAsync(left);

        await standby.StopAsync(StopMode.Fast, Limit, Cancel);

        log.Lines.Should().NotContain(line => line.Contains("did not stop within", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("false", "archive_command failed")]
    [InlineData("sleep 30", "The archiver is behind by")]
    public async Task An_archiver_that_fails_or_is_behind_is_found_before_anything_is_stopped(string archiveCommand, string trouble)
    {
        await primary.StopAsync(StopMode.Fast, Limit, Cancel);
        await primary.StartAsync(With("archive_mode", "on", archiveCommand), Cancel);
        await primary.WaitReadyAsync(Limit, Cancel);
        for (var file = 0; file < 4; file++)
        {
            await left.AskAsync("select pg_logical_emit_message(false, 'test', 'a record'); select pg_switch_wal()");
        }

        await Hosting.Eventually.Holds(async () => (await primary.PrepareStopAsync(Limit, Cancel)).Contains(trouble, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_archiver_holds_up_the_stop_for_5_s_and_it_is_given_up()
    {
        await primary.StopAsync(StopMode.Fast, Limit, Cancel);
        await primary.StartAsync(With("archive_mode", "on", "sleep 30"), Cancel);
        await primary.WaitReadyAsync(Limit, Cancel);
        await StreamsAsync(left);

        (await primary.StandDownAsync("stolon_db2", Cancel)).Should().Contain("the archiver");
    }

    private static async Task<CollectedState> GoneAsync(PostgresInstance standby)
    {
        CollectedState? state = null;
        await Hosting.Eventually.Holds(async () => (state = await standby.CollectAsync(Cancel)).WalReceiver == WalReceiverState.Gone);
        return state!;
    }

    private static ConnInfo Source(PostgresFixture of, string name = "stolon_db2") => new("127.0.0.1", of.Port, "replicator", name);

    private static async Task StreamsAsync(PostgresFixture from) => await Hosting.Eventually.Holds(async () =>
        await from.ReadAsync("select count(*) from pg_stat_replication where state = 'streaming' and application_name like 'stolon_db%'") == "1");

    private static async Task StartStandbyAsync(PostgresInstance instance, PostgresFixture at, PostgresFixture of, string db = "db2")
    {
        var own = at.Configuration(instance);
        await instance.StartAsync(RecoverySettings.Following(new DbId(db), Source(of), instance.PassFile).With(own.Parameters, own.Hba), Cancel);
        await instance.WaitReadyAsync(Limit, Cancel);
    }

    private ServerConfiguration With(string name, string value, string? archiveCommand = null)
    {
        var configuration = left.Configuration(primary);
        var parameters = configuration.Parameters.With(name, value);
        return configuration with { Parameters = archiveCommand is null ? parameters : parameters.With("archive_command", archiveCommand) };
    }
}
