using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Sentinel;

/// <summary>Says in the store that this sentinel lives, every few seconds, and takes it back when it stops.</summary>
/// <param name="self">The sentinel.</param>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
/// <param name="voice">Says what happened.</param>
internal sealed class SentinelPresence(SentinelId self, IClusterStore store, TimeProvider time, SentinelVoice voice)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Publishes until the sentinel stops.</summary>
    /// <param name="stoppingToken">The sentinel stops.</param>
    /// <returns>When the report was taken back.</returns>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await AskAsync(token => store.PublishAsync(new SentinelReport { Uid = self }, TimeToLive, token), stoppingToken)
                .ConfigureAwait(false);
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await AskAsync(token => store.WithdrawAsync(self, token), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task AskAsync(Func<CancellationToken, ValueTask> ask, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
        try
        {
            await ask(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped, or too slow: the next one comes soon, and a report that is left behind runs out.
        }
#pragma warning disable CA1031 // Nothing rests on this report: it is for people.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            voice.PresenceFailed(exception);
        }
    }
}
