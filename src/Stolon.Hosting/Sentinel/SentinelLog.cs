using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Sentinel;

/// <summary>The sentinel's log messages: ids 1000 to 1999.</summary>
internal static partial class SentinelLog
{
    [LoggerMessage(1001, LogLevel.Information, "Sentinel {Sentinel} leads {Cluster}.")]
    public static partial void Leads(this ILogger logger, string sentinel, string cluster);

    [LoggerMessage(1002, LogLevel.Warning, "Sentinel {Sentinel} lost the lead of {Cluster}.")]
    public static partial void LeadsNoMore(this ILogger logger, string sentinel, string cluster);

    [LoggerMessage(1003, LogLevel.Information, "Sentinel {Sentinel} stops and hands on the lead of {Cluster}.")]
    public static partial void HandsOn(this ILogger logger, string sentinel, string cluster);

    [LoggerMessage(1004, LogLevel.Debug, "The campaign for the lead of {Cluster} failed; it is tried again.")]
    public static partial void CampaignFailed(this ILogger logger, Exception exception, string cluster);

    [LoggerMessage(1005, LogLevel.Debug, "The sentinel's own report for {Cluster} was not published.")]
    public static partial void PresenceFailed(this ILogger logger, Exception exception, string cluster);

    [LoggerMessage(EventId = 1010, Message = "{Cluster}: {Text} [{Kind}]")]
    public static partial void Changed(this ILogger logger, LogLevel level, string cluster, string kind, string text);

    [LoggerMessage(EventId = 1011, Message = "{Cluster}: {Text} [{Kind}]")]
    public static partial void Stands(this ILogger logger, LogLevel level, string cluster, string kind, string text);

    [LoggerMessage(1012, LogLevel.Information,
        "{Cluster} does not exist yet, and this sentinel was told not to create it: it waits until somebody initialises the cluster.")]
    public static partial void WaitsForInit(this ILogger logger, string cluster);

    [LoggerMessage(1020, LogLevel.Warning,
        "{Cluster}: a pass that began {Age:0.0} s ago was dropped: what it saw is too old to act on (limit {Limit:0.0} s).")]
    public static partial void DroppedPass(this ILogger logger, string cluster, double age, double limit);

    [LoggerMessage(1021, LogLevel.Error, "{Cluster}: nothing is decided, because what the store holds cannot be understood. {Problem}")]
    public static partial void NotUnderstood(this ILogger logger, string cluster, string problem);

    [LoggerMessage(1022, LogLevel.Warning, "{Cluster}: the store is away, so nothing can be decided. {Problem}")]
    public static partial void StoreAway(this ILogger logger, string cluster, string problem);

    [LoggerMessage(1023, LogLevel.Error, "{Cluster}: a pass failed; it is tried again.")]
    public static partial void PassFailed(this ILogger logger, Exception exception, string cluster);

    [LoggerMessage(1024, LogLevel.Information, "{Cluster}: passes succeed again.")]
    public static partial void GoesOn(this ILogger logger, string cluster);
}
