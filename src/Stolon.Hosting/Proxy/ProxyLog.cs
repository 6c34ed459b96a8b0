using System.Net;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;

namespace Stolon.Hosting.Proxy;

/// <summary>What a proxy says: changes, each once. Ids 3000 to 3999.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(3000, LogLevel.Information, "Proxy {Proxy} of cluster {Cluster} listens on {EndPoint}.")]
    public static partial void Started(this ILogger logger, ProxyId proxy, string cluster, IPEndPoint endPoint);

    [LoggerMessage(3001, LogLevel.Information, "Proxy {Proxy} has stopped.")]
    public static partial void Stopped(this ILogger logger, ProxyId proxy);

    [LoggerMessage(3002, LogLevel.Warning, "The report of this proxy could not be withdrawn, so sentinels wait for it for a while: {Problem}")]
    public static partial void NotWithdrawn(this ILogger logger, string problem);

    [LoggerMessage(3010, LogLevel.Information, "{Reason}")]
    public static partial void Routed(this ILogger logger, string reason);

    [LoggerMessage(3011, LogLevel.Warning, "{Reason}")]
    public static partial void TurnedAway(this ILogger logger, string reason);

    [LoggerMessage(3012, LogLevel.Error, "{Reason}")]
    public static partial void NotUnderstood(this ILogger logger, string reason);

    [LoggerMessage(3013, LogLevel.Information, "Clients no longer go to {EndPoint}; {Count} connections were cut.")]
    public static partial void RouteEnded(this ILogger logger, IPEndPoint endPoint, int count);

    [LoggerMessage(3020, LogLevel.Warning, "A check failed, the route stays until the deadline: {Problem}")]
    public static partial void CheckFailed(this ILogger logger, string problem);

    [LoggerMessage(3021, LogLevel.Information, "Checks are good again.")]
    public static partial void ChecksGoodAgain(this ILogger logger);

    [LoggerMessage(3022, LogLevel.Error, "No check was good within proxyTimeout: another primary may be in charge by now. {Count} connections were cut, and no client is forwarded until a check is good again.")]
    public static partial void DeadlinePassed(this ILogger logger, int count);

    [LoggerMessage(3023, LogLevel.Error, "A check failed unexpectedly, the route stays until the deadline.")]
    public static partial void CheckBroke(this ILogger logger, Exception exception);

    [LoggerMessage(3024, LogLevel.Warning, "The watch of the store failed and is started again; until then the proxy looks at its interval: {Problem}")]
    public static partial void WatchFailed(this ILogger logger, string problem);

    [LoggerMessage(3030, LogLevel.Information, "The proxy listens again on {EndPoint}.")]
    public static partial void ListeningAgain(this ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(3031, LogLevel.Error, "{Problem}")]
    public static partial void CannotListen(this ILogger logger, string problem);

    [LoggerMessage(3032, LogLevel.Warning, "Clients cannot be accepted for the moment: {Problem}")]
    public static partial void AcceptFailed(this ILogger logger, string problem);

    [LoggerMessage(3033, LogLevel.Warning, "{Limit} clients are connected, as many as MaxConnections and the limit of open files (ulimit -n, two for each client) allow: further ones are closed at once.")]
    public static partial void TooManyConnections(this ILogger logger, int limit);

    [LoggerMessage(3034, LogLevel.Warning, "The primary at {EndPoint} could not be reached: {Problem} ({Count} clients since the last such line).")]
    public static partial void ConnectFailed(this ILogger logger, IPEndPoint endPoint, string problem, int count);
}
