namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a member of a stolon cluster does.</summary>
public enum StolonMemberRole
{
    /// <summary>A node of etcd: it holds what the others agree on.</summary>
    Store,

    /// <summary>Drives one PostgreSQL instance.</summary>
    Keeper,

    /// <summary>Decides who is primary.</summary>
    Sentinel,

    /// <summary>Leads clients to the primary.</summary>
    Proxy,
}
