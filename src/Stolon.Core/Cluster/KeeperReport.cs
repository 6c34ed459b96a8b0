namespace Stolon.Cluster;

/// <summary>What a keeper says about itself: stolon's <c>KeeperInfo</c> (M13). Nobody else writes it (M2).</summary>
public sealed record KeeperReport
{
    /// <summary>The word for "takes part in switchovers" in <see cref="Capabilities"/>.</summary>
    public const string SwitchoverCapability = "switchover";

    /// <summary>New at every publication: the heartbeat (M3).</summary>
    public required string InfoUid { get; init; }

    /// <summary>The keeper.</summary>
    public required KeeperId Uid { get; init; }

    /// <summary>The cluster that the report is for; empty until a document was seen (Q32).</summary>
    public string ClusterUid { get; init; } = "";

    /// <summary>New at every start of the keeper process.</summary>
    public string BootUuid { get; init; } = "";

    /// <summary>Its PostgreSQL's version.</summary>
    public BinaryVersion PostgresBinaryVersion { get; init; }

    /// <summary>Its instance; null = nothing was collected yet.</summary>
    public PostgresState? PostgresState { get; init; }

    /// <summary>Whether it may become primary; null = yes.</summary>
    public bool? CanBePrimary { get; init; }

    /// <summary>Whether it may be a synchronous standby; null = yes.</summary>
    public bool? CanBeSynchronousReplica { get; init; }

    /// <summary>The highest <see cref="ClusterData.Revision"/> that it ever saw (Q33). Ours, optional.</summary>
    public long SeenRevision { get; init; }

    /// <summary>Data of another cluster that it holds and does not touch (Q32). Ours, optional.</summary>
    public ForeignData? ForeignData { get; init; }

    /// <summary>Why it cannot do what the document asks for, as a sentence; empty = it can. Ours, optional.</summary>
    public string Trouble { get; init; } = "";

    /// <summary>What its running PostgreSQL says to the questions that the store holds now. Ours, optional.</summary>
    public ValueList<SettingsAnswer> Answers { get; init; }

    /// <summary>What it can do beyond what stolon's keepers can. Ours, optional.</summary>
    public ValueList<string> Capabilities { get; init; }

    /// <summary>Its host ends in an orderly way: it is no target of a switchover. Ours, optional.</summary>
    public bool Leaving { get; init; }

    /// <summary>What it says to the switchover that its instance is the source of; null = nothing yet. Ours, optional.</summary>
    public SwitchoverAnswer? Switchover { get; init; }

    /// <summary>Where it says that it lives. Ours, optional.</summary>
    public LivenessAddress LivenessAddress { get; init; }

    /// <summary>Who refuses connections, as it found itself; empty as long as nobody does. Ours, optional.</summary>
    public ValueList<Probe> Probes { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>It takes part in switchovers, as source or target.</summary>
    public bool CanSwitchOver => Capabilities.Contains(SwitchoverCapability);

    /// <summary>What it says about one db; null when it says nothing, or speaks of another one (O8).</summary>
    /// <param name="db">The db.</param>
    /// <returns>The state.</returns>
    public PostgresState? StateOf(DbId db) => PostgresState is { } state && state.Uid == db ? state : null;
}

/// <summary>Data that a keeper found in its data directory and that is not this cluster's (Q32). Ours.</summary>
public sealed record ForeignData
{
    /// <summary>The uid of the cluster that the data belongs to; empty = not known.</summary>
    public string ClusterUid { get; init; } = "";

    /// <summary>PostgreSQL's system identifier of the data.</summary>
    public string SystemId { get; init; } = "";

    /// <summary>The timeline of its latest checkpoint.</summary>
    public uint Timeline { get; init; }

    /// <summary>The position of its latest checkpoint.</summary>
    public Lsn Lsn { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
