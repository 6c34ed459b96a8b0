using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Cli.Options;

/// <summary>The kinds of flags. Each complaint begins with the flag's name and says what was expected.</summary>
internal static class Flag
{
    /// <summary>A text.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="kind">What kind of value it takes.</param>
    /// <returns>The flag; null if it is not given.</returns>
    public static Option<string?> Text(string name, string description, string kind = "TEXT") =>
        new(name) { Description = description, HelpName = kind };

    /// <summary>Yes or no: <c>--flag</c>, <c>--flag=false</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="fallback">What it is if it is not given.</param>
    /// <returns>The flag.</returns>
    public static Option<bool> Switch(string name, string description, bool fallback = false) =>
        new(name)
        {
            Description = description,
            HelpName = "true|false",
            DefaultValueFactory = _ => fallback,
        };

    /// <summary>A whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="least">The least that is possible.</param>
    /// <param name="most">The most that is possible.</param>
    /// <returns>The flag; null if it is not given.</returns>
    public static Option<int?> Number(string name, string description, int least, int most) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => Parse(result, name, $"a number from {least} to {most}", (string text, out int? value) =>
            {
                var isOne = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;
                value = number;
                return isOne;
            }),
        };

    /// <summary>A duration.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="fallback">What it is if it is not given.</param>
    /// <returns>The flag.</returns>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan fallback) =>
        new(name)
        {
            Description = description,
            HelpName = "DURATION",
            DefaultValueFactory = _ => fallback,
            CustomParser = result => Parse(result, name, "a duration such as 5s or 1m30s", (string text, out TimeSpan value) =>
                GoDuration.TryParse(text, out value) && value > TimeSpan.Zero),
        };

    /// <summary>One of a few words.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="fallback">What it is if it is not given; null = nothing.</param>
    /// <param name="words">The words.</param>
    /// <returns>The flag.</returns>
    public static Option<string?> Choice(string name, string description, string? fallback, params string[] words) =>
        new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => fallback,
            CustomParser = result => Parse(result, name, $"one of {string.Join(", ", words)}", (string text, out string? value) =>
            {
                value = text;
                return words.Contains(text, StringComparer.Ordinal);
            }),
        };

    /// <summary>The value of a flag that has to be given.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <param name="option">The flag.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CommandException">It is not given, or empty.</exception>
    public static string Required(this ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { Length: > 0 } value
            ? value
            : throw new CommandException($"{option.Name}: missing; give it, or the environment variable {FlagEnvironment.VariableOf(parsed, option)}");

    private static T? Parse<T>(ArgumentResult result, string name, string expected, Try<T> parse)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
        if (parse(text, out var value))
        {
            return value;
        }

        result.AddError($"{name}: expected {expected}, found \"{text}\"");
        return default;
    }

    private delegate bool Try<T>(string text, out T value);
}
