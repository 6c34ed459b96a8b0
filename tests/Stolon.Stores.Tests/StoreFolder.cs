using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>A folder of its own for the store file of one test.</summary>
internal sealed class StoreFolder : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> opened = [];

    public StoreFolder() => Folder = Directory.CreateTempSubdirectory("stolon-store-").FullName;

    public string Folder { get; }

    public string Path => System.IO.Path.Combine(Folder, "store.db");

    public string Log => Path + "-wal";

    public string Index => Path + "-shm";

    /// <summary>A store object on the file; disposed with the folder.</summary>
    public EmbeddedClusterStore Open(
        EmbeddedStoreSettings? settings = null, TimeProvider? time = null, ILogger? logger = null, string? path = null)
    {
        var store = new EmbeddedClusterStore(
            path ?? Path, time ?? BootTimeProvider.Instance, settings, logger ?? NullLogger.Instance);
        opened.Add(store);
        return store;
    }

    /// <summary>Makes a store with a document, closed again.</summary>
    public async Task MakeAsync(long revision = 1)
    {
        await using var store = Open();
        await store.OverwriteAsync(A.Document(revision), [A.Decision(1)], CancellationToken.None);
    }

    /// <summary>Runs SQL on the file, as no program of ours does.</summary>
    public string? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    /// <summary>
    /// Runs a program, as an operator does. (This process itself must not open the file: closing it would drop the locks that SQLite
    /// holds here.)
    /// </summary>
    /// <returns>What it ended with.</returns>
    public static async Task<int> RunAsync(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { UseShellExecute = false, RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    /// <summary>Keeps a copy of the file.</summary>
    public async Task CopyAsync() => (await RunAsync("cp", Path, Path + ".old")).Should().Be(0);

    /// <summary>Puts the copy back, into the file or in its place.</summary>
    public async Task PutBackAsync(bool inPlace) =>
        (await RunAsync(inPlace ? "cp" : "mv", Path + ".old", Path)).Should().Be(0);

    /// <summary>Cuts the file.</summary>
    public async Task TruncateAsync(int length) =>
        (await RunAsync("truncate", "-s", $"{length}", Path)).Should().Be(0);

    /// <summary>The message with which a read fails.</summary>
    public static async Task<string> FailureAsync(IClusterStore store)
    {
        var read = async () => await store.ReadAsync(CancellationToken.None);
        return (await read.Should().ThrowAsync<StoreUnavailableException>()).Which.Message;
    }

    /// <summary>Waits until the store can be read again.</summary>
    public static async Task<StoredClusterData?> ReadWhenBackAsync(IClusterStore store)
    {
        StoredClusterData? read = null;
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    read = await store.ReadAsync(CancellationToken.None);
                    return true;
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(10),
            "the store is back");
        return read;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in opened)
        {
            await store.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
