using System.Text.RegularExpressions;

namespace Stolon.Hosting.Postgres;

/// <summary>What a program of PostgreSQL said, without what is of no use to a person.</summary>
internal static partial class ServerSpeech
{
    /// <summary>The reason why it ended: its message, and the detail or hint with it, on one line.</summary>
    /// <param name="said">Its standard error.</param>
    /// <returns>The reason; all that it said when no message can be made out.</returns>
    public static string Reason(string said)
    {
        var parts = Message().Matches(said).Select(match => match.Groups["text"].Value.Trim().TrimEnd('.')).ToList();
        return (parts.Count > 0 ? string.Join(". ", parts) : said).ReplaceLineEndings(" ").Trim();
    }

    [GeneratedRegex(@"\b(FATAL|PANIC|ERROR|DETAIL|HINT): +(?<text>[^\n]*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Message();
}
