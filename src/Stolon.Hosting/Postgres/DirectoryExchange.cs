using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Replaces PGDATA by <c>postgres.new</c> so that at every instant one complete PGDATA exists, and finishes or undoes it after a
/// crash (S5, Q31).
/// </summary>
internal sealed class DirectoryExchange(DataFolder folder, FileOwner owner, ILogger logger)
{
    private readonly DataFolder folder = folder;

    /// <summary>PGDATA itself is being rebuilt, or was when the last life ended.</summary>
    public bool IsRebuiltInPlace => ExchangeMarker.Read(folder.Marker) is { InPlace: true, Phase: ExchangePhase.Copying };

    /// <summary>What is in PGDATA is a fresh cluster that was never started, or the beginning of one: nobody misses it.</summary>
    public bool IsCreatedInPlace => ExchangeMarker.Read(folder.Marker) is { InPlace: true, Work: ExchangeWork.Create };

    /// <summary>Says that new data is being made. What an earlier attempt left is removed.</summary>
    public ExchangeMarker Begin(ExchangeWork work, bool inPlace, string? kept = null)
    {
        var marker = new ExchangeMarker(Guid.NewGuid().ToString("N"), work, ExchangePhase.Copying, inPlace, kept);
        if (inPlace)
        {
            // An attempt that was killed has removed the links already.
            var earlier = ExchangeMarker.Read(folder.Marker) is { InPlace: true } found ? found : null;
            marker = marker with
            {
                Wal = DataLayout.WalLink(folder.Pgdata) ?? earlier?.Wal,
                Tablespaces = [.. DataLayout.Tablespaces(folder.Pgdata).Union(earlier?.Tablespaces ?? [], StringComparer.Ordinal)],
            };
        }

        marker.Write(folder.Marker, owner);
        logger.Step("new data is announced");
        Delete(folder.New);
        logger.Step("there is room for new data");
        return marker;
    }

    /// <summary>The new data is complete and on disk: puts it in its place.</summary>
    public void Complete(ExchangeMarker marker)
    {
        if (!marker.InPlace)
        {
            owner.Replace(Path.Combine(folder.New, ExchangeMarker.IdFile), marker.Id);
            logger.Step("the new data has its mark");
            marker = marker with { Phase = ExchangePhase.Synced };
            marker.Write(folder.Marker, owner);
            logger.Step("the new data is called complete");
            marker = marker with { Phase = ExchangePhase.Swapping };
            marker.Write(folder.Marker, owner);
            logger.Step("the exchange is announced");
            Swap(marker);
        }
        else if (marker.Work == ExchangeWork.Create)
        {
            // If this life ends before the keeper has written down whose data this is, it is made again; Confirm is the other end.
            (marker with { Phase = ExchangePhase.Synced }).Write(folder.Marker, owner);
            return;
        }

        Finish(marker);
    }

    /// <summary>PGDATA is used from now on: a fresh cluster that was made in place is data like any other.</summary>
    public void Confirm()
    {
        if (ExchangeMarker.Read(folder.Marker) is { InPlace: true, Phase: ExchangePhase.Synced })
        {
            DeleteMarker();
        }
    }

    /// <summary>Empties what is rebuilt in place, as the owner: its links may lead anywhere.</summary>
    /// <exception cref="PostgresInstanceException">The owner may not.</exception>
    public void Empty(ExchangeMarker marker)
    {
        try
        {
            using var rights = owner.Assume();
            DataLayout.Empty(folder.Pgdata, marker.Wal, marker.Tablespaces);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PostgresInstanceException(
                $"{folder.Pgdata}, with the directories of its WAL and its tablespaces, could not be emptied as {owner.Name}: {error.Message} "
                + "They must belong to that user.",
                error);
        }
    }

    /// <summary>The new data will not be completed: removes it. What is rebuilt in place stays marked as incomplete.</summary>
    public void Abandon(ExchangeMarker marker)
    {
        if (!marker.InPlace)
        {
            Delete(folder.New);
            DeleteMarker();
        }
    }

    /// <summary>Finishes or undoes what a crash interrupted, and removes leftovers.</summary>
    public void Repair()
    {
        var marker = ExchangeMarker.Read(folder.Marker);
        switch (marker)
        {
            case null:
                Delete(folder.New);
                return;
            case { InPlace: true }:
                // Nobody else has this data: the next copy begins anew in the same place.
                return;
            case { Phase: ExchangePhase.Copying }:
                Abandon(marker);
                logger.Repaired("the unfinished new data was removed");
                return;
        }

        if (!marker.Marks(folder.Pgdata) && !marker.Marks(folder.New))
        {
            Undo(marker);
            return;
        }

        Swap(marker);
        Finish(marker);
        logger.Repaired("it was finished");
    }

    /// <summary>Puts the new data into its place, from wherever an earlier attempt stopped. It needs no room on the disk.</summary>
    private void Swap(ExchangeMarker marker)
    {
        if (marker.Marks(folder.Pgdata))
        {
            return;
        }

        var aside = marker.Kept is { } kept ? Path.Combine(folder.Root, kept) : folder.Replaced;
        if (Directory.Exists(folder.Pgdata) && (marker.Kept is not null || !Libc.TryExchange(folder.New, folder.Pgdata)))
        {
            Directory.Move(folder.Pgdata, aside);
            Libc.SyncDirectory(folder.Root);
            logger.Step("the old data is moved aside");
        }

        if (!Directory.Exists(folder.Pgdata))
        {
            Directory.Move(folder.New, folder.Pgdata);
        }

        logger.Step("the new data is in its place");
        Libc.SyncDirectory(folder.Root);
        logger.Step("the exchange is on disk");
    }

    /// <summary>PGDATA is the new one: only now may the old one go.</summary>
    private void Finish(ExchangeMarker marker)
    {
        Delete(folder.New);
        Delete(folder.Replaced);
        logger.Step("the old data is gone");
        File.Delete(Path.Combine(folder.Pgdata, ExchangeMarker.IdFile));
        logger.Step("the new data has lost its mark");
        DeleteMarker();
        logger.Step("the exchange is over");
        if (marker.Kept is { } kept && Directory.Exists(Path.Combine(folder.Root, kept)))
        {
            logger.Kept(folder.Pgdata, Path.Combine(folder.Root, kept));
        }
    }

    /// <summary>The new data is gone, which no crash explains: the old one gets its name back.</summary>
    private void Undo(ExchangeMarker marker)
    {
        var aside = marker.Kept is { } kept ? Path.Combine(folder.Root, kept) : folder.Replaced;
        if (!Directory.Exists(folder.Pgdata) && Directory.Exists(aside))
        {
            Directory.Move(aside, folder.Pgdata);
            Libc.SyncDirectory(folder.Root);
        }

        DeleteMarker();
        logger.Repaired("the new data is missing, the old data is back in its place");
    }

    private void DeleteMarker()
    {
        File.Delete(folder.Marker);
        Libc.SyncDirectory(folder.Root);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
