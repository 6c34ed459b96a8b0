using System.Collections.Immutable;
using System.Text.Json;

namespace Stolon.Cluster;

/// <summary>The codecs of plain values.</summary>
internal static class Codecs
{
    private const int MostCounted = ushort.MaxValue;

    public static readonly JsonCodec<string> Text = new(
        "a string",
        (JsonElement json, string _, out string value) =>
        {
            value = json.ValueKind == JsonValueKind.String ? json.GetString()! : "";
            return json.ValueKind == JsonValueKind.String;
        },
        (writer, value) => writer.WriteStringValue(value));

    public static readonly JsonCodec<bool> Flag = new(
        "true or false",
        (JsonElement json, string _, out bool value) =>
        {
            value = json.ValueKind == JsonValueKind.True;
            return json.ValueKind is JsonValueKind.True or JsonValueKind.False;
        },
        (writer, value) => writer.WriteBooleanValue(value));

    public static readonly JsonCodec<long> Number = new(
        "a whole number",
        (JsonElement json, string _, out long value) =>
        {
            value = 0;
            return json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out value);
        },
        (writer, value) => writer.WriteNumberValue(value));

    public static readonly JsonCodec<int> Count = new(
        "a whole number from 0 to 65535",
        (JsonElement json, string _, out int value) =>
        {
            value = 0;
            return json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out value) && value is >= 0 and <= MostCounted;
        },
        // What is counted beyond that, such as starts that failed in a row, is still to be read by everybody.
        (writer, value) => writer.WriteNumberValue(Math.Min(value, MostCounted)));

    public static readonly JsonCodec<uint> Timeline = new(
        "a timeline number",
        (JsonElement json, string _, out uint value) =>
        {
            value = 0;
            return json.ValueKind == JsonValueKind.Number && json.TryGetUInt32(out value);
        },
        (writer, value) => writer.WriteNumberValue(value));

    public static readonly JsonCodec<Lsn> Lsn = new(
        "a WAL position as an unsigned number",
        (JsonElement json, string _, out Lsn value) =>
        {
            var isNumber = json.ValueKind == JsonValueKind.Number & json.TryGetPosition(out var position);
            value = new Lsn(position);
            return isNumber;
        },
        (writer, value) => writer.WriteNumberValue(value.Value));

    /// <summary>A duration in Go's syntax (M10).</summary>
    public static readonly JsonCodec<TimeSpan> Duration = new(
        "a duration such as \"5s\" or \"1m30s\"",
        (JsonElement json, string _, out TimeSpan value) =>
        {
            value = default;
            return json.ValueKind == JsonValueKind.String && GoDuration.TryParse(json.GetString(), out value);
        },
        (writer, value) => writer.WriteStringValue(GoDuration.Format(value)));

    /// <summary>A duration as a number of nanoseconds: only <c>ProxyTimeout</c> (M13).</summary>
    public static readonly JsonCodec<TimeSpan> Nanoseconds = new(
        "a number of nanoseconds",
        (JsonElement json, string _, out TimeSpan value) =>
        {
            var isNumber = json.ValueKind == JsonValueKind.Number & json.TryGetNanoseconds(out var nanoseconds);
            value = TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
            return isNumber;
        },
        (writer, value) => writer.WriteNumberValue(value.Ticks * TimeSpan.NanosecondsPerTick));

    public static readonly JsonCodec<Timestamp> Time = Text.As(
        text => new Timestamp(text), time => time.ToString(), "an RFC 3339 time", time => time.IsValid);

    public static readonly JsonCodec<DbId> Db = Text.As(text => new DbId(text), id => id.Value);
    public static readonly JsonCodec<KeeperId> Keeper = Text.As(text => new KeeperId(text), id => id.Value);
    public static readonly JsonCodec<ProxyId> Proxy = Text.As(text => new ProxyId(text), id => id.Value);
    public static readonly JsonCodec<QuestionId> Question = Text.As(text => new QuestionId(text), id => id.Value);
    public static readonly JsonCodec<SentinelId> Sentinel = Text.As(text => new SentinelId(text), id => id.Value);

    /// <summary>An id whose empty text means none.</summary>
    public static readonly JsonCodec<DbId?> DbOrNone = Db.As(id => Some(id, id.Value), id => id ?? new DbId(""));

    /// <summary>An id whose empty text means none.</summary>
    public static readonly JsonCodec<SentinelId?> SentinelOrNone = Sentinel.As(id => Some(id, id.Value), id => id ?? new SentinelId(""));

    public static readonly JsonCodec<KeeperId?> KeeperOrNone = Keeper.As(id => Some(id, id.Value), id => id ?? new KeeperId(""));

    public static readonly JsonCodec<ValueMap<string, string>> TextMap = MapOf(Text, key => key, key => key);

    /// <summary>Any JSON whose texts are Unicode and whose objects name no member twice.</summary>
    public static readonly JsonCodec<JsonElement> Sound = new("JSON", TryReadSound, (writer, value) => value.WriteTo(writer));

    /// <summary>The same JSON read as another type.</summary>
    /// <typeparam name="TFrom">The type read.</typeparam>
    /// <typeparam name="TTo">The type made of it.</typeparam>
    /// <param name="codec">Reads the JSON.</param>
    /// <param name="to">Makes the value.</param>
    /// <param name="from">Takes it apart.</param>
    /// <param name="expected">What the JSON must be.</param>
    /// <param name="isValid">Whether the made value is one.</param>
    /// <returns>The codec.</returns>
    public static JsonCodec<TTo> As<TFrom, TTo>(
        this JsonCodec<TFrom> codec, Func<TFrom, TTo> to, Func<TTo, TFrom> from, string? expected = null, Func<TTo, bool>? isValid = null) =>
        new(
            expected ?? codec.Expected,
            (JsonElement json, string path, out TTo value) =>
            {
                value = default!;
                if (!codec.Read(json, path, out var read))
                {
                    return false;
                }

                value = to(read);
                return isValid?.Invoke(value) ?? true;
            },
            (writer, value) => codec.Write(writer, from(value)));

    /// <summary>A codec for a nullable value type; null is left to the shape.</summary>
    /// <typeparam name="T">The value type.</typeparam>
    /// <param name="codec">Its codec.</param>
    /// <returns>The codec.</returns>
    public static JsonCodec<T?> OrNull<T>(this JsonCodec<T> codec)
        where T : struct => codec.As(value => (T?)value, value => value.GetValueOrDefault());

    /// <summary>An array.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="codec">Reads one element.</param>
    /// <returns>The codec.</returns>
    public static JsonCodec<ValueList<T>> ListOf<T>(JsonCodec<T> codec) =>
        new(
            "an array",
            (JsonElement json, string path, out ValueList<T> value) =>
            {
                value = default;
                if (json.ValueKind != JsonValueKind.Array)
                {
                    return false;
                }

                var items = ImmutableArray.CreateBuilder<T>(json.GetArrayLength());
                foreach (var element in json.EnumerateArray())
                {
                    items.Add(codec.ReadOrThrow(element, $"{path}[{items.Count}]"));
                }

                value = new ValueList<T>(items.MoveToImmutable());
                return true;
            },
            (writer, value) =>
            {
                writer.WriteStartArray();
                foreach (var item in value)
                {
                    codec.Write(writer, item);
                }

                writer.WriteEndArray();
            });

    /// <summary>An object whose member names are keys.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="codec">Reads one value.</param>
    /// <param name="toKey">Makes a key of a name.</param>
    /// <param name="toName">Makes a name of a key.</param>
    /// <returns>The codec.</returns>
    public static JsonCodec<ValueMap<TKey, TValue>> MapOf<TKey, TValue>(
        JsonCodec<TValue> codec, Func<string, TKey> toKey, Func<TKey, string> toName)
        where TKey : notnull =>
        new(
            "an object",
            (JsonElement json, string path, out ValueMap<TKey, TValue> value) =>
            {
                value = ValueMap<TKey, TValue>.Empty;
                if (json.ValueKind != JsonValueKind.Object)
                {
                    return false;
                }

                value = new ValueMap<TKey, TValue>(json.EnumerateObject().Select(property =>
                    KeyValuePair.Create(toKey(property.Name), codec.ReadOrThrow(property.Value, $"{path}.{property.Name}"))));
                return true;
            },
            (writer, value) =>
            {
                writer.WriteStartObject();
                foreach (var (key, item) in value)
                {
                    writer.WritePropertyName(toName(key));
                    codec.Write(writer, item);
                }

                writer.WriteEndObject();
            });

    /// <summary>One of a few words.</summary>
    /// <typeparam name="T">The enum.</typeparam>
    /// <param name="words">The words by value.</param>
    /// <returns>The codec.</returns>
    public static JsonCodec<T> Word<T>(params (T Value, string Word)[] words)
        where T : struct, Enum =>
        new(
            "one of " + string.Join(", ", words.Select(pair => $"\"{pair.Word}\"")),
            (JsonElement json, string _, out T value) =>
            {
                var text = json.ValueKind == JsonValueKind.String ? json.GetString() : null;
                value = words.FirstOrDefault(pair => pair.Word == text).Value;
                return words.Any(pair => pair.Word == text);
            },
            (writer, value) => writer.WriteStringValue(words.First(pair => pair.Value.Equals(value)).Word));

    private static bool TryReadSound(JsonElement json, string path, out JsonElement value)
    {
        value = json;
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in json.EnumerateObject())
                {
                    var inner = $"{path}.{property.Name}";
                    _ = names.Add(property.Name) ? Sound.ReadOrThrow(property.Value, inner) : throw new ClusterDataException($"{inner}: given twice");
                }

                return true;
            case JsonValueKind.Array:
                foreach (var (index, element) in json.EnumerateArray().Index())
                {
                    Sound.ReadOrThrow(element, $"{path}[{index}]");
                }

                return true;
            default:
                return json.ValueKind != JsonValueKind.String || Text.Read(json, path, out _);
        }
    }

    private static T? Some<T>(T id, string text)
        where T : struct => text.Length == 0 ? null : id;

    private static bool TryGetPosition(this JsonElement json, out ulong value)
    {
        value = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetUInt64(out value);
    }

    private static bool TryGetNanoseconds(this JsonElement json, out long value)
    {
        value = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out value);
    }
}
