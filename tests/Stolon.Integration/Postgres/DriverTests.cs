using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;

namespace Stolon.Integration.Postgres;

/// <summary>The hands on a real PostgreSQL.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
public sealed class DriverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "K25")]
    [Trait("Rule", "PG1")]
    [Trait("Rule", "PG3")]
    public async Task A_fresh_cluster_starts_answers_applies_a_parameter_and_stops_with_nothing_left()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Primary));

        var configuration = fixture.Configuration(instance);
        await instance.StartAsync(configuration, Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        await instance.ApplyAsync(configuration with { Parameters = configuration.Parameters.With("work_mem", "8MB") }, Cancel);

        var collected = await instance.CollectAsync(Cancel);
        collected.Role.Should().Be(Role.Primary);
        collected.TimelineId.Should().Be(1);
        collected.ConfiguredParameters["work_mem"].Should().Be("8MB");
        await instance.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);
        instance.Inspect().Running.Should().BeFalse();
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "K24")]
    [Trait("Rule", "M4")]
    public async Task Slots_of_ours_are_made_and_dropped_and_others_are_left()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);

        await fixture.AskAsync("select pg_create_physical_replication_slot('of_somebody_else')");

        await instance.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db2", "stolon_db3" }, Cancel);
        (await instance.CollectAsync(Cancel)).PhysicalSlots.Should().BeEquivalentTo("stolon_db2", "stolon_db3", "of_somebody_else");
        await instance.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db3" }, Cancel);

        (await instance.CollectAsync(Cancel)).PhysicalSlots.Should().BeEquivalentTo("stolon_db3", "of_somebody_else");
    }

    [Fact]
    [Trait("Rule", "S4")]
    public async Task The_guard_kills_PostgreSQL_at_the_deadline_that_nobody_renewed()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);

        instance.SetDeadline(BootTimeProvider.Instance.Now() + TimeSpan.FromSeconds(2));
        await instance.Exited.WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "Q42")]
    public async Task When_the_guard_itself_is_killed_a_stop_still_leaves_nothing()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        var postmaster = int.Parse((await File.ReadAllLinesAsync(Path.Combine(fixture.DataDirectory, "postgres", "postmaster.pid"), Cancel))[0], System.Globalization.CultureInfo.InvariantCulture);

        EndToEnd.Processes.Signal("KILL", EndToEnd.Processes.Parent(postmaster)!.Value);
        await instance.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(20), Cancel);

        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
    }
}
