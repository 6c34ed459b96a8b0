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

    public static SettingsQuestion Question(string id) => new() { Id = new QuestionId(id) };

    public static Decision Decision(int number) =>
        new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(number), "s1", "Kind", $"decision {number}");

    public static readonly ImmutableArray<Decision> NoDecisions = [];
}
