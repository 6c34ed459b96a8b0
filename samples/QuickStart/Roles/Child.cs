using System.Diagnostics;
using System.Runtime.InteropServices;

namespace QuickStart.Roles;

/// <summary>One child process.</summary>
internal sealed class Child : IDisposable
{
    private const int SignalBase = 128;

    /// <summary>The <c>dotnet</c> that runs this program, however it was started and whether or not it is in the PATH.</summary>
    private static readonly string Runtime =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private readonly Process process;
    private readonly Task exited;

    private Child(RoleSpec role, Process process)
    {
        (Role, this.process) = (role, process);
        Pid = process.Id;
        exited = process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>The part that it plays.</summary>
    public RoleSpec Role { get; }

    /// <summary>Its process id.</summary>
    public int Pid { get; }

    /// <summary>It has ended.</summary>
    public bool HasExited => exited.IsCompleted;

    /// <summary>It ended by itself, with an error.</summary>
    public bool HasFailed => HasExited && process.ExitCode is > 0 and < SignalBase;

    /// <summary>How it ended.</summary>
    public string End => process.ExitCode > SignalBase ? $"killed by signal {process.ExitCode - SignalBase}" : $"exit code {process.ExitCode}";

    /// <summary>Starts it.</summary>
    /// <param name="role">The part.</param>
    /// <param name="folder">Where everything is kept.</param>
    /// <param name="show">Shows what it has to say.</param>
    /// <returns>The process.</returns>
    public static Child Start(RoleSpec role, DataFolder folder, Action<string> show)
    {
        var start = new ProcessStartInfo(Runtime, [typeof(Child).Assembly.Location, .. role.Arguments(folder)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var started = new Process { StartInfo = start, EnableRaisingEvents = true };
        started.OutputDataReceived += Show;
        started.ErrorDataReceived += Show;
        started.Start();
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return new Child(role, started);

        void Show(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is { Length: > 0 } text)
            {
                show(text);
            }
        }
    }

    /// <summary>Waits until it has ended and all that it said was shown.</summary>
    /// <returns>When ended.</returns>
    public Task WaitAsync() => exited;

    /// <summary>kill -9.</summary>
    public void Kill() => process.Kill();

    /// <summary>Asks it to stop, and kills it if it does not.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <returns>False if it was killed.</returns>
    public async Task<bool> StopAsync(TimeSpan limit, TimeProvider time)
    {
        process.StandardInput.Close();
        try
        {
            await WaitAsync().WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            Kill();
            await WaitAsync();
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => process.Dispose();
}
