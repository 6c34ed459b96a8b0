using Microsoft.Data.Sqlite;

namespace Stolon.Hosting.Stores;

/// <summary>
/// A store file that was opened and found good, with the connections of one thread. Writes that must survive a power cut go through
/// <see cref="Durable"/>; reports go through <see cref="Light"/>, which leaves it to the next durable write or checkpoint to sync.
/// (It is synchronous=NORMAL, not OFF: in WAL mode a commit costs no sync with either, but with OFF a power cut could damage the
/// file when the log has just been begun anew.)
/// </summary>
internal sealed class OpenStore : IDisposable
{
    private readonly string path;
    private readonly MainFile main;

    private OpenStore(string path, MainFile main, StoreConnection durable, StoreConnection light)
    {
        this.path = path;
        this.main = main;
        Durable = durable;
        Light = light;
    }

    /// <summary>Synced at every commit.</summary>
    public StoreConnection Durable { get; }

    /// <summary>Not synced at a commit; the same as <see cref="Durable"/> in a thread that only reads.</summary>
    public StoreConnection Light { get; }

    /// <summary>Opens and checks the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="forWriting">Whether both connections are needed.</param>
    /// <returns>The store, and its head.</returns>
    /// <exception cref="Stolon.Storage.StoreUnavailableException">It is not ours, or not good.</exception>
    /// <exception cref="SqliteException">SQLite cannot open it.</exception>
    public static (OpenStore Store, Head Head) Open(string path, bool forWriting)
    {
        var found = MainFile.Open(path);
        var connections = new List<StoreConnection>();
        try
        {
            connections.Add(StoreConnection.Open(path));
            connections.Add(forWriting ? StoreConnection.Open(path) : connections[0]);
            connections[1].Execute("PRAGMA synchronous = NORMAL");
            connections[0].Execute("PRAGMA synchronous = FULL");
            foreach (var connection in connections)
            {
                connection.Execute("PRAGMA wal_autocheckpoint = 256");
                connection.Execute("PRAGMA journal_size_limit = 4194304");
            }

            var store = new OpenStore(path, found, connections[0], connections[1]);
            return (store, store.Inspect());
        }
        catch
        {
            connections.ForEach(connection => connection.Dispose());
            throw;
        }
    }

    /// <summary>Reads the head in a transaction and checks the file.</summary>
    /// <param name="connection">The connection with the transaction.</param>
    /// <returns>The head, and the stamp in the main file itself.</returns>
    public (Head Head, Stamp Outside) Check(StoreConnection connection)
    {
        // Before SQLite reads anything from a file that may have become another one, and again when what it reads is fixed.
        main.CheckIdentity();
        var head = Head.Read(connection) ?? throw StoreTrouble.Damaged(path, "its head is gone");
        return (head, main.Check(head.Stamp));
    }

    /// <summary>After a commit: did it go into the file that the path names?</summary>
    public void CheckIdentity() => main.CheckIdentity();

    /// <summary>Closes it so that the last process to do so leaves one file without a log.</summary>
    public void CloseCleanly()
    {
        if (Light != Durable)
        {
            Light.Dispose();
        }

        Durable.Execute("BEGIN");
        Check(Durable);
        Durable.Execute("COMMIT");
        Durable.CheckpointOnClose();
        Durable.Dispose();
    }

    /// <summary>Closes it and leaves the log as it is.</summary>
    public void Dispose()
    {
        Light.Dispose();
        Durable.Dispose();
    }

    private Head Inspect()
    {
        Durable.Execute("BEGIN");
        var (head, _) = Check(Durable);
        if (Durable.Query("PRAGMA quick_check(1)", row => row.GetString(0)) is not ["ok"] and var problems)
        {
            throw StoreTrouble.Damaged(path, problems.FirstOrDefault() ?? "it does not pass SQLite's check");
        }

        Durable.Execute("COMMIT");
        if (Durable.Query("PRAGMA journal_mode", row => row.GetString(0)) is not ["wal"])
        {
            throw StoreTrouble.Foreign(path, "another program changed its journal mode");
        }

        // The light connection opens its files with its first look; only then they must stay.
        Head.Read(Light);
        main.RememberCompanions();
        main.CheckIdentity();
        return head;
    }
}
