using System.Globalization;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;

namespace Stolon.Integration.Postgres;

/// <summary>PostgreSQL outlives neither its keeper's end nor its keeper's silence, also when the machine can make no more processes.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "S4")]
public sealed class GuardTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guard_that_can_make_no_more_processes_lets_PostgreSQL_run_and_still_ends_it_at_the_deadline()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(Limit, Cancel);
        instance.SetDeadline(BootTimeProvider.Instance.Now() + TimeSpan.FromHours(1));

        await ForbidProcessesAsync(Shells(fixture));
        await Hosting.Eventually.Holds(
            () => Shells(fixture).SelectMany(shell => EndToEnd.Processes.Tree(shell)[1..]).All(IsPostgres));
        instance.Inspect().Running.Should().BeTrue();
        instance.SetDeadline(BootTimeProvider.Instance.Now() + TimeSpan.FromSeconds(1));

        await instance.Exited.WaitAsync(Limit, Cancel);
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();

        bool IsPostgres(int process) => EndToEnd.Processes.Of(fixture.PgData).Contains(process) || Shells(fixture).Contains(process);
    }

    [Fact]
    public async Task A_guard_that_can_make_no_more_processes_still_ends_a_frozen_PostgreSQL_when_the_keeper_ends()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        using var guard = StartGuard(fixture, instance);
        var postmaster = await fixture.PostmasterAsync();

        await ForbidProcessesAsync(Shells(fixture));
        EndToEnd.Processes.Signal("STOP", postmaster);
        guard.Release();

        await guard.Exited.WaitAsync(Limit, Cancel);
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    [Fact]
    public async Task When_the_part_of_the_guard_that_watches_the_keeper_is_killed_PostgreSQL_ends()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        using var guard = StartGuard(fixture, instance);
        await fixture.PostmasterAsync();

        // The lessor has a nap for a child, the watcher has none.
        int[] watcher = [];
        await Hosting.Eventually.Holds(
            () => (watcher = [.. Shells(fixture).Where(shell => EndToEnd.Processes.Tree(shell).Length == 1)]).Length == 1);
        EndToEnd.Processes.Signal("KILL", watcher);

        await guard.Exited.WaitAsync(Limit, Cancel);
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    private static Guard StartGuard(PostgresFixture fixture, PostgresInstance instance)
    {
        var folder = new DataFolder(fixture.DataDirectory);
        ServerFiles.Write(fixture.PgData, fixture.Configuration(instance), PostgresFixture.Owner);
        return Guard.Start(
            folder, fixture.PgData, null, PostgresFixture.Owner, [fixture.Program("postgres"), "-D", fixture.PgData], TimeProvider.System);
    }

    /// <summary>The guard itself, its watcher and its lessor.</summary>
    private static int[] Shells(PostgresFixture fixture) => [.. EndToEnd.Processes.Mentioning(new DataFolder(fixture.DataDirectory).Guard)];

    /// <summary>From now on each of them fails to fork, as where pids.max is reached.</summary>
    private static async Task ForbidProcessesAsync(int[] processes)
    {
        processes.Should().HaveCountGreaterThanOrEqualTo(3);
        foreach (var process in processes)
        {
            string[] arguments = ["--pid", process.ToString(CultureInfo.InvariantCulture), "--nproc=0:0"];
            var result = await PostgresProgram.RunAsync(PostgresFixture.Owner, "/", "prlimit", arguments, null, null, Cancel);
            result.Errors.Should().BeEmpty();
        }
    }
}
