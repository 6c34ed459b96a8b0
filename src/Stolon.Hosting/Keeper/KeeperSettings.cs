using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// What one keeper runs with: its options after every default was filled in, every password read that is in an option or a file, and all of it checked (K1, K2).
/// </summary>
internal sealed record KeeperSettings
{
    /// <summary>The cluster's name.</summary>
    public required string ClusterName { get; init; }

    /// <summary>The configured uid; null = the one kept in the data directory, or a generated one that is kept there (K5).</summary>
    public KeeperId? Uid { get; init; }

    /// <summary>The keeper's folder, as a full path: <c>postgres</c>, <c>keeperstate</c>, <c>dbstate</c> and <c>lock</c> are in it (K4).</summary>
    public required string DataDirectory { get; init; }

    /// <summary>PostgreSQL's <c>listen_addresses</c>; may be <c>*</c>.</summary>
    public required string ListenAddress { get; init; }

    /// <summary>PostgreSQL's <c>port</c>.</summary>
    public required int Port { get; init; }

    /// <summary>The address that other keepers and proxies reach it at.</summary>
    public required string AdvertiseAddress { get; init; }

    /// <summary>The port that other keepers and proxies reach it at.</summary>
    public required int AdvertisePort { get; init; }

    /// <summary>The port at which others find out whether this keeper lives; 0 = any free one.</summary>
    public int LivenessPort { get; init; }

    /// <summary>Where PostgreSQL's programs are; null = they are searched for.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>The user of the operating system that PostgreSQL runs as; null = the one of this process.</summary>
    public string? RunAsUser { get; init; }

    /// <summary>Variables of the environment that PostgreSQL gets beside the usual ones; names, or beginnings that end with <c>*</c>.</summary>
    public IReadOnlyCollection<string> PassEnvironment { get; init; } = [];

    /// <summary>The most that a copy may read from its source, for each second; null = no limit.</summary>
    public int? CopyMegabytesPerSecond { get; init; }

    /// <summary>PostgreSQL's superuser.</summary>
    public required PostgresCredentials Superuser { get; init; }

    /// <summary>PostgreSQL's replication user; may be the superuser, and then has the same <see cref="RolePassword"/>.</summary>
    public required PostgresCredentials Replication { get; init; }

    /// <summary>Where the superuser's password is looked up again; null = it does not change.</summary>
    public PasswordSource? SuperuserSource { get; init; }

    /// <summary>Where the replication user's password is looked up again; null = it does not change, or with the superuser's.</summary>
    public PasswordSource? ReplicationSource { get; init; }

    /// <summary>Whether this keeper may ever hold the primary.</summary>
    public bool CanBePrimary { get; init; } = true;

    /// <summary>Whether this keeper may ever be a synchronous standby.</summary>
    public bool CanBeSynchronousReplica { get; init; } = true;

    /// <summary>Whether the data directory is locked (K3).</summary>
    public bool LockDataDirectory { get; init; } = true;

    /// <summary>How long a host that ends waits for another keeper to take the primary over; zero = not at all.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a primary that cannot hear or be heard fences itself (S4).</summary>
    public bool FencesItself { get; init; } = true;

    /// <summary>Names the keeper; nothing secret is in it (S11).</summary>
    /// <returns>For example <c>keeper keeper1 of orders in /var/lib/orders/keeper1</c>.</returns>
    public override string ToString() => $"keeper {Uid} of {ClusterName} in {DataDirectory}";
}
