namespace Stolon.Cluster;

/// <summary>One PostgreSQL instance that a keeper was asked to run: a <c>db</c> of the document (M8).</summary>
public sealed record Database
{
    /// <summary>The generation of a db that never converged (M5).</summary>
    public const long NoGeneration = 0;

    /// <summary>The generation of a db that was just made (M5).</summary>
    public const long InitialGeneration = 1;

    /// <summary>The db's uid.</summary>
    public required DbId Uid { get; init; }

    /// <summary>Counts the changes of <see cref="Spec"/>.</summary>
    public long Generation { get; init; } = InitialGeneration;

    /// <summary>When this part last changed.</summary>
    public Timestamp ChangeTime { get; init; } = Timestamp.Never;

    /// <summary>What the keeper shall make true.</summary>
    public required DatabaseSpec Spec { get; init; }

    /// <summary>What is known to be true.</summary>
    public DatabaseStatus Status { get; init; } = new();

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>The keeper has carried out everything the current spec asks for (M5).</summary>
    public bool Converged => Status.CurrentGeneration == Generation;

    /// <summary>A primary, or the one instance of a standby cluster that follows the outside (P1).</summary>
    public bool IsPrimaryType => Spec.Role == Role.Primary || Spec.Follow?.Type == FollowType.External;

    /// <summary>A standby of another db of this cluster (P1).</summary>
    public bool IsStandbyType => Spec.Role == Role.Standby && Spec.Follow?.Type == FollowType.Internal;
}

/// <summary>What a keeper shall make true of its instance. Every change of it is a new generation (F3).</summary>
public sealed record DatabaseSpec
{
    /// <summary>The keeper that runs it.</summary>
    public required KeeperId Keeper { get; init; }

    /// <summary>The limit of one query.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>See <see cref="ClusterSpec.MaxStandbys"/>.</summary>
    public int? MaxStandbys { get; init; }

    /// <summary>Whether its commits wait for <see cref="SynchronousStandbys"/>.</summary>
    public bool SynchronousReplication { get; init; }

    /// <summary>See <see cref="ClusterSpec.UsePgRewind"/>.</summary>
    public bool UsePgRewind { get; init; }

    /// <summary>See <see cref="ClusterSpec.AdditionalWalSenders"/>.</summary>
    public int? AdditionalWalSenders { get; init; }

    /// <summary>Slots to keep beside those of <see cref="Followers"/>, without their <c>stolon_</c> prefix.</summary>
    public ValueList<string> AdditionalReplicationSlots { get; init; }

    /// <summary>How it gets its first data.</summary>
    public InitMode InitMode { get; init; }

    /// <summary>Options of init mode new.</summary>
    public NewConfig? NewConfig { get; init; }

    /// <summary>Options of init mode pitr.</summary>
    public PitrConfig? PitrConfig { get; init; }

    /// <summary>The operator's PostgreSQL parameters.</summary>
    public ValueMap<string, string> PgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>The operator's pg_hba lines; null = the default lines (H4).</summary>
    public ValueList<string>? PgHba { get; init; }

    /// <summary>Primary or standby.</summary>
    public Role Role { get; init; }

    /// <summary>What a standby follows; null for a primary.</summary>
    public FollowConfig? Follow { get; init; }

    /// <summary>The dbs that follow this one: each gets a slot here.</summary>
    public ValueList<DbId> Followers { get; init; } = [];

    /// <summary>Whether the parameters found at initialisation are used too (G1).</summary>
    public bool IncludePreviousConfig { get; init; }

    /// <summary>The standbys that commits wait for (the set S of N18-N22).</summary>
    public ValueList<DbId> SynchronousStandbys { get; init; }

    /// <summary>Further names that commits wait for; in practice the fake standby of N22.6, or nothing.</summary>
    public ValueList<string> ExternalSynchronousStandbys { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What is known of an instance.</summary>
public sealed record DatabaseStatus
{
    /// <summary>Heard, well, and its keeper too (O11).</summary>
    public bool Healthy { get; init; }

    /// <summary>The generation that its keeper last converged to; 0 = none yet.</summary>
    public long CurrentGeneration { get; init; }

    /// <summary>The address that others reach it at.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>The port that others reach it at, as text (M13).</summary>
    public string Port { get; init; } = "";

    /// <summary>PostgreSQL's system identifier.</summary>
    public string SystemId { get; init; } = "";

    /// <summary>Its timeline.</summary>
    public uint TimelineId { get; init; }

    /// <summary>Its last reported WAL position: written on a primary, flushed or replayed on a standby.</summary>
    public Lsn XLogPos { get; init; }

    /// <summary>The last switches of its timeline, oldest first.</summary>
    public ValueList<TimelineSwitch> TimelinesHistory { get; init; }

    /// <summary>Its configured parameters, without the managed ones (G6).</summary>
    public ValueMap<string, string> PgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>The standbys known to have been in sync and still waited for (the set K of N18-N22); failover trusts it.</summary>
    public ValueList<DbId> SynchronousStandbys { get; init; }

    /// <summary>The oldest WAL file that it still has; empty = not known.</summary>
    public string OlderWalFile { get; init; } = "";

    /// <summary>What it reports as in sync right now. In memory only, never written (M8).</summary>
    public ValueList<DbId> CurrentSynchronousStandbys { get; init; }

    /// <summary>The timelines on which this data was a primary (Q35). Ours, optional.</summary>
    public ValueList<uint> PrimaryTimelines { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>One switch of a timeline's history.</summary>
/// <param name="TimelineId">The timeline that ended.</param>
/// <param name="SwitchPoint">Where it ended.</param>
/// <param name="Reason">Why, as PostgreSQL wrote it down.</param>
public sealed record TimelineSwitch(uint TimelineId, Lsn SwitchPoint, string Reason)
{
    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
