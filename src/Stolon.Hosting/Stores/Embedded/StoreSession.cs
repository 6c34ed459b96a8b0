using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>What a transaction gave, and the head that it saw or wrote.</summary>
/// <typeparam name="T">What it gave.</typeparam>
/// <param name="Result">What it gave.</param>
/// <param name="Head">The head.</param>
internal sealed record Outcome<T>(T Result, Head Head);

/// <summary>
/// The transactions of one thread. It opens the file when it is first needed, and again after it turned out to be another one.
/// A file is made only as long as this process has never had one open.
/// </summary>
internal sealed class StoreSession(StoreFile file, EmbeddedStoreSettings settings, TimeProvider time, bool forWriting, ILogger logger)
{
    private OpenStore? opened;
    private StoreUnavailableException? failure;
    private long failedAt;

    /// <summary>Reads in one transaction.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="body">Reads it.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="StoreUnavailableException">Nothing could be read.</exception>
    public Outcome<T> Read<T>(Func<StoreConnection, T> body) => Guarded(store =>
    {
        var connection = store.Durable;
        return InTransaction(connection, "BEGIN", () =>
        {
            var (head, _) = store.Check(connection);
            var result = body(connection);
            connection.Execute("COMMIT");
            return new Outcome<T>(result, head);
        });
    });

    /// <summary>Writes in one transaction.</summary>
    /// <typeparam name="T">What the write gives.</typeparam>
    /// <param name="durable">Whether it must survive a power cut.</param>
    /// <param name="body">Writes, given the new sequence; says what changed, nothing = nothing is committed.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was written.</exception>
    public Outcome<T> Write<T>(bool durable, Func<StoreConnection, long, (T Result, StoreChange Change)> body) => Guarded(store =>
    {
        var connection = durable ? store.Durable : store.Light;
        var (outcome, change) = InTransaction(connection, "BEGIN IMMEDIATE", () =>
        {
            var (head, outside) = store.Check(connection);
            var (result, change) = body(connection, head.Stamp.Sequence + 1);
            if (change == StoreChange.None)
            {
                connection.Execute("ROLLBACK");
                return (new Outcome<T>(result, head), change);
            }

            var next = head.After(outside, change);
            next.Write(connection);
            settings.InsideWrite?.Invoke();
            connection.Execute("COMMIT");
            return (new Outcome<T>(result, next), change);
        });
        if (change != StoreChange.None)
        {
            // A process that was frozen just then may have written into a file that nobody else sees any more.
            store.CheckIdentity();
            file.Announce(change);
        }

        return outcome;
    });

    /// <summary>
    /// Looks at the file, and closes it if it is not the right one any more: what another thread of this process still has open
    /// of the old one, SQLite would share with whoever opens the new one.
    /// </summary>
    /// <returns>Whether it is open and right.</returns>
    public bool Recheck()
    {
        if (opened is not null)
        {
            Read(_ => true);
        }

        return opened is not null;
    }

    /// <summary>Closes the file; the log goes if nobody else needs it.</summary>
    public void Close()
    {
        if (opened is null)
        {
            return;
        }

        try
        {
            opened.PrepareCleanClose();
        }
        catch (Exception exception) when (exception is SqliteException or StoreUnavailableException or IOException)
        {
            // The log stays, and whoever opens the file next reads it.
        }

        Drop();
    }

    private T Guarded<T>(Func<OpenStore, T> work)
    {
        try
        {
            return work(Open());
        }
        catch (SqliteException error)
        {
            if (!StoreTrouble.IsPassing(error))
            {
                Drop();
            }

            throw StoreTrouble.From(file.Path, error);
        }
        catch (StoreUnavailableException)
        {
            Drop();
            throw;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Drop();
            throw new StoreUnavailableException($"The store file {file.Path} cannot be used: {error.Message}", error);
        }
    }

    private OpenStore Open()
    {
        if (opened is not null)
        {
            return opened;
        }

        if (failure is not null && time.GetElapsedTime(failedAt) < settings.ReopenInterval)
        {
            throw new StoreUnavailableException(failure.Message, failure);
        }

        try
        {
            file.MakeIfFirst();
            (opened, var head) = OpenStore.Open(file.Path, forWriting);
            StoreOwner.Check(opened.Durable, file.Path, settings.ClusterName, forWriting);
            failure = null;
            file.Opened(head.Stamp.Store);
            return opened;
        }
        catch (Exception exception)
        {
            Drop();
            failure = exception switch
            {
                StoreUnavailableException own => own,
                SqliteException error => StoreTrouble.From(file.Path, error),
                // SQLite's library itself may be what fails to load: only the innermost exception says so.
                _ => new StoreUnavailableException($"The store file {file.Path} cannot be opened: {exception.GetBaseException().Message}", exception),
            };
            failedAt = time.GetTimestamp();
            logger.StoreOpenFailed(file.Path, failure.Message);
            throw failure;
        }
    }

    private void Drop()
    {
        opened?.Dispose();
        opened = null;
    }

    private static T InTransaction<T>(StoreConnection connection, string begin, Func<T> body)
    {
        connection.Execute(begin);
        try
        {
            return body();
        }
        catch
        {
            RollBack(connection);
            throw;
        }
    }

    private static void RollBack(StoreConnection connection)
    {
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself (a full disk, a failed read): there is no transaction any more.
        }
    }
}
