using System.CommandLine;

namespace Stolon.Cli.Options;

/// <summary>A flag with its value, or another argument, as it stands on the command line.</summary>
/// <param name="Flag">The flag; null = it is none of this command.</param>
/// <param name="Text">The value; null = a flag without one. Of what is no flag: the argument as it is.</param>
internal sealed record Word(Option? Flag, string? Text)
{
    /// <summary>Yes or no.</summary>
    public bool IsSwitch => Flag is Option<bool>;

    /// <summary>The argument for our parser.</summary>
    public string Argument => Flag is null ? Text! : Text is null ? Flag.Name : $"{Flag.Name}={Text}";
}

/// <summary>
/// The arguments as stolon takes them apart: short flags can be bundled (<c>-yf FILE</c>), an empty value is one, and what follows a flag with a
/// value is its value whatever it looks like.
/// </summary>
internal static class Words
{
    private const string EndOfFlags = "--";
    private static readonly string[] Truths = ["true", "false"];

    /// <summary>Takes the arguments apart.</summary>
    /// <param name="root">What can be asked for.</param>
    /// <param name="args">The arguments.</param>
    /// <returns>The words before <c>--</c>; the rest, from <c>--</c> on.</returns>
    public static (List<Word> Words, string[] AfterFlags) Of(Command root, string[] args)
    {
        var (command, flags, words) = (root, Names(root), new List<Word>());
        for (var at = 0; at < args.Length; at++)
        {
            if (args[at] == EndOfFlags)
            {
                return (words, args[at..]);
            }

            if (command.Subcommands.FirstOrDefault(child => child.Name == args[at]) is { } below)
            {
                command = below;
                flags = Names(below).Concat(flags).DistinctBy(pair => pair.Key).ToDictionary(StringComparer.Ordinal);
            }
            else if (Apart(args[at], flags) is { } found)
            {
                words.AddRange(found[..^1]);
                words.Add(WithNext(found[^1], args, ref at));
                continue;
            }

            words.Add(new Word(null, args[at]));
        }

        return (words, []);
    }

    private static Word WithNext(Word word, string[] args, ref int at)
    {
        var isValue = word is { Text: null } && at + 1 < args.Length && (!word.IsSwitch || Truths.Contains(args[at + 1], StringComparer.Ordinal));
        return isValue ? word with { Text = args[++at] } : word;
    }

    /// <summary>The flags of one argument; null = there are none, or not only.</summary>
    private static List<Word>? Apart(string arg, Dictionary<string, Option> flags)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        if (flags.TryGetValue(equals < 0 ? arg : arg[..equals], out var whole))
        {
            return [new Word(whole, equals < 0 ? null : arg[(equals + 1)..])];
        }

        if (arg.Length < 3 || arg[0] != '-' || arg[1] == '-')
        {
            return null;
        }

        var found = new List<Word>();
        for (var at = 1; at < arg.Length; at++)
        {
            if (!flags.TryGetValue($"-{arg[at]}", out var flag))
            {
                return null;
            }

            var after = arg[(at + 1)..];
            if (after.StartsWith('=') || (flag is not Option<bool> && after.Length > 0))
            {
                found.Add(new Word(flag, after.StartsWith('=') ? after[1..] : after));
                return found;
            }

            found.Add(new Word(flag, null));
        }

        return found;
    }

    private static Dictionary<string, Option> Names(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Append(option.Name).Select(name => (name, option)))
            .DistinctBy(pair => pair.name).ToDictionary(pair => pair.name, pair => pair.option, StringComparer.Ordinal);
}
