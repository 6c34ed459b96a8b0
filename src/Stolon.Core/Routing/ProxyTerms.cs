using Stolon.Cluster;

namespace Stolon.Routing;

/// <summary>
/// What a proxy has promised the sentinel, and so what it may count on (X4): a sentinel that hears nothing waits 1.25 times the
/// published timeout before it takes this proxy for gone (Q27), so a proxy must never use a longer one than it published.
/// </summary>
/// <param name="CheckInterval">How often it looks.</param>
/// <param name="Timeout">After how long without a good check it closes its clients; null = nothing was promised yet.</param>
/// <param name="AnnouncedAt">When the last publication that succeeded began; null = there was none.</param>
public sealed record ProxyTerms(TimeSpan CheckInterval, TimeSpan? Timeout, TimeSpan? AnnouncedAt)
{
    /// <summary>The terms of a proxy that never published: stolon's defaults, and no promise.</summary>
    public static readonly ProxyTerms Initial = new(Defaults.ProxyCheckInterval, null, null);

    private static ClusterSettings Defaults => new(new ClusterSpec());

    /// <summary>How long one good check is good for.</summary>
    public TimeSpan TimeoutInForce => Timeout ?? Defaults.ProxyTimeout;

    /// <summary>The timeout to publish: the greater of the one in force and the specification's (X4).</summary>
    /// <param name="settings">The specification.</param>
    /// <returns>The timeout.</returns>
    public TimeSpan TimeoutToPublish(ClusterSettings settings) =>
        Timeout is { } current && current > settings.ProxyTimeout ? current : settings.ProxyTimeout;

    /// <summary>The terms after a publication that succeeded; only then do new settings count (X4).</summary>
    /// <param name="settings">The specification.</param>
    /// <param name="began">When the publication began.</param>
    /// <returns>The new terms.</returns>
    public static ProxyTerms AfterPublication(ClusterSettings settings, TimeSpan began) =>
        new(settings.ProxyCheckInterval, settings.ProxyTimeout, began);

    /// <summary>
    /// Whether no sentinel can have taken this proxy for gone up to <paramref name="now"/>, given these terms. If one can, what was read
    /// before the publication that ended that silence is no ground to forward on: the barrier of X5 may have been passed in between.
    /// </summary>
    /// <param name="now">The instant, on the clock of <see cref="AnnouncedAt"/>.</param>
    /// <returns>True if the last publication still counts.</returns>
    public bool Cover(TimeSpan now) => AnnouncedAt is { } at && now < at + TimeoutInForce;

    /// <summary>How long the store shall keep a report: 2 x the timeout, at least 20 s (ST3).</summary>
    /// <param name="proxyTimeout">The published timeout.</param>
    /// <returns>The time to live.</returns>
    public static TimeSpan TimeToLive(TimeSpan proxyTimeout) =>
        TimeSpan.FromTicks(Math.Max(2 * proxyTimeout.Ticks, TimeSpan.FromSeconds(20).Ticks));
}
