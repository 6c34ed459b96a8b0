using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stolon.Cluster;

/// <summary>What <c>update</c> and <c>init</c> need of a specification's JSON.</summary>
public static class ClusterSpecJson
{
    /// <summary>Reads a specification that somebody wrote just now: no member may be given twice.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The specification. It is not validated.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member is given twice or has another type than expected.</exception>
    public static ClusterSpec ReadGiven(ReadOnlyMemory<byte> json)
    {
        ClusterJson.Read(json, Codecs.Sound.As(_ => true, _ => default));
        return ClusterJson.ReadSpec(json);
    }

    /// <summary>Applies a JSON merge patch (RFC 7386): members replace, objects merge, null removes.</summary>
    /// <param name="spec">The present specification.</param>
    /// <param name="patch">UTF-8 JSON: an object.</param>
    /// <returns>The next specification. It is not validated.</returns>
    /// <exception cref="ClusterDataException">The patch is no JSON object, or the result has a member of another type than expected.</exception>
    public static ClusterSpec Merge(this ClusterSpec spec, ReadOnlyMemory<byte> patch)
    {
        JsonNode? change;
        try
        {
            change = Sound(patch);
        }
        catch (JsonException exception)
        {
            throw new ClusterDataException($"$: expected a patch as JSON: {exception.Message}", exception);
        }

        if (change is not JsonObject)
        {
            throw new ClusterDataException($"$: expected an object as patch, found {change?.ToJsonString() ?? "null"}");
        }

        var merged = MergePatch(Sound(ClusterJson.Write(spec)), change);
        return ClusterJson.ReadSpec(Encoding.UTF8.GetBytes(merged!.ToJsonString()));
    }

    /// <summary>A tree that throws nothing when it is walked: what is wrong with the text is said here.</summary>
    private static JsonNode? Sound(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        Codecs.Sound.ReadOrThrow(document.RootElement, "$");
        return JsonNode.Parse(json.Span);
    }

    /// <summary>The fields that this version does not know.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>Their JSON paths, sorted.</returns>
    public static ImmutableArray<string> UnknownFields(this ClusterSpec spec) => [.. spec.FindUnknown().Select(field => field.Path)];

    /// <summary>The fields that this version does not know, and what may have been meant.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>Their JSON paths, sorted, each with words that can follow it; empty = nothing is known that is like it.</returns>
    internal static ImmutableArray<(string Path, string Hint)> FindUnknown(this ClusterSpec spec) =>
    [
        .. new[]
        {
            Unknown(SpecShapes.Spec, "$", spec.Unknown),
            Unknown(SpecShapes.New, "$.newConfig", spec.NewConfig?.Unknown),
            Unknown(SpecShapes.Pitr, "$.pitrConfig", spec.PitrConfig?.Unknown),
            Unknown(SpecShapes.Archive, "$.pitrConfig.archiveRecoverySettings", spec.PitrConfig?.ArchiveRecoverySettings?.Unknown),
            Unknown(SpecShapes.RecoveryTarget, "$.pitrConfig.recoveryTargetSettings", spec.PitrConfig?.RecoveryTargetSettings?.Unknown),
            Unknown(SpecShapes.Existing, "$.existingConfig", spec.ExistingConfig?.Unknown),
            Unknown(SpecShapes.StandbyCluster, "$.standbyConfig", spec.StandbyConfig?.Unknown),
            Unknown(SpecShapes.Standby, "$.standbyConfig.standbySettings", spec.StandbyConfig?.StandbySettings?.Unknown),
            Unknown(SpecShapes.Archive, "$.standbyConfig.archiveRecoverySettings", spec.StandbyConfig?.ArchiveRecoverySettings?.Unknown),
        }.SelectMany(fields => fields).OrderBy(field => field.Path, StringComparer.Ordinal),
    ];

    /// <summary>Known members that were given as null are kept beside the unknown ones: they are no unknown fields.</summary>
    private static IEnumerable<(string Path, string Hint)> Unknown<T>(JsonShape<T> shape, string path, UnknownMembers? unknown)
        where T : class
    {
        foreach (var name in (unknown ?? UnknownMembers.None).Members.Keys.Except(shape.Names, StringComparer.Ordinal))
        {
            yield return ($"{path}.{name}", NearestName.Hint(name, shape.Names));
        }
    }

    private static JsonNode? MergePatch(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject present ? (JsonObject)present.DeepClone() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = MergePatch(result[name], value);
            }
        }

        return result;
    }
}
