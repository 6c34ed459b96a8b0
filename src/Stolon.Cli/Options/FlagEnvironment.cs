using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace Stolon.Cli.Options;

/// <summary>Each flag can come from the environment: <c>STKEEPER_PG_PORT</c> is <c>--pg-port</c> of the keeper. The command line wins.</summary>
internal static class FlagEnvironment
{
    private const string EndOfFlags = "--";

    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        ["keeper"] = "STKEEPER_",
        ["sentinel"] = "STSENTINEL_",
        ["proxy"] = "STPROXY_",
        ["ctl"] = "STOLONCTL_",
    };

    /// <summary>Adds what only the environment gives.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="parsed">What they say.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <returns>All arguments.</returns>
    public static string[] Complete(string[] args, ParseResult parsed, Func<string, string?> environment)
    {
        var options = Options(parsed).ToList();
        var added = FromEnvironment(parsed, environment).Select(found => $"{found.Option.Name}={found.Value}");
        var flags = args.TakeWhile(arg => arg != EndOfFlags).ToArray();
        return [.. Truths.Spell(Repetition.KeepLast([.. flags, .. added], options), options), .. args.Skip(flags.Length)];
    }

    /// <summary>What is wrong with the arguments, in one line.</summary>
    /// <param name="parsed">The arguments, completed.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <returns>The mistake, or null.</returns>
    public static string? FindMistake(ParseResult parsed, Func<string, string?> environment)
    {
        if (IsHelp(parsed) || parsed.Errors.Count == 0)
        {
            return null;
        }

        var origins = Options(parsed).Where(option => environment(VariableOf(parsed, option)) is { Length: > 0 })
            .ToDictionary(option => option.Name, option => VariableOf(parsed, option), StringComparer.Ordinal);
        var mistakes = Messages(parsed)
            .Select(text => origins.Where(origin => text.Contains($"{origin.Key}:", StringComparison.Ordinal))
                .Select(origin => $"{text} (see also the environment variable {origin.Value})").FirstOrDefault(text));
        return string.Join("; ", mistakes.Distinct(StringComparer.Ordinal)) + Hint(parsed);
    }

    /// <summary>The name of the environment variable of a flag.</summary>
    /// <param name="parsed">The command that has it.</param>
    /// <param name="option">The flag.</param>
    /// <returns>For example <c>STKEEPER_PG_PORT</c>.</returns>
    public static string VariableOf(ParseResult parsed, Option option) =>
        (Prefix(parsed) ?? "") + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static bool IsHelp(ParseResult parsed) => parsed.Action is HelpAction;

    /// <summary>A misspelt command is one mistake, not also the lack of one.</summary>
    private static IEnumerable<string> Messages(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var first, ..]
            ? [$"\"{first}\" is unknown here"]
            : parsed.Errors.Select(error => error.Message.TrimEnd('.'));

    private static string Hint(ParseResult parsed) =>
        $". See: stolon {string.Join(' ', Chain(parsed).Skip(1).Select(command => command.Name).Append("--help"))}";

    private static IEnumerable<(Option Option, string Value)> FromEnvironment(ParseResult parsed, Func<string, string?> environment) =>
        from option in Options(parsed)
        where parsed.GetResult(option) is null or { Implicit: true }
        let value = environment(VariableOf(parsed, option))
        where value is { Length: > 0 }
        select (option, value);

    private static IEnumerable<Option> Options(ParseResult parsed) =>
        Prefix(parsed) is null
            ? []
            : Chain(parsed).Skip(1).SelectMany(command => command.Options)
                .Where(option => option is not HelpOption && option != StolonProgram.VersionFlag && !option.Hidden);

    private static string? Prefix(ParseResult parsed) => Chain(parsed).Select(command => Prefixes.GetValueOrDefault(command.Name)).FirstOrDefault(prefix => prefix is not null);

    /// <summary>The commands from the root to the one that was asked for.</summary>
    private static List<Command> Chain(ParseResult parsed)
    {
        var chain = new List<Command>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
        {
            chain.Insert(0, command.Command);
        }

        return chain;
    }
}
