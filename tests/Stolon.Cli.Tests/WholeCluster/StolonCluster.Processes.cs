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
        foreach (var (user, text) in new[] { ("su", superuser + "\n"), ("repl", replication + "\r\n") })
        {
            var draft = folder.Write($"draft.{user}", text);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            File.Move(draft, PasswordFile(keeper, user), overwrite: true);
        }
    }

    /// <summary>SIGTERM, and the end of it.</summary>
    public async Task StopAsync(string process)
    {
        _ = Processes.Terminate(running[process].Id);
        await EndAsync(process);
    }

    /// <summary>kill -9 of a keeper; its PostgreSQL goes with it.</summary>
    public async Task KillAsync(string process)
    {
        _ = Kill(running[process].Id, SigKill);
        await EndAsync(process);
    }

    /// <summary>kill -9 of a keeper and everything that it runs, as when its machine dies.</summary>
    public async Task KillHostAsync(int keeper)
    {
        Signal(HostOf(keeper), SigKill);
        await EndAsync($"keeper{keeper}");
    }

    /// <summary>SIGSTOP of one process alone.</summary>
    public void Freeze(string process) => Signal([running[process].Id], SigStop);

    public void Thaw(string process) => Signal([running[process].Id], SigContinue);

    /// <summary>kill -9 of the postmaster alone, if it runs.</summary>
    public void KillPostmaster(int keeper) => Signal(PostgresOf(keeper, "").Intersect(PostmasterOf(keeper)), SigKill);

    /// <summary>kill -9 of one of PostgreSQL's processes for clients, if there is one.</summary>
    public void KillBackend(int keeper, Random random)
    {
        var backends = PostgresOf(keeper, "postgres: postgres");
        if (backends.Length > 0)
        {
            Signal([backends[random.Next(backends.Length)]], SigKill);
        }
    }

    /// <summary>SIGSTOP of those processes of a keeper's PostgreSQL that call themselves so, for example <c>walsender</c>.</summary>
    public void FreezePostgres(int keeper, string title = "") => Signal(PostgresOf(keeper, title), SigStop);

    public void ThawPostgres(int keeper) => Signal(PostgresOf(keeper, ""), SigContinue);

    /// <summary>SIGSTOP of the process that sends one keeper's WAL to another.</summary>
    public async Task FreezeSenderAsync(int from, int to)
    {
        var pid = await AskKeeperAsync(from, $"select pid from pg_stat_replication where application_name = 'stolon_{await DbOfAsync(to)}'");
        Signal([int.Parse(pid, CultureInfo.InvariantCulture)], SigStop);
    }

    /// <summary>SIGSTOP of a keeper and everything that it runs, as when its machine stands still.</summary>
    public void FreezeHost(int keeper) => Signal(HostOf(keeper), SigStop);

    public void ThawHost(int keeper) => Signal(HostOf(keeper), SigContinue);

    private static void Signal(IEnumerable<int> pids, int signal)
    {
        foreach (var pid in pids)
        {
            _ = Kill(pid, signal);
        }
    }

    private int[] PostmasterOf(int keeper)
    {
        var file = Path.Combine(PgData(keeper), "postmaster.pid");
        return File.Exists(file) && int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var pid) ? [pid] : [];
    }

    private int[] HostOf(int keeper) => [.. Processes.Tree(running[$"keeper{keeper}"].Id), .. PostgresOf(keeper, "")];

    private int[] PostgresOf(int keeper, string title) => Processes.In(PgData(keeper), title);

    private void Start(string process, string role, Dictionary<string, string> environment, string[] args, SeparateHost? host = null)
    {
        string[] command = [.. host?.Enter ?? [], StolonProcess.Program, role, .. Flags, "--log-level", "debug", .. args];
        var started = StolonProcess.Start(command[0], command[1..], environment);
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
