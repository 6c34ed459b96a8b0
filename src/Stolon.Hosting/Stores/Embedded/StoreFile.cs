using Microsoft.Extensions.Logging;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>The path of a store, and what all threads of one store object know about the file there.</summary>
internal sealed class StoreFile(string path, EmbeddedStoreSettings settings, TimeProvider time, ILogger logger)
{
    private readonly Lock gate = new();
    private Guid? lastStore;
    private volatile bool allowNew;
    private volatile bool isMarked;

    /// <summary>The file, where a link leads to: SQLite keeps its log beside that one.</summary>
    public string Path { get; } = FindTarget(System.IO.Path.GetFullPath(path));

    private string Marker => Path + StoreTrouble.MarkerEnding;

    /// <summary>An operator asked for a new cluster: whether keepers have used a store here no longer counts.</summary>
    public void AllowNew() => allowNew = true;

    /// <summary>
    /// A keeper belongs to the cluster of this store: from now on a missing file is an error for every process on this machine, also for
    /// one that has no keeper and knows of no data (Q32).
    /// </summary>
    public void MarkUsed()
    {
        if (isMarked)
        {
            return;
        }

        try
        {
            File.WriteAllText(
                Marker, $"Keepers have data of the cluster in {Path}. While this file is here, no new store is made in its place.\n");
            isMarked = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next report tries again.
        }
    }

    /// <summary>Makes the file if there is none, this process has never had one, and no keeper has data.</summary>
    /// <exception cref="StoreUnavailableException">There is none, and there should be one.</exception>
    public void MakeIfFirst()
    {
        lock (gate)
        {
            if (FileIdentity.Of(Path) is not null)
            {
                return;
            }

            if (lastStore is not null)
            {
                throw StoreTrouble.Deleted(Path);
            }

            if (File.Exists(Path + "-wal") || File.Exists(Path + "-shm"))
            {
                throw StoreTrouble.LeftBehind(Path);
            }

            if (!allowNew && (File.Exists(Marker) || settings.ExpectExisting()))
            {
                throw StoreTrouble.Missing(Path);
            }

            if (StoreCreation.Make(Path, settings.ClusterName))
            {
                logger.StoreCreated(Path);
            }
        }
    }

    /// <summary>Remembers which store was opened.</summary>
    /// <param name="store">Its id.</param>
    public void Opened(Guid store)
    {
        lock (gate)
        {
            if (lastStore is { } last && last != store)
            {
                logger.StoreReplaced(Path);
            }

            lastStore = store;
        }
    }

    /// <summary>
    /// Wakes other processes after a commit: a write to the log is noticed before its commit is visible, so the commit is followed
    /// by a notice of its own, a new time on the main file (nobody reads the time).
    /// </summary>
    /// <param name="change">What was written.</param>
    public void Announce(StoreChange change)
    {
        if (change == Head.Quiet)
        {
            return;
        }

        try
        {
            File.SetLastWriteTimeUtc(Path, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Others look at their interval.
        }
    }

    private static string FindTarget(string path) =>
        File.Exists(path) || new FileInfo(path).LinkTarget is not null
            ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path
            : path;
}
