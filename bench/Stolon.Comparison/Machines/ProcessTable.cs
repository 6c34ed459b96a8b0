using System.Globalization;
using System.Runtime.InteropServices;

namespace Stolon.Comparison.Machines;

/// <summary>The processes of this machine, read from /proc.</summary>
internal static partial class ProcessTable
{
    public const int SigKill = 9;
    public const int SigTerminate = 15;
    public const int SigContinue = 18;
    public const int SigStop = 19;

    private const int ChildSubreaper = 36;
    private const int NoHang = 1;
    private static readonly TimeSpan BetweenReaps = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// From now on this process is the parent of every orphan below it, and buries each at once. Elsewhere a killed postmaster may stay a zombie for
    /// seconds and count as running; no system under test shall be judged by that.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When ended.</returns>
    public static async Task ReapOrphansAsync(CancellationToken cancellationToken)
    {
        _ = Control(ChildSubreaper, 1, 0, 0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            var dead = Pids().Where(pid => Stat(pid) is ["Z", var parent, ..] && parent == Own).ToList();
            Running.Bury(mayBury => dead.Where(mayBury).ToList().ForEach(pid => Wait(pid, out _, NoHang)));
            await Task.Delay(BetweenReaps, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Own { get; } = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Sends a signal to each.</summary>
    public static void Signal(IEnumerable<int> pids, int signal)
    {
        foreach (var pid in pids)
        {
            _ = Kill(pid, signal);
        }
    }

    /// <summary>Whether it runs: a zombie does not.</summary>
    public static bool Runs(int pid) => Stat(pid) is [not "Z", ..];

    /// <summary>A process and all that descend from it, parents first; none if it does not run.</summary>
    public static int[] Tree(int root)
    {
        if (!Runs(root))
        {
            return [];
        }

        var children = Pids().ToLookup(Parent);
        var tree = new List<int> { root };
        for (var next = 0; next < tree.Count; next++)
        {
            tree.AddRange(children[tree[next]]);
        }

        return [.. tree];
    }

    /// <summary>The processes that work in a folder: PostgreSQL's are those of their PGDATA.</summary>
    public static int[] In(string folder) => [.. Pids().Where(pid => LinkOf($"/proc/{pid}/cwd") == folder)];

    /// <summary>Processor time of a process and of its children that have ended.</summary>
    public static TimeSpan ProcessorTime(int pid) =>
        Stat(pid) is { Length: > 14 } stat
            ? TimeSpan.FromSeconds(stat[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / 100.0)
            : TimeSpan.Zero;

    /// <summary>Memory in bytes that is resident.</summary>
    public static long Resident(int pid) =>
        TryRead($"/proc/{pid}/statm").Split(' ') is [_, var pages, ..] ? long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;

    private static int Parent(int pid) => Stat(pid) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    /// <summary>The fields after the name, which may have spaces in it: state, parent, …</summary>
    private static string[]? Stat(int pid)
    {
        var text = TryRead($"/proc/{pid}/stat");
        return text.Length == 0 ? null : text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0);

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int Wait(int pid, out int status, int options);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint first, nint second, nint third, nint fourth);
}
