namespace Stolon.Cluster;

/// <summary>How a standby connects to a primary outside the cluster. Empty members are left to PostgreSQL.</summary>
public sealed record StandbySettings
{
    /// <summary>PostgreSQL's <c>primary_conninfo</c>.</summary>
    public string PrimaryConnInfo { get; init; } = "";

    /// <summary>PostgreSQL's <c>primary_slot_name</c>.</summary>
    public string PrimarySlotName { get; init; } = "";

    /// <summary>PostgreSQL's <c>recovery_min_apply_delay</c>.</summary>
    public string RecoveryMinApplyDelay { get; init; } = "";

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>How WAL is fetched from an archive.</summary>
public sealed record ArchiveRecoverySettings
{
    /// <summary>PostgreSQL's <c>restore_command</c>.</summary>
    public string RestoreCommand { get; init; } = "";

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>Where a point-in-time recovery stops; at most one of the targets is set.</summary>
public sealed record RecoveryTargetSettings
{
    /// <summary>PostgreSQL's <c>recovery_target</c>.</summary>
    public string Target { get; init; } = "";

    /// <summary>PostgreSQL's <c>recovery_target_lsn</c>.</summary>
    public string TargetLsn { get; init; } = "";

    /// <summary>PostgreSQL's <c>recovery_target_name</c>.</summary>
    public string TargetName { get; init; } = "";

    /// <summary>PostgreSQL's <c>recovery_target_time</c>.</summary>
    public string TargetTime { get; init; } = "";

    /// <summary>PostgreSQL's <c>recovery_target_xid</c>.</summary>
    public string TargetXid { get; init; } = "";

    /// <summary>PostgreSQL's <c>recovery_target_timeline</c>.</summary>
    public string TargetTimeline { get; init; } = "";

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What a db follows (M8).</summary>
public sealed record FollowConfig
{
    /// <summary>Inside or outside the cluster.</summary>
    public FollowType Type { get; init; }

    /// <summary>The followed db; set when <see cref="Type"/> is internal.</summary>
    public DbId? Db { get; init; }

    /// <summary>Set when <see cref="Type"/> is external.</summary>
    public StandbySettings? StandbySettings { get; init; }

    /// <summary>May be set when <see cref="Type"/> is external.</summary>
    public ArchiveRecoverySettings? ArchiveRecoverySettings { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>Follows another db of this cluster.</summary>
    /// <param name="db">The followed db.</param>
    /// <returns>The follow configuration.</returns>
    public static FollowConfig Internal(DbId db) => new() { Type = FollowType.Internal, Db = db };
}
