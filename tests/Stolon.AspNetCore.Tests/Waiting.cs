using System.Net;

namespace Stolon.AspNetCore.Tests;

/// <summary>Waits for what a node says, with a bound.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static Task UntilReadyAsync(Node node, HashSet<string>? heard = null) => UntilAsync(async () =>
    {
        var (status, text) = await node.GetAsync("/readyz");
        heard?.UnionWith(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return status == HttpStatusCode.OK;
    });

    public static async Task UntilAsync(Func<Task<bool>> isReached)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await isReached())
        {
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(Limit);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
