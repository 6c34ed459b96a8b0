using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// One sentinel's wait for the leadership (ST4, Q30). It takes a row that nobody holds, or that has not changed for
/// <see cref="LeadershipTimes.Expiry"/> while it looked. Time counts only between looks that follow each other closely: a candidate
/// that was frozen, or a machine that was suspended, has seen nothing in that time, and gives the holder its full time to renew.
/// </summary>
internal sealed class Campaign(
    ILeaderTable table, ChangeHub hub, TimeProvider time, LeadershipTimes times, ILogger logger)
{
    private readonly string session = Guid.NewGuid().ToString("N");
    private LeaderRow? seen;
    private TimeSpan unchanged;
    private long lastLook;
    private bool mayBeMine;

    /// <summary>Waits.</summary>
    /// <param name="candidate">The caller.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The leadership.</returns>
    public async ValueTask<ILeadership> RunAsync(SentinelId candidate, CancellationToken cancellationToken)
    {
        using var changes = hub.Subscribe(ChangeHub.Leader);
        lastLook = time.GetTimestamp();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await LookAsync(candidate, cancellationToken).ConfigureAwait(false) is { } leadership)
                {
                    return leadership;
                }

                await changes.WaitAsync(times.Look, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (mayBeMine)
        {
            // The answer to a taking may have been lost: nobody need wait for a leader who has given up.
            await ReleaseQuietlyAsync(table, session).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Removes the row if it is this session's; a store that is away lets it expire instead.</summary>
    /// <param name="table">The store.</param>
    /// <param name="session">The session.</param>
    /// <returns>When done.</returns>
    public static async ValueTask ReleaseQuietlyAsync(ILeaderSession table, string session)
    {
        try
        {
            await table.ReleaseAsync(session, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or ObjectDisposedException)
        {
            // Others take the row when it has not changed for as long as a session lasts.
        }
    }

    private async ValueTask<ILeadership?> LookAsync(SentinelId candidate, CancellationToken cancellationToken)
    {
        try
        {
            var row = await table.ReadLeaderRowAsync(cancellationToken).ConfigureAwait(false);
            Count(row);
            var began = time.GetTimestamp();
            if (row?.Session == session)
            {
                return await table.TryRenewAsync(session, cancellationToken).ConfigureAwait(false) ? Won(candidate, began) : null;
            }

            if (row is not null && unchanged < times.Expiry)
            {
                return null;
            }

            mayBeMine = true;
            return await table.TryTakeAsync(row, new LeaderRow(candidate, session, 0), cancellationToken).ConfigureAwait(false)
                ? Won(candidate, began)
                : null;
        }
        catch (StoreUnavailableException)
        {
            // The store says once that it is away; a candidate only waits.
            return null;
        }
    }

    private void Count(LeaderRow? row)
    {
        var now = time.GetTimestamp();
        var since = time.GetElapsedTime(lastLook, now);
        lastLook = now;
        if (row is null || row != seen)
        {
            seen = row;
            unchanged = TimeSpan.Zero;
            return;
        }

        var most = times.Look * 2;
        unchanged += since < most ? since : most;
    }

    private HeldLeadership Won(SentinelId candidate, long began)
    {
        logger.LeadershipTaken(candidate);
        return new HeldLeadership(table, session, candidate, time, times, began, logger);
    }
}
