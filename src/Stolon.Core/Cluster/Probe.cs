namespace Stolon.Cluster;

/// <summary>
/// What an observer found: every port of a keeper, or of a proxy, refuses connections. Instants are ages at the time of the publication, since
/// no clock is shared. Ours, optional; published only while there is something to say.
/// </summary>
public sealed record Probe
{
    /// <summary>The uid of the keeper or proxy.</summary>
    public required string Uid { get; init; }

    /// <summary>It is a proxy: its liveness port is all it is asked for. A keeper's PostgreSQL port has to refuse, too.</summary>
    public bool IsProxy { get; init; }

    /// <summary>Its last publication that the observer read, before each of the refusals.</summary>
    public required string InfoUid { get; init; }

    /// <summary>The process that answered on the liveness port when it last did.</summary>
    public string BootUuid { get; init; } = "";

    /// <summary>How long ago the observer was last connected to all its ports.</summary>
    public TimeSpan ConnectedAgo { get; init; }

    /// <summary>How long ago all its ports first refused.</summary>
    public TimeSpan FirstRefusedAgo { get; init; }

    /// <summary>How long ago all its ports last refused.</summary>
    public TimeSpan LastRefusedAgo { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
