using Microsoft.Win32.SafeHandles;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// The data directory of one keeper: locked for the life of this object (K3, Q43), with the files that say whose it is (K4).
/// </summary>
internal sealed class KeeperDirectory : IDisposable
{
    private static readonly string[] Ours = ["keeperstate", "dbstate", "lock", "postgres"];
    private static readonly HashSet<FileIdentity> LockedHere = [];

    private readonly FileOwner owner;
    private readonly SafeFileHandle lockFile;
    private readonly FileIdentity identity;

    private KeeperDirectory(string path, FileOwner owner, SafeFileHandle lockFile, FileIdentity identity)
    {
        Path = path;
        this.owner = owner;
        this.lockFile = lockFile;
        this.identity = identity;
        KeeperState = Read("keeperstate", json => ClusterJson.ReadKeeperState(json)) ?? new KeeperState();
        DbState = Read("dbstate", json => ClusterJson.ReadDbState(json)) ?? new DbState();
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The passwords that are kept in it.</summary>
    public KnownPasswords Passwords => new(Path, owner);

    /// <summary>The content of <c>keeperstate</c>; empty when there is none.</summary>
    public KeeperState KeeperState { get; private set; }

    /// <summary>The content of <c>dbstate</c>; empty when there is none.</summary>
    public DbState DbState { get; private set; }

    /// <summary>Creates the directory if it is missing, refuses one that holds something else, locks it and reads its files.</summary>
    /// <param name="path">The keeper's data directory.</param>
    /// <param name="runAsUser">As in <see cref="PostgresSettings.RunAsUser"/>.</param>
    /// <param name="locks">Whether it is locked; only for file systems that cannot.</param>
    /// <exception cref="KeeperDirectoryException">It is locked, not ours, or unreadable; the message names the remedy.</exception>
    public static KeeperDirectory Open(string path, string? runAsUser, bool locks = true)
    {
        try
        {
            var user = FileOwner.Find(runAsUser);
            RefuseForeign(System.IO.Path.GetFullPath(path));
            var root = DataFolderAccess.Prepare(path, user).Root;
            var file = OpenLock(System.IO.Path.Combine(root, "lock"), user);
            var folder = Libc.Status(root)!.Value.Identity;
            if (!TryLock(file, folder, locks))
            {
                file.Dispose();
                throw new KeeperDirectoryException(
                    $"The data directory {root} is in use by another keeper. End that one, or choose another directory.");
            }

            return Load(root, user, file, folder);
        }
        catch (PostgresInstanceException error)
        {
            throw new KeeperDirectoryException(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KeeperDirectoryException($"The data directory {path} cannot be used: {error.Message}", error);
        }
    }

    /// <summary>Whose directory this is (K5): its own uid counts; one that has none gets the configured or a new one, and keeps it.</summary>
    /// <param name="configured">The uid of the options; null = none was given.</param>
    /// <param name="newId">Makes a uid.</param>
    /// <returns>The keeper.</returns>
    /// <exception cref="KeeperDirectoryException">It belongs to another keeper.</exception>
    public KeeperId Identify(KeeperId? configured, Func<string> newId)
    {
        if (KeeperState.Uid is { } kept)
        {
            return configured is null || configured == kept
                ? kept
                : throw new KeeperDirectoryException(
                    $"The data directory {Path} belongs to keeper {kept}, and the option Uid says {configured}. Nothing in it was touched. "
                    + "Correct the uid, or choose another directory.");
        }

        Write(KeeperState with { Uid = configured ?? new KeeperId(newId()) });
        return KeeperState.Uid!.Value;
    }

    /// <summary>Replaces <c>keeperstate</c>; <see cref="KeeperState"/> changes only after the file is safe.</summary>
    public void Write(KeeperState state)
    {
        owner.Replace(Name("keeperstate"), ClusterJson.Write(state));
        KeeperState = state;
    }

    /// <summary>Replaces <c>dbstate</c>; <see cref="DbState"/> changes only after the file is safe.</summary>
    public void Write(DbState state)
    {
        owner.Replace(Name("dbstate"), ClusterJson.Write(state));
        DbState = state;
    }

    public void Dispose()
    {
        lockFile.Dispose();
        lock (LockedHere)
        {
            LockedHere.Remove(identity);
        }
    }

    /// <summary>The lock is of the open file and so works within this process too; the set is for file systems without such locks.</summary>
    private static bool TryLock(SafeFileHandle file, FileIdentity folder, bool locks)
    {
        lock (LockedHere)
        {
            return !LockedHere.Contains(folder) && (!locks || Libc.TryLock(file)) && LockedHere.Add(folder);
        }
    }

    private static KeeperDirectory Load(string root, FileOwner user, SafeFileHandle file, FileIdentity folder)
    {
        try
        {
            return new KeeperDirectory(root, user, file, folder);
        }
        catch
        {
            file.Dispose();
            lock (LockedHere)
            {
                LockedHere.Remove(folder);
            }

            throw;
        }
    }

    private static void RefuseForeign(string root)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        if (File.Exists(System.IO.Path.Combine(root, "PG_VERSION")))
        {
            throw new KeeperDirectoryException(
                $"{root} is a PostgreSQL data directory itself, not a keeper's. Nothing in it was touched. Choose another directory; "
                + "to take this data over, move it to a folder named postgres inside the keeper's directory and use init mode existing.");
        }

        var entries = new DirectoryInfo(root).EnumerateFileSystemInfos().Select(entry => entry.Name).ToList();
        var foreign = entries.FirstOrDefault(name => name[0] != '.' && name is not ("lost+found" or "run" or "log"));
        if (foreign is not null && !entries.Exists(Ours.Contains))
        {
            throw new KeeperDirectoryException(
                $"{root} holds something else ({foreign}) and nothing of a keeper. Nothing in it was touched. "
                + "Choose an empty or a new directory.");
        }
    }

    private static SafeFileHandle OpenLock(string path, FileOwner user)
    {
        if (!File.Exists(path))
        {
            try
            {
                user.Create(path, []);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another keeper was first; who of us locks it decides.
            }
        }

        // Shared on purpose: an exclusive open would be another kind of lock, which stolon's keeper does not see (Q43).
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    private T? Read<T>(string name, Func<ReadOnlyMemory<byte>, T> parse)
        where T : class
    {
        var path = Name(name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return parse(File.ReadAllBytes(path));
        }
        catch (ClusterDataException error)
        {
            throw new KeeperDirectoryException(
                $"{path} cannot be understood: {error.Message} Nothing was touched. Restore the file from a backup of the data directory; "
                + "without it nobody knows whose this data is.",
                error);
        }
    }

    private string Name(string file) => System.IO.Path.Combine(Path, file);
}
