namespace Stolon.Cluster;

/// <summary>A PostgreSQL version as major and minor: 15 and 18 for 15.18. 0.0 = unknown.</summary>
/// <param name="Major">The major number.</param>
/// <param name="Minor">The minor number.</param>
public readonly record struct BinaryVersion(int Major, int Minor)
{
    /// <summary>What this version of ours does not know; null = nothing.</summary>
    public UnknownMembers? Unknown { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";
}

/// <summary>A keeper as the document knows it (M7).</summary>
public sealed record KeeperRecord
{
    /// <summary>The keeper's uid.</summary>
    public required KeeperId Uid { get; init; }

    /// <summary>Always 1 (M5).</summary>
    public long Generation { get; init; } = 1;

    /// <summary>When this part last changed.</summary>
    public Timestamp ChangeTime { get; init; } = Timestamp.Never;

    /// <summary>What the sentinel knows of it.</summary>
    public KeeperStatus Status { get; init; } = new();

    /// <summary>What this version does not know; holds the empty <c>spec</c> too.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What the sentinel knows of a keeper.</summary>
public sealed record KeeperStatus
{
    /// <summary>It was heard within the failInterval (O7).</summary>
    public bool Healthy { get; init; }

    /// <summary>Wall clock of the last pass in which it was healthy.</summary>
    public Timestamp LastHealthyTime { get; init; } = Timestamp.Never;

    /// <summary>The process that reported last (M3).</summary>
    public string BootUuid { get; init; } = "";

    /// <summary>Its PostgreSQL's version.</summary>
    public BinaryVersion PostgresBinaryVersion { get; init; }

    /// <summary>An operator asked to treat it as failed for one pass (A4).</summary>
    public bool ForceFail { get; init; }

    /// <summary>Whether it may become primary; null = yes.</summary>
    public bool? CanBePrimary { get; init; }

    /// <summary>Whether it may be a synchronous standby; null = yes.</summary>
    public bool? CanBeSynchronousReplica { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
