namespace Stolon.Hosting;

/// <summary>Settings of one cluster's part in this process, whatever roles it has.</summary>
public sealed class StolonOptions
{
    /// <summary>
    /// How long all roles together may take to stop: proxies first (they close their clients), then sentinels, then keepers (they stop
    /// PostgreSQL). What is not down by then is brought down at once.
    /// </summary>
    /// <value>25 seconds by default, so that it ends before the 30 seconds that a host gives. From 1 second to 10 minutes.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
