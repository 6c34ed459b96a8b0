namespace Stolon.Cluster;

/// <summary>How far a switchover is. Each is written down before what it orders happens.</summary>
public enum SwitchoverPhase
{
    /// <summary>Somebody asked for it; the sentinel has not accepted it yet.</summary>
    Requested,

    /// <summary>Accepted: the source writes a checkpoint and looks whether anything would hold up its stop. Clients go on.</summary>
    Preparing,

    /// <summary>Proxies close their connections and hold new ones.</summary>
    Draining,

    /// <summary>The source is to stop cleanly and to stay stopped.</summary>
    Stopping,

    /// <summary>The source has stopped at <see cref="Switchover.StoppedAt"/>; a standby that has that record is awaited.</summary>
    Stopped,

    /// <summary>The target is the primary of the document, and becomes one.</summary>
    Promoting,

    /// <summary>Nobody took over: the source is the primary of the document again, and starts. Clients wait, and so does every election.</summary>
    Returning,
}

/// <summary>
/// A planned change of the primary (architecture, section 7): <c>switchover</c> of the document's <c>cluster.status</c>. Ours, optional. It is there from
/// the request until it is finished, refused or undone; which of these, the history says.
/// </summary>
public sealed record Switchover
{
    /// <summary>How long a switchover may take until it begins to close clients, unless its request says otherwise.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    /// <summary>Names it, in the history too: eight hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>How far it is.</summary>
    public SwitchoverPhase Phase { get; init; }

    /// <summary>The primary that shall step down.</summary>
    public required DbId Source { get; init; }

    /// <summary>The standby that shall take over; null in a request = the sentinel chooses.</summary>
    public DbId? Target { get; init; }

    /// <summary>
    /// The source's generation when clients were closed; 0 before. If it changes before the source has handed on, the switchover is void. The target's
    /// is not asked: what it has to have, WAL beyond <see cref="StoppedAt"/>, its reports say.
    /// </summary>
    public long SourceGeneration { get; init; }

    /// <summary>When it was asked for.</summary>
    public Timestamp StartedAt { get; init; } = Timestamp.Never;

    /// <summary>How long after <see cref="StartedAt"/> clients may still be closed for it; null = <see cref="DefaultLimit"/>.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Where the source stopped; null = it has not, as far as is known.</summary>
    public StopPoint? StoppedAt { get; init; }

    /// <summary>The sentinel that drives it.</summary>
    public SentinelId? Leader { get; init; }

    /// <summary>How often another sentinel has taken over since.</summary>
    public int LeaderChanges { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>From here until the end nothing else is planned: clients are out.</summary>
    public bool IsUnderWay => Phase >= SwitchoverPhase.Draining;

    /// <summary>Whether a db does not run because of this switchover: that is no illness.</summary>
    /// <param name="db">The db.</param>
    /// <returns>True for the source from the order to stop until the promotion is over.</returns>
    public bool Excuses(DbId db) =>
        db == Source && Phase is (SwitchoverPhase.Stopping or SwitchoverPhase.Stopped or SwitchoverPhase.Promoting);

    /// <summary>Whether a db has to be stopped, and to stay so.</summary>
    /// <param name="db">The db.</param>
    /// <returns>True for the source from the order to stop until the promotion, or until the switchover is undone.</returns>
    public bool KeepsStopped(DbId db) => db == Source && Phase is (SwitchoverPhase.Stopping or SwitchoverPhase.Stopped);
}

/// <summary>
/// Where a primary stopped cleanly: its control file says <c>shut down</c>. The shutdown checkpoint is a record that begins here, and the last one; who has
/// WAL beyond this position has all of it.
/// </summary>
/// <param name="Timeline">The timeline.</param>
/// <param name="Checkpoint">The start of the shutdown checkpoint: "Latest checkpoint location".</param>
public sealed record StopPoint(uint Timeline, Lsn Checkpoint)
{
    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What the source's keeper says to a switchover: that it is prepared, where it has stopped, or what is in the way.</summary>
/// <param name="Id">The switchover.</param>
/// <param name="Trouble">What is in the way, as a sentence; empty = nothing.</param>
public sealed record SwitchoverAnswer(string Id, string Trouble)
{
    /// <summary>Where it stopped on the order of the document, and stays; null = it has not.</summary>
    public StopPoint? StoppedAt { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
