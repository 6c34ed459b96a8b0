using Stolon.Hosting.Keeper;
using Stolon.Postgres;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>A password as the options give it.</summary>
/// <param name="Who">What the names of its options begin with.</param>
/// <param name="Method">The authentication method; empty = none was chosen.</param>
/// <param name="Text">The password itself; null = another way, or none.</param>
/// <param name="File">The file; null = another way, or none.</param>
/// <param name="Provider">The callback; null = another way, or none.</param>
internal sealed record GivenPassword(
    string Who, string Method, string? Text, string? File, Func<CancellationToken, ValueTask<string>>? Provider)
{
    /// <summary>A line break at its end was left out.</summary>
    public bool WasTrimmed { get; private init; }

    /// <summary>Why it is none, as a sentence that begins with the option's name; null when it is one.</summary>
    public string? Mistake { get; private init; }

    /// <summary>None is asked for.</summary>
    public bool IsTrust => Method == AuthMethods.Trust;

    /// <summary>The options by which it is given.</summary>
    public IReadOnlyList<string> Ways =>
    [
        .. new (string Name, object? Way)[] { ($"{Who}Password", Text), ($"{Who}PasswordFile", File), ($"{Who}PasswordProvider", Provider) }
            .Where(option => option.Way is not null).Select(option => option.Name),
    ];

    /// <summary>The superuser's.</summary>
    public static GivenPassword SuperuserOf(KeeperOptions options) => new(
        "Superuser", options.SuperuserAuthMethod ?? "", options.SuperuserPassword, options.SuperuserPasswordFile, options.SuperuserPasswordProvider);

    /// <summary>The replication user's.</summary>
    public static GivenPassword ReplicationOf(KeeperOptions options) => new(
        "Replication", options.ReplicationAuthMethod ?? "", options.ReplicationPassword, options.ReplicationPasswordFile, options.ReplicationPasswordProvider);

    /// <summary>Reads the file, and checks what can be checked without a callback.</summary>
    /// <returns>The same with its text, or with the mistake.</returns>
    public GivenPassword Read()
    {
        if (IsTrust || (Text ?? File) is null)
        {
            return this;
        }

        try
        {
            var given = Text ?? System.IO.File.ReadAllText(File!);
            var password = PasswordSource.Clean(given, out var mistake);
            return mistake is null
                ? this with { Text = password, WasTrimmed = password.Length < given.Length }
                : this with { Mistake = $"{Who}Password: {mistake}." };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return this with { Mistake = $"{Who}PasswordFile: {File} cannot be read: {exception.Message}" };
        }
    }

    /// <summary>Without the password, whoever prints this (S11).</summary>
    public override string ToString() => $"password of {Who}";
}
