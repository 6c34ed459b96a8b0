using Stolon.Cluster;

namespace Aspire.Hosting;

/// <summary>
/// What can be set of the cluster specification in an AppHost. It is used once, to make the cluster; what is null gets the defaults of
/// <c>stolon ctl init</c>. PostgreSQL's parameters and synchronous replication have methods of their own.
/// </summary>
public sealed class StolonClusterSpec
{
    /// <summary>How long a keeper or its PostgreSQL may be silent or ill before it counts as failed. At least 3 s. Default 10 s.</summary>
    public TimeSpan? FailInterval { get; set; }

    /// <summary>The longest time between two looks of a keeper or sentinel. Default 1 s.</summary>
    public TimeSpan? SleepInterval { get; set; }

    /// <summary>After how long without a good check a proxy closes its clients. Default 8 s, or less where <see cref="FailInterval"/> is shorter.</summary>
    public TimeSpan? ProxyTimeout { get; set; }

    /// <summary>How long a started PostgreSQL may take to answer. Default 60 s.</summary>
    public TimeSpan? DbWaitReadyTimeout { get; set; }

    /// <summary>The most bytes of WAL that an elected standby may be behind, without synchronous replication. Default 1,048,576.</summary>
    public long? MaxStandbyLag { get; set; }

    /// <summary>How many standbys the primary should have. Default 3.</summary>
    public int? MaxStandbysPerSender { get; set; }

    /// <summary>Whether a former primary is brought back with <c>pg_rewind</c> before it is copied anew. Default false.</summary>
    public bool? UsePgRewind { get; set; }

    /// <summary>Whether PostgreSQL is restarted when a changed parameter needs it. Default false.</summary>
    public bool? AutomaticPgRestart { get; set; }

    /// <summary>Lines of <c>pg_hba.conf</c> that replace the default ones; null = everybody with a password. Default null.</summary>
    public IList<string>? PgHba { get; set; }

    /// <summary>Whether whose ports all refuse connections counts as dead at once. Default true.</summary>
    public bool? FailOnRefusal { get; set; }

    internal ClusterSpec ToSpecification() => new()
    {
        InitMode = InitMode.New,
        FailInterval = FailInterval,
        SleepInterval = SleepInterval,
        ProxyTimeout = ProxyTimeout,
        DbWaitReadyTimeout = DbWaitReadyTimeout,
        MaxStandbyLag = MaxStandbyLag,
        MaxStandbysPerSender = MaxStandbysPerSender,
        UsePgRewind = UsePgRewind,
        AutomaticPgRestart = AutomaticPgRestart,
        PgHba = PgHba?.ToValueList(),
        FailOnRefusal = FailOnRefusal,
    };
}
