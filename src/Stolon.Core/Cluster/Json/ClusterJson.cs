using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Stolon.Cluster;

/// <summary>
/// The JSON of everything that is stored, in stolon 0.17's names, types and nulls (M13). What is read and written back keeps every
/// unknown member at every level.
/// </summary>
public static class ClusterJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Pretty = Plain with { Indented = true };

    /// <summary>Reads a document.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The document.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, a member has another type than expected, or the format version is unknown (M1).</exception>
    public static ClusterData ReadClusterData(ReadOnlyMemory<byte> json)
    {
        var data = Read(json, DocumentShapes.Data.Codec);
        return data.FormatVersion == ClusterData.CurrentFormatVersion
            ? data
            : throw new ClusterDataException(
                $"$.formatVersion: expected {ClusterData.CurrentFormatVersion}, found {data.FormatVersion}: "
                + "this version does not understand the document and leaves everything as it is");
    }

    /// <summary>Writes a document.</summary>
    /// <param name="data">The document.</param>
    /// <param name="indented">For people.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(ClusterData data, bool indented = false) => Write(data, DocumentShapes.Data, indented);

    /// <summary>Reads a cluster specification as it stands in a document: unknown members are kept.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The specification.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static ClusterSpec ReadSpec(ReadOnlyMemory<byte> json) => Read(json, SpecShapes.Spec.Codec);

    /// <summary>Writes a cluster specification.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="indented">For people.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(ClusterSpec spec, bool indented = false) => Write(spec, SpecShapes.Spec, indented);

    /// <summary>Reads a keeper's report.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static KeeperReport ReadKeeperReport(ReadOnlyMemory<byte> json) => Read(json, ReportShapes.Keeper.Codec);

    /// <summary>Writes a keeper's report.</summary>
    /// <param name="report">The report.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(KeeperReport report) => Write(report, ReportShapes.Keeper, indented: false);

    /// <summary>Reads a proxy's report.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static ProxyReport ReadProxyReport(ReadOnlyMemory<byte> json) => Read(json, ReportShapes.Proxy.Codec);

    /// <summary>Writes a proxy's report.</summary>
    /// <param name="report">The report.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(ProxyReport report) => Write(report, ReportShapes.Proxy, indented: false);

    /// <summary>Reads a sentinel's report.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static SentinelReport ReadSentinelReport(ReadOnlyMemory<byte> json) => Read(json, ReportShapes.Sentinel.Codec);

    /// <summary>Writes a sentinel's report.</summary>
    /// <param name="report">The report.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(SentinelReport report) => Write(report, ReportShapes.Sentinel, indented: false);

    /// <summary>Reads a question to the keepers.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The question.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static SettingsQuestion ReadQuestion(ReadOnlyMemory<byte> json) => Read(json, ReportShapes.Question.Codec);

    /// <summary>Writes a question to the keepers.</summary>
    /// <param name="question">The question.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(SettingsQuestion question) => Write(question, ReportShapes.Question, indented: false);

    /// <summary>Reads the file <c>keeperstate</c>.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static KeeperState ReadKeeperState(ReadOnlyMemory<byte> json) => Read(json, ReportShapes.KeeperState.Codec);

    /// <summary>Writes the file <c>keeperstate</c>.</summary>
    /// <param name="state">Its content.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(KeeperState state) => Write(state, ReportShapes.KeeperState, indented: false);

    /// <summary>Reads the file <c>dbstate</c>.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static DbState ReadDbState(ReadOnlyMemory<byte> json) => Read(json, ReportShapes.DbState.Codec);

    /// <summary>Writes the file <c>dbstate</c>.</summary>
    /// <param name="state">Its content.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(DbState state) => Write(state, ReportShapes.DbState, indented: false);

    /// <summary>Reads what <c>status -f json</c> says.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The status.</returns>
    /// <exception cref="ClusterDataException">It is no JSON, or a member has another type than expected.</exception>
    public static ClusterStatusView ReadStatus(ReadOnlyMemory<byte> json) => Read(json, StatusShapes.Status.Codec);

    /// <summary>Writes what <c>status -f json</c> says.</summary>
    /// <param name="status">The status.</param>
    /// <param name="indented">For people.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(ClusterStatusView status, bool indented = true) => Write(status, StatusShapes.Status, indented);

    internal static T Read<T>(ReadOnlyMemory<byte> json, JsonCodec<T> codec)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return codec.ReadOrThrow(document.RootElement, "$");
        }
        catch (JsonException exception)
        {
            throw new ClusterDataException($"$: expected JSON: {exception.Message} ({Start(json)})", exception);
        }
    }

    internal static byte[] Write<T>(T value, JsonShape<T> shape, bool indented)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, indented ? Pretty : Plain))
        {
            shape.Write(writer, value);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Start(ReadOnlyMemory<byte> json) =>
        json.IsEmpty ? "it is empty" : $"it begins with {Encoding.UTF8.GetString(json.Span[..Math.Min(json.Length, 40)])}";
}
