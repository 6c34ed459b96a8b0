namespace Stolon.Hosting.Stores;

/// <summary>
/// The one cluster that a store file is for. A file that was made before names were kept has no such table: the first who writes to it gives
/// it a name. Older versions of this program do not look at the table.
/// </summary>
internal static class StoreOwner
{
    private const string MakeTable = "CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY CHECK (id = 1), cluster TEXT NOT NULL)";

    /// <summary>Names the cluster, unless there is a name.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="clusterName">The cluster.</param>
    public static void Write(StoreConnection connection, string clusterName)
    {
        connection.Execute(MakeTable);
        connection.Execute("INSERT INTO owner VALUES (1, $1) ON CONFLICT DO NOTHING", clusterName);
    }

    /// <summary>Refuses a file of another cluster.</summary>
    /// <param name="connection">A connection that is in no transaction.</param>
    /// <param name="path">The file.</param>
    /// <param name="clusterName">The cluster; null = any.</param>
    /// <param name="adopts">A file without a name gets this one.</param>
    /// <exception cref="Stolon.Storage.StoreUnavailableException">It is that of another cluster.</exception>
    public static void Check(StoreConnection connection, string path, string? clusterName, bool adopts)
    {
        if (clusterName is null)
        {
            return;
        }

        if (Read(connection) is null && adopts)
        {
            connection.Execute("BEGIN IMMEDIATE");
            Write(connection, clusterName);
            connection.Execute("COMMIT");
        }

        if (Read(connection) is { } owner && owner != clusterName)
        {
            throw StoreTrouble.OtherCluster(path, owner, clusterName);
        }
    }

    private static string? Read(StoreConnection connection) =>
        connection.Query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'owner'", _ => true).Count == 0
            ? null
            : connection.Query("SELECT cluster FROM owner", row => row.GetString(0)).FirstOrDefault();
}
