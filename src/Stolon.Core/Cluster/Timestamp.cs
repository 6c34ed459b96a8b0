using System.Globalization;
using System.Text.RegularExpressions;

namespace Stolon.Cluster;

/// <summary>
/// A stored wall-clock time, kept as the RFC 3339 text that was read, so that nanoseconds survive. Stored times are for people:
/// no health decision rests on one (architecture, section 5).
/// </summary>
/// <param name="Text">RFC 3339 with up to nine decimals.</param>
public readonly partial record struct Timestamp(string Text)
{
    /// <summary>The zero time of the document format: never.</summary>
    public static readonly Timestamp Never = new("0001-01-01T00:00:00Z");

    /// <summary>Whether the time was ever set.</summary>
    public bool IsSet => Text is not null && Text != Never.Text;

    /// <summary>Whether the text is a time.</summary>
    public bool IsValid =>
        Text is not null && Rfc3339().IsMatch(Text)
        && DateTimeOffset.TryParse(Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    /// <summary>Makes the text of a time, in UTC.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The timestamp.</returns>
    public static Timestamp From(DateTimeOffset time) =>
        new(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>The time, rounded to 100 ns; the minimum when it was never set.</summary>
    /// <returns>The time.</returns>
    public DateTimeOffset ToDateTimeOffset() =>
        IsSet && DateTimeOffset.TryParse(Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : DateTimeOffset.MinValue;

    /// <inheritdoc/>
    public override string ToString() => Text ?? Never.Text;

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rfc3339();
}
