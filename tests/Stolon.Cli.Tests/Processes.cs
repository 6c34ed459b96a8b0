using System.Globalization;
using System.Runtime.InteropServices;

namespace Stolon.Cli.Tests;

/// <summary>Other processes of this machine.</summary>
internal static partial class Processes
{
    private const int Sigterm = 15;

    /// <summary>SIGTERM.</summary>
    public static bool Terminate(int pid) => Kill(pid, Sigterm) == 0;

    /// <summary>Every process's arguments, as <c>ps</c> shows them.</summary>
    public static IEnumerable<string> Arguments() => Pids().Select(pid => TryRead($"/proc/{pid}/cmdline"));

    /// <summary>Whether PostgreSQL runs on a data directory.</summary>
    public static bool HasPostgres(string data) => Arguments().Any(text => text.Contains($"/postgres\0-D\0{data}", StringComparison.Ordinal));

    /// <summary>A process and all that descend from it, parents first.</summary>
    public static int[] Tree(int root)
    {
        var children = Pids().ToLookup(Parent);
        var tree = new List<int> { root };
        for (var next = 0; next < tree.Count; next++)
        {
            tree.AddRange(children[tree[next]]);
        }

        return [.. tree];
    }

    /// <summary>The processes that work in a folder and have this in their command line.</summary>
    public static int[] In(string folder, string title) =>
        [.. Pids().Where(pid => LinkOf($"/proc/{pid}/cwd") == folder && TryRead($"/proc/{pid}/cmdline").Contains(title, StringComparison.Ordinal))];

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0);

    /// <summary>It is the second field after the name, which may have spaces in it.</summary>
    private static int Parent(int pid)
    {
        var stat = TryRead($"/proc/{pid}/stat");
        return stat.Length == 0 ? 0 : int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
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
}
