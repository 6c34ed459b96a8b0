using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>Names of WAL files, for segments of 16 MiB (P7).</summary>
public static class WalFile
{
    /// <summary>The size of a segment.</summary>
    public const long SegmentBytes = 16 * 1024 * 1024;

    private const int TimelineDigits = 8;
    private const int NameDigits = 24;

    /// <summary>The segment that holds a position, as the last 16 digits of its file's name.</summary>
    /// <param name="position">The position.</param>
    /// <returns>16 hex digits.</returns>
    public static string SegmentOf(Lsn position) =>
        $"{position.Value >> 32:X8}{(position.Value & 0xffffffff) / SegmentBytes:X8}";

    /// <summary>Whether a text is the name of a WAL file.</summary>
    /// <param name="name">The text; null gives false.</param>
    /// <returns>True for 24 upper-case hex digits.</returns>
    public static bool IsName(string? name) =>
        name?.Length == NameDigits && name.All(digit => char.IsAsciiHexDigitUpper(digit));

    /// <summary>Whether the segment that a position needs is older than a server's oldest file, whatever the timelines.</summary>
    /// <param name="position">The position.</param>
    /// <param name="oldestFile">The name of the oldest file; a malformed one gives false.</param>
    /// <returns>True if the server no longer has it.</returns>
    public static bool IsGone(Lsn position, string? oldestFile) =>
        IsName(oldestFile) && string.CompareOrdinal(SegmentOf(position), oldestFile![TimelineDigits..]) < 0;
}
