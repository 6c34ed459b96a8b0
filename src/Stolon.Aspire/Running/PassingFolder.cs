using Microsoft.Win32.SafeHandles;

namespace Stolon.Aspire.Running;

/// <summary>
/// A folder for data that ends with the AppHost. An AppHost that is killed cannot delete its own: whoever makes the next one deletes those whose AppHost is gone.
/// </summary>
internal sealed class PassingFolder
{
    private const string LockName = "apphost.lock";
    private const int NameLength = 8;

    private readonly SafeFileHandle held;

    private PassingFolder(string path, SafeFileHandle held) => (Path, this.held) = (path, held);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Whether a PostgreSQL works in it, or died without a word.</summary>
    public bool HasPostgres => Directory.Exists(Path)
        && Directory.EnumerateDirectories(Path).Any(member => File.Exists(System.IO.Path.Combine(member, "postgres", "postmaster.pid")));

    /// <summary>Makes one, with a name of its own: several AppHosts of one project may run at a time.</summary>
    /// <param name="parent">Where.</param>
    /// <param name="prefix">What the names of one AppHost's folders begin with.</param>
    /// <returns>The folder.</returns>
    public static PassingFolder Create(string parent, string prefix)
    {
        // PostgreSQL runs as a user of its own where the AppHost is root.
        const UnixFileMode PassableByAll = (UnixFileMode)0b111_101_101;
        Make(parent);
        foreach (var earlier in Directory.EnumerateDirectories(parent, $"{prefix}*"))
        {
            DeleteIfLeft(earlier);
        }

        // Under another name until it is held: nobody takes it for one that was left.
        var name = $"{prefix}{System.IO.Path.GetRandomFileName()[..NameLength]}";
        var folder = Make(System.IO.Path.Combine(parent, $"new-{name}"));
        var handle = Hold(folder.FullName, FileMode.CreateNew);
        folder.MoveTo(System.IO.Path.Combine(parent, name));
        return new PassingFolder(folder.FullName, handle);

        static DirectoryInfo Make(string path) => OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, PassableByAll);
    }

    /// <summary>Deletes it with all that is in it.</summary>
    /// <exception cref="IOException">Somebody still writes there: whoever makes the next one deletes it.</exception>
    public void Delete()
    {
        held.Dispose();

        // What says whose it is goes last.
        foreach (var member in Directory.EnumerateDirectories(Path))
        {
            Directory.Delete(member, recursive: true);
        }

        Directory.Delete(Path, recursive: true);
    }

    private static void DeleteIfLeft(string path)
    {
        try
        {
            new PassingFolder(path, Hold(path, FileMode.OpenOrCreate)).Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its AppHost runs, or it is somebody else's.
        }
    }

    private static SafeFileHandle Hold(string path, FileMode mode) => File.OpenHandle(System.IO.Path.Combine(path, LockName), mode, FileAccess.ReadWrite, FileShare.None);
}
