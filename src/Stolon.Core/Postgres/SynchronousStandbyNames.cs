using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>
/// The parameter <c>synchronous_standby_names</c> (G5): always all of the listed ones, never k of n, so that every listed standby
/// provably has every acknowledged commit.
/// </summary>
public static partial class SynchronousStandbyNames
{
    /// <summary>The value for a db.</summary>
    /// <param name="spec">What the document asks for.</param>
    /// <param name="current">The value that the instance has now.</param>
    /// <returns>The value; empty = commits wait for nobody.</returns>
    public static string For(DatabaseSpec spec, string current) =>
        spec.SynchronousReplication
            ? Render(Order(Parse(current), [.. spec.SynchronousStandbys.Select(ObjectNames.Of), .. spec.ExternalSynchronousStandbys]))
            : "";

    /// <summary>
    /// The wanted names in the order that proves a reload (Q38): when a name joins, every name that stays gets another place, because a walsender
    /// shows the place under the list that it has loaded. New names come first; where that leaves one in its place, the list is turned round.
    /// Names that only leave prove nothing and need not: the longer list that an old walsender goes by asks for more, not for less.
    /// </summary>
    /// <param name="current">The names now, in their order.</param>
    /// <param name="wanted">The names wanted, in any order.</param>
    /// <returns>The wanted names in their new order; the current list itself when it has the same names.</returns>
    public static ImmutableArray<string> Order(ImmutableArray<string> current, ImmutableArray<string> wanted)
    {
        ImmutableArray<string> joining = [.. wanted.Distinct().Where(name => !current.Contains(name)).Order(StringComparer.Ordinal)];
        ImmutableArray<string> list = [.. joining, .. current.Distinct().Where(wanted.Contains)];
        for (var turn = 0; turn < list.Length && joining.Length > 0; turn++)
        {
            ImmutableArray<string> turned = [.. list[turn..], .. list[..turn]];
            if (!turned.Where((name, place) => place < current.Length && current[place] == name).Any())
            {
                return turned;
            }
        }

        return list;
    }

    /// <summary>Writes the value.</summary>
    /// <param name="names">The names in their order.</param>
    /// <returns>Nothing, the one name, or <c>2 (a,b)</c>.</returns>
    public static string Render(ImmutableArray<string> names) => names switch
    {
        [] => "",
        [var only] => Quote(only),
        _ => $"{names.Length} ({string.Join(",", names.Select(Quote))})",
    };

    /// <summary>Reads the names of a value in their order, whatever asks for how many of them.</summary>
    /// <param name="value">The value, as <see cref="Render"/> or an operator wrote it.</param>
    /// <returns>The names.</returns>
    public static ImmutableArray<string> Parse(string value)
    {
        var list = value.IndexOf('(', StringComparison.Ordinal) is var open and >= 0 ? value[(open + 1)..].TrimEnd(' ', ')') : value;
        return [.. Name().Matches(list).Select(match => match.Value).Select(Unquote).Where(name => name.Length > 0)];
    }

    private static string Quote(string name) =>
        Plain().IsMatch(name) && !IsKeyword(name) ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Unquote(string text) =>
        text.StartsWith('"') ? text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : text.Trim();

    private static bool IsKeyword(string name) =>
        name.Equals("any", StringComparison.OrdinalIgnoreCase) || name.Equals("first", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("\"(?:[^\"]|\"\")*\"|[^,\"\\s]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Plain();
}
