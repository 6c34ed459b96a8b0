using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>What holds of a cluster that was just made: who may log in, what is in force, what is refused, and how long it is asked.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
public sealed class FreshClusterTests
{
    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "K29")]
    [Trait("Rule", "Q17")]
    public async Task It_has_a_superuser_and_a_replication_user_whose_passwords_are_stored_as_SCRAM()
    {
        await using var fixture = new PostgresFixture();
        await RunAsync(fixture);

        (await RowAsync(fixture, "select rolcanlogin, rolreplication, rolsuper, left(rolpassword, 13) from pg_authid where rolname = 'replicator'"))
            .Should().Equal(true, true, false, "SCRAM-SHA-256");
        (await RowAsync(fixture, "select rolcanlogin, rolsuper, left(rolpassword, 13) from pg_authid where rolname = 'postgres'"))
            .Should().Equal(true, true, "SCRAM-SHA-256");
    }

    [Fact]
    [Trait("Rule", "K22")]
    public async Task When_a_configuration_is_applied_it_is_in_force_and_what_waits_for_a_restart_is_known()
    {
        await using var fixture = new PostgresFixture();
        var instance = await RunAsync(fixture);
        var configuration = fixture.Configuration(instance);
        (await instance.CollectAsync(Cancel)).PendingRestart.Should().BeFalse();

        var parameters = configuration.Parameters.With("max_connections", "101").With("work_mem", "9MB");
        await instance.ApplyAsync(configuration with { Parameters = parameters }, Cancel);

        (await RowAsync(fixture, "show work_mem")).Should().Equal("9MB");
        (await instance.CollectAsync(Cancel)).PendingRestart.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "G8")]
    public async Task ALTER_SYSTEM_fails()
    {
        await using var fixture = new PostgresFixture();
        await RunAsync(fixture);

        var alter = () => fixture.AskAsync("alter system set work_mem = '9MB'");

        await alter.Should().ThrowAsync<PostgresException>();
        new FileInfo(Path.Combine(fixture.PgData, "postgresql.auto.conf")).LinkTarget.Should().Be("/dev/null");
    }

    [Fact]
    [Trait("Rule", "PG2")]
    [Trait("Rule", "PG7")]
    public async Task A_frozen_PostgreSQL_runs_and_is_not_asked_for_ever()
    {
        await using var fixture = new PostgresFixture();
        var instance = await RunAsync(fixture);
        await instance.CollectAsync(Cancel);
        EndToEnd.Processes.Signal("STOP", EndToEnd.Processes.Of(fixture.PgData));
        try
        {
            var ask = () => instance.CollectAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

            await ask.Should().ThrowAsync<PostgresInstanceException>();
            instance.Inspect().Running.Should().BeTrue();
        }
        finally
        {
            EndToEnd.Processes.Signal("CONT", EndToEnd.Processes.Of(fixture.PgData));
        }
    }

    [Fact]
    [Trait("Rule", "K18")]
    [Trait("Rule", "PG5")]
    public async Task Its_role_is_what_its_signal_file_says_and_data_of_which_a_part_is_missing_has_none()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        instance.Inspect().Should().Be(new InstanceState(Initialized: false, Running: false, LocalRole: null));

        fixture.PretendData();
        instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Primary));
        PostgresFixture.Owner.Create(Path.Combine(fixture.PgData, "standby.signal"), []);
        instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Standby));

        Directory.Delete(Path.Combine(fixture.PgData, "pg_twophase"));
        instance.Inspect().Should().Be(new InstanceState(Initialized: false, Running: false, LocalRole: null));
    }

    private static async Task<PostgresInstance> RunAsync(PostgresFixture fixture)
    {
        var instance = await fixture.CreateAsync();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);
        return instance;
    }

    private static async Task<List<object>> RowAsync(PostgresFixture fixture, string question)
    {
        await using var source = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={fixture.Port};Username=postgres;Password=secret;Database=postgres;Pooling=false");
        await using var asked = source.CreateCommand(question);
        await using var rows = await asked.ExecuteReaderAsync(Cancel);
        (await rows.ReadAsync(Cancel)).Should().BeTrue();
        return [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetValue)];
    }
}
