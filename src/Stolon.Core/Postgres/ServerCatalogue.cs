using System.Collections.Immutable;
using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The parameters that a running PostgreSQL has, and what they say of an operator's before these are written.</summary>
/// <param name="version">The server.</param>
/// <param name="parameters">Its <c>pg_settings</c>.</param>
public sealed class ServerCatalogue(ServerVersion version, IEnumerable<ServerParameter> parameters)
{
    private const int LongestExcerpt = 60;

    private readonly ImmutableSortedDictionary<string, ServerParameter> known =
        parameters.ToImmutableSortedDictionary(row => row.Name, row => row, StringComparer.OrdinalIgnoreCase);

    /// <summary>Those that can be asked of the server's program alone: the built-in ones that the server has, and lets be set.</summary>
    /// <param name="asked">The operator's parameters.</param>
    /// <returns>The parameters to ask for.</returns>
    public ValueMap<string, string> ForTheProgram(ValueMap<string, string> asked) =>
        new(asked.Where(entry => known.TryGetValue(entry.Key, out var row) && row.Context != "internal" && !IsCustom(entry.Key)));

    /// <summary>What is wrong by the catalogue alone: names, what cannot be set, ranges of extensions, and combinations.</summary>
    /// <param name="asked">The operator's parameters.</param>
    /// <returns>Sentences that begin with the JSON path.</returns>
    public ImmutableArray<string> FindMistakes(ValueMap<string, string> asked) =>
        [.. asked.Select(entry => FindMistake(entry.Key, entry.Value)).OfType<string>(), .. Reserved(asked)];

    /// <summary>The sentence for a value that the server's program does not accept.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="value">The value.</param>
    /// <param name="said">What the program said, on one line.</param>
    /// <returns>The sentence, which begins with the JSON path.</returns>
    public string Refused(string name, string value, string said) =>
        known.GetValueOrDefault(name)?.Expected is { } expected
            ? $"{Path(name)}: expected {expected}, found {Excerpt(value)}"
            : $"{Path(name)}: expected a value that PostgreSQL accepts, found {Excerpt(value)}: {said}";

    /// <summary>The sentence for a library that is not there.</summary>
    /// <param name="name">The parameter that names it.</param>
    /// <param name="library">The library.</param>
    /// <returns>The sentence, which begins with the JSON path.</returns>
    public static string Missing(string name, string library) =>
        $"{Path(name)}: expected libraries that are installed where the server runs, found {Excerpt(library)}, without which PostgreSQL would not start";

    /// <summary>Those that the server takes up only by a restart, and whose value is another one now.</summary>
    /// <param name="asked">The operator's parameters.</param>
    /// <returns>Their names.</returns>
    public ValueList<string> NeedRestart(ValueMap<string, string> asked) =>
        asked.Where(entry => known.TryGetValue(entry.Key, out var row) && row.Context == "postmaster" && row.Setting != entry.Value)
            .Select(entry => entry.Key).ToValueList();

    /// <summary>The value of a parameter, the operator's or the server's.</summary>
    /// <param name="asked">The operator's parameters.</param>
    /// <param name="name">The parameter, in lower case.</param>
    /// <returns>The value; null = neither has one.</returns>
    public string? ValueOf(ValueMap<string, string> asked, string name) =>
        asked.FirstOrDefault(entry => entry.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? known.GetValueOrDefault(name)?.Setting;

    private string? FindMistake(string name, string value)
    {
        if (known.TryGetValue(name, out var row))
        {
            return row.Context == "internal"
                ? $"{Path(name)}: expected a parameter that can be set, found one that PostgreSQL itself fixes"
                : IsCustom(name) && !row.Accepts(value) ? $"{Path(name)}: expected {row.Expected}, found {Excerpt(value)}" : null;
        }

        // The names of an extension are known once the server has loaded it; until then any is accepted, as PostgreSQL does.
        var isStranger = IsCustom(name) && !known.Keys.Any(other => other.StartsWith(Prefix(name), StringComparison.OrdinalIgnoreCase));
        return isStranger
            ? null
            : $"{Path(name)}: expected a parameter of PostgreSQL {version}, found an unknown one{NearestName.Hint(name, known.Keys)}";
    }

    /// <summary>A server with no place for others does not start.</summary>
    private IEnumerable<string> Reserved(ValueMap<string, string> asked)
    {
        string[] reserves = ["superuser_reserved_connections", "reserved_connections"];
        var changed = asked.Keys.Where(name => reserves.Append("max_connections").Contains(name.ToLowerInvariant(), StringComparer.Ordinal)).ToList();
        var reserved = reserves.Sum(name => Number(ValueOf(asked, name)) ?? 0);
        if (changed.Count > 0 && Number(ValueOf(asked, "max_connections")) is { } most && reserved >= most)
        {
            yield return $"{Path(changed[0])}: expected max_connections ({most}) to be more than what is reserved of them ({reserved}), "
                + "because PostgreSQL would not start otherwise";
        }
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool IsCustom(string name) => name.Contains('.', StringComparison.Ordinal);

    private static string Prefix(string name) => name[..(name.IndexOf('.', StringComparison.Ordinal) + 1)];

    private static string Path(string name) => $"$.pgParameters.{name}";

    private static string Excerpt(string value) =>
        value.Length <= LongestExcerpt ? $"\"{value}\"" : $"\"{value.AsSpan(0, LongestExcerpt - 3)}...\"";
}
