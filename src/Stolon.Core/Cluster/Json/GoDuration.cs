using System.Buffers;
using System.Globalization;
using System.Text;

namespace Stolon.Cluster;

/// <summary>
/// Durations in the syntax of the document: <c>"1h30m0s"</c>, <c>"100ms"</c> (M10). Resolution 100 ns: what is finer is cut off. The range
/// is that of stolon's programs, which could not read a document with a longer one.
/// </summary>
public static class GoDuration
{
    /// <summary>The longest duration: 2562047h47m16.8547758s, in 64 bits of nanoseconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromTicks(long.MaxValue / TimeSpan.NanosecondsPerTick);

    private const decimal MostTicks = (decimal)long.MaxValue / TimeSpan.NanosecondsPerTick;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration.</param>
    /// <returns>Whether the text was one, within the range.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        rest = rest[0] is '-' or '+' ? rest[1..] : rest;
        if (rest is "0")
        {
            return true;
        }

        decimal ticks = 0;
        if (rest.IsEmpty || !TrySum(rest, ref ticks) || ticks > MostTicks)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>Writes a duration as Go does: <c>1m30s</c>, <c>48h0m0s</c>, <c>1.5s</c>, <c>100ms</c>.</summary>
    /// <param name="duration">The duration.</param>
    /// <returns>The text.</returns>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var sign = duration < TimeSpan.Zero ? "-" : "";
        var left = duration.Duration();
        if (left < TimeSpan.FromSeconds(1))
        {
            return sign + (left.Ticks >= TimeSpan.TicksPerMillisecond
                ? Decimal(left.Ticks, TimeSpan.TicksPerMillisecond) + "ms"
                : left.Ticks >= 10 ? Decimal(left.Ticks, 10) + "µs" : $"{left.Ticks * 100}ns");
        }

        var text = new StringBuilder(sign);
        var hours = (long)left.TotalHours;
        if (hours > 0)
        {
            text.Append(hours).Append('h');
        }

        if (left.TotalMinutes >= 1)
        {
            text.Append(left.Minutes).Append('m');
        }

        return text.Append(Decimal(left.Ticks % TimeSpan.TicksPerMinute, TimeSpan.TicksPerSecond)).Append('s').ToString();
    }

    private static string Decimal(long ticks, long unit) =>
        ((decimal)ticks / unit).ToString("0.#########", CultureInfo.InvariantCulture);

    private static bool TrySum(ReadOnlySpan<char> rest, ref decimal ticks)
    {
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var length = rest.IndexOfAny(NumberCharacters) is var next and >= 0 ? next : rest.Length;
            var unit = rest[..length].ToString();
            var (name, perUnit) = Array.Find(Units, entry => entry.Unit == unit);
            if (name is null || number > long.MaxValue / Math.Max(perUnit, 1))
            {
                return false;
            }

            ticks += number * perUnit;
            rest = rest[length..];
        }

        return true;
    }
}
