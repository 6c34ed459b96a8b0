using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Stolon.Hosting.Stores;

/// <summary>One SQLite connection with its prepared statements; used by one thread only.</summary>
internal sealed class StoreConnection : IDisposable
{
    /// <summary>How long SQLite waits for a lock; a call has twice that.</summary>
    public const int LockTimeoutSeconds = 1;

    private const int NoCheckpointOnClose = 1006;

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

    private StoreConnection(SqliteConnection connection) => this.connection = connection;

    /// <summary>Opens a file that is there. Until <see cref="CheckpointOnClose"/> is called, closing leaves the log as it is.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static StoreConnection Open(string path)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = LockTimeoutSeconds,
        };
        var opened = new SqliteConnection(settings.ConnectionString);
        try
        {
            opened.Open();
            var store = new StoreConnection(opened);
            store.SetNoCheckpointOnClose(true);

            // A little longer than the driver's own limit, so that the driver does not begin a second round of waiting.
            store.Execute($"PRAGMA busy_timeout = {(LockTimeoutSeconds * 1000) + 20}");
            return store;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Lets the last connection to the file write the log back into it and remove the log.</summary>
    public void CheckpointOnClose() => SetNoCheckpointOnClose(false);

    /// <summary>Runs a statement.</summary>
    /// <param name="sql">The statement; constant, since it stays prepared.</param>
    /// <param name="parameters">Its parameters, in the order $1, $2, ….</param>
    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object> parameters) => Prepared(sql, parameters).ExecuteNonQuery();

    /// <summary>Runs a query.</summary>
    /// <typeparam name="T">What a row becomes.</typeparam>
    /// <param name="sql">The query; constant.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <returns>The rows.</returns>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object> parameters)
    {
        using var reader = Prepared(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private SqliteCommand Prepared(string sql, ReadOnlySpan<object> parameters)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this folder; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var index = 1; index <= parameters.Length; index++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${index}" });
            }

            prepared.Add(sql, command);
        }

        for (var index = 0; index < parameters.Length; index++)
        {
            command.Parameters[index].Value = parameters[index];
        }

        return command;
    }

    private void SetNoCheckpointOnClose(bool on) =>
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, on ? 1 : 0, out _), connection.Handle);
}
