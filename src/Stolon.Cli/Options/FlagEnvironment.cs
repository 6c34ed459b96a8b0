using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Stolon.Cli.Options;

/// <summary>Each flag can come from the environment: <c>STKEEPER_PG_PORT</c> is <c>--pg-port</c> of the keeper. The command line wins.</summary>
internal static class FlagEnvironment
{
    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        ["keeper"] = "STKEEPER_",
        ["sentinel"] = "STSENTINEL_",
        ["proxy"] = "STPROXY_",
        ["ctl"] = "STOLONCTL_",
    };

    /// <summary>Consent is given to one command, not to all that a shell will ever run.</summary>
    private static readonly string[] Never = ["--yes"];

    /// <summary>The flags that the environment gave, with their variables; for complaints.</summary>
    public static IReadOnlyDictionary<string, string> Origins { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Takes the arguments as stolon does, and adds what only the environment gives.</summary>
    /// <param name="root">What can be asked for.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="parse">Our parser.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <returns>All arguments, each flag once and with a value; and the flags that the environment gave, with their variables.</returns>
    /// <exception cref="CommandException">A switch is neither on nor off.</exception>
    public static (string[] Args, IReadOnlyDictionary<string, string> Origins) Complete(
        Command root, string[] args, Func<string[], ParseResult> parse, Func<string, string?> environment)
    {
        var (words, rest) = Words.Of(root, args);
        string[] given = [.. words.Where((word, at) => Counts(words, at)).Select(word => Truths.Spell(word).Argument)];
        var parsed = parse([.. given, .. rest]);
        var found = FromEnvironment(parsed, environment).ToList();
        var added = found.Select(word => Truths.Spell(word, SeeAlso(VariableOf(parsed, word.Flag!))).Argument);
        var origins = found.ToDictionary(word => word.Flag!.Name, word => VariableOf(parsed, word.Flag!), StringComparer.Ordinal);
        return ([.. given, .. added, .. rest], origins);
    }

    /// <summary>What is wrong with the arguments, in one line.</summary>
    /// <param name="parsed">The arguments, completed.</param>
    /// <returns>The mistake, or null.</returns>
    public static string? FindMistake(ParseResult parsed) =>
        parsed.Action is HelpAction || parsed.Errors.Count == 0 ? null : NameVariables(string.Join("; ", Messages(parsed).Distinct(StringComparer.Ordinal))) + Hint(parsed);

    /// <summary>Names the variables of the flags that a complaint names.</summary>
    /// <param name="complaint">One line.</param>
    /// <returns>The line.</returns>
    public static string NameVariables(string complaint)
    {
        var named = Origins.Where(origin => Regex.IsMatch(complaint, $@"(?<![\w-]){Regex.Escape(origin.Key)}(?![\w-])", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .Select(origin => origin.Value).Where(variable => !complaint.Contains(variable, StringComparison.Ordinal)).ToList();
        return named.Count == 0 ? complaint : complaint + SeeAlso(string.Join(", ", named));
    }

    /// <summary>The name of the environment variable of a flag.</summary>
    /// <param name="parsed">The command that has it.</param>
    /// <param name="option">The flag.</param>
    /// <returns>For example <c>STKEEPER_PG_PORT</c>.</returns>
    public static string VariableOf(ParseResult parsed, Option option) =>
        (Prefix(parsed) ?? "") + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static string SeeAlso(string variables) => $" (see also the environment variable {variables})";

    /// <summary>
    /// Of a flag that is given twice the last one counts, as in stolon: a script appends to what another one began with. An empty value is as good
    /// as none.
    /// </summary>
    private static bool Counts(List<Word> words, int at) =>
        words[at] is { Flag: null } || (words.FindLastIndex(word => word.Flag == words[at].Flag) == at && (words[at].IsSwitch || words[at].Text != ""));

    /// <summary>A misspelt command is one mistake, not also the lack of one. What follows a misspelt flag may be a password.</summary>
    private static IEnumerable<string> Messages(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var first, ..]
            ? [$"\"{Unknown(first)}\" is unknown here"]
            : parsed.Errors.Select(error => error.Message.TrimEnd('.'));

    private static string Unknown(string token) => token is ['-', _, ..] ? token.Split('=', ':')[0] : token;

    private static string Hint(ParseResult parsed) =>
        $". See: stolon {string.Join(' ', Chain(parsed).Skip(1).Select(command => command.Name).Append("--help"))}";

    private static IEnumerable<Word> FromEnvironment(ParseResult parsed, Func<string, string?> environment) =>
        from option in Options(parsed)
        where parsed.GetResult(option) is null or { Implicit: true }
        where !(option.Name == "--file" && HasArgument(parsed))
        let value = environment(VariableOf(parsed, option))
        where value is { Length: > 0 }
        select new Word(option, value);

    /// <summary>What is given in place stands against the same from a file: the command line wins.</summary>
    private static bool HasArgument(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<ArgumentResult>().Any(argument => argument.Tokens.Count > 0);

    private static IEnumerable<Option> Options(ParseResult parsed) =>
        Prefix(parsed) is null
            ? []
            : Chain(parsed).Skip(1).SelectMany(command => command.Options)
                .Where(option => option is not HelpOption && option != StolonProgram.VersionFlag && !option.Hidden && !Never.Contains(option.Name, StringComparer.Ordinal));

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
