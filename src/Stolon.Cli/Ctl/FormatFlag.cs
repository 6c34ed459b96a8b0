using System.CommandLine;
using Stolon.Cli.Options;

namespace Stolon.Cli.Ctl;

/// <summary><c>-f json</c>: for programs.</summary>
internal static class FormatFlag
{
    private const string Text = "text";
    private const string Json = "json";

    /// <summary>Makes the flag.</summary>
    /// <returns>The flag.</returns>
    public static Option<string?> Create()
    {
        var flag = Flag.Choice("--format", "text, or json for programs (default text).", Text, Text, Json);
        flag.Aliases.Add("-f");
        return flag;
    }

    /// <summary>Whether JSON is asked for.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <param name="flag">The flag.</param>
    /// <returns>True if so.</returns>
    public static bool IsJson(ParseResult parsed, Option<string?> flag) => parsed.GetValue(flag) == Json;
}
