namespace Stolon.Cluster;

/// <summary>What a proxy says about itself: stolon's <c>ProxyInfo</c> (M13).</summary>
public sealed record ProxyReport
{
    /// <summary>New at every publication: the heartbeat.</summary>
    public required string InfoUid { get; init; }

    /// <summary>The proxy.</summary>
    public required ProxyId Uid { get; init; }

    /// <summary>The proxy generation that it obeys.</summary>
    public long Generation { get; init; }

    /// <summary>After how long without a good check it closes its clients; nanoseconds in the store.</summary>
    public TimeSpan ProxyTimeout { get; init; }

    /// <summary>Its deadline runs from before its last good check began (Q27). Ours, optional.</summary>
    public bool DeadlineFromStart { get; init; }

    /// <summary>It has closed all its clients and ends: nobody need wait for it. Ours, optional.</summary>
    public bool Closed { get; init; }

    /// <summary>The address that it listens on; empty = not reported. Ours, optional.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>Where it says that it lives: the port is closed after the last client was cut. Ours, optional.</summary>
    public LivenessAddress LivenessAddress { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What a sentinel says about itself: stolon's <c>SentinelInfo</c>.</summary>
public sealed record SentinelReport
{
    /// <summary>The sentinel.</summary>
    public required SentinelId Uid { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
