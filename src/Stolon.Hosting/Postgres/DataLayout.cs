using System.Text.RegularExpressions;

namespace Stolon.Hosting.Postgres;

/// <summary>Whether a PGDATA can simply be exchanged for another folder (Q31).</summary>
internal static partial class DataLayout
{
    /// <summary>Why PGDATA cannot be exchanged by name; null when it can, or does not exist.</summary>
    public static string? Obstacle(string pgdata) =>
        Libc.Status(pgdata, follow: false) is not { } status ? null
            : status.IsLink ? "it is a link"
            : IsMountPoint(pgdata) ? "it is a mount point"
            : WalLink(pgdata) is not null ? "its WAL has a directory of its own"
            : Tablespaces(pgdata).Count > 0 ? "it has tablespaces"
            : null;

    /// <summary>A mount point inside PGDATA, which nothing here can replace; null when there is none.</summary>
    public static string? InnerMount(string pgdata) =>
        Directory.Exists(pgdata)
            ? MountPoints().FirstOrDefault(mount => mount.StartsWith(Real(pgdata) + "/", StringComparison.Ordinal))
            : null;

    /// <summary>Where the WAL is when it has a directory of its own.</summary>
    public static string? WalLink(string pgdata) =>
        new DirectoryInfo(Path.Combine(pgdata, "pg_wal")) is { Exists: true, LinkTarget: not null } wal
            ? wal.ResolveLinkTarget(returnFinalTarget: true)?.FullName
            : null;

    /// <summary>The directories of the tablespaces.</summary>
    public static IReadOnlyList<string> Tablespaces(string pgdata)
    {
        var links = new DirectoryInfo(Path.Combine(pgdata, "pg_tblspc"));
        return links.Exists
            ? [.. links.EnumerateDirectories().Where(link => link.LinkTarget is not null)
                .Select(link => link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? link.FullName)]
            : [];
    }

    /// <summary>Empties a PGDATA with its WAL directory and tablespaces, and leaves the folders themselves.</summary>
    public static void Empty(string pgdata, string? wal, IEnumerable<string> tablespaces)
    {
        if (Directory.Exists(wal))
        {
            DeleteEntries(wal, _ => true);
        }

        foreach (var tablespace in tablespaces.Where(Directory.Exists))
        {
            // A tablespace's folder may serve several versions; ours are in folders of this pattern.
            DeleteEntries(tablespace, name => name.StartsWith("PG_", StringComparison.Ordinal));
        }

        DeleteEntries(pgdata, name => name != "lost+found");
    }

    /// <summary>The bytes that the files of a folder take.</summary>
    public static long SizeOf(string folder) =>
        !Directory.Exists(folder) ? 0 : new DirectoryInfo(folder)
            .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Sum(LengthOf);

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void DeleteEntries(string folder, Func<string, bool> which)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => which(entry.Name)).ToList())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                inner.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    private static bool IsMountPoint(string path) => MountPoints().Contains(Real(path), StringComparer.Ordinal);

    private static string Real(string path)
    {
        // Only the last part may be a link that matters: the data directory above was resolved when it was opened.
        return Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }

    private static IEnumerable<string> MountPoints() => File.ReadLines("/proc/self/mountinfo")
        .Select(line => line.Split(' '))
        .Where(fields => fields.Length > 4)
        .Select(fields => Octal().Replace(fields[4], match => ((char)Convert.ToInt32(match.Value[1..], 8)).ToString()));

    [GeneratedRegex(@"\\[0-7]{3}", RegexOptions.None, 1000)]
    private static partial Regex Octal();
}
