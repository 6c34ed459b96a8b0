using System.Diagnostics;
using Npgsql;
using QuickStart.Demo;
using Stolon.Cluster;
using Stolon.Planning;

namespace Stolon.Integration.EndToEnd;

/// <summary>What a client sees when parts of a cluster die.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FailoverTests(AsynchronousCluster fixture) : IClassFixture<AsynchronousCluster>
{
    private readonly TestCluster cluster = fixture.Cluster;

    [Fact]
    public async Task Writes_come_back_in_place_when_only_the_postmaster_is_killed()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        var postmaster = cluster.PostmasterOf(primary);
        await using var writer = new Writer(cluster.Database, TimeProvider.System);
        await writer.StartAsync(TestContext.Current.CancellationToken);

        Processes.Signal("KILL", postmaster);

        await WritesAsync(writer);
        (await cluster.PrimaryAsync()).Should().Be(primary, "its keeper restarts it: nobody else need take over");
        cluster.PostmasterOf(primary).Should().NotBe(postmaster);
    }

    [Fact]
    public async Task Another_keeper_takes_over_when_a_keeper_and_its_PostgreSQL_are_killed_and_the_old_one_comes_back_as_a_standby()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        await using var writer = new Writer(cluster.Database, TimeProvider.System);
        await writer.StartAsync(TestContext.Current.CancellationToken);

        cluster.KillHost(primary);

        await cluster.UntilAsync("another primary", status => status.IsAvailable && status.PrimaryKeeper?.Value != primary);
        await WritesAsync(writer);
        await cluster.HealAsync();
        (await cluster.PrimaryAsync()).Should().NotBe(primary);
    }

    [Fact]
    [Trait("Rule", "S4")]
    public async Task PostgreSQL_does_not_outlive_its_keeper_with_a_busy_session_on_it_either()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        await using var connection = cluster.Database.Connection();
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("select count(*) from generate_series(1, 100000000000)", connection) { CommandTimeout = 0 };
        var busy = command.ExecuteScalarAsync(TestContext.Current.CancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        Processes.Signal("KILL", cluster.Pid(primary));

        await cluster.UntilAsync("the end of PostgreSQL", () => Task.FromResult(cluster.PostgresOf(primary).Length == 0), TimeSpan.FromSeconds(5));
        TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(2.5));
        await FluentActions.Awaiting(() => busy).Should().ThrowAsync<NpgsqlException>();
    }

    [Fact]
    [Trait("Rule", "S4")]
    public async Task PostgreSQL_of_a_frozen_keeper_is_gone_before_another_is_elected()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        var keeper = cluster.Pid(primary);
        Processes.Signal("STOP", keeper);
        try
        {
            var wasGone = false;
            await cluster.UntilAsync("another primary", async () =>
            {
                // First the processes, then the status: it was gone in time only if a status read later still names it.
                var isGone = cluster.PostgresOf(primary).Length == 0;
                var now = (await cluster.AskAsync()).Status?.PrimaryKeeper?.Value;
                wasGone |= isGone && now == primary;
                return now is not null && now != primary;
            });
            wasGone.Should().BeTrue("the old primary must be down when another is elected");
        }
        finally
        {
            Processes.Signal("CONT", keeper);
        }

        await cluster.HealAsync();
    }

    [Fact]
    [Trait("Rule", "S1")]
    [Trait("Rule", "X5")]
    public async Task A_frozen_proxy_holds_the_new_primary_back_until_it_has_surely_closed_and_never_are_two_reached()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        var proxy = cluster.Pid("proxy2");
        await using var routes = new RouteWatch(cluster, "proxy", "proxy2");
        await cluster.UntilAsync("answers", () => Task.FromResult(routes.HasAnswers));
        var start = TimeProvider.System.GetTimestamp();
        Processes.Signal("STOP", proxy);
        try
        {
            await cluster.AdministerAsync(administration => administration.FailKeeperAsync(new KeeperId(primary), TestContext.Current.CancellationToken));
            await cluster.UntilAsync("another primary", status => status.PrimaryKeeper?.Value != primary && status.PrimaryKeeper is not null);
            await cluster.UntilAsync("clients at the new primary, though a proxy is frozen", status => status.IsAvailable);

            // Its last good check began at most a second before it was frozen, and it need not have closed before its proxyTimeout of 4 s.
            TimeProvider.System.GetElapsedTime(start).Should().BeGreaterThan(TimeSpan.FromSeconds(3));
        }
        finally
        {
            Processes.Signal("CONT", proxy);
        }

        await cluster.HealAsync();
        await routes.NeverTwoAsync();
    }

    [Fact]
    [Trait("Rule", "Q29")]
    [Trait("Rule", "S12")]
    public async Task A_process_that_is_frozen_inside_a_write_of_the_store_lets_nobody_be_taken_for_dead()
    {
        await cluster.HealAsync();
        var (before, start) = (await cluster.PrimaryAsync(), TimeProvider.System.GetUtcNow());

        await cluster.LockStoreAsync(2 * TestCluster.FailInterval);

        await cluster.HealAsync();
        (await cluster.PrimaryAsync()).Should().Be(before);
        (await cluster.AskAsync()).History.Should().NotContain(decision => decision.Time > start && decision.Kind == nameof(Reason.PrimaryElected));
    }

    [Fact]
    public async Task The_psql_command_that_is_shown_works_as_it_is()
    {
        await cluster.HealAsync();

        using var psql = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{cluster.Database.PsqlCommand} -Atc 'select current_user, current_database()'"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var answer = await psql.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await psql.WaitForExitAsync(TestContext.Current.CancellationToken);

        answer.Trim().Should().Be("app|app");
    }

    private async Task WritesAsync(Writer writer)
    {
        var wanted = writer.Count + 20;
        await cluster.UntilAsync("acknowledged rows", () => Task.FromResult(writer.Count >= wanted));
    }
}
