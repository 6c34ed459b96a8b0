namespace Stolon.Routing;

/// <summary>Whether a proxy tells the store which generation of the routing it obeys.</summary>
public enum Acknowledgement
{
    /// <summary>It publishes nothing.</summary>
    None,

    /// <summary>
    /// It publishes; a failure is no more than worth a line in the log, since no client is sent anywhere.
    /// </summary>
    Tried,

    /// <summary>It publishes, and if that fails the check failed: a sentinel might not wait for this proxy.</summary>
    Required,
}

/// <summary>What one look at the document means for a proxy (X2).</summary>
/// <param name="Primary">The primary's address, to be resolved before anything is published; null = there is
/// none.</param>
/// <param name="Enabled">This proxy may send clients to <paramref name="Primary"/>.</param>
/// <param name="Acknowledgement">Whether to publish.</param>
/// <param name="Generation">The generation to publish.</param>
/// <param name="Understood">False = the check failed (X2.2).</param>
/// <param name="Reason">Why.</param>
public sealed record RoutingDecision(
    PrimaryAddress? Primary,
    bool Enabled,
    Acknowledgement Acknowledgement,
    long Generation,
    bool Understood,
    RoutingReason Reason)
{
    /// <summary>Where clients go; null = nowhere.</summary>
    public PrimaryAddress? Target => Enabled ? Primary : null;

    /// <summary>
    /// The same look, when no name service knows the primary's host: nowhere, nothing published (X2.5).
    /// </summary>
    /// <param name="problem">Why the host cannot be resolved.</param>
    /// <returns>The decision instead.</returns>
    public RoutingDecision WithoutAddress(string problem) =>
        Primary is null ? this : Nowhere(new RoutingReason.Unresolved(Primary.Db, Primary.ToString(), problem));

    /// <summary>No client is forwarded.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>The decision, with nothing to publish and the check good.</returns>
    internal static RoutingDecision Nowhere(RoutingReason reason) =>
        new(null, Enabled: false, Acknowledgement.None, 0, Understood: true, reason);
}
