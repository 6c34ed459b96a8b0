using System.CommandLine;

namespace Stolon.Cli.Options;

/// <summary>The spellings of yes and no that stolon takes (<c>--flag=1</c>), in those that our parser takes.</summary>
internal static class Truths
{
    private static readonly string[] Yes = ["1", "t", "T", "true", "TRUE", "True"];
    private static readonly string[] No = ["0", "f", "F", "false", "FALSE", "False"];

    /// <summary>Spells the values of all switches.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="options">The flags that the command has.</param>
    /// <returns>The arguments.</returns>
    /// <exception cref="CommandException">A switch is given another value.</exception>
    public static IEnumerable<string> Spell(IEnumerable<string> args, IEnumerable<Option> options)
    {
        var switches = options.OfType<Option<bool>>().Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
        return args.Select(arg => arg.IndexOf('=', StringComparison.Ordinal) is var at and > 0 && switches.Contains(arg[..at]) ? Spell(arg[..at], arg[(at + 1)..]) : arg);
    }

    private static string Spell(string name, string value) =>
        Yes.Contains(value, StringComparer.Ordinal) ? $"{name}=true"
        : No.Contains(value, StringComparer.Ordinal) ? $"{name}=false"
        : throw new CommandException($"{name}: expected true or false, found \"{value}\"");
}
