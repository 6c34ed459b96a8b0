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

    [LoggerMessage(4010, LogLevel.Debug, "Sentinel {Sentinel} holds the leadership.")]
    public static partial void LeadershipTaken(this ILogger logger, SentinelId sentinel);

    [LoggerMessage(4011, LogLevel.Warning, "Sentinel {Sentinel} has lost the leadership.")]
    public static partial void LeadershipLost(this ILogger logger, SentinelId sentinel);
}
