using System.Text.Json;

namespace Stolon.Cluster;

/// <summary>How one JSON value becomes a value of <typeparamref name="T"/> and back.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Expected">What the JSON must be, for error messages: "a number".</param>
/// <param name="Read">Reads; false when the JSON is something else.</param>
/// <param name="Write">Writes; the value is never null.</param>
internal sealed record JsonCodec<T>(string Expected, JsonCodec<T>.Reader Read, Action<Utf8JsonWriter, T> Write)
{
    /// <summary>Reads a value.</summary>
    /// <param name="json">The JSON; never null.</param>
    /// <param name="path">Where it stands, for the errors of nested objects.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the JSON is not what is expected.</returns>
    internal delegate bool Reader(JsonElement json, string path, out T value);

    /// <summary>Reads a value, or says what is wrong with it.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="path">Where it stands.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ClusterDataException">It is something else.</exception>
    public T ReadOrThrow(JsonElement json, string path)
    {
        try
        {
            return Read(json, path, out var value)
                ? value
                : throw new ClusterDataException($"{path}: expected {Expected}, found {Excerpt(json)}");
        }
        catch (InvalidOperationException exception)
        {
            // The parser looks no closer at text than it must: half a character shows only when the text is asked for.
            throw new ClusterDataException($"{path}: expected {Expected}, found text that is no Unicode: {exception.Message}", exception);
        }
    }

    private static string Excerpt(JsonElement json)
    {
        var text = json.GetRawText();
        return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");
    }
}
