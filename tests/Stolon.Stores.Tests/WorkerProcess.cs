using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Stolon.Stores.Tests;

/// <summary>Another process that uses a store; killed when disposed.</summary>
internal sealed partial class WorkerProcess : IDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    private readonly Process process;
    private readonly BlockingCollection<string> lines = [];

    private WorkerProcess(Process process) => this.process = process;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>The highest number that it said was acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="path">The store.</param>
    /// <param name="verb">What it does: see <see cref="Worker"/>.</param>
    /// <param name="args">More.</param>
    public static WorkerProcess Start(string path, string verb, params string[] args) => StartUnder([], path, verb, args);

    /// <summary>Starts one under another program.</summary>
    public static WorkerProcess StartUnder(string[] launcher, string path, string verb, params string[] args)
    {
        string[] self = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, typeof(Worker).Assembly.Location]
            : [Environment.ProcessPath!];
        string[] command = [.. launcher, .. self, Worker.Word, path, verb, .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var worker = new WorkerProcess(Process.Start(start)!);
        worker.process.OutputDataReceived += (_, e) => worker.Add(e.Data);
        worker.process.ErrorDataReceived += (_, e) => worker.Add(e.Data is null ? null : "stderr: " + e.Data);
        worker.process.BeginOutputReadLine();
        worker.process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>The next line that it says.</summary>
    public async Task<string> NextAsync()
    {
        var line = "";
        await Wait.UntilAsync(() => lines.TryTake(out line!), because: "the worker says something");
        return line;
    }

    /// <summary>Whether it has said something that was not taken yet.</summary>
    public bool HasSaidMore => lines.Count > 0;

    public void Freeze() => _ = Kill(process.Id, SigStop);

    /// <summary>Wakes it, once it has really stopped: a wake-up that comes before the stop is lost.</summary>
    public void Thaw()
    {
        SpinWait.SpinUntil(IsStopped, TimeSpan.FromSeconds(10)).Should().BeTrue("it was told to stop");
        _ = Kill(process.Id, SigContinue);
    }

    private bool IsStopped()
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T');
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Lets it end by itself.</summary>
    public async Task EndAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Wait.Long, TimeProvider.System);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task EndedAsync() => process.WaitForExitAsync().WaitAsync(Wait.Long, TimeProvider.System);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        if (line.StartsWith("ack ", StringComparison.Ordinal))
        {
            Acknowledged = long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
        }

        lines.Add(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
