using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Administration;

/// <summary>
/// What an operator can ask of a cluster. It works through the store alone: no role needs to run in the same process. Each request that
/// changes something is kept in the history.
/// </summary>
public interface IStolonAdministration
{
    /// <summary>The cluster's name.</summary>
    string ClusterName { get; }

    /// <summary>Makes a new cluster (A1). What the specification leaves unset gets the fast values of this product.</summary>
    /// <param name="spec">What it shall be like.</param>
    /// <param name="options">What may be replaced; null = nothing.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <returns>When the cluster is asked for; keepers and sentinels do the rest.</returns>
    /// <exception cref="InvalidSpecException">The specification has mistakes: all are named.</exception>
    /// <exception cref="StolonException">There is a cluster already.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    Task InitAsync(ClusterSpec spec, InitOptions? options, CancellationToken cancellationToken);

    /// <summary>Replaces the specification (A2).</summary>
    /// <remarks>Changed <c>pgParameters</c> and <c>pgHBA</c> are checked by a running server of the cluster before they are written.</remarks>
    /// <param name="spec">The whole new specification; what it leaves unset means its default.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <returns>When it is written.</returns>
    /// <exception cref="InvalidSpecException">The specification has mistakes, or the change is not allowed, or a server does not accept it: all are named.</exception>
    /// <exception cref="StolonException">There is no cluster, or others wrote all the time.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    Task UpdateAsync(ClusterSpec spec, CancellationToken cancellationToken);

    /// <summary>Changes parts of the specification (A2).</summary>
    /// <remarks>Changed <c>pgParameters</c> and <c>pgHBA</c> are checked by a running server of the cluster before they are written.</remarks>
    /// <param name="mergePatch">A JSON merge patch (RFC 7386): members that are given are set, <c>null</c> unsets one.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <returns>When it is written.</returns>
    /// <exception cref="InvalidSpecException">The patch or its result has mistakes, or the change is not allowed, or a server does not accept it: all are named.</exception>
    /// <exception cref="StolonException">There is no cluster, or others wrote all the time.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    Task PatchAsync(string mergePatch, CancellationToken cancellationToken);

    /// <inheritdoc cref="UpdateAsync(ClusterSpec, CancellationToken)"/>
    /// <param name="spec">The whole new specification; what it leaves unset means its default.</param>
    /// <param name="options">What may be accepted; null = only what is wise.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    Task UpdateAsync(ClusterSpec spec, UpdateOptions? options, CancellationToken cancellationToken);

    /// <inheritdoc cref="PatchAsync(string, CancellationToken)"/>
    /// <param name="mergePatch">A JSON merge patch (RFC 7386): members that are given are set, <c>null</c> unsets one.</param>
    /// <param name="options">What may be accepted; null = only what is wise.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    Task PatchAsync(string mergePatch, UpdateOptions? options, CancellationToken cancellationToken);

    /// <summary>Treats a keeper as failed once, so that another takes over if it held the primary (A4).</summary>
    /// <param name="keeper">The keeper.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <returns>When it is asked for.</returns>
    /// <exception cref="StolonException">There is no such keeper.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    Task FailKeeperAsync(KeeperId keeper, CancellationToken cancellationToken);

    /// <summary>Forgets a keeper and its instance (A4). One that still runs registers anew.</summary>
    /// <param name="keeper">The keeper.</param>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <returns>When it is forgotten.</returns>
    /// <exception cref="StolonException">There is no such keeper, or it holds the primary.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    Task RemoveKeeperAsync(KeeperId keeper, CancellationToken cancellationToken);

    /// <summary>
    /// Makes another instance the primary in a planned way: clients are held for a moment, and nothing that was acknowledged is lost, in asynchronous mode
    /// either. It is finished, refused with reasons, or undone.
    /// </summary>
    /// <param name="options">To whom, and within what time; null = the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting; it goes on, or is refused when its limit is over.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="StolonException">There is no cluster, no primary or no such standby, or another switchover is under way.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was asked for, or what became of it.</exception>
    Task<SwitchoverResult> SwitchoverAsync(SwitchoverOptions? options, CancellationToken cancellationToken);

    /// <summary>Makes a standby cluster an ordinary one (A3). Nothing happens to an ordinary one.</summary>
    /// <param name="cancellationToken">Gives up waiting; it is unknown then whether it happened.</param>
    /// <returns>When it is asked for.</returns>
    /// <exception cref="StolonException">There is no cluster.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it happened.</exception>
    Task PromoteAsync(CancellationToken cancellationToken);

    /// <summary>What the cluster looks like, and whether it would survive its next failure (A5).</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The overview.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    /// <exception cref="ClusterDataException">The document cannot be understood.</exception>
    Task<ClusterOverview> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>The last decisions and why they were taken, oldest first.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>At most 100 decisions.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task<ImmutableArray<Decision>> GetHistoryAsync(CancellationToken cancellationToken);
}

/// <summary>What a new cluster may replace.</summary>
public sealed record InitOptions
{
    /// <summary>Replace a cluster that exists already. Its keepers keep their data but belong to no cluster then.</summary>
    public bool Replace { get; init; }

    /// <summary>Accept what is refused although a cluster can live with it, such as a <c>failInterval</c> below 3 s.</summary>
    /// <remarks>Unknown fields and invalid values (M11) are refused all the same.</remarks>
    public bool Force { get; init; }

    /// <summary>Keepers may set aside data of another cluster that they hold: it is renamed, not deleted.</summary>
    public bool DiscardData { get; init; }
}

/// <summary>What a change of the specification may do.</summary>
public sealed record UpdateOptions
{
    /// <summary>
    /// Accept what an update refuses although a cluster can live with it, such as a <c>failInterval</c> below 3 s, and ask no server whether
    /// it accepts changed parameters and lines of pg_hba. So a cluster of which no server runs can be changed too.
    /// </summary>
    /// <remarks>Unknown fields, invalid values and forbidden changes (M11, M12) are refused all the same.</remarks>
    public bool Force { get; init; }

    /// <summary>
    /// How long to wait for a running server to check changed <c>pgParameters</c> and <c>pgHBA</c>. One that runs answers within a second.
    /// Default 10 s.
    /// </summary>
    public TimeSpan CheckLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Is told what is worth knowing of a change that a server accepts, before it is written: which parameters wait for a restart. Each is a
    /// sentence that begins with the JSON path. Default null = nobody is.
    /// </summary>
    public Action<string>? Remarks { get; init; }
}
