using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Stores;

namespace Stolon.Integration.Postgres;

/// <summary>The end of a keeper is the end of its PostgreSQL, in the time that the host gives.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "K6")]
public sealed class KeeperStopTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_PostgreSQL_that_does_not_stop_is_killed_when_the_time_of_the_host_is_over()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        using var keeper = new KeeperService(Settings(fixture), new InMemoryClusterStore(TimeProvider.System), TimeProvider.System, NullLogger<KeeperService>.Instance);
        await keeper.StartAsync(Cancel);
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        EndToEnd.Processes.Signal("STOP", await fixture.PostmasterAsync());
        using var hostTime = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        var start = TimeProvider.System.GetTimestamp();
        await keeper.StopAsync(hostTime.Token);

        TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(6), "a clean and then an immediate stop may take 8 s each");
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "K27")]
    public async Task Data_that_is_looked_into_when_the_keeper_gives_up_is_left_without_a_postmaster_at_once()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        PostgresFixture.Owner.Create(Path.Combine(fixture.PgData, "standby.signal"), []);
        using var gaveUp = new CancellationTokenSource();
        // It never becomes ready, and frozen it does not stop either.
        var capture = instance.CaptureAsync(fixture.Configuration(instance).Parameters.With("hot_standby", "off"), Limit, gaveUp.Token);
        EndToEnd.Processes.Signal("STOP", await fixture.PostmasterAsync());

        await gaveUp.CancelAsync();
        var end = () => capture.WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        await end.Should().ThrowAsync<OperationCanceledException>();
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    private static KeeperSettings Settings(PostgresFixture fixture) =>
        new()
        {
            ClusterName = "orders",
            DataDirectory = fixture.DataDirectory,
            ListenAddress = "127.0.0.1",
            Port = fixture.Port,
            AdvertiseAddress = "127.0.0.1",
            AdvertisePort = fixture.Port,
            RunAsUser = Environment.IsPrivilegedProcess ? "postgres" : null,
            Superuser = new PostgresCredentials("postgres", "scram-sha-256", "secret"),
            Replication = new PostgresCredentials("replicator", "scram-sha-256", "secret too"),
        };
}
