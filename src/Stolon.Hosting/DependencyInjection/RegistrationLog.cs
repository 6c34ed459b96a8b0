using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Log messages of the registration: ids 6100 to 6199.</summary>
internal static partial class RegistrationLog
{
    [LoggerMessage(6101, LogLevel.Warning, "{Cluster}: {Warning}")]
    public static partial void OptionWarning(this ILogger logger, string cluster, string warning);
}
