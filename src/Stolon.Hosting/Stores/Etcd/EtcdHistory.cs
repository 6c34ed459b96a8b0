using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>The last decisions as one JSON array. It is for people: what cannot be read counts as none, and nothing waits for it.</summary>
internal static partial class EtcdHistory
{
    /// <summary>How many are kept.</summary>
    private const int Length = 100;

    /// <summary>Reads.</summary>
    /// <param name="json">What is stored; null = nothing.</param>
    /// <returns>The decisions, oldest first.</returns>
    public static ImmutableArray<Decision> Read(ByteString? json)
    {
        try
        {
            return json is { Length: > 0 } ? [.. JsonSerializer.Deserialize(json.Span, Json.Default.DecisionArray) ?? []] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Appends.</summary>
    /// <param name="json">What is stored; null = nothing.</param>
    /// <param name="decisions">What is new.</param>
    /// <returns>What to store.</returns>
    public static ByteString Append(ByteString? json, ImmutableArray<Decision> decisions) =>
        ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(
            [.. Read(json).Concat(decisions).TakeLast(Length)], Json.Default.DecisionArray));

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Decision[]))]
    private sealed partial class Json : JsonSerializerContext;
}
