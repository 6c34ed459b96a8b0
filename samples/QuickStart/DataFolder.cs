using System.Security.Cryptography;

namespace QuickStart;

/// <summary>The folder that everything is in: store, data directories, logs, and the password of the application's role.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // PostgreSQL may run as another user than this program, and must be able to pass through.
    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly FileStream? claim;

    private DataFolder(string path, bool isTemporary, FileStream? claim)
    {
        Path = path;
        IsTemporary = isTemporary;
        this.claim = claim;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>It was made for one demo and goes away with it.</summary>
    public bool IsTemporary { get; }

    /// <summary>The store.</summary>
    public string StoreFile => Combine("store", "store.db");

    /// <summary>The folder of the program's logs.</summary>
    public string LogFolder => Combine("logs");

    /// <summary>The superuser's password, which the store's folder holds.</summary>
    public string SuperuserPasswordFile => Combine("store", "superuser.password");

    /// <summary>Finds or makes the folder, and makes sure that no other quickstart works in it.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="QuickStartException">It cannot be used.</exception>
    public static DataFolder Claim(Settings settings)
    {
        var isTemporary = settings.Demo && settings.Data is null;
        var path = isTemporary ? Directory.CreateTempSubdirectory("stolon-demo-").FullName : System.IO.Path.GetFullPath(settings.Data ?? UsualPlace());
        try
        {
            Directory.CreateDirectory(path);
            if (isTemporary && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, Passable);
            }

            var file = new FileStream(System.IO.Path.Combine(path, "quickstart.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return Prepare(new DataFolder(path, isTemporary, file));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new QuickStartException($"The folder {path} cannot be used: {exception.Message} Choose another one with --data FOLDER.", exception);
        }
        catch (IOException exception)
        {
            throw new QuickStartException(
                $"The folder {path} cannot be used: {exception.Message} If another quickstart runs in it, end that one first, or choose another "
                + "folder with --data FOLDER.",
                exception);
        }
    }

    /// <summary>The folder as a child process sees it: its parent has claimed it.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The folder.</returns>
    public static DataFolder Of(string path) => new(path, isTemporary: false, claim: null);

    /// <summary>The data directory of a keeper.</summary>
    /// <param name="keeper">Its name.</param>
    /// <returns>The path.</returns>
    public string KeeperFolder(string keeper) => Combine(keeper);

    /// <summary>The keepers that have data here already.</summary>
    /// <returns>Their names.</returns>
    public IReadOnlyList<string> KeepersWithData() =>
        [.. Directory.EnumerateDirectories(Path, "keeper*")
            .Where(folder => File.Exists(System.IO.Path.Combine(folder, "postgres", "PG_VERSION")))
            .Select(folder => System.IO.Path.GetFileName(folder))
            .Order(StringComparer.Ordinal)];

    /// <summary>The log of one process.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The path.</returns>
    public string LogFile(string name) => System.IO.Path.Combine(LogFolder, name + ".log");

    /// <summary>The password of the application's role; made at the first start.</summary>
    /// <returns>The password.</returns>
    public string AppPassword()
    {
        var path = Combine("app.password");
        if (!File.Exists(path))
        {
            var draft = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new StreamWriter(draft, options))
            {
                file.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));
            }

            File.Move(draft, path, overwrite: true);
        }

        return File.ReadAllText(path).Trim();
    }

    /// <summary>Removes everything.</summary>
    public void Delete()
    {
        Dispose();
        Directory.Delete(Path, recursive: true);
    }

    /// <inheritdoc/>
    public void Dispose() => claim?.Dispose();

    private static DataFolder Prepare(DataFolder folder)
    {
        Directory.CreateDirectory(folder.LogFolder);
        return folder;
    }

    private static string UsualPlace() =>
        Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()
            ? "/var/lib/stolon-quickstart"
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "stolon-quickstart");

    private string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);
}
