using System.Collections.Immutable;
using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Routing;

/// <summary>Decides where a proxy sends its clients. Rule X2 of docs/behaviour.md; the order of the questions is the rule.</summary>
public static class Router
{
    /// <summary>What a document means for one proxy.</summary>
    /// <param name="document">The document as just read; null = the store holds none.</param>
    /// <param name="own">This proxy.</param>
    /// <param name="mistakes">What is wrong with the document's specification (M11); empty = nothing.</param>
    /// <returns>Where clients go and what to publish.</returns>
    public static RoutingDecision Next(ClusterData? document, ProxyId own, ImmutableArray<string> mistakes)
    {
        if (document is null)
        {
            return RoutingDecision.Nowhere(new RoutingReason.NoClusterData());
        }

        if (document.FormatVersion != ClusterData.CurrentFormatVersion)
        {
            return NotUnderstood(
                [$"$.formatVersion: expected {ClusterData.CurrentFormatVersion}, found {document.FormatVersion}"]);
        }

        if (!mistakes.IsDefaultOrEmpty)
        {
            return NotUnderstood(mistakes);
        }

        var (generation, routing) = (document.Proxy.Generation, document.Proxy.Spec);
        if (routing.PrimaryDb is not { } id)
        {
            return Closed(
                generation, generation == 0 ? new RoutingReason.NoRouting() : new RoutingReason.NoPrimary(generation));
        }

        return document.Databases.Find(id) is { } primary
            ? Open(primary, own, generation, routing.EnabledProxies)
            : Closed(generation, new RoutingReason.UnknownPrimary(id, generation));
    }

    /// <summary>X2.2: the document cannot be understood at all.</summary>
    /// <param name="mistakes">What is wrong with it.</param>
    /// <returns>Nowhere, and the check failed.</returns>
    public static RoutingDecision NotUnderstood(ImmutableArray<string> mistakes) =>
        RoutingDecision.Nowhere(RoutingReason.Because(mistakes)) with { Understood = false };

    /// <summary>X2.3, X2.4: nowhere, and acknowledged.</summary>
    private static RoutingDecision Closed(long generation, RoutingReason reason) =>
        RoutingDecision.Nowhere(reason) with { Acknowledgement = Acknowledgement.Tried, Generation = generation };

    /// <summary>X2.5, X2.6.</summary>
    private static RoutingDecision Open(Database primary, ProxyId own, long generation, ValueList<ProxyId> enabled)
    {
        var (host, port) = (primary.Status.ListenAddress, primary.Status.Port);
        if (host.Length == 0)
        {
            return Unusable(primary, "none", "it is not known yet");
        }

        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is 0 or > 65535)
        {
            return Unusable(primary, $"{host}:{port}", "the port is no number from 1 to 65535");
        }

        var address = new PrimaryAddress(primary.Uid, host, number);
        var listed = enabled.Contains(own);
        return new RoutingDecision(
            address,
            listed,
            Acknowledgement.Required,
            generation,
            Understood: true,
            listed ? new RoutingReason.Routed(address, generation) : new RoutingReason.NotEnabled(own, generation));
    }

    private static RoutingDecision Unusable(Database primary, string address, string problem) =>
        RoutingDecision.Nowhere(new RoutingReason.Unresolved(primary.Uid, address, problem));
}
