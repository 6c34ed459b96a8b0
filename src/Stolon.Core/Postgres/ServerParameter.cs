using System.Collections.Immutable;
using System.Globalization;

namespace Stolon.Postgres;

/// <summary>What a running PostgreSQL says of one of its parameters: a row of <c>pg_settings</c>.</summary>
/// <param name="Name">The name as PostgreSQL spells it.</param>
/// <param name="Type"><c>bool</c>, <c>enum</c>, <c>integer</c>, <c>real</c> or <c>string</c>.</param>
/// <param name="Context"><c>internal</c> = it cannot be set, <c>postmaster</c> = a restart takes it up.</param>
/// <param name="Setting">Its value now, in its unit.</param>
public sealed record ServerParameter(string Name, string Type, string Context, string Setting)
{
    private static readonly string[] On = ["on", "true", "yes", "1"];
    private static readonly string[] Off = ["off", "false", "no", "0"];

    /// <summary>How much of the first unit of its kind each is: bytes, microseconds.</summary>
    private static readonly ImmutableArray<(string Unit, bool IsTime, decimal Size)> Units =
    [
        ("B", false, 1), ("kB", false, 1024), ("MB", false, 1024 * 1024), ("GB", false, 1024 * 1024 * 1024), ("TB", false, 1024L * 1024 * 1024 * 1024),
        ("us", true, 1), ("ms", true, 1000), ("s", true, 1_000_000), ("min", true, 60_000_000), ("h", true, 3_600_000_000), ("d", true, 86_400_000_000),
    ];

    /// <summary>Its unit, such as <c>kB</c>, <c>8kB</c> or <c>ms</c>; empty = it has none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The least value of a number, in its unit.</summary>
    public string Least { get; init; } = "";

    /// <summary>The greatest value of a number, in its unit.</summary>
    public string Most { get; init; } = "";

    /// <summary>The words of an enum.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>What a value must be, for people; null = only the server can tell.</summary>
    public string? Expected => Type switch
    {
        "bool" => "on or off",
        "enum" => $"one of {string.Join(", ", Words)}",
        "integer" or "real" => $"{Least} to {Most}{(Unit.Length == 0 ? "" : $" in units of {Unit}, or with one of {string.Join(", ", Kin.Select(unit => unit.Unit))}")}",
        _ => null,
    };

    private IEnumerable<(string Unit, bool IsTime, decimal Size)> Kin => Units.Where(unit => unit.IsTime == Own.IsTime);

    /// <summary>Its unit taken apart: <c>8kB</c> is eight times kB.</summary>
    private (bool IsTime, decimal Size) Own
    {
        get
        {
            var digits = Unit.TakeWhile(char.IsAsciiDigit).Count();
            var times = digits == 0 ? 1 : decimal.Parse(Unit.AsSpan(0, digits), CultureInfo.InvariantCulture);
            var (_, isTime, size) = Units.FirstOrDefault(unit => unit.Unit == Unit[digits..]);
            return (isTime, size * times);
        }
    }

    /// <summary>
    /// Whether a value is within what the row says. It is asked of the parameters of extensions, for which nothing but the row can be asked;
    /// where it is not sure it says yes.
    /// </summary>
    /// <param name="value">The value as written.</param>
    /// <returns>False if it is certainly wrong.</returns>
    public bool Accepts(string value) => Type switch
    {
        "bool" => IsBegun(On, value) || IsBegun(Off, value),
        "enum" => Words.Contains(value, StringComparer.OrdinalIgnoreCase) || IsHidden(value),
        "integer" or "real" => IsInRange(value),
        _ => true,
    };

    /// <summary>A word that pg_settings does not list is accepted by some parameters all the same: the words of a bool.</summary>
    private bool IsHidden(string value) => Words.Contains("on", StringComparer.Ordinal) && (IsBegun(On, value) || IsBegun(Off, value));

    /// <summary>PostgreSQL takes the beginning of a word, if it is clear which (o is on or off).</summary>
    private static bool IsBegun(string[] words, string value) =>
        value.Length > 0 && !value.Equals("o", StringComparison.OrdinalIgnoreCase)
        && Array.Exists(words, word => word.StartsWith(value, StringComparison.OrdinalIgnoreCase));

    private bool IsInRange(string value)
    {
        var text = value.Trim();
        var end = text.Length - text.Reverse().TakeWhile(letter => char.IsAsciiLetter(letter)).Count();
        var (number, unit) = (text[..end].TrimEnd(), text[end..]);
        if (number.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount)
            || (unit.Length > 0 && (Unit.Length == 0 || !Kin.Any(known => known.Unit == unit))))
        {
            return false;
        }

        try
        {
            var scaled = unit.Length == 0 ? amount : amount * Kin.First(known => known.Unit == unit).Size / Own.Size;
            scaled = Type == "integer" ? Math.Round(scaled) : scaled;
            return !(Limit(Least) > scaled) && !(Limit(Most) < scaled);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>A limit beyond what a decimal holds is none that a value could break.</summary>
    private static decimal? Limit(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) ? limit : null;
}
