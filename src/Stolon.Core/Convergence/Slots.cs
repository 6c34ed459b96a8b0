using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>Which replication slots are ours to make and to drop (K24, M4).</summary>
internal static class Slots
{
    /// <summary>Whether a wanted slot is missing.</summary>
    /// <param name="wanted">The wanted names.</param>
    /// <param name="present">The names that exist.</param>
    /// <returns>Whether one has to be made.</returns>
    public static bool Missing(ValueList<string> wanted, ImmutableSortedSet<string> present) =>
        !present.IsSupersetOf(wanted);

    /// <summary>Whether a wanted slot is missing, or one of ours is not wanted. Slots of others are never looked at.</summary>
    /// <param name="wanted">The wanted names.</param>
    /// <param name="present">The names that exist.</param>
    /// <returns>Whether something has to be done.</returns>
    public static bool Differ(ValueList<string> wanted, ImmutableSortedSet<string> present) =>
        !present.Where(ObjectNames.IsOurs).ToHashSet(StringComparer.Ordinal).SetEquals(wanted);
}
