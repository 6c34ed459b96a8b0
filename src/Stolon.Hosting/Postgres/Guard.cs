using System.Diagnostics;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// A running guard: the postmaster's parent, in a session of its own, so that a terminal's Ctrl+C reaches neither. It holds one end of
/// a pipe and this process the other, so that PostgreSQL ends when this process does, however it does (S4).
/// </summary>
internal sealed class Guard : IDisposable
{
    private readonly Process process;
    private readonly DataFolder folder;

    private Guard(Process process, DataFolder folder, FileIdentity pgdata, TimeProvider clock)
    {
        this.process = process;
        this.folder = folder;
        Pgdata = pgdata;
        Exited = WatchAsync(clock);
    }

    /// <summary>Whose processes it guards, also when the folder was moved or deleted since.</summary>
    public FileIdentity Pgdata { get; }

    public int Id => process.Id;

    /// <summary>Completes when nothing of the instance is left.</summary>
    public Task Exited { get; }

    /// <summary>The postmaster's status, as a shell says it; null until <see cref="Exited"/> is completed.</summary>
    public int? Status { get; private set; }

    /// <summary>Starts PostgreSQL under a guard.</summary>
    /// <param name="folder">The keeper's data directory.</param>
    /// <param name="pgdata">Its PGDATA, or the one that is being made.</param>
    /// <param name="lease">The lease file; null = none.</param>
    /// <param name="owner">As whom it runs.</param>
    /// <param name="command">The postmaster.</param>
    /// <param name="clock">Times the waits.</param>
    public static Guard Start(
        DataFolder folder, string pgdata, string? lease, FileOwner owner, IEnumerable<string> command, TimeProvider clock)
    {
        owner.Replace(folder.Guard, Script());
        var identity = Libc.Status(pgdata)?.Identity ?? throw new PostgresInstanceException($"{pgdata} does not exist.");
        var session = SessionProgram();
        string[] guard = ["/bin/sh", folder.Guard, pgdata, lease ?? "-", folder.StartLog];
        var start = PostgresProgram.StartInfo(owner, folder.Root, session, guard.Concat(command), null);
        return new Guard(PostgresProgram.Start(start), folder, identity, clock);
    }

    /// <summary>The guards of this data directory, of this or of an earlier life.</summary>
    public static IReadOnlyList<int> Of(DataFolder folder) =>
        Libc.Status(folder.Root) is not { } root
            ? []
            : [.. ProcessTable.In(root.Identity).Where(process => ProcessTable.HasArgument(process, folder.Guard))];

    /// <summary>SIGKILL of every process of a PGDATA, and first of the guards, which would end what is started next.</summary>
    /// <returns>When nothing of it is left.</returns>
    public static async Task SweepAsync(DataFolder folder, FileIdentity pgdata, TimeProvider clock)
    {
        for (var wait = TimeSpan.FromMilliseconds(10); ; wait = wait < TimeSpan.FromSeconds(1) ? wait * 2 : wait)
        {
            var left = Of(folder).Concat(ProcessTable.In(pgdata)).ToList();
            if (left.Count == 0)
            {
                return;
            }

            foreach (var survivor in left)
            {
                Libc.Signal(survivor, Libc.SigKill);
            }

            // A process in the middle of a write to a dead disk ends when the kernel lets it.
            await Task.Delay(wait, clock).ConfigureAwait(false);
        }
    }

    /// <summary>Lets go of the pipe: a guard that still runs brings PostgreSQL down within a second.</summary>
    public void Release() => process.StandardInput.Close();

    /// <summary>Kills the guard, so that what it guards is swept from here.</summary>
    public void Kill()
    {
        if (!process.HasExited)
        {
            Libc.Signal(process.Id, Libc.SigKill);
        }
    }

    public void Dispose() => process.Dispose();

    private async Task WatchAsync(TimeProvider clock)
    {
        await process.WaitForExitAsync().ConfigureAwait(false);
        // Nothing is left, unless the guard itself was killed.
        await SweepAsync(folder, Pgdata, clock).ConfigureAwait(false);
        Status = process.ExitCode;
    }

    /// <summary>Found by PATH and in the usual places, which a service's PATH may leave out.</summary>
    private static string SessionProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/bin", "/bin"])
            .Select(folder => Path.Combine(folder, "setsid"))
            .FirstOrDefault(File.Exists)
        ?? throw new PostgresInstanceException(
            "The program setsid was not found, and without it a Ctrl+C would reach PostgreSQL before its keeper. Install util-linux.");

    private static string Script()
    {
        using var stream = typeof(Guard).Assembly.GetManifestResourceStream("Stolon.Hosting.Postgres.guard.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
