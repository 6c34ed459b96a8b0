using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Sentinel;

/// <summary>Campaigns for leadership beside the passes, and hands it on at once when the sentinel stops (ST4, Q30).</summary>
/// <param name="self">The sentinel.</param>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
/// <param name="wake">Wakes the passes when leadership was won.</param>
/// <param name="voice">Says what happened.</param>
internal sealed class SentinelLeadership(
    SentinelId self, IClusterStore store, TimeProvider time, WakeSignal wake, SentinelVoice voice)
{
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(2);

    private volatile Term? term;

    /// <summary>Whether this sentinel leads, as far as it knows. Safety never rests on it: the compare-and-swap decides.</summary>
    public bool IsHeld => term is { Lost.IsCancellationRequested: false };

    /// <summary>Campaigns until the sentinel stops.</summary>
    /// <param name="stoppingToken">The sentinel stops.</param>
    /// <returns>When leadership was given back.</returns>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var leadership = await store.CampaignAsync(self, stoppingToken).ConfigureAwait(false);
                await HoldAsync(leadership, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A campaign that failed is tried again, whatever the store ran into (ST4).
            catch (Exception exception)
#pragma warning restore CA1031
            {
                voice.CampaignFailed(exception);
                await Task.Delay(RestAfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HoldAsync(ILeadership leadership, CancellationToken stoppingToken)
    {
        try
        {
            var lost = leadership.Lost;
            term = new Term(lost);
            voice.Leads();
            wake.Set();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            term = null;
            voice.LeadsNoMore(stopping: stoppingToken.IsCancellationRequested);
            await ReleaseAsync(leadership).ConfigureAwait(false);
        }
    }

    private async Task ReleaseAsync(ILeadership leadership)
    {
        try
        {
            await leadership.DisposeAsync().AsTask().WaitAsync(ReleaseTimeout, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or StoreUnavailableException)
        {
            // It runs out by itself.
        }
    }

    private sealed record Term(CancellationToken Lost);
}
