using System.Collections.Immutable;

namespace Stolon.Hosting.Health;

/// <summary>
/// How this process's part in one cluster does. It is keyed by the cluster's name; all clusters of the process are registered without a key.
/// Nothing is asked of the store or of PostgreSQL for it, so it answers at once.
/// </summary>
public interface IStolonHealth
{
    /// <summary>The cluster's name.</summary>
    string ClusterName { get; }

    /// <summary>Looks at each role.</summary>
    /// <returns>One element for each role of this process.</returns>
    ImmutableArray<RoleHealth> Read();
}

/// <summary>How one role does at this instant. The lists hold sentences for people.</summary>
/// <param name="Role">Its name, for example <c>keeper keeper1</c>.</param>
/// <param name="Hanging">Loops that do not advance: only a new start of the process helps. Empty = it lives.</param>
/// <param name="NotReady">Why it does not do its work now; it may come by itself. Empty = it is ready.</param>
public sealed record RoleHealth(string Role, ImmutableArray<string> Hanging, ImmutableArray<string> NotReady);
