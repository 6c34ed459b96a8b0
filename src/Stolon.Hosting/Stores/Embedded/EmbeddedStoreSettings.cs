namespace Stolon.Hosting.Stores;

/// <summary>How an embedded store behaves; the defaults are right except in tests.</summary>
internal sealed record EmbeddedStoreSettings
{
    /// <summary>After how long a call fails that has had no answer, whatever SQLite is waiting for.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often changes are looked for when no notice came.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to leave a file alone that could not be opened.</summary>
    public TimeSpan ReopenInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Whether there must be a store already, because a keeper has data of a cluster: a missing file is an error then, and no new,
    /// empty store is made in its place (Q32). Asked each time a file would be made.
    /// </summary>
    public Func<bool> ExpectExisting { get; init; } = () => false;

    /// <summary>The cluster that the file is for; null = whichever it is for.</summary>
    public string? ClusterName { get; init; }

    /// <summary>The times of leadership.</summary>
    public LeadershipTimes Leadership { get; init; } = LeadershipTimes.Default;

    /// <summary>For tests: called inside each write's transaction, just before it is committed.</summary>
    public Action? InsideWrite { get; init; }
}
