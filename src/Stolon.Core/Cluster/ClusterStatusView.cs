namespace Stolon.Cluster;

/// <summary>What <c>status -f json</c> says: stolon's shape, with members of ours.</summary>
public sealed record ClusterStatusView
{
    /// <summary>The sentinels that report, sorted by uid.</summary>
    public ValueList<SentinelStatusView> Sentinels { get; init; } = [];

    /// <summary>The proxies that report, sorted by uid.</summary>
    public ValueList<ProxyStatusView> Proxies { get; init; } = [];

    /// <summary>The keepers of the document, sorted by uid.</summary>
    public ValueList<KeeperStatusView> Keepers { get; init; } = [];

    /// <summary>The cluster as a whole.</summary>
    public ClusterAvailabilityView Cluster { get; init; } = new();

    /// <summary>There is a healthy primary, and proxies are told to send clients to it; null = not said. Ours, optional.</summary>
    public bool? PrimaryAvailable { get; init; }

    /// <summary>What does not work now, one sentence each. Ours, optional.</summary>
    public ValueList<string> Troubles { get; init; }

    /// <summary>What an operator should know: that the next failure would not be survived, and why. Ours, optional.</summary>
    public ValueList<string> Warnings { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>One sentinel.</summary>
public sealed record SentinelStatusView
{
    /// <summary>The sentinel.</summary>
    public required SentinelId Uid { get; init; }

    /// <summary>Whether it leads.</summary>
    public bool Leader { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>One proxy.</summary>
public sealed record ProxyStatusView
{
    /// <summary>The proxy.</summary>
    public required ProxyId Uid { get; init; }

    /// <summary>The proxy generation that it obeys.</summary>
    public long Generation { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>One keeper with its db.</summary>
public sealed record KeeperStatusView
{
    /// <summary>The keeper.</summary>
    public required KeeperId Uid { get; init; }

    /// <summary>Address and port of its PostgreSQL; <c>(no db assigned)</c> or <c>(unknown)</c> in words.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>The keeper was heard.</summary>
    public bool Healthy { get; init; }

    /// <summary>Its PostgreSQL is well.</summary>
    public bool PgHealthy { get; init; }

    /// <summary>The generation that it shall converge to.</summary>
    public long PgWantedGeneration { get; init; }

    /// <summary>The generation that it converged to.</summary>
    public long PgCurrentGeneration { get; init; }

    /// <summary>Bytes that the running copy of the primary has brought; <c>copied_bytes</c>. Null = none runs. Ours, optional.</summary>
    public long? CopiedBytes { get; init; }

    /// <summary>Bytes that it has to bring, as estimated; <c>copy_total_bytes</c>. Null = not known. Ours, optional.</summary>
    public long? CopyTotalBytes { get; init; }

    /// <summary>How long it has made no progress; <c>copy_stalled_for</c>. Null = not reported. Ours, optional.</summary>
    public TimeSpan? CopyStalledFor { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>Whether the cluster serves, and from where.</summary>
public sealed record ClusterAvailabilityView
{
    /// <summary>There is a document, and a primary in it; it need not be healthy.</summary>
    public bool Available { get; init; }

    /// <summary>The primary's keeper; <c>master_keeper_uid</c>. Null = none.</summary>
    public KeeperId? PrimaryKeeper { get; init; }

    /// <summary>The primary's db; <c>master_db_uid</c>. Null = none.</summary>
    public DbId? PrimaryDb { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
