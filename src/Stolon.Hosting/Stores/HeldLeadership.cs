using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// A leadership that renews itself. It counts as lost when <see cref="LeadershipTimes.Valid"/> has passed since before the last
/// successful renewal <em>began</em>: nobody can have seen a later change than that one and take it before its expiry.
/// </summary>
internal sealed class HeldLeadership : ILeadership
{
    private readonly ILeaderSession table;
    private readonly string session;
    private readonly SentinelId holder;
    private readonly TimeProvider time;
    private readonly LeadershipTimes times;
    private readonly ILogger logger;
    private readonly CancellationTokenSource lost;
    private readonly CancellationTokenSource stop = new();
    private readonly Task renewing;
    private long lastRenewal;
    private int disposed;

    public HeldLeadership(
        ILeaderSession table, string session, SentinelId holder, TimeProvider time, LeadershipTimes times, long began, ILogger logger)
    {
        this.table = table;
        this.session = session;
        this.holder = holder;
        this.time = time;
        this.times = times;
        this.logger = logger;
        lastRenewal = began;
        lost = new CancellationTokenSource(Remaining(), time);
        Lost = lost.Token;
        renewing = RenewAsync();
    }

    /// <inheritdoc/>
    public CancellationToken Lost { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await lost.CancelAsync().ConfigureAwait(false);
        await Campaign.ReleaseQuietlyAsync(table, session).ConfigureAwait(false);
        lost.Dispose();
        stop.Dispose();
    }

    private async Task RenewAsync()
    {
        var wait = times.Renew;
        while (!Lost.IsCancellationRequested)
        {
            await Task.Delay(wait, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            if (Remaining() == TimeSpan.Zero)
            {
                // A timer does not run through a suspend; the clock does.
                break;
            }

            switch (await TryRenewAsync().ConfigureAwait(false))
            {
                case true:
                    wait = times.Renew;
                    break;
                case false:
                    await LoseAsync().ConfigureAwait(false);
                    return;
                default:
                    wait = times.Renew / 4;
                    break;
            }
        }

        await LoseAsync().ConfigureAwait(false);
    }

    /// <summary>Renews; null = the store did not answer.</summary>
    private async Task<bool?> TryRenewAsync()
    {
        var began = time.GetTimestamp();
        try
        {
            if (!await table.TryRenewAsync(session, stop.Token).ConfigureAwait(false))
            {
                return false;
            }

            lastRenewal = began;
            lost.CancelAfter(Remaining());
            return true;
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task LoseAsync()
    {
        logger.LeadershipLost(holder);
        await lost.CancelAsync().ConfigureAwait(false);
    }

    private TimeSpan Remaining()
    {
        var remaining = times.Valid - time.GetElapsedTime(lastRenewal);
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }
}
