namespace Stolon.Cluster;

/// <summary>The file <c>keeperstate</c> of a data directory: whose it is (K4).</summary>
public sealed record KeeperState
{
    /// <summary>The keeper's uid.</summary>
    public KeeperId? Uid { get; init; }

    /// <summary>The cluster that the data belongs to; empty = none yet.</summary>
    public string ClusterUid { get; init; } = "";

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>The file <c>dbstate</c> of a data directory: which db the data is, and how far the keeper got (K4).</summary>
public sealed record DbState
{
    /// <summary>The db; null = none.</summary>
    public DbId? Uid { get; init; }

    /// <summary>The generation last converged to.</summary>
    public long Generation { get; init; }

    /// <summary>True only while <c>postgres</c> itself is incomplete (Q31): a keeper of stolon's deletes it then.</summary>
    public bool Initializing { get; init; }

    /// <summary>The parameters captured at initialisation (G1).</summary>
    public ValueMap<string, string> InitPgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>The highest <see cref="ClusterData.Revision"/> ever seen (Q33). Ours, optional.</summary>
    public long SeenRevision { get; init; }

    /// <summary>The timelines on which this data was, or was about to become, a primary (Q35). Ours, optional.</summary>
    public ValueList<uint> PrimaryTimelines { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
