using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stolon.Hosting.Postgres;

/// <summary>What is made beside, or instead of, a PGDATA.</summary>
internal enum ExchangeWork
{
    /// <summary>A fresh cluster: the old data is kept under another name.</summary>
    Create,

    /// <summary>A copy of the followed primary: the old data goes.</summary>
    Copy,
}

/// <summary>How far it is (Q31).</summary>
internal enum ExchangePhase
{
    /// <summary>The new data is incomplete.</summary>
    Copying,

    /// <summary>The new data is complete and on disk.</summary>
    Synced,

    /// <summary>Names are being changed.</summary>
    Swapping,
}

/// <summary>The file <c>resync.json</c>: from it a start finishes or undoes what a crash interrupted.</summary>
/// <param name="Id">Also written into the new PGDATA, so that the two are never mistaken.</param>
/// <param name="Work">What is made.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="InPlace">PGDATA itself is being rebuilt: it is no PGDATA until this file is gone.</param>
/// <param name="Kept">The name that replaced data is kept under.</param>
internal sealed record ExchangeMarker(string Id, ExchangeWork Work, ExchangePhase Phase, bool InPlace, string? Kept)
{
    /// <summary>Where the WAL of a PGDATA that is rebuilt in place has its directory; null when inside.</summary>
    public string? Wal { get; init; }

    /// <summary>The tablespaces of a PGDATA that is rebuilt in place: their links come back last, and their content must go first.</summary>
    public IReadOnlyList<string> Tablespaces { get; init; } = [];

    /// <summary>The file inside a new PGDATA that holds <see cref="Id"/>.</summary>
    public const string IdFile = "stolon.exchange";

    /// <summary>Null when there is none.</summary>
    /// <exception cref="PostgresInstanceException">It cannot be understood.</exception>
    public static ExchangeMarker? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ExchangeMarkerJson.Default.ExchangeMarker);
        }
        catch (JsonException error)
        {
            throw new PostgresInstanceException(
                $"{path} cannot be read ({error.Message}), so it is not known which data is complete. "
                + "Look at postgres and postgres.new beside it, keep the good one as postgres, then delete the file.",
                error);
        }
    }

    public void Write(string path, FileOwner owner) =>
        owner.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this, ExchangeMarkerJson.Default.ExchangeMarker));

    /// <summary>Whether a folder is the new PGDATA of this marker.</summary>
    public bool Marks(string folder)
    {
        var file = Path.Combine(folder, IdFile);
        return File.Exists(file) && File.ReadAllText(file) == Id;
    }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExchangeMarker))]
internal sealed partial class ExchangeMarkerJson : JsonSerializerContext;
