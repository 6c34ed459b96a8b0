using System.Text.Json;

namespace Stolon.Cluster;

/// <summary>
/// The members of one kind of JSON object, each stated once for both directions. Members that no row names, and named ones that were
/// given as null or with the value that means "not given", go into <see cref="UnknownMembers"/> and come back when the object is written.
/// </summary>
/// <typeparam name="T">The record that the object becomes.</typeparam>
internal sealed class JsonShape<T>
    where T : class
{
    private readonly Func<T> create;
    private readonly Func<T, UnknownMembers> getUnknown;
    private readonly Func<T, UnknownMembers, T> setUnknown;
    private readonly List<Member> members = [];
    private readonly HashSet<string> opaque = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Member> byName = new(StringComparer.Ordinal);

    /// <summary>Makes a shape without members.</summary>
    /// <param name="create">Makes a record with every member at its default.</param>
    /// <param name="getUnknown">Where the record keeps what is unknown.</param>
    /// <param name="setUnknown">Makes a record with other unknown members.</param>
    public JsonShape(Func<T> create, Func<T, UnknownMembers> getUnknown, Func<T, UnknownMembers, T> setUnknown)
    {
        this.create = create;
        this.getUnknown = getUnknown;
        this.setUnknown = setUnknown;
        Codec = new JsonCodec<T>("an object", TryRead, Write);
    }

    /// <summary>The shape as a codec, for members of other shapes.</summary>
    public JsonCodec<T> Codec { get; }

    /// <summary>The names of all members.</summary>
    public IEnumerable<string> Names => byName.Keys;

    /// <summary>A member that is always written, and must be there when read.</summary>
    /// <typeparam name="V">The member's type.</typeparam>
    /// <param name="name">Its name in the document.</param>
    /// <param name="codec">How it is read and written.</param>
    /// <param name="get">Takes it from the record.</param>
    /// <param name="set">Makes a record with it.</param>
    /// <returns>This shape.</returns>
    public JsonShape<T> Required<V>(string name, JsonCodec<V> codec, Func<T, V> get, Func<T, V, T> set)
        where V : notnull =>
        Add(new Member(name, true, _ => true, (json, path, owner) => set(owner, codec.ReadOrThrow(json, path)), (writer, owner) =>
            codec.Write(writer, get(owner))));

    /// <summary>A member that is always written, as null when it is unset.</summary>
    /// <typeparam name="V">The member's type.</typeparam>
    /// <param name="name">Its name in the document.</param>
    /// <param name="codec">How it is read and written.</param>
    /// <param name="get">Takes it from the record.</param>
    /// <param name="set">Makes a record with it.</param>
    /// <param name="isNull">Whether it is written as null; if not given, whether it is null.</param>
    /// <returns>This shape.</returns>
    public JsonShape<T> Always<V>(
        string name, JsonCodec<V> codec, Func<T, V> get, Func<T, V, T> set, Func<V, bool>? isNull = null) =>
        Add(new Member(name, false, _ => true, (json, path, owner) => set(owner, codec.ReadOrThrow(json, path)), (writer, owner) =>
        {
            var value = get(owner);
            if (isNull?.Invoke(value) ?? value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                codec.Write(writer, value);
            }
        }));

    /// <summary>A member that is left out when it has its default value.</summary>
    /// <typeparam name="V">The member's type.</typeparam>
    /// <param name="name">Its name in the document.</param>
    /// <param name="codec">How it is read and written.</param>
    /// <param name="get">Takes it from the record.</param>
    /// <param name="set">Makes a record with it.</param>
    /// <returns>This shape.</returns>
    public JsonShape<T> Optional<V>(string name, JsonCodec<V> codec, Func<T, V> get, Func<T, V, T> set)
    {
        var unset = get(create());
        return Add(new Member(
            name,
            false,
            owner => get(owner) is { } value && !EqualityComparer<V>.Default.Equals(value, unset),
            (json, path, owner) => set(owner, codec.ReadOrThrow(json, path)),
            (writer, owner) => codec.Write(writer, get(owner))));
    }

    /// <summary>A member that holds nothing that we know; written as an empty object if it was not read.</summary>
    /// <param name="name">Its name in the document.</param>
    /// <returns>This shape.</returns>
    public JsonShape<T> Opaque(string name)
    {
        opaque.Add(name);
        members.Add(new Member(name, false, _ => true, (_, _, owner) => owner, (writer, owner) =>
            writer.WriteRawValue(getUnknown(owner).Members.Find(name) ?? "{}")));
        return this;
    }

    /// <summary>Writes the record as an object.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The record.</param>
    public void Write(Utf8JsonWriter writer, T value)
    {
        var unknown = getUnknown(value).Members;
        writer.WriteStartObject();
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in members.Where(member => member.IsGiven(value)))
        {
            writer.WritePropertyName(member.Name);
            member.Write(writer, value);
            written.Add(member.Name);
        }

        foreach (var (name, raw) in unknown.Where(entry => !written.Contains(entry.Key)))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(raw);
        }

        writer.WriteEndObject();
    }

    private bool TryRead(JsonElement json, string path, out T value)
    {
        value = create();
        if (json.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var unknown = ValueMap<string, string>.Empty;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject().Where(property => !IsEmptyOpaque(property)))
        {
            if (!byName.TryGetValue(property.Name, out var member) || property.Value.ValueKind == JsonValueKind.Null)
            {
                // A null of a member that is always written comes back by itself: the record stays equal to one that was never stored.
                unknown = member?.IsGiven(value) == true ? unknown : unknown.With(property.Name, property.Value.GetRawText());
                continue;
            }

            seen.Add(property.Name);
            value = member.Read(property.Value, $"{path}.{property.Name}", value);
            unknown = member.IsGiven(value) ? unknown : unknown.With(property.Name, property.Value.GetRawText());
        }

        if (members.Find(member => member.IsRequired && !seen.Contains(member.Name)) is { } missing)
        {
            throw new ClusterDataException($"{path}.{missing.Name}: missing");
        }

        value = unknown.Count == 0 ? value : setUnknown(value, new UnknownMembers(unknown));
        return true;
    }

    /// <summary>What an opaque member is written as when nothing was read: it need not be remembered.</summary>
    private bool IsEmptyOpaque(JsonProperty property) =>
        opaque.Contains(property.Name) && property.Value.ValueKind == JsonValueKind.Object && !property.Value.EnumerateObject().Any();

    private JsonShape<T> Add(Member member)
    {
        members.Add(member);
        byName.Add(member.Name, member);
        return this;
    }

    private sealed record Member(
        string Name,
        bool IsRequired,
        Func<T, bool> IsGiven,
        Func<JsonElement, string, T, T> Read,
        Action<Utf8JsonWriter, T> Write);
}
