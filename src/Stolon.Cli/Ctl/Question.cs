using System.CommandLine;

namespace Stolon.Cli.Ctl;

/// <summary>Asks before something that cannot be taken back.</summary>
internal static class Question
{
    /// <summary>How a warning begins.</summary>
    private const string Warning = "WARNING: ";

    /// <summary>Makes the flag that answers beforehand.</summary>
    /// <returns>The flag.</returns>
    public static Option<bool> YesFlag() => new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>Asks.</summary>
    /// <param name="isAnswered">The answer was given beforehand.</param>
    /// <param name="isInputTaken">Standard input holds something else.</param>
    /// <param name="notice">What will happen. A warning is said also when the answer was given beforehand.</param>
    /// <returns>True for yes; false for no, which is said.</returns>
    /// <exception cref="CommandException">There is nobody to answer.</exception>
    public static async Task<bool> ConfirmAsync(bool isAnswered, bool isInputTaken, string notice)
    {
        if (isAnswered)
        {
            if (notice.StartsWith(Warning, StringComparison.Ordinal))
            {
                await Console.Out.WriteLineAsync(notice).ConfigureAwait(false);
            }

            return true;
        }

        if (isInputTaken)
        {
            throw new CommandException("standard input is taken, so nobody can answer; give --yes");
        }

        await Console.Out.WriteAsync($"{notice}\nAre you sure you want to continue? [yes/no] ").ConfigureAwait(false);
        while (true)
        {
            switch ((await Console.In.ReadLineAsync().ConfigureAwait(false))?.Trim().ToUpperInvariant())
            {
                case "YES" or "Y":
                    return true;
                case "NO" or "N":
                    await Console.Out.WriteLineAsync("Nothing was changed.").ConfigureAwait(false);
                    return false;
                case null:
                    throw new CommandException("no answer, so nothing was changed; give --yes where nobody can answer");
                default:
                    await Console.Out.WriteAsync("Please answer yes or no: ").ConfigureAwait(false);
                    break;
            }
        }
    }
}
