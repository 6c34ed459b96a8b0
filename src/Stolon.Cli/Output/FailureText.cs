using Microsoft.Extensions.Options;
using Stolon.Cli.Options;
using Stolon.Hosting.Administration;

namespace Stolon.Cli.Output;

/// <summary>What went wrong, in one line.</summary>
internal static class FailureText
{
    /// <summary>Makes the line.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <returns>The line.</returns>
    public static string Of(Exception exception) => OneLine(exception switch
    {
        OptionsValidationException invalid => string.Join("; ", invalid.Failures.Select(FlagNames.Translate).Distinct(StringComparer.Ordinal)),
        InvalidSpecException { CanBeForced: true } refused => $"{refused.Message}; --force accepts it",
        AggregateException { InnerExceptions.Count: > 0 } several => string.Join("; ", several.InnerExceptions.Select(Of).Distinct(StringComparer.Ordinal)),
        _ => FlagNames.TranslateMentions(exception.Message),
    });

    /// <summary>Puts a text into one line.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The line.</returns>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
