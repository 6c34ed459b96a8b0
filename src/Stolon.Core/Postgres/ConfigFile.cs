using System.Text;
using System.Text.RegularExpressions;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The text of <c>postgresql.conf</c> and <c>pg_hba.conf</c> (G7).</summary>
public static partial class ConfigFile
{
    private const string Header = "# Written by the keeper. Changes made here are lost: change the cluster specification instead.\n";

    /// <summary>The text of <c>postgresql.conf</c>, sorted by name.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentException">A name is no parameter's name, or a value holds a line break.</exception>
    public static string Text(ValueMap<string, string> parameters)
    {
        var text = new StringBuilder(Header);
        foreach (var (name, value) in parameters)
        {
            text.Append(IsName(name) ? name : throw new ArgumentException($"\"{name}\" is no name of a parameter", nameof(parameters)))
                .Append(" = ").Append(Quote(name, value)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The text of <c>pg_hba.conf</c>.</summary>
    /// <param name="lines">The lines.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentException">A line holds a line break.</exception>
    public static string HbaText(ValueList<string> lines)
    {
        var text = new StringBuilder(Header);
        foreach (var line in lines)
        {
            text.Append(HasLineBreak(line) ? throw new ArgumentException($"a line of pg_hba.conf holds a line break: {line}", nameof(lines)) : line)
                .Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether a text can be the name of a parameter.</summary>
    /// <param name="name">The text.</param>
    /// <returns>True if so.</returns>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <summary>Whether a text would break the line that it stands in.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if so.</returns>
    public static bool HasLineBreak(string text) => text.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0;

    /// <summary>PostgreSQL reads a backslash in quotes as the start of an escape, so it is doubled like a quote.</summary>
    private static string Quote(string name, string value) =>
        HasLineBreak(value)
            ? throw new ArgumentException($"the value of {name} holds a line break", nameof(value))
            : $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
