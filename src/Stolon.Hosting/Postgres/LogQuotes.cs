using System.Text.RegularExpressions;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Which lines of PostgreSQL's log may go to ours: those about PostgreSQL itself. Statements of clients, and what explains their mistakes,
/// stay where they are, since passwords and data may be in them (S11). When in doubt a line is left out.
/// </summary>
internal static partial class LogQuotes
{
    private static readonly string[] Noise = ["redirecting log output", "Future log output will appear"];

    /// <summary>What ends PostgreSQL or keeps it from starting is one of these; an ERROR is a client's. Other languages have these too.</summary>
    private static readonly HashSet<string> Quoted = new(StringComparer.Ordinal) { "LOG", "FATAL", "PANIC" };

    /// <summary>Whether a line may be quoted, whatever <c>log_line_prefix</c> is.</summary>
    /// <param name="line">Without its line break.</param>
    /// <returns>False for every line but the first of a message.</returns>
    public static bool MayBeQuoted(string line)
    {
        if (line.Length == 0 || line[0] == '\t' || Noise.Any(noise => line.Contains(noise, StringComparison.Ordinal)))
        {
            return false;
        }

        // A prefix may hold what a client chose, so every word that looks like a severity has to be a good one.
        var severities = Severity().Matches(line);
        if (severities.Count == 0)
        {
            return OfProgram().IsMatch(line);
        }

        var last = severities[^1];
        return severities.All(severity => Quoted.Contains(severity.Groups["severity"].Value))
            && (last.Groups["severity"].Value != "LOG" || !OfClient().IsMatch(line.AsSpan(last.Index + last.Length)));
    }

    /// <summary>Two spaces follow it.</summary>
    [GeneratedRegex(@"(?<severity>\p{L}+[0-9]?)\s?[:\uff1a]  ", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Severity();

    /// <summary>Before there is a log: <c>postgres: could not …</c>, and what the dynamic linker says.</summary>
    [GeneratedRegex(@"^\S*(?:postgres|guard\.sh): |error while loading shared libraries", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OfProgram();

    /// <summary><c>statement: …</c>, <c>execute a: …</c>, <c>duration: …</c> in any language: a word, or a name, and a colon.</summary>
    [GeneratedRegex(@"[\p{L}>] ?[:\uff1a]|^\s*execute ", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OfClient();
}
