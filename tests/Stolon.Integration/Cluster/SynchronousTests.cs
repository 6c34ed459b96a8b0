using QuickStart.Demo;

namespace Stolon.Integration.EndToEnd;

/// <summary>What a client may rely on when commits wait for a standby.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SynchronousTests(SynchronousCluster fixture) : IClassFixture<SynchronousCluster>
{
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(30);

    private readonly TestCluster cluster = fixture.Cluster;

    [Fact]
    [Trait("Rule", "S2")]
    public async Task No_acknowledged_row_is_lost_when_a_keeper_and_its_PostgreSQL_are_killed()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        await using var writer = new Writer(cluster.Database, TimeProvider.System);
        await writer.StartAsync(TestContext.Current.CancellationToken);
        await WritesAsync(writer);

        cluster.KillHost(primary);

        await cluster.UntilAsync("another primary", status => status.IsAvailable && status.PrimaryKeeper?.Value != primary);
        await WritesAsync(writer);
        await NothingLostAsync(writer);
        await cluster.HealAsync();
    }

    [Fact]
    [Trait("Rule", "S1")]
    [Trait("Rule", "S2")]
    [Trait("Rule", "S4")]
    public async Task A_primary_that_was_frozen_with_its_keeper_is_down_when_it_wakes_and_was_never_routed_beside_the_new_one()
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        await using var writer = new Writer(cluster.Database, TimeProvider.System);
        await writer.StartAsync(TestContext.Current.CancellationToken);
        await using var routes = new RouteWatch(cluster, "proxy", "proxy2");
        await WritesAsync(writer);
        var frozen = cluster.TreeOf(primary);

        var start = TimeProvider.System.GetTimestamp();
        Processes.Signal("STOP", frozen);
        TimeSpan untilDown;
        try
        {
            await cluster.UntilAsync("another primary", status => status.IsAvailable && status.PrimaryKeeper?.Value != primary);
            await WritesAsync(writer);
            await cluster.UntilAsync(
                "thirty seconds", () => Task.FromResult(TimeProvider.System.GetElapsedTime(start) > Freeze), Freeze + TestCluster.Slack);
        }
        finally
        {
            start = TimeProvider.System.GetTimestamp();
            Processes.Signal("CONT", frozen);
        }

        await cluster.UntilAsync(
            "the end of the old PostgreSQL", () => Task.FromResult(!frozen.Any(pid => pid != cluster.Pid(primary) && Processes.IsAlive(pid))), TestCluster.Slack);
        untilDown = TimeProvider.System.GetElapsedTime(start);
        await cluster.HealAsync();
        await WritesAsync(writer);
        await NothingLostAsync(writer);
        untilDown.Should().BeLessThan(TimeSpan.FromSeconds(3));
        await routes.NeverTwoAsync();
    }

    [Theory]
    [InlineData("sentinel")]
    [InlineData("proxy")]
    [InlineData("standby")]
    [InlineData("primary")]
    public async Task Whoever_is_frozen_for_a_moment_at_whatever_point_the_cluster_goes_on_afterwards(string role)
    {
        await cluster.HealAsync();
        var primary = await cluster.PrimaryAsync();
        var name = role switch
        {
            "primary" => primary,
            "standby" => cluster.Keepers.First(keeper => keeper != primary),
            _ => role,
        };
        await using var writer = new Writer(cluster.Database, TimeProvider.System);
        await writer.StartAsync(TestContext.Current.CancellationToken);

        // Several times, since the point at which a process writes to the store is met by chance.
        for (var round = 0; round < 5; round++)
        {
            Processes.Signal("STOP", cluster.Pid(name));
            await Task.Delay(TimeSpan.FromMilliseconds(700 + (round * 130)), TimeProvider.System, TestContext.Current.CancellationToken);
            Processes.Signal("CONT", cluster.Pid(name));
            await Task.Delay(TimeSpan.FromMilliseconds(50 + (round * 70)), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await cluster.HealAsync();
        await WritesAsync(writer);
        await NothingLostAsync(writer);
    }

    private async Task WritesAsync(Writer writer)
    {
        var wanted = writer.Count + 20;
        await cluster.UntilAsync("acknowledged rows", () => Task.FromResult(writer.Count >= wanted));
    }

    private static async Task NothingLostAsync(Writer writer)
    {
        await writer.StopAsync();
        var found = await writer.ReadAsync(TestContext.Current.CancellationToken);
        writer.Acknowledged.Where(number => !found.Contains(number)).Should().BeEmpty("every acknowledged row must be there");
    }
}
