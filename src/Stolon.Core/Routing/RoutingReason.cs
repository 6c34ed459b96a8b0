using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Routing;

/// <summary>Why a proxy sends its clients where it does. A closed family.</summary>
public abstract record RoutingReason
{
    private RoutingReason()
    {
    }

    /// <summary>The reason as a sentence for operators.</summary>
    public abstract string Text { get; }

    /// <summary>X2.1: nobody initialised the cluster yet.</summary>
    public sealed record NoClusterData : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text => "The store holds no cluster data yet (run init): no client is forwarded.";
    }

    /// <summary>X2.2: the document is of another format, or its specification is not valid.</summary>
    /// <param name="Mistakes">What is wrong with it.</param>
    public sealed record NotUnderstood(ValueList<string> Mistakes) : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text =>
            $"The cluster data cannot be understood, so no client is forwarded: {string.Join("; ", Mistakes)}";
    }

    /// <summary>X2.3: no sentinel has written any routing yet.</summary>
    public sealed record NoRouting : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text => "The cluster data holds no routing yet: no client is forwarded until the cluster is initialised.";
    }

    /// <summary>X2.4: the sentinel closed the cluster to clients, as it does while the primary changes.</summary>
    /// <param name="Generation">The routing's generation.</param>
    public sealed record NoPrimary(long Generation) : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text => $"Routing {Generation} names no primary (it is about to change): no client is forwarded.";
    }

    /// <summary>X2.4: the routing names a db that the document does not hold.</summary>
    /// <param name="Db">The db.</param>
    /// <param name="Generation">The routing's generation.</param>
    public sealed record UnknownPrimary(DbId Db, long Generation) : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text =>
            $"Routing {Generation} names db {Db}, which the cluster data does not hold: no client is forwarded.";
    }

    /// <summary>X2.5: the primary's address is missing or no name service knows it.</summary>
    /// <param name="Db">The primary's db.</param>
    /// <param name="Address">The address as it stands in the document.</param>
    /// <param name="Problem">What is wrong with it.</param>
    public sealed record Unresolved(DbId Db, string Address, string Problem) : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text =>
            $"The address {Address} of the primary, db {Db}, cannot be used ({Problem}): no client is forwarded.";
    }

    /// <summary>X2.6: the sentinel has not listed this proxy yet.</summary>
    /// <param name="Proxy">This proxy.</param>
    /// <param name="Generation">The routing's generation.</param>
    public sealed record NotEnabled(ProxyId Proxy, long Generation) : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text =>
            $"Routing {Generation} does not list proxy {Proxy} yet: no client is forwarded until a sentinel has seen it.";
    }

    /// <summary>X2.6: clients go to the primary.</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="Generation">The routing's generation.</param>
    public sealed record Routed(PrimaryAddress Primary, long Generation) : RoutingReason
    {
        /// <inheritdoc/>
        public override string Text => $"Routing {Generation}: clients are sent to {Primary}, db {Primary.Db}.";
    }

    /// <summary>X2.2, from the mistakes found.</summary>
    /// <param name="mistakes">What is wrong.</param>
    /// <returns>The reason.</returns>
    internal static NotUnderstood Because(ImmutableArray<string> mistakes) => new(new ValueList<string>(mistakes));
}
