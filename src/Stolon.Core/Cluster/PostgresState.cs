namespace Stolon.Cluster;

/// <summary>The walreceiver of a standby.</summary>
public enum WalReceiverState
{
    /// <summary>Not reported: a primary, a stopped instance, or a keeper of stolon's.</summary>
    Unknown,

    /// <summary>It is connected and receives WAL.</summary>
    Streaming,

    /// <summary>There is none: the upstream is gone.</summary>
    Gone,
}

/// <summary>What a keeper collected about its instance (K9).</summary>
public sealed record PostgresState
{
    /// <summary>The db that the local data belongs to; null = none.</summary>
    public DbId? Uid { get; init; }

    /// <summary>The generation last converged to.</summary>
    public long Generation { get; init; }

    /// <summary>The address that others reach it at.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>The port that others reach it at, as text.</summary>
    public string Port { get; init; } = "";

    /// <summary>Everything below could be collected.</summary>
    public bool Healthy { get; init; }

    /// <summary>PostgreSQL's system identifier.</summary>
    public string SystemId { get; init; } = "";

    /// <summary>Its timeline.</summary>
    public uint TimelineId { get; init; }

    /// <summary>Its WAL position: written on a primary, flushed or replayed on a standby.</summary>
    public Lsn XLogPos { get; init; }

    /// <summary>The last switches of its timeline, oldest first.</summary>
    public ValueList<TimelineSwitch> TimelinesHistory { get; init; }

    /// <summary>Its configured parameters, without the managed ones (G6).</summary>
    public ValueMap<string, string> PgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>The standbys that are in sync.</summary>
    public ValueList<DbId> SynchronousStandbys { get; init; }

    /// <summary>The oldest WAL file that it still has; empty = not known.</summary>
    public string OlderWalFile { get; init; } = "";

    /// <summary>The role of the running instance; null = it does not run, or a keeper of stolon's reported. Ours, optional (Q33).</summary>
    public Role? Role { get; init; }

    /// <summary>The walreceiver. Ours, optional.</summary>
    public WalReceiverState WalReceiver { get; init; }

    /// <summary>Starts that failed in a row; 0 = the last one worked. Ours, optional.</summary>
    public int FailedStarts { get; init; }

    /// <summary>Resyncs that failed in a row for this db (Q4). Ours, optional.</summary>
    public int FailedResyncs { get; init; }

    /// <summary>How long the running resync, initialisation or restore has made no progress (Q4, Q24); null = none runs. Ours, optional.</summary>
    public TimeSpan? StalledFor { get; init; }

    /// <summary>Bytes that the running resync has copied; 0 = none runs. Ours, optional.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Bytes that the running resync has to copy, as estimated by PostgreSQL; 0 = not known. Ours, optional.</summary>
    public long TotalBytes { get; init; }

    /// <summary>The timelines on which this data was a primary (Q35). Ours, optional.</summary>
    public ValueList<uint> PrimaryTimelines { get; init; }

    /// <summary>Its data cannot follow the primary that it shall follow: it has to be made anew. Ours, optional.</summary>
    public bool NeedsResync { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
