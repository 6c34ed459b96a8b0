using Microsoft.Data.Sqlite;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>What can be wrong with a store file, as sentences that name the file and the remedy.</summary>
internal static class StoreTrouble
{
    /// <summary>What follows the path of a store in the name of the file that says that keepers have used it.</summary>
    public const string MarkerEnding = ".used";

    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NoDatabase = 26;

    public static StoreUnavailableException Missing(string path) => new(
        $"The store file {path} does not exist, though a keeper has data of a cluster that it belongs to. No new store was made in "
        + $"its place. Put the file back. {MakeNew(path)} Only if those are to be given up as well: delete them, and {path}{MarkerEnding}.");

    public static StoreUnavailableException Deleted(string path) => new(
        $"The store file {path} was deleted. It is not made again by itself. Put it back. {MakeNew(path)}");

    public static StoreUnavailableException LeftBehind(string path) => new(
        $"The store file {path} does not exist, but its log {path}-wal is there: the file was deleted. No new store was made in its "
        + $"place. Put the file back. {MakeNew(path)}");

    public static StoreUnavailableException Empty(string path) => new(
        $"The store file {path} is empty (0 bytes): it was overwritten, or something else made it. Put a copy of the store back. "
        + MakeNew(path, andFile: true));

    public static StoreUnavailableException Truncated(string path) => new(
        $"The store file {path} was truncated. Put a copy of the store back. {MakeNew(path, andFile: true)}");

    public static StoreUnavailableException Foreign(string path, string what) => new(
        $"The file {path} is no store of Stolon: {what}. It is left as it is. Choose another path for the store, or put the store's "
        + $"file back. {MakeNew(path, andFile: true)}");

    public static StoreUnavailableException Newer(string path, int version) => new(
        $"The store file {path} has layout {version}, which this version does not know. Run a newer version of this program.");

    public static StoreUnavailableException OtherCluster(string path, string owner, string clusterName) => new(
        $"The store file {path} is that of cluster {owner}, not of {clusterName}. It is left as it is. Give the name {owner}, or another "
        + $"file for {clusterName}.");

    public static StoreUnavailableException Damaged(string path, string how, Exception? cause = null) => new(
        $"The store file {path} is damaged: {how}. Put a good copy back. {MakeNew(path, andFile: true)}", cause);

    public static StoreUnavailableException Replaced(string path) => new(
        $"The store file {path} was replaced by another file. It is opened again when it has been checked.");

    public static StoreUnavailableException Mixed(string path) => new(
        $"The store file {path} was replaced by another copy, and its log {path}-wal belongs to the one before. They are not mixed. "
        + $"To use the copy, stop every program of this cluster, delete {path}-wal and {path}-shm, and start them again. "
        + "If the programs say then that the copy is too old, use `init` with initMode existing.");

    public static StoreUnavailableException LogReplaced(string path) => new(
        $"The log {path}-wal (or {path}-shm) was deleted or replaced while the store was open. The store is opened again when it has "
        + "been checked. Nothing but this program's processes may touch these files.");

    public static StoreUnavailableException Silent(string path, TimeSpan limit, Exception cause) => new(
        $"The store file {path} did not answer within {limit.TotalSeconds:0.#} s: its disk is stuck, or another process holds a lock. "
        + $"Look for a stopped process (`fuser -v {path}`).",
        cause);

    public static StoreUnavailableException Overrun(string path) => new(
        $"Too many calls wait for the store file {path} already.");

    /// <summary>Says what SQLite's error means here.</summary>
    /// <param name="path">The store.</param>
    /// <param name="error">SQLite's error.</param>
    /// <returns>The exception.</returns>
    public static StoreUnavailableException From(string path, SqliteException error) => error.SqliteErrorCode switch
    {
        Busy => new(
            $"The store file {path} is locked by another process that does not let go; it may be frozen in the middle of a write. "
            + $"Look for a stopped process (`fuser -v {path}`) and let it go on, or end it.", error),
        Full => new(
            $"The disk of the store file {path} is full. Free some space: nothing that was written before is lost, and the store "
            + "goes on by itself.", error),
        Corrupt => Damaged(path, error.Message, error),
        NoDatabase => Foreign(path, error.Message),
        ReadOnly or CannotOpen => new(
            $"The store file {path} cannot be opened for writing ({error.Message}). The user of this program must be able to write the "
            + "file, and its folder.", error),
        InputOutput => new(
            $"The store file {path} cannot be read or written ({error.Message}). Is its disk full, does a limit on file sizes "
            + "(`ulimit -f`) apply, or does the disk fail?", error),
        _ => new($"The store file {path} cannot be used: {error.Message}", error),
    };

    /// <summary>Whether the connection can go on after the error.</summary>
    /// <param name="error">SQLite's error.</param>
    /// <returns>True if only the one statement failed.</returns>
    public static bool IsPassing(SqliteException error) => error.SqliteErrorCode is Busy or Full;

    private static string MakeNew(string path, bool andFile = false) =>
        $"If it is lost, stop every program of this cluster, delete {(andFile ? $"{path}, " : "")}{path}-wal and {path}-shm, and make a "
        + "new store with `init` and initMode existing: the data directories are untouched.";
}
