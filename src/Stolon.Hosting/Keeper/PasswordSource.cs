using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Where a password comes from that may change while the keeper runs.</summary>
/// <param name="Name">As its operator knows it: the file, or the option.</param>
/// <param name="AskAsync">Asks for the password of now; it may fail, and hang.</param>
/// <param name="Interval">How often it is asked; null = at each pass, which is for what is near and cheap.</param>
internal sealed record PasswordSource(string Name, Func<CancellationToken, ValueTask<string>> AskAsync, TimeSpan? Interval)
{
    /// <summary>The file; null when it is none.</summary>
    public string? File { get; private init; }

    /// <summary>A file that an operator, or a secret store's agent, writes again.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The source.</returns>
    public static PasswordSource OfFile(string path) =>
        new(path, async cancellationToken => await System.IO.File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false), null) { File = path };

    /// <summary>What is meant by a text that was given as a password: without the line break that an editor left at its end (K2).</summary>
    /// <param name="given">The text.</param>
    /// <param name="mistake">Why it cannot be one, as the end of a sentence that does not quote it; null when it can.</param>
    /// <returns>The password.</returns>
    public static string Clean(string given, out string? mistake)
    {
        var password = given.TrimEnd('\r', '\n');
        mistake = password.Length == 0 ? "it is empty"
            : ConfigFile.HasLineBreak(password) ? "it has a line break in it"
            : SaslPrep.TryPrepare(password) is null ? "it has characters that this program, built without cultures (InvariantGlobalization), cannot bring into their usual form"
            : null;
        return password;
    }
}
