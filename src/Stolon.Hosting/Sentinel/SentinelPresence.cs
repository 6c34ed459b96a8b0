using Stolon.Cluster;
using Stolon.Hosting.Health;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Hosting.Sentinel;

/// <summary>
/// Says in the store that this sentinel lives, every few seconds, and takes it back when it stops. Where that cannot be written, nobody
/// can report: a store that is only read looks as if everybody had become silent (Q29).
/// </summary>
/// <param name="self">The sentinel.</param>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
/// <param name="bootClock">The clock of ages: it runs through suspend.</param>
/// <param name="failInterval">The cluster's failInterval.</param>
/// <param name="unwritable">Called when nothing could be written for half of the failInterval.</param>
/// <param name="voice">Says what happened.</param>
internal sealed class SentinelPresence(
    SentinelId self,
    IClusterStore store,
    TimeProvider time,
    TimeProvider bootClock,
    Func<TimeSpan> failInterval,
    Action unwritable,
    SentinelVoice voice)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(4);

    /// <summary>So many writes are begun, or have failed, in the time of one failInterval.</summary>
    private const int WritesPerFailInterval = 5;

    /// <summary>Its sign of life.</summary>
    public Pulse Pulse { get; } = new("presence", time);

    /// <summary>Publishes until the sentinel stops.</summary>
    /// <param name="stoppingToken">The sentinel stops.</param>
    /// <returns>When the report was taken back.</returns>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var lastWritten = bootClock.Now();
        while (!stoppingToken.IsCancellationRequested)
        {
            Pulse.Beat(LongestRest + LongestCall);
            var rest = Part(LongestRest);
            if (await AskAsync(token => store.PublishAsync(new SentinelReport { Uid = self }, TimeToLive, token), stoppingToken).ConfigureAwait(false))
            {
                lastWritten = bootClock.Now();
            }
            else
            {
                rest = rest < RestAfterFailure ? rest : RestAfterFailure;

                // A store that elects a leader of its own is away for a moment, and nobody is silent for longer because of it.
                if (bootClock.Now() - lastWritten >= failInterval() / 2)
                {
                    unwritable();
                }
            }

            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await AskAsync(token => store.WithdrawAsync(self, token), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>A part of the failInterval, if that is shorter.</summary>
    private TimeSpan Part(TimeSpan longest)
    {
        var part = (failInterval() / WritesPerFailInterval).Bounded();
        return part < longest ? part : longest;
    }

    private async Task<bool> AskAsync(Func<CancellationToken, ValueTask> ask, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(Part(LongestCall), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
        try
        {
            await ask(both.Token).ConfigureAwait(false);
            return true;
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

        return false;
    }
}
