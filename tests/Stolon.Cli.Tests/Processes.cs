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
    public static IEnumerable<string> Arguments() => Directory.EnumerateDirectories("/proc")
        .Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Select(path => TryRead(Path.Combine(path, "cmdline")));

    /// <summary>Whether PostgreSQL runs on a data directory.</summary>
    public static bool HasPostgres(string data) => Arguments().Any(text => text.Contains($"/postgres\0-D\0{data}", StringComparison.Ordinal));

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
