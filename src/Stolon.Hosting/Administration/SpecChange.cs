using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Hosting.Administration;

/// <summary>Reads and changes specifications that somebody wrote; what is wrong becomes one error that names every mistake.</summary>
internal static class SpecChange
{
    /// <summary>Throws if there are mistakes.</summary>
    /// <param name="mistakes">The mistakes.</param>
    /// <param name="canBeForced">Whoever insists can have it.</param>
    /// <exception cref="InvalidSpecException">There are some.</exception>
    public static void Refuse(ImmutableArray<string> mistakes, bool canBeForced)
    {
        if (!mistakes.IsEmpty)
        {
            throw new InvalidSpecException(mistakes) { CanBeForced = canBeForced };
        }
    }

    /// <summary>Reads a specification.</summary>
    /// <param name="json">JSON.</param>
    /// <returns>The specification. Its mistakes are not looked for yet.</returns>
    /// <exception cref="InvalidSpecException">It is no JSON, or a member has another type than expected.</exception>
    public static ClusterSpec Read(string json) => Guarded(() => ClusterSpecJson.ReadGiven(Encoding.UTF8.GetBytes(json)));

    /// <summary>Applies a JSON merge patch (RFC 7386).</summary>
    /// <param name="spec">The specification now.</param>
    /// <param name="patch">The patch.</param>
    /// <returns>The patched specification. Its mistakes are not looked for yet.</returns>
    /// <exception cref="InvalidSpecException">The patch is no JSON object, or a member has another type than expected.</exception>
    public static ClusterSpec Patch(ClusterSpec spec, string patch) => Guarded(() => spec.Merge(Encoding.UTF8.GetBytes(patch)));

    /// <summary>The members that differ, for the history. Their values may be secret, so they are left out.</summary>
    /// <param name="current">The specification now.</param>
    /// <param name="next">What it shall be.</param>
    /// <returns>The members' names, sorted.</returns>
    public static ImmutableArray<string> ChangedMembers(ClusterSpec current, ClusterSpec next)
    {
        var (before, after) = (Members(current), Members(next));
        return
        [
            .. before.Keys.Union(after.Keys, StringComparer.Ordinal)
                .Where(name => before.GetValueOrDefault(name, "null") != after.GetValueOrDefault(name, "null"))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static ClusterSpec Guarded(Func<ClusterSpec> make)
    {
        try
        {
            return make();
        }
        catch (ClusterDataException exception)
        {
            throw new InvalidSpecException(exception.Message, exception);
        }
    }

    private static Dictionary<string, string> Members(ClusterSpec spec) =>
        ((JsonObject)JsonNode.Parse(ClusterJson.Write(spec))!)
            .ToDictionary(member => member.Key, member => member.Value?.ToJsonString() ?? "null", StringComparer.Ordinal);
}
