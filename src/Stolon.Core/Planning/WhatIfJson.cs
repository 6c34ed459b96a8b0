using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Questions and answers as files: <c>stolon ctl plan -f</c>.</summary>
public static class WhatIfJson
{
    private const string DataName = "clusterData";
    private const string KeepersName = "keeperInfos";
    private const string ProxiesName = "proxyInfos";
    private const string NowName = "now";
    private static readonly ImmutableArray<string> Names = [DataName, KeepersName, ProxiesName, NowName];

    /// <summary>Reads a question: <c>{"clusterData": …, "keeperInfos": […], "proxyInfos": […], "now": "…"}</c>; all but the first may be missing.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The question.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member is missing, unknown or of another type than expected.</exception>
    public static WhatIfQuestion Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new ClusterDataException($"$: expected JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Writes an answer: <c>{"clusterData": …, "reasons": […], "wakeAt": "…"}</c>.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>UTF-8 JSON, for people.</returns>
    public static byte[] Write(WhatIfAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true }))
        {
            writer.WriteStartObject();
            writer.WritePropertyName(DataName);
            using (var data = JsonDocument.Parse(ClusterJson.Write(answer.Next)))
            {
                data.RootElement.WriteTo(writer);
            }

            writer.WriteStartArray("reasons");
            foreach (var reason in answer.Reasons)
            {
                Write(writer, reason);
            }

            writer.WriteEndArray();
            if (answer.WakeAt is { } wakeAt)
            {
                writer.WriteString("wakeAt", Timestamp.From(wakeAt).Text);
            }
            else
            {
                writer.WriteNull("wakeAt");
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes one reason.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="reason">The reason.</param>
    public static void Write(Utf8JsonWriter writer, Reason reason)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(reason);
        writer.WriteStartObject();
        writer.WriteString("kind", reason.Kind);
        writer.WriteString("text", reason.Text);
        writer.WriteBoolean("change", reason.IsChange);
        writer.WriteEndObject();
    }

    private static WhatIfQuestion Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new ClusterDataException($"$: expected an object with the member {DataName}, found {root.ValueKind}");
        }

        var members = root.EnumerateObject().ToLookup(member => member.Name, member => member.Value, StringComparer.Ordinal);
        if (members.Select(member => member.Key).FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
        {
            throw new ClusterDataException($"$.{unknown}: there is no such member; there are {string.Join(", ", Names)}");
        }

        var data = Given(members, DataName) ?? throw new ClusterDataException($"$.{DataName}: expected the document, found nothing");
        return new WhatIfQuestion
        {
            Data = Nested(DataName, () => ClusterJson.ReadClusterData(Utf8(data))),
            Keepers = Given(members, KeepersName) is { } keepers ? List(keepers, KeepersName, ClusterJson.ReadKeeperReport) : null,
            Proxies = Given(members, ProxiesName) is { } proxies ? List(proxies, ProxiesName, ClusterJson.ReadProxyReport) : null,
            Now = Given(members, NowName) is { } now ? Time(now) : null,
        };
    }

    private static JsonElement? Given(ILookup<string, JsonElement> members, string name) =>
        members[name].LastOrDefault() is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value ? value : null;

    private static ImmutableArray<T> List<T>(JsonElement json, string name, Func<ReadOnlyMemory<byte>, T> read) =>
        json.ValueKind == JsonValueKind.Array
            ? [.. json.EnumerateArray().Select((item, index) => Nested($"{name}[{index}]", () => read(Utf8(item))))]
            : throw new ClusterDataException($"$.{name}: expected an array, found {json.ValueKind}");

    private static DateTimeOffset Time(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && new Timestamp(json.GetString()!) is { IsValid: true } time
            ? time.ToDateTimeOffset()
            : throw new ClusterDataException($"$.{NowName}: expected a time such as \"2026-01-31T12:00:00Z\", found {json.GetRawText()}");

    private static ReadOnlyMemory<byte> Utf8(JsonElement json) => System.Text.Encoding.UTF8.GetBytes(json.GetRawText());

    /// <summary>A complaint's path begins at the whole file.</summary>
    private static T Nested<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ClusterDataException exception)
        {
            var message = exception.Message.StartsWith('$') ? exception.Message[1..] : $": {exception.Message}";
            throw new ClusterDataException($"$.{path}{message}", exception);
        }
    }
}
