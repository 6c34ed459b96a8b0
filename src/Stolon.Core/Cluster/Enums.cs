namespace Stolon.Cluster;

/// <summary>Whether the first PostgreSQL instance of the cluster is there yet.</summary>
public enum ClusterPhase
{
    /// <summary>The first instance is being made (rules I).</summary>
    Initializing,

    /// <summary>The cluster serves, or tries to (rules N).</summary>
    Normal,
}

/// <summary>How an instance gets its first data.</summary>
public enum InitMode
{
    /// <summary>It has its data already.</summary>
    None,

    /// <summary>A cluster takes over the data that a named keeper already holds.</summary>
    Existing,

    /// <summary>A fresh <c>initdb</c>.</summary>
    New,

    /// <summary>A restore from a backup, up to a point in time.</summary>
    Pitr,

    /// <summary>A copy of the followed primary.</summary>
    Resync,
}

/// <summary>The role of an instance, or of a whole cluster. The document says <c>master</c> for primary.</summary>
public enum Role
{
    /// <summary>It takes writes; <c>master</c> in the document.</summary>
    Primary,

    /// <summary>It replays another instance's WAL.</summary>
    Standby,
}

/// <summary>What a standby follows.</summary>
public enum FollowType
{
    /// <summary>Another instance of this cluster.</summary>
    Internal,

    /// <summary>A PostgreSQL outside this cluster: the cluster is a standby cluster.</summary>
    External,
}

/// <summary>Who may connect as superuser and replication user (H2, H3).</summary>
public enum AccessMode
{
    /// <summary>Any address.</summary>
    All,

    /// <summary>Only the other members of the cluster, and only on the primary.</summary>
    Strict,
}
