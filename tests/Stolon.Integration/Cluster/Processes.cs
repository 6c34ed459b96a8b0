using System.Diagnostics;
using System.Globalization;

namespace Stolon.Integration.EndToEnd;

/// <summary>Looks at the processes of this machine, and sends them signals.</summary>
internal static class Processes
{
    /// <summary>PostgreSQL's processes on one data directory: those that work in it, as zombies do not.</summary>
    public static int[] Of(string dataDirectory) =>
        [.. All().Where(pid => WorkingDirectory(pid) is { } folder && (folder == dataDirectory || folder == dataDirectory + " (deleted)"))];

    /// <summary>Everything that has this text among its arguments, or works in a folder below it.</summary>
    public static int[] Mentioning(string text) =>
        [.. All().Where(pid => pid != Environment.ProcessId
            && (Arguments(pid).Contains(text, StringComparison.Ordinal) || WorkingDirectory(pid)?.StartsWith(text, StringComparison.Ordinal) == true))];

    /// <summary>A process, its children, their children, and so on.</summary>
    public static int[] Tree(int root)
    {
        var parents = All().Select(pid => (pid, Parent: Parent(pid))).ToList();
        var tree = new List<int> { root };
        for (var next = 0; next < tree.Count; next++)
        {
            tree.AddRange(parents.Where(one => one.Parent == tree[next] && !tree.Contains(one.pid)).Select(one => one.pid));
        }

        return [.. tree];
    }

    public static int? Parent(int pid) => Stat(pid) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : null;

    public static bool IsAlive(int pid) => Stat(pid) is [not "Z", ..];

    /// <summary>Sends a signal to all at once.</summary>
    public static void Signal(string signal, params int[] pids)
    {
        if (pids.Length > 0)
        {
            // The shell's own kill: some of them may be gone already, which is fine.
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {string.Join(' ', pids)} 2>/dev/null; true"]);
            kill.WaitForExit();
        }
    }

    public static string Describe(int[] pids) => string.Join("; ", pids.Select(pid => $"{pid} {Arguments(pid)}"));

    private static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0).Where(pid => pid > 0);

    private static string? WorkingDirectory(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/cwd", returnFinalTarget: false)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>State, parent, and so on: what follows the name, which may have spaces in it.</summary>
    private static string[] Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
