using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Stolon.AspNetCore.Tests;

/// <summary>A whole cluster whose store takes calls and never answers: which loops wait for it without a bound is said, and no other.</summary>
public sealed class HangingStoreTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    [Trait("Rule", "S12")]
    public async Task Only_loops_that_really_hang_are_named_and_clients_are_safe_without_them()
    {
        var time = new JumpingTime();
        AlteredStore store = null!;
        await using var node = await Node.StartAsync(services =>
        {
            services.AddSingleton<TimeProvider>(time);
            folder.WholeCluster(services);
            store = AlteredStore.Over(services, TestFolder.Cluster, time);
        });
        await Waiting.UntilReadyAsync(node);

        store.Hang();
        await Waiting.UntilAsync(async () =>
            (await node.GetAsync("/readyz")).Text.Contains("keeper keeper1: PostgreSQL does not run", StringComparison.Ordinal));
        time.Jump(TimeSpan.FromMinutes(5));

        // Whatever else advances has its turn after the jump and is not named.
        var expected = new Regex(
            @"^whole: keeper keeper1: the converging loop has not advanced for 3[0-9][0-9] s \(.*\)\nwhole: sentinel [0-9a-f]+: the planning loop has not advanced for 3[0-9][0-9] s \(.*\)\n$",
            RegexOptions.None,
            TimeSpan.FromSeconds(1));
        await Waiting.UntilAsync(async () =>
            await node.GetAsync("/livez") is (HttpStatusCode.ServiceUnavailable, var text) && expected.IsMatch(text));
    }

    public void Dispose() => folder.Dispose();
}
