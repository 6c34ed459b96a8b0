using Microsoft.Win32.SafeHandles;

namespace Stolon.Aspire.Running;

/// <summary>
/// A folder for data that ends with the AppHost. An AppHost that is killed cannot delete its own: whoever makes the next one deletes those whose AppHost is gone.
/// </summary>
internal sealed class PassingFolder
{
    private const string LockName = "apphost.lock";

    private readonly SafeFileHandle held;

    private PassingFolder(string path, SafeFileHandle held) => (Path, this.held) = (path, held);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Whether a PostgreSQL works in it, or died without a word.</summary>
    public bool HasPostgres =>
        Directory.EnumerateDirectories(Path).Any(member => File.Exists(System.IO.Path.Combine(member, "postgres", "postmaster.pid")));

    /// <summary>Makes one, with a name of its own: several AppHosts of one project may run at a time.</summary>
    /// <param name="prefix">What the names of one AppHost's folders begin with, among the files that pass.</param>
    /// <returns>The folder.</returns>
    public static PassingFolder Create(string prefix)
    {
        foreach (var earlier in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{prefix}*"))
        {
            DeleteIfLeft(earlier);
        }

        // Under another name until it is held: nobody takes it for one that was left.
        var folder = Directory.CreateTempSubdirectory($"new-{prefix}");
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL runs as a user of its own where the AppHost is root.
            folder.UnixFileMode = (UnixFileMode)0b111_101_101;
        }

        var handle = Hold(folder.FullName, FileMode.CreateNew);
        folder.MoveTo(System.IO.Path.Combine(System.IO.Path.GetTempPath(), folder.Name["new-".Length..]));
        return new PassingFolder(folder.FullName, handle);
    }

    /// <summary>Deletes it with all that is in it.</summary>
    /// <exception cref="IOException">Somebody still writes there: whoever makes the next one deletes it.</exception>
    public void Delete()
    {
        held.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    private static void DeleteIfLeft(string path)
    {
        try
        {
            new PassingFolder(path, Hold(path, FileMode.Open)).Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its AppHost runs, or it is somebody else's.
        }
    }

    private static SafeFileHandle Hold(string path, FileMode mode) => File.OpenHandle(System.IO.Path.Combine(path, LockName), mode, FileAccess.ReadWrite, FileShare.None);
}
