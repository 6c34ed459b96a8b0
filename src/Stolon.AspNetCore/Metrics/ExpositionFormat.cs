using System.Globalization;
using System.Text;

namespace Stolon.AspNetCore.Metrics;

/// <summary>Names and lines of Prometheus' text format 0.0.4, as OpenTelemetry maps instruments to it.</summary>
internal static class ExpositionFormat
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The name of a metric.</summary>
    /// <param name="instrument">The instrument's name.</param>
    /// <param name="unit">Its unit; null = none.</param>
    /// <param name="isCounter">It only grows.</param>
    /// <returns>
    /// With the unit as a suffix, and <c>_total</c> for a counter. One that is called a count keeps its name: stolon's do.
    /// </returns>
    public static string Name(string instrument, string? unit, bool isCounter)
    {
        var name = Label(instrument);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        name = name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
        return isCounter && !name.EndsWith("_count", StringComparison.Ordinal) && !name.EndsWith("_total", StringComparison.Ordinal)
            ? name + "_total"
            : name;
    }

    /// <summary>Labels in braces, sorted by name.</summary>
    /// <param name="tags">The tags of a measurement.</param>
    /// <returns>Nothing when there are none.</returns>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var sorted = tags.ToArray();
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return $"{{{string.Join(',', sorted.Select(tag => $"{Label(tag.Key)}=\"{Escape(tag.Value)}\""))}}}";
    }

    /// <summary>Appends the two lines that begin a metric.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="name">The metric.</param>
    /// <param name="help">What it means.</param>
    /// <param name="isCounter">It only grows.</param>
    public static void AppendHead(StringBuilder text, string name, string help, bool isCounter) => text
        .Append("# HELP ").Append(name).Append(' ').Append(help.Replace(@"\", @"\\", StringComparison.Ordinal).ReplaceLineEndings(@"\n")).Append('\n')
        .Append("# TYPE ").Append(name).Append(isCounter ? " counter" : " gauge").Append('\n');

    /// <summary>Appends a value.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="name">The metric.</param>
    /// <param name="labels">Its labels, in braces.</param>
    /// <param name="value">The value.</param>
    public static void AppendValue(StringBuilder text, string name, string labels, double value) => text
        .Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Label(string name) =>
        string.Create(name.Length, name, (characters, from) =>
        {
            for (var index = 0; index < from.Length; index++)
            {
                var isAllowed = char.IsAsciiLetter(from[index]) || (index > 0 && char.IsAsciiDigit(from[index]));
                characters[index] = isAllowed ? from[index] : '_';
            }
        });

    private static string Escape(object? value) => (value?.ToString() ?? "")
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", @"\n", StringComparison.Ordinal);
}
