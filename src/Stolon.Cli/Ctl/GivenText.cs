using System.CommandLine;
using System.Text;
using Stolon.Cli.Output;

namespace Stolon.Cli.Ctl;

/// <summary>What a command is given as a file, on standard input (<c>-</c>), or in place.</summary>
internal static class GivenText
{
    private const string StandardInput = "-";

    /// <summary>Whether it comes from standard input.</summary>
    /// <param name="file">The file.</param>
    /// <param name="inline">The text in place.</param>
    /// <returns>True if so.</returns>
    public static bool IsStandardInput(string? file, string? inline) => file == StandardInput || inline == StandardInput;

    /// <summary>Makes the flag for the file.</summary>
    /// <param name="description">What it holds.</param>
    /// <returns>The flag.</returns>
    public static Option<string?> FileFlag(string description) =>
        new("--file", "-f") { Description = $"{description} (- = standard input).", HelpName = "FILE" };

    /// <summary>Reads it.</summary>
    /// <param name="file">The file; <c>-</c> = standard input; null = none.</param>
    /// <param name="inline">The text in place; <c>-</c> = standard input; null = none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>UTF-8 text; null = nothing was given.</returns>
    /// <exception cref="CommandException">Both are given, or the file cannot be read.</exception>
    public static async Task<byte[]?> ReadAsync(string? file, string? inline, CancellationToken cancellationToken)
    {
        if (file is not null && inline is not null)
        {
            throw new CommandException("give it in place or with --file, not both");
        }

        if (IsStandardInput(file, inline))
        {
            using var memory = new MemoryStream();
            using var input = StandardStreams.OpenInput();
            await input.CopyToAsync(memory, cancellationToken).ConfigureAwait(false);
            return memory.ToArray();
        }

        if (inline is not null)
        {
            return Encoding.UTF8.GetBytes(inline);
        }

        try
        {
            return file is null ? null : await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"--file: {file} cannot be read: {exception.Message}", exception);
        }
    }
}
