using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>
/// Whatever is killed or stands still at whatever step of a switchover: it is finished, refused or undone, nothing that was acknowledged is lost, and nobody
/// has to help (architecture, section 7).
/// </summary>
public sealed class SwitchoverStepsTests
{
    private static readonly string[] Phases = ["preparing", "draining", "stopping", "promoting"];

    [Theory, Trait("Rule", "S1"), Trait("Rule", "S12")]
    [InlineData("sentinel")]
    [InlineData("target")]
    [InlineData("proxy")]
    [InlineData("store")]
    public Task Nothing_is_lost_in_asynchronous_mode(string victim) =>
        WalkAsync($"steps_{victim}", synchronous: false, Steps(Phases, victim));

    [Fact, Trait("Rule", "S1"), Trait("Rule", "S12")]
    public Task Nothing_is_lost_in_asynchronous_mode_when_the_source_is_lost_once_it_has_stopped() =>
        WalkAsync("steps_stopped", synchronous: false, Steps(["promoting"], "source"));

    [Fact, Trait("Rule", "S2"), Trait("Rule", "S12")]
    public Task Nothing_is_lost_in_synchronous_mode_whenever_the_source_is() =>
        WalkAsync("steps_source", synchronous: true, Steps(Phases, "source"));

    private static SwitchoverStep[] Steps(string[] phases, string victim) =>
        [.. phases.SelectMany(phase => new[] { false, true }.Select(isFrozen => new SwitchoverStep(phase, victim, isFrozen)))];

    private static async Task WalkAsync(string name, bool synchronous, SwitchoverStep[] steps)
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var cluster = await StolonCluster.StartAsync(etcd, name, $""" "initMode": "new", {Synchronous.Spec(synchronous)} """, keepers: 3);
        cluster.StartSentinel("sentinel2");
        cluster.StartSecondProxy();
        await SwitchoverScene.ReadyAsync(cluster, synchronous);
        await using var client = await Client.StartAsync(cluster);
        var did = new List<string>();
        try
        {
            foreach (var step in steps)
            {
                did.Add($"{step}: ");
                did.Add(await step.HappenAsync(cluster, etcd));
                await client.WritesAsync();
                await SwitchoverScene.ReadyAsync(cluster, synchronous);
            }

            await client.NothingLostAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{string.Concat(did)}\n{cluster.Said}", exception);
        }

        TestContext.Current.SendDiagnosticMessage(string.Concat(did));
    }
}
