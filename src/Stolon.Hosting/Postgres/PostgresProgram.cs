using System.Diagnostics;
using System.Text;

namespace Stolon.Hosting.Postgres;

/// <summary>One run of a program that ends by itself, such as <c>initdb</c>, as the user that PostgreSQL runs as.</summary>
internal static class PostgresProgram
{
    private const int KeptLines = 12;

    /// <summary>Runs a program to its end. Cancelling kills it with its children.</summary>
    /// <param name="owner">As whom.</param>
    /// <param name="folder">The working directory; the user must be allowed in.</param>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Never a password: every user of the machine sees them.</param>
    /// <param name="environment">What to set beside what is inherited, which is little: <see cref="ProgramEnvironment"/>.</param>
    /// <param name="onErrorLine">Sees each line of standard error as it comes.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="PostgresInstanceException">It could not be started.</exception>
    public static async Task<ProgramResult> RunAsync(
        FileOwner owner,
        string folder,
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        Action<string>? onErrorLine,
        CancellationToken cancellationToken)
    {
        var start = StartInfo(owner, folder, program, arguments, environment);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Start(start);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await ReadAsync(process.StandardError, onErrorLine, cancellationToken).ConfigureAwait(false);
            var said = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return new ProgramResult(process.ExitCode, said, errors);
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
        }
    }

    /// <summary>What starts a program as this user, with standard input redirected so that it inherits none.</summary>
    public static ProcessStartInfo StartInfo(
        FileOwner owner,
        string folder,
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        ProgramEnvironment.Restrict(start.Environment, owner.PassEnvironment);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        if (owner.IsOther)
        {
            start.UserName = owner.Name;
            start.Environment["HOME"] = owner.Home;
            start.Environment["USER"] = owner.Name;
            start.Environment["LOGNAME"] = owner.Name;
        }

        return start;
    }

    /// <summary>Starts a process.</summary>
    /// <exception cref="PostgresInstanceException">It could not be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException)
        {
            throw new PostgresInstanceException($"{start.FileName} could not be started: {error.Message}", error);
        }
    }

    private static async Task<string> ReadAsync(StreamReader errors, Action<string>? onLine, CancellationToken cancellationToken)
    {
        var last = new Queue<string>();
        while (await errors.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            onLine?.Invoke(line);
            last.Enqueue(line);
            if (last.Count > KeptLines)
            {
                last.Dequeue();
            }
        }

        return new StringBuilder().AppendJoin('\n', last).ToString();
    }

    private static async Task EndAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 = well.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">The last lines of standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors);
