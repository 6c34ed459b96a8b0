using System.Text.Json.Nodes;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>
/// Evidence beats silence: where the ports of the dead refuse, nobody waits. What must be found by evidence runs with intervals so long that silence
/// would not end before the test gives up.
/// </summary>
public sealed class EvidenceTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    private const string Refused = "both refused connections, twice, as found by keeper";
    private const string Silent = "was not heard for longer than failInterval";

    /// <summary>Silence is no help here.</summary>
    private const string PatientTiming = """ "sleepInterval": "1s", "failInterval": "20m", "proxyCheckInterval": "1s", "proxyTimeout": "16m", "convergenceTimeout": "20s" """;

    [Theory, Trait("Rule", "O7"), Trait("Rule", "N4"), Trait("Rule", "S4")]
    [InlineData("together")]
    [InlineData("keeper")]
    public async Task When_the_primarys_keeper_and_PostgreSQL_are_killed_a_standby_takes_over_without_waiting_for_silence(string killed)
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, $"evidence_{killed}", """ "initMode": "new" """, keepers: 3, timing: PatientTiming);
        var old = await StreamingAsync(cluster, standbys: 2);
        await using var client = await Client.StartAsync(cluster);

        // Of a keeper that is killed alone the guard ends PostgreSQL.
        await (killed == "keeper" ? cluster.KillAsync($"keeper{old}") : cluster.KillHostAsync(old));

        await client.WritesAsync();
        (await cluster.PrimaryAsync()).Should().NotBe(old);
        await SaysAsync(cluster, Refused);
        cluster.StartKeeper(old);
        await cluster.StandbysFollowAsync(2);
    }

    [Fact, Trait("Rule", "Q30"), Trait("Rule", "X5"), Trait("Rule", "S1"), Trait("Rule", "S2")]
    public async Task When_a_node_dies_with_primary_leader_and_proxy_the_next_leader_goes_on_with_what_was_found_and_waits_for_no_dead_proxy()
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, "evidence_node", $""" "initMode": "new", {Synchronous.Spec(true)} """, keepers: 3, timing: PatientTiming);
        var old = await StreamingAsync(cluster, standbys: 2);
        await cluster.UntilAsync(
            async () => (await cluster.DocumentAsync()) is var document
                && document["dbs"]![(string)document["cluster"]!["status"]!["master"]!]!["status"]!["synchronousStandbys"] is JsonArray { Count: 1 },
            "a standby is known to be in sync");
        cluster.StartSentinel("sentinel2");
        cluster.StartSecondProxy("proxy2");
        await cluster.UntilAsync(
            async () => (await cluster.DocumentAsync())["proxy"]!["spec"]!["enabledProxies"]!.AsArray().Count == 2
                && (await cluster.StatusAsync())["sentinels"]!.AsArray().Count == 2,
            "two proxies are enabled and two sentinels are there");
        await using var client = await Client.StartAsync(cluster);

        await Task.WhenAll(cluster.KillHostAsync(old), cluster.KillAsync("sentinel"), cluster.KillAsync("proxy2"));

        await client.WritesAsync();
        (await cluster.PrimaryAsync()).Should().NotBe(old);
        await SaysAsync(cluster, Refused);
        await client.NothingLostAsync();
    }

    [Fact, Trait("Rule", "O7"), Trait("Rule", "S4")]
    public async Task A_host_that_stands_still_refuses_nothing_and_is_judged_by_its_silence()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "evidence_frozen", """ "initMode": "new" """);
        var old = await StreamingAsync(cluster, standbys: 1);
        await using var client = await Client.StartAsync(cluster);

        cluster.FreezeHost(old);

        await client.WritesAsync();
        (await cluster.PrimaryAsync()).Should().NotBe(old);
        await SaysAsync(cluster, Silent);
        cluster.ThawHost(old);
        await cluster.StandbysFollowAsync(1);
    }

    [Fact, Trait("Rule", "M10"), Trait("Rule", "O7")]
    public async Task Where_the_specification_does_not_want_it_only_silence_counts()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "evidence_off", """ "initMode": "new", "failOnRefusal": false """);
        var old = await StreamingAsync(cluster, standbys: 1);
        await using var client = await Client.StartAsync(cluster);

        await cluster.KillHostAsync(old);

        await client.WritesAsync();
        await SaysAsync(cluster, Silent);
        (await cluster.CtlAsync("history")).Out.Should().NotContain(Refused);
    }

    /// <summary>Waits for a cluster in which everybody who would take over is ready, and everybody is connected who would find a death.</summary>
    private static async Task<int> StreamingAsync(StolonCluster cluster, int standbys)
    {
        await cluster.WritableAsync();
        await cluster.StandbysFollowAsync(standbys);
        await cluster.ReliableAsync(standbys + 1);
        return await cluster.PrimaryAsync();
    }

    private static async Task SaysAsync(StolonCluster cluster, string reason) =>
        (await cluster.CtlAsync("history")).ShouldSucceed().Out.Should().Contain(reason);
}
