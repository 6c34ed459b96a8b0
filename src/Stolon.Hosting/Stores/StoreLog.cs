using Microsoft.Extensions.Logging;
using Stolon.Cluster;

namespace Stolon.Hosting.Stores;

/// <summary>What the stores say: each change once.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(4000, LogLevel.Warning, "The store is not available ({Activity}): {Reason}")]
    public static partial void StoreUnavailable(this ILogger logger, string activity, string reason);

    [LoggerMessage(4001, LogLevel.Information, "The store {Path} is available again ({Activity}).")]
    public static partial void StoreAvailable(this ILogger logger, string path, string activity);

    [LoggerMessage(4002, LogLevel.Information, "Made a new store {Path}.")]
    public static partial void StoreCreated(this ILogger logger, string path);

    [LoggerMessage(4003, LogLevel.Warning, "The store {Path} is another one than before: its file was replaced.")]
    public static partial void StoreReplaced(this ILogger logger, string path);

    [LoggerMessage(4004, LogLevel.Debug, "Removed the expired report of {Kind} {Uid}.")]
    public static partial void ReportExpired(this ILogger logger, ReportKind kind, string uid);

    [LoggerMessage(4005, LogLevel.Warning, "No change notices for {Folder}: {Reason} Changes are noticed every {Interval} only.")]
    public static partial void NoChangeNotices(this ILogger logger, string folder, string reason, TimeSpan interval);

    [LoggerMessage(4006, LogLevel.Debug, "Opening the store {Path} failed: {Reason}")]
    public static partial void StoreOpenFailed(this ILogger logger, string path, string reason);

    [LoggerMessage(4007, LogLevel.Warning, "etcd has no authentication: the user {User} is not used until it has.")]
    public static partial void EtcdWithoutAuthentication(this ILogger logger, string user);

    [LoggerMessage(4008, LogLevel.Warning,
        "{Member} belongs to another etcd cluster ({Now}) than the one that answered before ({Before}) and has been silent since. From now on that one counts.")]
    public static partial void EtcdIsAnother(this ILogger logger, string member, string before, string now);

    [LoggerMessage(4009, LogLevel.Warning, "No change notices from etcd: {Reason} It is tried again; changes are noticed at the intervals only.")]
    public static partial void NoEtcdWatch(this ILogger logger, string reason);

    [LoggerMessage(4010, LogLevel.Debug, "Sentinel {Sentinel} holds the leadership.")]
    public static partial void LeadershipTaken(this ILogger logger, SentinelId sentinel);

    [LoggerMessage(4011, LogLevel.Warning, "Sentinel {Sentinel} has lost the leadership.")]
    public static partial void LeadershipLost(this ILogger logger, SentinelId sentinel);
}
