using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Stolon.Hosting.Stores;

/// <summary>
/// Makes a new store file: complete, synced and closed under another name first, then linked to its own. So there is no instant
/// at which anybody can see half a store, and of two processes that make one at the same time, one wins.
/// </summary>
internal static partial class StoreCreation
{
    private const int AlreadyExists = 17;
    private const int ReadOnlyFolder = 0x10000;

    private static readonly string[] Layout =
    [
        $"PRAGMA page_size = {MainFile.PageSize}",
        "PRAGMA auto_vacuum = NONE",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        $"PRAGMA application_id = {MainFile.ApplicationId}",
        $"PRAGMA user_version = {MainFile.LayoutVersion}",

        // The first table: its one page is page 2 of the file, where the stamp is looked for.
        "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), stamp BLOB NOT NULL, "
            + "data INTEGER NOT NULL, reports INTEGER NOT NULL, leader INTEGER NOT NULL)",
        "CREATE TABLE document (id INTEGER PRIMARY KEY CHECK (id = 1), version TEXT NOT NULL, body BLOB NOT NULL)",
        "CREATE TABLE report (kind INTEGER NOT NULL, uid TEXT NOT NULL, version INTEGER NOT NULL, "
            + "lifetime INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, uid))",
        "CREATE TABLE leader (id INTEGER PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL, session TEXT NOT NULL, renewal INTEGER NOT NULL)",
        "CREATE TABLE history (id INTEGER PRIMARY KEY, time TEXT NOT NULL, sentinel TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL)",
    ];

    /// <summary>Makes the file, unless somebody else does in the meantime.</summary>
    /// <param name="path">The file.</param>
    /// <param name="clusterName">The cluster that it is for; null = the first that writes to it.</param>
    /// <returns>Whether it was made here.</returns>
    /// <exception cref="SqliteException">It cannot be written.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static bool Make(string path, string? clusterName)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        var draft = $"{path}.new-{Guid.NewGuid():N}";
        try
        {
            Write(draft, clusterName);
            var made = Publish(draft, path);
            SyncFolder(folder);
            return made;
        }
        finally
        {
            foreach (var ending in (string[])["", "-wal", "-shm"])
            {
                File.Delete(draft + ending);
            }
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Write(string draft, string? clusterName)
    {
        // SQLite gives its log and its index the mode of the main file.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(draft, options).Dispose();
        using (var connection = StoreConnection.Open(draft))
        {
            foreach (var statement in Layout)
            {
                connection.Execute(statement);
            }

            connection.Execute("INSERT INTO head VALUES (1, $1, 0, 0, 0)", new Stamp(Guid.NewGuid(), 0, 0).ToBytes());
            if (clusterName is not null)
            {
                StoreOwner.Write(connection, clusterName);
            }

            connection.CheckpointOnClose();
        }

        using var file = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    private static bool Publish(string draft, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(draft, path);
            return true;
        }

        if (Link(draft, path) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == AlreadyExists ? false : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = OpenFolder(folder, ReadOnlyFolder);
        if (descriptor >= 0)
        {
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
