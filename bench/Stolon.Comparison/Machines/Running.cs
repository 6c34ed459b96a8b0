using System.Diagnostics;

namespace Stolon.Comparison.Machines;

/// <summary>A process that this program started and ends, with what it says in a file.</summary>
internal sealed class Running : IAsyncDisposable
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Ours = [];

    private readonly Process process;

    private Running(Process process) => (this.process, Id) = (process, process.Id);

    public int Id { get; }

    /// <summary>Buries orphans. Those that were started here are the runtime's to wait for, so none may be under way meanwhile.</summary>
    /// <param name="bury">Buries those for which it is told that nobody else waits.</param>
    public static void Bury(Action<Func<int, bool>> bury)
    {
        lock (Gate)
        {
            bury(pid => !Ours.Contains(pid));
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="log">The file that gets what it says.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Further variables.</param>
    /// <returns>The process.</returns>
    public static Running Start(string log, string[] command, params (string Name, string Value)[] environment)
    {
        // The shell becomes the program: the pid is the program's.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", log, .. command]) { UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Running(Start(start));
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it said.</returns>
    public static async Task<(int Code, string Said)> RunAsync(string[] command, TimeSpan limit)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var started = Start(start);
        using var over = new CancellationTokenSource(limit, TimeProvider.System);
        try
        {
            var (said, error) = (started.StandardOutput.ReadToEndAsync(over.Token), started.StandardError.ReadToEndAsync(over.Token));
            await started.WaitForExitAsync(over.Token);
            return (started.ExitCode, (await said + await error).Trim());
        }
        catch (OperationCanceledException)
        {
            started.Kill();
            return (-1, $"it did not end within {limit}");
        }
        finally
        {
            Forget(started.Id);
        }
    }

    /// <summary>Waits for its end.</summary>
    public Task EndedAsync() => process.WaitForExitAsync();

    /// <summary>SIGKILL: nothing of it is needed any more.</summary>
    public async ValueTask DisposeAsync()
    {
        ProcessTable.Signal([Id], ProcessTable.SigKill);
        await EndedAsync();
        Forget(Id);
        process.Dispose();
    }

    private static Process Start(ProcessStartInfo start)
    {
        lock (Gate)
        {
            var started = Process.Start(start)!;
            Ours.Add(started.Id);
            return started;
        }
    }

    private static void Forget(int pid)
    {
        lock (Gate)
        {
            Ours.Remove(pid);
        }
    }
}
