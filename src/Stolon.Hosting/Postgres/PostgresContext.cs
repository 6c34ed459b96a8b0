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

    /// <summary>Finds the binaries, checks the user and the folders, creates what is missing. The data directory is locked already.</summary>
    /// <exception cref="PostgresInstanceException">Something is missing; the message names the remedy.</exception>
    public static async Task<PostgresContext> OpenAsync(
        PostgresSettings settings, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var owner = FileOwner.Find(settings.RunAsUser) with { PassEnvironment = settings.PassEnvironment };
        var folder = DataFolderAccess.Prepare(settings.DataDirectory, owner);
        await DataFolderAccess.CheckParentsAsync(folder.Root, owner, cancellationToken).ConfigureAwait(false);
        var binaries = await PostgresBinaries.FindAsync(settings.BinDirectory, folder.Pgdata, owner, cancellationToken)
            .ConfigureAwait(false);
        DataFolderAccess.PrepareInside(folder, settings.Port, owner);
        logger.Opened(binaries.Version, binaries.Folder, owner.Name, folder.Pgdata);
        if (binaries.Version.Remark is { } remark)
        {
            logger.UnknownVersion(remark);
        }

        return new PostgresContext(settings, folder, owner, binaries, clock, logger);
    }

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
