using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>Short names for test data.</summary>
internal static class A
{
    public static ClusterData Document(long revision = 0) =>
        new() { Cluster = new ClusterRecord { Uid = "c1" }, Revision = revision };

    public static KeeperReport Keeper(string uid, string infoUid = "i") => new() { InfoUid = infoUid, Uid = new KeeperId(uid) };

    public static ProxyReport Proxy(string uid, string infoUid = "i") => new() { InfoUid = infoUid, Uid = new ProxyId(uid) };

    public static SentinelReport Sentinel(string uid) => new() { Uid = new SentinelId(uid) };

    public static Decision Decision(int number) =>
        new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(number), "s1", "Kind", $"decision {number}");

    public static readonly ImmutableArray<Decision> NoDecisions = [];
}

/// <summary>Waits with a bound.</summary>
internal static class Wait
{
    /// <summary>A guard against tests that never end; nothing is measured with it.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a condition.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? atMost = null, string because = "")
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(since) > (atMost ?? Long))
            {
                throw new TimeoutException($"Did not happen in time: {because}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>Waits for a condition.</summary>
    public static Task UntilAsync(Func<bool> condition, TimeSpan? atMost = null, string because = "") =>
        UntilAsync(() => Task.FromResult(condition()), atMost, because);
}
