namespace Stolon.Cli.Options;

/// <summary>The spellings of yes and no that stolon takes (<c>--flag=1</c>), in those that our parser takes.</summary>
internal static class Truths
{
    private static readonly string[] Yes = ["1", "t", "T", "true", "TRUE", "True"];
    private static readonly string[] No = ["0", "f", "F", "false", "FALSE", "False"];

    /// <summary>Spells the value of a switch.</summary>
    /// <param name="word">A flag; one that is no switch stays as it is.</param>
    /// <param name="origin">Where the value is from, for the complaint.</param>
    /// <returns>The flag.</returns>
    /// <exception cref="CommandException">The switch is given another value.</exception>
    public static Word Spell(Word word, string origin = "") =>
        !word.IsSwitch || word.Text is not { } value ? word
        : Yes.Contains(value, StringComparer.Ordinal) ? word with { Text = "true" }
        : No.Contains(value, StringComparer.Ordinal) ? word with { Text = "false" }
        : throw new CommandException($"{word.Flag!.Name}: expected true or false, found \"{value}\"{origin}");
}
