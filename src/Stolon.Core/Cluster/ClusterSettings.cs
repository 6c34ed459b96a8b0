namespace Stolon.Cluster;

/// <summary>A cluster specification with every default filled in (M10). Made once per pass.</summary>
/// <param name="Spec">The specification as written.</param>
public sealed record ClusterSettings(ClusterSpec Spec)
{
    /// <summary>The default of <see cref="MaxStandbyLag"/> in stolon: 1024 x 1204 bytes, its typing slip included (Q1).</summary>
    public const long DefaultMaxStandbyLagBytes = 1024 * 1204;

    /// <summary>See <see cref="ClusterSpec.SleepInterval"/>.</summary>
    public TimeSpan SleepInterval { get; } = Spec.SleepInterval ?? TimeSpan.FromSeconds(5);

    /// <summary>See <see cref="ClusterSpec.RequestTimeout"/>.</summary>
    public TimeSpan RequestTimeout { get; } = Spec.RequestTimeout ?? TimeSpan.FromSeconds(10);

    /// <summary>See <see cref="ClusterSpec.ConvergenceTimeout"/>.</summary>
    public TimeSpan ConvergenceTimeout { get; } = Spec.ConvergenceTimeout ?? TimeSpan.FromSeconds(30);

    /// <summary>See <see cref="ClusterSpec.InitTimeout"/>.</summary>
    public TimeSpan InitTimeout { get; } = Spec.InitTimeout ?? TimeSpan.FromMinutes(5);

    /// <summary>See <see cref="ClusterSpec.SyncTimeout"/>; zero = no limit.</summary>
    public TimeSpan SyncTimeout { get; } = Spec.SyncTimeout ?? TimeSpan.Zero;

    /// <summary>See <see cref="ClusterSpec.DbWaitReadyTimeout"/>.</summary>
    public TimeSpan DbWaitReadyTimeout { get; } = Spec.DbWaitReadyTimeout ?? TimeSpan.FromSeconds(60);

    /// <summary>See <see cref="ClusterSpec.FailInterval"/>.</summary>
    public TimeSpan FailInterval { get; } = Spec.FailInterval ?? TimeSpan.FromSeconds(20);

    /// <summary>See <see cref="ClusterSpec.DeadKeeperRemovalInterval"/>.</summary>
    public TimeSpan DeadKeeperRemovalInterval { get; } = Spec.DeadKeeperRemovalInterval ?? TimeSpan.FromHours(48);

    /// <summary>See <see cref="ClusterSpec.ProxyCheckInterval"/>.</summary>
    public TimeSpan ProxyCheckInterval { get; } = Spec.ProxyCheckInterval ?? TimeSpan.FromSeconds(5);

    /// <summary>See <see cref="ClusterSpec.ProxyTimeout"/>.</summary>
    public TimeSpan ProxyTimeout { get; } = Spec.ProxyTimeout ?? TimeSpan.FromSeconds(15);

    /// <summary>See <see cref="ClusterSpec.MaxStandbys"/>.</summary>
    public int MaxStandbys { get; } = Spec.MaxStandbys ?? 20;

    /// <summary>See <see cref="ClusterSpec.MaxStandbysPerSender"/>.</summary>
    public int MaxStandbysPerSender { get; } = Spec.MaxStandbysPerSender ?? 3;

    /// <summary>See <see cref="ClusterSpec.MaxStandbyLag"/>; bytes.</summary>
    public long MaxStandbyLag { get; } = Spec.MaxStandbyLag ?? DefaultMaxStandbyLagBytes;

    /// <summary>See <see cref="ClusterSpec.MinSynchronousStandbys"/>.</summary>
    public int MinSynchronousStandbys { get; } = Spec.MinSynchronousStandbys ?? 1;

    /// <summary>See <see cref="ClusterSpec.MaxSynchronousStandbys"/>.</summary>
    public int MaxSynchronousStandbys { get; } = Spec.MaxSynchronousStandbys ?? 1;

    /// <summary>See <see cref="ClusterSpec.AdditionalWalSenders"/>.</summary>
    public int AdditionalWalSenders { get; } = Spec.AdditionalWalSenders ?? 5;

    /// <summary>See <see cref="ClusterSpec.UsePgRewind"/>.</summary>
    public bool UsePgRewind { get; } = Spec.UsePgRewind ?? false;

    /// <summary>See <see cref="ClusterSpec.MergePgParameters"/>.</summary>
    public bool MergePgParameters { get; } = Spec.MergePgParameters ?? true;

    /// <summary>See <see cref="ClusterSpec.Role"/>.</summary>
    public Role Role { get; } = Spec.Role ?? Role.Primary;

    /// <summary>See <see cref="ClusterSpec.DefaultSuReplAccessMode"/>.</summary>
    public AccessMode DefaultSuReplAccessMode { get; } = Spec.DefaultSuReplAccessMode ?? AccessMode.All;

    /// <summary>See <see cref="ClusterSpec.AutomaticPgRestart"/>.</summary>
    public bool AutomaticPgRestart { get; } = Spec.AutomaticPgRestart ?? false;

    /// <summary>The method of the pg_hba lines that we write (Q17).</summary>
    public string AuthMethod { get; } = Spec.DefaultAuthMethod ?? "md5";

    /// <summary>See <see cref="ClusterSpec.FailOnRefusal"/>.</summary>
    public bool FailOnRefusal { get; } = Spec.FailOnRefusal ?? false;

    /// <summary>Whether the primary waits for synchronous standbys (P9): asked for, and the cluster is no standby cluster.</summary>
    public bool SynchronousReplication { get; } =
        (Spec.SynchronousReplication ?? false) && (Spec.Role ?? Role.Primary) == Role.Primary;
}
