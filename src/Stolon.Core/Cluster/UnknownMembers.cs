namespace Stolon.Cluster;

/// <summary>
/// What a JSON object held beyond the members that this version knows: unknown members, and known ones that were given as
/// <c>null</c>. They are written back as they were read, at every level (docs/behaviour.md, M1), so that a newer program's
/// fields survive an older one.
/// </summary>
/// <param name="Members">Raw JSON text by member name.</param>
public sealed record UnknownMembers(ValueMap<string, string> Members)
{
    /// <summary>Nothing unknown.</summary>
    public static readonly UnknownMembers None = new(ValueMap<string, string>.Empty);
}
