using System.Globalization;

namespace Stolon.Hosting.Postgres;

/// <summary>The running processes, as /proc shows them. A zombie has no working directory and so is never among them.</summary>
internal static class ProcessTable
{
    /// <summary>The processes whose working directory is this folder, by whatever name.</summary>
    public static IReadOnlyList<int> In(FileIdentity folder)
    {
        var found = new List<int>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && IsIn(process, folder))
            {
                found.Add(process);
            }
        }

        return found;
    }

    /// <summary>Whether a process lives and works in this folder.</summary>
    public static bool IsIn(int process, FileIdentity folder) => WorkingFolder(process) == folder;

    /// <summary>The parent of a process; null when it does not exist.</summary>
    public static int? ParentOf(int process)
    {
        // "pid (name) state parent …", where the name may hold anything.
        var text = ReadOrEmpty($"/proc/{process}/stat");
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 && int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent) ? parent : null;
    }

    /// <summary>Whether the command line of a process has this argument.</summary>
    public static bool HasArgument(int process, string argument) =>
        ReadOrEmpty($"/proc/{process}/cmdline").Split('\0').Contains(argument, StringComparer.Ordinal);

    /// <summary>Whether a process, or one that started it, was given this environment variable.</summary>
    public static bool HasVariable(int process, string name, string value)
    {
        var path = $"/proc/{process}/environ";
        var all = ReadOrEmpty(path);
        if (all.Length == 0 && Libc.EffectiveUser == 0 && Libc.Status($"/proc/{process}") is { Owner: not 0 } of)
        {
            using (Libc.ActAs(of.Owner, of.Group))
            {
                all = ReadOrEmpty(path);
            }
        }

        return all.Split('\0').Contains($"{name}={value}", StringComparer.Ordinal);
    }

    /// <summary>
    /// Without CAP_SYS_PTRACE, which containers do not have, root may not see where the processes of others work: so it looks as the user
    /// that the process runs as.
    /// </summary>
    private static FileIdentity? WorkingFolder(int process)
    {
        var path = $"/proc/{process}/cwd";
        if (Libc.Status(path) is { } seen)
        {
            return seen.Identity;
        }

        if (Libc.EffectiveUser != 0 || Libc.Status($"/proc/{process}") is not { Owner: not 0 } of)
        {
            return null;
        }

        using (Libc.ActAs(of.Owner, of.Group))
        {
            return Libc.Status(path)?.Identity;
        }
    }

    /// <summary>The name of the program that a process says it is.</summary>
    public static string ProgramOf(int process) => Path.GetFileName(ReadOrEmpty($"/proc/{process}/cmdline").Split('\0')[0]);

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
