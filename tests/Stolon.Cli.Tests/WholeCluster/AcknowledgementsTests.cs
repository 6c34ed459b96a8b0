namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>The clients that look for lost rows find them where rows are lost.</summary>
public sealed class AcknowledgementsTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Fact]
    public async Task Rows_that_an_asynchronous_failover_loses_are_missed()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "losing", """ "initMode": "new", "maxStandbyLag": 1000000000 """);
        await cluster.ReliableAsync(2);
        await using var clients = new Acknowledgements(cluster, seed: 1);
        await clients.StartAsync();
        await clients.GoesOnAsync();
        var primary = await cluster.PrimaryAsync();

        cluster.FreezePostgres(primary, "walsender");
        await clients.GoesOnAsync();
        await cluster.KillAsync($"keeper{primary}");
        await clients.GoesOnAsync();
        await clients.VerifyAsync();

        clients.Missing.Should().NotBeEmpty();
    }
}
