using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Hosting.Administration;

/// <summary>What may be asked of a specification, and what of a change (M11, M12).</summary>
internal static class SpecChange
{
    /// <summary>Throws if there are mistakes.</summary>
    /// <param name="mistakes">The mistakes.</param>
    /// <exception cref="InvalidSpecException">There are some.</exception>
    public static void Refuse(ImmutableArray<string> mistakes)
    {
        if (!mistakes.IsEmpty)
        {
            throw new InvalidSpecException(mistakes);
        }
    }

    /// <summary>Reads a specification that somebody wrote.</summary>
    /// <param name="json">JSON.</param>
    /// <returns>The specification. Its mistakes are not looked for yet.</returns>
    /// <exception cref="InvalidSpecException">It is no JSON, or a member has another type than expected.</exception>
    public static ClusterSpec Read(string json)
    {
        try
        {
            return ClusterJson.ReadSpec(System.Text.Encoding.UTF8.GetBytes(json));
        }
        catch (ClusterDataException exception)
        {
            throw new InvalidSpecException(exception.Message, exception);
        }
    }

    /// <summary>Everything that speaks against making a cluster with a specification.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>Every mistake.</returns>
    public static ImmutableArray<string> MistakesOfNew(ClusterSpec spec) =>
        [.. Unknown(spec.FindUnknownFields()), .. spec.Validate(), .. spec.ValidateForInitAndUpdate()];

    /// <summary>Everything that speaks against a change. Unknown members that are there already may stay: a newer version wrote them.</summary>
    /// <param name="current">The specification now.</param>
    /// <param name="next">What it shall be.</param>
    /// <returns>Every mistake.</returns>
    public static ImmutableArray<string> MistakesOfChange(ClusterSpec current, ClusterSpec next) =>
    [
        .. Unknown(next.FindUnknownFields().Except(current.FindUnknownFields(), StringComparer.Ordinal)),
        .. next.Validate(),
        .. next.ValidateChange(current),
        .. next.ValidateForInitAndUpdate(),
    ];

    /// <summary>Applies a JSON merge patch (RFC 7386).</summary>
    /// <param name="spec">The specification now.</param>
    /// <param name="patch">The patch.</param>
    /// <returns>The patched specification. Its mistakes are not looked for yet.</returns>
    /// <exception cref="InvalidSpecException">The patch is no JSON object, or a member has another type than expected.</exception>
    public static ClusterSpec Patch(ClusterSpec spec, string patch)
    {
        try
        {
            var changes = JsonNode.Parse(patch) as JsonObject
                ?? throw new InvalidSpecException("$: expected a JSON object with the members to change");
            return Read(Merge(JsonNode.Parse(ClusterJson.Write(spec)), changes)!.ToJsonString());
        }
        catch (JsonException exception)
        {
            throw new InvalidSpecException($"$: expected JSON: {exception.Message}", exception);
        }
    }

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

    private static IEnumerable<string> Unknown(IEnumerable<string> paths) =>
        paths.Select(path => $"{path}: there is no such field in a cluster specification");

    private static Dictionary<string, string> Members(ClusterSpec spec) =>
        ((JsonObject)JsonNode.Parse(ClusterJson.Write(spec))!)
            .ToDictionary(member => member.Key, member => member.Value?.ToJsonString() ?? "null", StringComparer.Ordinal);

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = target is JsonObject existing ? (JsonObject)existing.DeepClone() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = Merge(merged[name], value);
            }
        }

        return merged;
    }
}
