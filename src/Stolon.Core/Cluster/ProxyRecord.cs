namespace Stolon.Cluster;

/// <summary>Where all proxies send clients (M9).</summary>
public sealed record ProxyRecord
{
    /// <summary>The uid; always empty.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Counts the changes of <see cref="Spec"/>; proxies acknowledge it.</summary>
    public long Generation { get; init; }

    /// <summary>When this part last changed.</summary>
    public Timestamp ChangeTime { get; init; } = Timestamp.Never;

    /// <summary>The routing.</summary>
    public ProxySpec Spec { get; init; } = new();

    /// <summary>What this version does not know; holds the empty <c>status</c> too.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>The routing of all proxies.</summary>
public sealed record ProxySpec
{
    /// <summary>The db that clients are sent to; null = nowhere.</summary>
    public DbId? PrimaryDb { get; init; }

    /// <summary>The proxies that may send clients there.</summary>
    public ValueList<ProxyId> EnabledProxies { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
