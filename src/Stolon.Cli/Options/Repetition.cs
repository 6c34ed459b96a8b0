using System.CommandLine;

namespace Stolon.Cli.Options;

/// <summary>Of a flag that is given twice the last one counts, as in stolon: a script appends to what another one began with.</summary>
internal static class Repetition
{
    /// <summary>Leaves out what a later flag replaces.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="options">The flags that the command has.</param>
    /// <returns>The arguments, each flag once.</returns>
    public static IEnumerable<string> KeepLast(IReadOnlyList<string> args, IEnumerable<Option> options)
    {
        var names = options.SelectMany(option => option.Aliases.Append(option.Name).Select(name => (Name: name, Option: option)))
            .ToDictionary(pair => pair.Name, pair => pair.Option, StringComparer.Ordinal);
        var parts = new List<(Option? Flag, string[] Words)>();
        for (var at = 0; at < args.Count; at++)
        {
            var flag = names.GetValueOrDefault(args[at].Split('=', 2)[0]);
            var takesNext = flag is not null and not Option<bool> && !args[at].Contains('=', StringComparison.Ordinal) && at + 1 < args.Count;
            parts.Add((flag, takesNext ? [args[at], args[++at]] : [args[at]]));
        }

        return parts.Where((part, at) => part.Flag is null || parts.Skip(at + 1).All(later => later.Flag != part.Flag)).SelectMany(part => part.Words);
    }
}
