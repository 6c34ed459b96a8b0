namespace Stolon.Cluster;

/// <summary>The one atomic document (M1): all desired state and all status that sentinels own.</summary>
public sealed record ClusterData
{
    /// <summary>The only format that this version reads and writes.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>The format; a reader that does not know it does nothing and says so.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>When the document was last written.</summary>
    public Timestamp ChangeTime { get; init; } = Timestamp.Never;

    /// <summary>The cluster itself.</summary>
    public required ClusterRecord Cluster { get; init; }

    /// <summary>Every known keeper, by uid.</summary>
    public ValueMap<KeeperId, KeeperRecord> Keepers { get; init; } = ValueMap<KeeperId, KeeperRecord>.Empty;

    /// <summary>Every db, by uid: the document's <c>dbs</c>.</summary>
    public ValueMap<DbId, Database> Databases { get; init; } = ValueMap<DbId, Database>.Empty;

    /// <summary>Where proxies send clients.</summary>
    public ProxyRecord Proxy { get; init; } = new();

    /// <summary>Counts our writes; 0 = never written by us (Q33). Ours, optional.</summary>
    public long Revision { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>The db that is the primary according to the document, if it exists.</summary>
    public Database? Primary => Cluster.Status.Primary is { } id ? Databases.Find(id) : null;

    /// <summary>The db that is assigned to a keeper, if any (M8: at most one).</summary>
    /// <param name="keeper">The keeper.</param>
    /// <returns>Its db or null.</returns>
    public Database? DatabaseOf(KeeperId keeper) => Databases.Values.FirstOrDefault(db => db.Spec.Keeper == keeper);
}

/// <summary>The cluster's own part of the document (M6).</summary>
public sealed record ClusterRecord
{
    /// <summary>The cluster's uid: eight hex digits.</summary>
    public required string Uid { get; init; }

    /// <summary>Always 1 (M5).</summary>
    public long Generation { get; init; } = 1;

    /// <summary>When this part last changed.</summary>
    public Timestamp ChangeTime { get; init; } = Timestamp.Never;

    /// <summary>What the operator asked for.</summary>
    public ClusterSpec Spec { get; init; } = new();

    /// <summary>What the sentinel decided.</summary>
    public ClusterStatus Status { get; init; } = new();

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What the sentinel decided about the cluster as a whole.</summary>
public sealed record ClusterStatus
{
    /// <summary>Whether the first instance is there yet.</summary>
    public ClusterPhase Phase { get; init; }

    /// <summary>The primary's db; <c>master</c> in the document.</summary>
    public DbId? Primary { get; init; }

    /// <summary>The keeper on which initialisation failed last: chosen last next time (Q24). Ours, optional.</summary>
    public KeeperId? LastFailedInitKeeper { get; init; }

    /// <summary>
    /// An operator allowed keepers to set aside data of another cluster (<c>init --discard-data</c>, Q32). Only until the cluster is initialised:
    /// then <see cref="DiscardSystemIds"/> says whose. Ours, optional.
    /// </summary>
    public bool DiscardData { get; init; }

    /// <summary>
    /// The system identifiers of the data that keepers held while <see cref="DiscardData"/> was set: that data, and no other, may be set aside
    /// later too. Ours, optional.
    /// </summary>
    public ValueList<string> DiscardSystemIds { get; init; }

    /// <summary>A planned change of the primary that is asked for or under way; null = none. Ours, optional.</summary>
    public Switchover? Switchover { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>Whether data that a keeper holds, and that is not this cluster's, may be set aside.</summary>
    /// <param name="systemId">The data's system identifier; empty = not known.</param>
    /// <returns>True if an operator said so.</returns>
    public bool MayDiscard(string systemId) => DiscardData || DiscardSystemIds.Contains(systemId);
}
