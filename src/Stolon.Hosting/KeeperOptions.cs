namespace Stolon.Hosting;

/// <summary>
/// Settings of one keeper: the process part that drives one PostgreSQL instance. What concerns the whole cluster stands in its
/// specification (<see cref="Cluster.ClusterSpec"/>), not here.
/// </summary>
public sealed class KeeperOptions
{
    /// <summary>The keeper's name within the cluster: lower-case letters, digits and <c>_</c>.</summary>
    /// <value>Null by default: one is generated at the first start and kept in the data directory.</value>
    public string? Uid { get; set; }

    /// <summary>The keeper's own folder. PostgreSQL's data is in <c>postgres</c> below it.</summary>
    /// <value>Required.</value>
    public string DataDirectory { get; set; } = "";

    /// <summary>The addresses that PostgreSQL listens on (its <c>listen_addresses</c>).</summary>
    /// <value><c>127.0.0.1</c> by default: nothing is open to the network unless asked for.</value>
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>The port that PostgreSQL listens on.</summary>
    /// <value>5432 by default.</value>
    public int Port { get; set; } = 5432;

    /// <summary>The address that other keepers and proxies reach this PostgreSQL at.</summary>
    /// <value>Null by default: the listen address. Required when that is a wildcard or a list.</value>
    public string? AdvertiseAddress { get; set; }

    /// <summary>The port that other keepers and proxies reach this PostgreSQL at.</summary>
    /// <value>Null by default: <see cref="Port"/>.</value>
    public int? AdvertisePort { get; set; }

    /// <summary>
    /// The port at which other keepers find out whether this one lives, on the addresses of <see cref="ListenAddress"/>; they reach it at
    /// <see cref="AdvertiseAddress"/>. It says who answers and nothing else.
    /// </summary>
    /// <value>0 by default: any free one. Give one where a firewall stands between the hosts.</value>
    public int LivenessPort { get; set; }

    /// <summary>The folder of PostgreSQL's programs (<c>postgres</c>, <c>initdb</c>, …).</summary>
    /// <value>Null by default: <c>PATH</c> and the usual places of the distributions are searched.</value>
    public string? BinDirectory { get; set; }

    /// <summary>The user of the operating system that PostgreSQL runs as. Only root can choose another than its own.</summary>
    /// <value>Null by default: <c>postgres</c> when this process is root, else the user of this process.</value>
    public string? RunAsUser { get; set; }

    /// <summary>
    /// Further variables of this process's environment that PostgreSQL, and the operator's commands that it runs, are given: names, or
    /// beginnings of names that end with <c>*</c>, such as <c>RESTIC_*</c>.
    /// </summary>
    /// <value>Empty by default.</value>
    /// <remarks>
    /// <para>Always given: PATH, HOME, USER, LOGNAME, SHELL, LANG, LANGUAGE, LC_*, TZ, TMPDIR, LD_LIBRARY_PATH, LD_PRELOAD, SSL_CERT_*, what
    /// cloud and backup tools read (AWS_*, AZURE_*, GOOGLE_*, GCS_*, WALG_*, WALE_*, PGBACKREST_*, BARMAN_*), and HTTP's proxies. Nothing else:
    /// passwords of the host are none of PostgreSQL's business.</para>
    /// <para>Never given, also when named here: settings of this program (<c>Stolon__…</c>, <c>STKEEPER_…</c>) and libpq's (<c>PG…</c>).</para>
    /// </remarks>
    public IList<string> PassEnvironment { get; } = [];

    /// <summary>The most that a copy of the primary may read from it, in megabytes (2^20 bytes) for each second.</summary>
    /// <value>Null by default: as fast as it goes. From 1 to 1024, the range of <c>pg_basebackup --max-rate</c>.</value>
    /// <remarks>A full copy loads the primary's disk and network, which its clients feel. WAL is not counted.</remarks>
    public int? CopyMegabytesPerSecond { get; set; }

    /// <summary>PostgreSQL's superuser.</summary>
    /// <value><c>postgres</c> by default.</value>
    public string SuperuserName { get; set; } = "postgres";

    /// <summary>The superuser's password. Give it, <see cref="SuperuserPasswordFile"/> or <see cref="SuperuserPasswordProvider"/>.</summary>
    /// <value>Null by default: with the embedded store one is generated beside the store file; other stores require one.</value>
    public string? SuperuserPassword { get; set; }

    /// <summary>A file that holds the superuser's password. It is read again at each sleepInterval.</summary>
    /// <value>Null by default.</value>
    /// <remarks>
    /// <para>Another password in it becomes the role's: the keeper of the primary sets it, and none is restarted. Until the file of every
    /// keeper has it, each logs in with what the role has. A file that cannot be read, or is empty, changes nothing; the log says so.</para>
    /// <para>A change counts when two looks in a row have found the same. Better than writing into the file is to replace it by a rename.</para>
    /// </remarks>
    public string? SuperuserPasswordFile { get; set; }

    /// <summary>Gives the superuser's password, as a vault does that rotates it: asked at the start and at each <see cref="PasswordRefreshInterval"/>.</summary>
    /// <value>Null by default. With one user for both purposes this one is for both.</value>
    /// <remarks>
    /// <para>It may take 10 s. One that throws or hangs changes nothing: the last good password stays in force, the keeper says so in its log
    /// and its report, and asks again after 10 s at the latest. At the start the one of the last run stands in.</para>
    /// <para>A new password becomes the role's, as with <see cref="SuperuserPasswordFile"/>. A vault that changes the role itself is asked at
    /// once, within 10 s, when PostgreSQL takes no password that the keeper knows.</para>
    /// </remarks>
    public Func<CancellationToken, ValueTask<string>>? SuperuserPasswordProvider { get; set; }

    /// <summary>How the superuser proves who it is: <c>scram-sha-256</c>, <c>md5</c> or <c>trust</c>.</summary>
    /// <value>Null by default: what the cluster's specification says (<c>scram-sha-256</c> in a new cluster).</value>
    public string? SuperuserAuthMethod { get; set; }

    /// <summary>PostgreSQL's user for replication. It may be the superuser.</summary>
    /// <value><c>replicator</c> by default.</value>
    public string ReplicationName { get; set; } = "replicator";

    /// <summary>The replication user's password. Give it, <see cref="ReplicationPasswordFile"/> or <see cref="ReplicationPasswordProvider"/>.</summary>
    /// <value>Null by default: with the embedded store one is generated beside the store file; other stores require one.</value>
    public string? ReplicationPassword { get; set; }

    /// <summary>A file that holds the replication user's password; read again as <see cref="SuperuserPasswordFile"/> is.</summary>
    /// <value>Null by default.</value>
    public string? ReplicationPasswordFile { get; set; }

    /// <summary>Gives the replication user's password; see <see cref="SuperuserPasswordProvider"/>.</summary>
    /// <value>Null by default.</value>
    public Func<CancellationToken, ValueTask<string>>? ReplicationPasswordProvider { get; set; }

    /// <summary>How the replication user proves who it is: <c>scram-sha-256</c>, <c>md5</c> or <c>trust</c>.</summary>
    /// <value>Null by default: what the cluster's specification says (<c>scram-sha-256</c> in a new cluster).</value>
    public string? ReplicationAuthMethod { get; set; }

    /// <summary>How often the password providers are asked.</summary>
    /// <value>1 min by default; from 1 s to 1 h.</value>
    public TimeSpan PasswordRefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a host that ends in an orderly way may wait until another keeper has taken the primary over, before PostgreSQL is stopped. So a rolling
    /// deployment costs a switchover, not a failover.
    /// </summary>
    /// <value>10 s by default; zero = it is stopped at once; 1 s to 5 min. It is never more than half of <see cref="StolonOptions.StopTimeout"/>.</value>
    /// <remarks>The host's own time to stop (<c>HostOptions.ShutdownTimeout</c>, 30 s by default) and that of whatever runs it must be longer.</remarks>
    public TimeSpan LeaveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether this keeper may ever hold the primary.</summary>
    /// <value>True by default.</value>
    public bool CanBePrimary { get; set; } = true;

    /// <summary>Whether this keeper may ever be a synchronous standby.</summary>
    /// <value>True by default.</value>
    public bool CanBeSynchronousReplica { get; set; } = true;

    /// <summary>Do not lock the data directory: only for file systems that have no locks.</summary>
    /// <value>False by default.</value>
    /// <remarks>Two keepers on one data directory destroy it; without the lock nothing keeps them apart.</remarks>
    public bool DisableDataDirectoryLocking { get; set; }

    /// <summary>Let a primary that is cut off from the store run on.</summary>
    /// <value>False by default: it stops itself before another one may have been elected.</value>
    /// <remarks>With it, clients that do not come through a proxy may write to two primaries.</remarks>
    public bool DisableSelfFencing { get; set; }

    /// <summary>Names the keeper; no password is in it.</summary>
    /// <returns>For example <c>keeper keeper1 in /var/lib/orders/keeper1</c>.</returns>
    public override string ToString() => $"keeper {Uid ?? "(no uid)"} in {DataDirectory}";
}
