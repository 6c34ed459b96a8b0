using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Puts data that is made or restored in the place of PGDATA (Q31): what was there is kept under another name, and an attempt that fails
/// or is killed leaves it untouched.
/// </summary>
internal sealed class FreshData(PostgresContext context, DirectoryExchange exchange)
{
    /// <summary>Lets somebody make the data, then exchanges it.</summary>
    /// <param name="clusterUid">Names what is kept.</param>
    /// <param name="make">Makes a complete PGDATA, on disk, in a folder that may be empty or absent; returns its captured parameters.</param>
    /// <returns>The captured parameters.</returns>
    /// <exception cref="PostgresInstanceException">There is data that cannot be moved away; nothing was touched.</exception>
    public async Task<ValueMap<string, string>> MakeAsync(string clusterUid, Func<string, Task<ValueMap<string, string>>> make)
    {
        var pgdata = context.Folder.Pgdata;
        var inPlace = DataLayout.Obstacle(pgdata);
        var hasFiles = Directory.Exists(pgdata) && new DirectoryInfo(pgdata).EnumerateFileSystemInfos().Any(entry => entry.Name != "lost+found");
        var again = inPlace is not null && exchange.IsCreatedInPlace;
        if (inPlace is not null && hasFiles && !again)
        {
            var what = DataFolder.IsComplete(pgdata) ? "a PostgreSQL cluster" : "files that are not this keeper's";
            throw new PostgresInstanceException(
                $"{pgdata} holds {what} and cannot be moved away, since {inPlace}. "
                + "Move the data to another place, or leave this keeper out, before a new cluster is made.");
        }

        var kept = inPlace is null && hasFiles ? $"postgres.old-{clusterUid}-{context.Clock.GetUtcNow():yyyyMMddHHmmss}" : null;
        var marker = exchange.Begin(ExchangeWork.Create, inPlace is not null, kept);
        ValueMap<string, string> captured;
        try
        {
            if (again)
            {
                exchange.Empty(marker);
            }

            captured = await make(marker.InPlace ? pgdata : context.Folder.New).ConfigureAwait(false);
        }
        catch
        {
            exchange.Abandon(marker);
            throw;
        }

        // What fails from here on is finished or undone by the next repair: both the old and the new data may be needed for it.
        exchange.Complete(marker);
        return captured;
    }

    /// <summary>Writes made data to disk as a whole.</summary>
    /// <param name="target">Its PGDATA.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it survives a power cut.</returns>
    public async Task SyncAsync(string target, CancellationToken cancellationToken)
    {
        var result = await context.RunAsync(context.Binaries.Initdb, ["--sync-only", "-D", target], null, cancellationToken)
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw context.Failure("The new data could not be written to disk", result);
        }
    }
}
