using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>An old primary that has rows which the new one never got comes back by pg_rewind.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
public sealed class RewindTests : IAsyncLifetime
{
    private readonly PostgresFixture left = new();
    private readonly PostgresFixture right = new();
    private PostgresInstance old = null!;
    private PostgresInstance promoted = null!;
    private bool changed;
    private string systemId = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Two servers that have parted: the old one with a row of its own, the promoted one with another.</summary>
    public async ValueTask InitializeAsync()
    {
        old = await left.CreateAsync();
        await old.StartAsync(Primary(left, old), Cancel);
        await old.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await left.AskAsync("create table t as select 'both' as who");
        await old.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db2" }, Cancel);
        promoted = await right.OpenAsync();
        var source = new ConnInfo("127.0.0.1", left.Port, "replicator", "stolon_db2");
        systemId = (await old.CollectAsync(Cancel)).SystemId;
        await promoted.CopyAsync(new CopyRequest(source, "secret too", "stolon_db2", systemId), new Progress(), Cancel);
        await promoted.StartAsync(RecoverySettings.Following(new DbId("db2"), source, promoted.PassFile).With(Primary(right, promoted).Parameters, Primary(right, promoted).Hba), Cancel);
        await promoted.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await promoted.PromoteAsync(TimeSpan.FromSeconds(30), Cancel);
        await promoted.ApplyAsync(Primary(right, promoted), Cancel);
        await promoted.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db3" }, Cancel);
        await left.AskAsync("insert into t values ('old alone')");
        await right.AskAsync("insert into t values ('promoted alone')");
    }

    public async ValueTask DisposeAsync()
    {
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Theory]
    [Trait("Rule", "R3")]
    [InlineData(StopMode.Fast)]
    [InlineData(StopMode.Kill)]
    internal async Task It_gets_the_promoted_ones_rows_and_loses_its_own_however_it_ended(StopMode how)
    {
        await old.StopAsync(how, TimeSpan.FromSeconds(20), Cancel);

        var found = await old.RewindAsync(Request(right.Port), () => changed = true, new Progress(), Cancel);

        found.Should().NotBeNull();
        found!.Role.Should().Be(Role.Standby);
        found.TimelineId.Should().Be(2);
        changed.Should().BeTrue();
        await old.StartAsync(Following(right.Port).With(Primary(left, old).Parameters, Primary(left, old).Hba), Cancel);
        await old.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await Hosting.Eventually.Holds(async () => await WhoAsync(left) == "both,promoted alone");
    }

    [Fact]
    [Trait("Rule", "R3")]
    [Trait("Rule", "S5")]
    public async Task A_source_that_is_not_there_is_told_before_anything_changed()
    {
        await old.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);
        await promoted.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);

        await old.Awaiting(one => one.RewindAsync(Request(right.Port), () => changed = true, new Progress(), Cancel))
            .Should().ThrowAsync<PostgresInstanceException>().WithMessage("*cannot be rewound from as postgres*");

        changed.Should().BeFalse();
        await ServesAsBeforeAsync();
    }

    [Fact]
    [Trait("Rule", "R3")]
    [Trait("Rule", "S5")]
    public async Task Data_that_pg_rewind_cannot_read_is_told_before_anything_changed()
    {
        await old.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);
        var wal = Directory.GetFiles(Path.Combine(left.PgData, "pg_wal"), "0000000100000000????????");
        wal.ToList().ForEach(file => File.Move(file, file + ".away"));

        await old.Awaiting(one => one.RewindAsync(Request(right.Port), () => changed = true, new Progress(), Cancel))
            .Should().ThrowAsync<PostgresInstanceException>().WithMessage("*pg_rewind failed*");

        changed.Should().BeFalse();
        wal.ToList().ForEach(file => File.Move(file + ".away", file));
        await ServesAsBeforeAsync();
    }

    [Fact]
    [Trait("Rule", "R5")]
    public async Task One_that_does_not_become_ready_in_time_is_told_so()
    {
        await old.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);
        var hasty = Request(right.Port) with { ReadyLimit = TimeSpan.Zero };

        (await old.RewindAsync(hasty, () => changed = true, new Progress(), Cancel)).Should().BeNull();

        changed.Should().BeTrue();
        old.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Standby), "an incomplete copy never starts as a primary");
    }

    private static ServerConfiguration Primary(PostgresFixture fixture, PostgresInstance instance)
    {
        var configuration = fixture.Configuration(instance);
        return configuration with { Parameters = configuration.Parameters.With("wal_log_hints", "on") };
    }

    private static async Task<string> WhoAsync(PostgresFixture fixture)
    {
        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={fixture.Port};Username=postgres;Password=secret;Database=postgres");
        await using var command = source.CreateCommand("select string_agg(who, ',' order by who) from t");
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private RecoverySettings Following(int port) =>
        RecoverySettings.Following(new DbId("db3"), new ConnInfo("127.0.0.1", port, "replicator", ""), old.PassFile);

    private RewindRequest Request(int port)
    {
        var parameters = Following(right.Port).With(Primary(left, old).Parameters, []).Parameters;
        return new RewindRequest(new ConnInfo("127.0.0.1", port, "postgres", "stolon_db3"), "secret", systemId, parameters, TimeSpan.FromSeconds(30));
    }

    private async Task ServesAsBeforeAsync()
    {
        await old.StartAsync(Primary(left, old), Cancel);
        await old.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        (await WhoAsync(left)).Should().Be("both,old alone");
    }

    private sealed class Progress : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value)
        {
            // Nobody looks.
        }
    }
}
