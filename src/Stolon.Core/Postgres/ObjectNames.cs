using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The names of our objects inside PostgreSQL (M4): replication slots, application names, synchronous standby names.</summary>
public static class ObjectNames
{
    /// <summary>The prefix of every one of them.</summary>
    public const string Prefix = "stolon_";

    /// <summary>The name of a synchronous standby that never comes, so that commits wait. It is not "ours" by its prefix.</summary>
    public const string FakeStandby = "stolonfakestandby";

    /// <summary>The name of a db: its standby's application name and its slot on the primary.</summary>
    /// <param name="db">The db.</param>
    /// <returns>For example <c>stolon_02c0357b</c>.</returns>
    public static string Of(DbId db) => Prefix + db.Value;

    /// <summary>Whether a slot or application name is ours.</summary>
    /// <param name="name">The name; null gives false.</param>
    /// <returns>True if it has our prefix.</returns>
    public static bool IsOurs([NotNullWhen(true)] string? name) => name?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <summary>The db of a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The db, or null if the name is not ours. An additional slot of the spec gives an id that no db has.</returns>
    public static DbId? DbOf(string? name) => IsOurs(name) ? new DbId(name[Prefix.Length..]) : null;

    /// <summary>The slots that an instance should have (K24): one for each follower, and the additional ones.</summary>
    /// <param name="spec">What the document asks for.</param>
    /// <param name="self">The db itself, which needs none.</param>
    /// <returns>The names of the slots, sorted.</returns>
    public static ImmutableSortedSet<string> WantedSlots(DatabaseSpec spec, DbId self) =>
        spec.Followers.Where(follower => follower != self).Select(Of)
            .Concat(spec.AdditionalReplicationSlots.Select(name => Prefix + name))
            .ToImmutableSortedSet(StringComparer.Ordinal);
}
