using System.Globalization;
using System.Runtime.InteropServices;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>How its processes are started, ended and frozen.</summary>
internal sealed partial class StolonCluster
{
    private const int SigKill = 9;
    private const int SigContinue = 18;
    private const int SigStop = 19;

    /// <summary>Where a keeper's passwords are, of the user <c>su</c> or <c>repl</c>.</summary>
    public string PasswordFile(int keeper, string user) => folder.File($"keeper{keeper}.{user}.password");

    /// <summary>Writes the passwords into the files of a keeper, each in one step.</summary>
    public void GivePasswords(int keeper, string superuser, string replication)
    {
        foreach (var (user, text) in new[] { ("su", superuser), ("repl", replication + "\n") })
        {
            var draft = folder.Write($"draft.{user}", text);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            File.Move(draft, PasswordFile(keeper, user), overwrite: true);
        }
    }

    private void Start(string process, string role, Dictionary<string, string> environment, string[] args)
    {
        var started = StolonProcess.Start(StolonProcess.Program, [role, .. Flags, "--log-level", "debug", .. args], environment);
        started.OutputDataReceived += (_, line) => Hear(process, line.Data);
        started.ErrorDataReceived += (_, line) => Hear(process, line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        running[process] = started;
    }

    private async Task EndAsync(string process)
    {
        await running[process].WaitForExitAsync();
        running[process].Dispose();
        running.Remove(process);
    }

    private void SignalPostgres(int keeper, string title, int signal)
    {
        var data = PgData(keeper);
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && new FileInfo(Path.Combine(path, "cwd")).LinkTarget == data
                && File.ReadAllText(Path.Combine(path, "cmdline")).Contains(title, StringComparison.Ordinal))
            {
                _ = Kill(pid, signal);
            }
        }
    }

    private void Hear(string process, string? line)
    {
        lock (said)
        {
            said.AppendLine($"{process}: {line}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
