namespace Stolon.Cluster;

/// <summary>
/// The cluster specification as the operator wrote it: what is null was not set and means the default of M10
/// (<see cref="ClusterSettings"/> has them filled in).
/// </summary>
public sealed record ClusterSpec
{
    /// <summary>The longest time between two looks of a keeper or sentinel. Default 5 s.</summary>
    public TimeSpan? SleepInterval { get; init; }

    /// <summary>The limit of one query or store request. Default 10 s.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How long a db may take to reach a new spec before it counts as failed. Default 30 s.</summary>
    public TimeSpan? ConvergenceTimeout { get; init; }

    /// <summary>How long the first instance may take. Default 5 min.</summary>
    public TimeSpan? InitTimeout { get; init; }

    /// <summary>How long a resync may take. Default 0 = no limit.</summary>
    public TimeSpan? SyncTimeout { get; init; }

    /// <summary>How long a started instance may take to answer. Default 60 s.</summary>
    public TimeSpan? DbWaitReadyTimeout { get; init; }

    /// <summary>How long a keeper or db may be silent or ill before it counts as failed. Default 20 s.</summary>
    public TimeSpan? FailInterval { get; init; }

    /// <summary>After how long a dead keeper without a db is forgotten. Default 48 h.</summary>
    public TimeSpan? DeadKeeperRemovalInterval { get; init; }

    /// <summary>The longest time between two checks of a proxy. Default 5 s.</summary>
    public TimeSpan? ProxyCheckInterval { get; init; }

    /// <summary>After how long without a good check a proxy closes its clients. Default 15 s.</summary>
    public TimeSpan? ProxyTimeout { get; init; }

    /// <summary>The most standbys there may ever be: sizes slots and walsenders. Default 20.</summary>
    public int? MaxStandbys { get; init; }

    /// <summary>How many standbys the primary should have. Default 3.</summary>
    public int? MaxStandbysPerSender { get; init; }

    /// <summary>The most bytes an elected standby may be behind, without synchronous replication. Default 1 232 896 (Q1).</summary>
    public long? MaxStandbyLag { get; init; }

    /// <summary>Whether a commit waits for standbys. Default false.</summary>
    public bool? SynchronousReplication { get; init; }

    /// <summary>Below this many synchronous standbys writes block. Default 1.</summary>
    public int? MinSynchronousStandbys { get; init; }

    /// <summary>The most synchronous standbys. Default 1.</summary>
    public int? MaxSynchronousStandbys { get; init; }

    /// <summary>Walsenders beside those of the standbys. Default 5.</summary>
    public int? AdditionalWalSenders { get; init; }

    /// <summary>Physical slots on the primary beside those of the standbys; each is created as <c>stolon_NAME</c> (M4).</summary>
    public ValueList<string> AdditionalPrimaryReplicationSlots { get; init; }

    /// <summary>Whether a resync tries <c>pg_rewind</c> first. Default false.</summary>
    public bool? UsePgRewind { get; init; }

    /// <summary>How the cluster gets its first data. Required.</summary>
    public InitMode? InitMode { get; init; }

    /// <summary>Whether the parameters found at initialisation become part of the spec. Default true.</summary>
    public bool? MergePgParameters { get; init; }

    /// <summary>Primary: an ordinary cluster. Standby: it follows an outside primary. Default primary.</summary>
    public Role? Role { get; init; }

    /// <summary>Options of init mode new.</summary>
    public NewConfig? NewConfig { get; init; }

    /// <summary>Options of init mode pitr.</summary>
    public PitrConfig? PitrConfig { get; init; }

    /// <summary>Options of init mode existing.</summary>
    public ExistingConfig? ExistingConfig { get; init; }

    /// <summary>What a standby cluster follows.</summary>
    public StandbyConfig? StandbyConfig { get; init; }

    /// <summary>Who may connect as superuser and replication user. Default all.</summary>
    public AccessMode? DefaultSuReplAccessMode { get; init; }

    /// <summary>PostgreSQL parameters.</summary>
    public ValueMap<string, string> PgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>Lines of <c>pg_hba.conf</c>; null (not empty) = the default lines of H4.</summary>
    public ValueList<string>? PgHba { get; init; }

    /// <summary>Whether a keeper restarts PostgreSQL when a parameter needs it. Default false.</summary>
    public bool? AutomaticPgRestart { get; init; }

    /// <summary>The method of the pg_hba lines that we write: <c>scram-sha-256</c> in a cluster that our init made, null = <c>md5</c> (Q17). Ours.</summary>
    public string? DefaultAuthMethod { get; init; }

    /// <summary>
    /// Whether whose ports all refuse connections counts as dead at once, before it was silent for long. Default false; true in a cluster that
    /// our init made. Off for networks that refuse on behalf of others. Ours.
    /// </summary>
    public bool? FailOnRefusal { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
