namespace Stolon.Cluster;

/// <summary>Options of <c>initdb</c> for init mode new.</summary>
public sealed record NewConfig
{
    /// <summary><c>--locale</c>; empty = PostgreSQL's own choice.</summary>
    public string Locale { get; init; } = "";

    /// <summary><c>--encoding</c>; empty = PostgreSQL's own choice.</summary>
    public string Encoding { get; init; } = "";

    /// <summary><c>--data-checksums</c>. Off unless set.</summary>
    public bool DataChecksums { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>How a cluster is restored from a backup (init mode pitr).</summary>
public sealed record PitrConfig
{
    /// <summary>The shell command that restores the base backup; <c>%d</c> is the data directory (K26).</summary>
    public string DataRestoreCommand { get; init; } = "";

    /// <summary>Where the WAL comes from.</summary>
    public ArchiveRecoverySettings? ArchiveRecoverySettings { get; init; }

    /// <summary>Where recovery stops; null = at the end of the archive.</summary>
    public RecoveryTargetSettings? RecoveryTargetSettings { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>Whose data a cluster takes over (init mode existing).</summary>
public sealed record ExistingConfig
{
    /// <summary>The keeper that holds the data.</summary>
    public KeeperId? Keeper { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What a standby cluster follows.</summary>
public sealed record StandbyConfig
{
    /// <summary>How to connect to the outside primary.</summary>
    public StandbySettings? StandbySettings { get; init; }

    /// <summary>Where WAL can be fetched beside streaming.</summary>
    public ArchiveRecoverySettings? ArchiveRecoverySettings { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
