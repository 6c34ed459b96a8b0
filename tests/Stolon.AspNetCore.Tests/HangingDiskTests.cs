using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Stolon.AspNetCore.Tests;

/// <summary>A data directory whose file system takes calls and does not answer: a pipe that nobody writes to behaves like it.</summary>
public sealed class HangingDiskTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_start_that_hangs_is_named_and_the_other_roles_start_without_it()
    {
        await using (var first = await Node.StartAsync(folder.WholeCluster))
        {
            await Waiting.UntilReadyAsync(first);
        }

        var state = folder.KeeperState;
        File.Move(state, state + ".kept");
        Run("mkfifo", "-m", "666", state);
        var time = new JumpingTime();
        var (node, started) = await Node.BeginAsync(services =>
        {
            services.AddSingleton<TimeProvider>(time);
            folder.WholeCluster(services);
        });
        await using var end = node;
        var hangs = new Regex(
            @"\Awhole: keeper: the starting loop has not advanced for 3[0-9][0-9] s \(at most 30 s were expected\)\n\z", RegexOptions.None, TimeSpan.FromSeconds(1));
        try
        {
            await Waiting.UntilAsync(async () => (await node.GetAsync("/readyz")).Text.StartsWith("whole: keeper: it is starting\n", StringComparison.Ordinal));
            time.Jump(TimeSpan.FromMinutes(5));

            await Waiting.UntilAsync(async () =>
                await node.GetAsync("/livez") is (HttpStatusCode.ServiceUnavailable, var text) && hangs.IsMatch(text));
            (await node.GetAsync("/metrics")).Text.Should().Contain("stolon_sentinel_is_leader", "the sentinel runs");
        }
        finally
        {
            Run("cp", state + ".kept", state);
        }

        await started;
        (await node.GetAsync("/livez")).Should().Be((HttpStatusCode.OK, "ok\n"));
    }

    public void Dispose() => folder.Dispose();

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit(TimeSpan.FromSeconds(20)).Should().BeTrue();
        process.ExitCode.Should().Be(0);
    }
}
