using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Postgres;

/// <summary>What every part of the driver works with.</summary>
internal sealed record PostgresContext(
    PostgresSettings Settings, DataFolder Folder, FileOwner Owner, PostgresBinaries Binaries, TimeProvider Clock, ILogger Logger)
{
    private static readonly Dictionary<string, string> English = new(StringComparer.Ordinal) { ["LC_ALL"] = "C" };

    /// <summary>The folder of the socket.</summary>
    public string SocketFolder => Folder.SocketFolder(Settings.Port);

    /// <summary>The postmaster's option for its socket folder; a list, in which a comma would separate.</summary>
    public string SocketOption => SocketFolder.AsSpan().IndexOfAny(',', '"') < 0
        ? $"unix_socket_directories={SocketFolder}"
        : $"unix_socket_directories=\"{SocketFolder.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Runs one of PostgreSQL's programs to its end, in English, which <see cref="FailureRemedy"/> understands.</summary>
    public Task<ProgramResult> RunAsync(
        string program, IEnumerable<string> arguments, Action<string>? onErrorLine, CancellationToken cancellationToken) =>
        PostgresProgram.RunAsync(Owner, Folder.Root, program, arguments, English, onErrorLine, cancellationToken);

    /// <summary>The exception for a program that failed.</summary>
    public PostgresInstanceException Failure(string what, ProgramResult result)
    {
        var remedy = FailureRemedy.For(result.Errors) is { Length: > 0 } known ? known : FailureRemedy.ForDisk(Folder.Root);
        var summary = $"{what} (exit code {result.ExitCode}).";
        return new PostgresInstanceException($"{summary} {remedy} It said:\n{result.Errors}")
        {
            Summary = $"{summary} {(remedy.Length > 0 ? remedy : "The keeper's log quotes what it said.")}",
        };
    }
}
