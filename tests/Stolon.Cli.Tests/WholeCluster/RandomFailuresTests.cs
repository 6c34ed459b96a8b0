using System.Globalization;
using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>
/// Everything that a cluster consists of fails, one after the other, at random: what was acknowledged stays, and is never missing in between.
/// </summary>
public sealed class RandomFailuresTests
{
    private static readonly int Failures = int.Parse(Environment.GetEnvironmentVariable("STOLON_TEST_FAILURES") ?? "30", CultureInfo.InvariantCulture);

    private const string Spec = """ "initMode": "new", "synchronousReplication": true, "minSynchronousStandbys": 1, "usePgrewind": true """;

    [Fact, Trait("Rule", "S2"), Trait("Rule", "Q38")]
    public async Task With_a_synchronous_standby_no_acknowledged_row_is_lost_or_missing_in_between_whatever_fails()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("STOLON_TEST_SEED"), out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        await using var etcd = await EtcdServer.StartAsync(members: 3);
        await using var cluster = await StolonCluster.StartAsync(etcd, "random", Spec, keepers: 3);
        cluster.StartSentinel("sentinel2");
        await cluster.ReliableAsync(3);
        await using var clients = new Acknowledgements(cluster, seed);
        await clients.StartAsync();
        var did = new List<string>();
        var failure = new RandomFailure(cluster, etcd, random);
        try
        {
            for (var n = 0; n < Failures; n++)
            {
                await clients.GoesOnAsync();
                var began = TimeProvider.System.GetUtcNow();
                did.Add($"{began:HH:mm:ss} {await failure.HappenAsync()}");
            }

            await clients.GoesOnAsync();
            await cluster.ReliableAsync(3);
            await clients.VerifyAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}: {string.Join("; ", did)}\n{cluster.Said}", exception);
        }

        TestContext.Current.SendDiagnosticMessage(
            $"seed {seed}: {clients.Count} rows acknowledged, {clients.Cancelled} cancelled, {clients.Reads} reads; {string.Join("; ", did)}");
        clients.Missing.Should().BeEmpty($"of seed {seed}, {string.Join("; ", did)}");
        clients.Reads.Should().BePositive();
        clients.Cancelled.Should().BePositive();
    }
}
