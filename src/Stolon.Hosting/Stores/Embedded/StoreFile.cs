using Microsoft.Extensions.Logging;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>The path of a store, and what all threads of one store object know about the file there.</summary>
internal sealed class StoreFile(string path, EmbeddedStoreSettings settings, TimeProvider time, ILogger logger)
{
    private readonly Lock gate = new();
    private Guid? lastStore;
    private volatile bool expectExisting;

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>From now on no new file is made.</summary>
    public void ExpectExisting() => expectExisting = true;

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

            if (expectExisting || settings.ExpectExisting())
            {
                throw StoreTrouble.Missing(Path);
            }

            if (StoreCreation.Make(Path))
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
}
