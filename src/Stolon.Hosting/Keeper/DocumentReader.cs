using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>Reads the document for a keeper: what it cannot understand, it does not act on (K10, M11).</summary>
internal sealed class DocumentReader(IClusterStore store, StoreContact contact, KeeperMemory memory, TimeProvider bootClock, ILogger logger)
{
    private readonly OnceLog said = new();

    /// <summary>Reads.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The document; null when there is none, or none that may be acted on.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    public async Task<StoredClusterData?> ReadAsync(CancellationToken cancellationToken)
    {
        var began = bootClock.Now();
        using var step = memory.BeginStep("keeper.read");
        StoredClusterData? stored;
        try
        {
            stored = await store.ReadAsync(cancellationToken).ConfigureAwait(false);
            step?.SetTag("revision", stored?.Data.Revision);
        }
        catch (ClusterDataException exception)
        {
            return Unusable(exception.Message);
        }

        if (stored is null)
        {
            contact.ReadSucceeded(began, null);
            const string Empty = "the store holds no cluster data yet: a sentinel with an initial spec writes it, or the command init";
            if (said.IsNew(Empty))
            {
                logger.Waiting(memory.Name, Empty);
            }

            return null;
        }

        var settings = new ClusterSettings(stored.Data.Cluster.Spec);
        if (stored.Data.Cluster.Spec.Validate() is { Length: > 0 } errors)
        {
            // Nothing is done on the word of a specification with a mistake, so a primary stays what it is (S10) - as long as the rest
            // of the document, which a newer sentinel may understand and act on, still names it (S4).
            if (stored.Data.DatabaseOf(memory.Self) is { } db && stored.Data.Cluster.Status.Primary == db.Uid)
            {
                contact.ReadSucceeded(began, settings.FailInterval > TimeSpan.Zero ? settings.FailInterval : null);
            }

            return Unusable(string.Join("; ", errors));
        }

        contact.ReadSucceeded(began, settings.FailInterval);
        memory.Read(stored.Data, settings.SleepInterval);
        said.IsNew("");
        return stored;
    }

    private StoredClusterData? Unusable(string why)
    {
        memory.Trouble = why;
        if (said.IsNew(why))
        {
            logger.DocumentUnreadable(memory.Name, why);
        }

        return null;
    }
}
