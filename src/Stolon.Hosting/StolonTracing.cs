using System.Diagnostics;

namespace Stolon.Hosting;

/// <summary>
/// The steps of a failover as activities, for OpenTelemetry or any other <see cref="ActivityListener"/>: docs/monitoring.md lists them.
/// Without a listener they cost nothing.
/// </summary>
public static class StolonTracing
{
    /// <summary>The name of the <see cref="ActivitySource"/>.</summary>
    /// <value><c>Stolon</c></value>
    public const string SourceName = "Stolon";

    internal static ActivitySource Source { get; } = new(SourceName);
}
