using Npgsql;

namespace Stolon.Comparison.Measuring;

/// <summary>A client that opens a new connection every 50 ms, and counts those that it does not get.</summary>
internal sealed class Knocker : IAsyncDisposable
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stop = new();
    private readonly Task knocking;

    public Knocker(string connectionText) => knocking = Task.Run(() => KnockAsync(connectionText.Replace("Timeout=2;", "Timeout=10;", StringComparison.Ordinal)));

    /// <summary>Connections that were refused or closed before they could be used.</summary>
    public int Refused { get; private set; }

    /// <summary>Ends; nothing happens when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        await stop.CancelAsync();
        await knocking;
        stop.Dispose();
    }

    private async Task KnockAsync(string text)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await Sessions.OpenAsync(text);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                Refused++;
            }

            await Task.Delay(Rhythm, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
