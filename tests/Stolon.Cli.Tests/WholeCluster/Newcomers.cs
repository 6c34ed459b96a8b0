using System.Collections.Concurrent;
using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>Clients that connect anew through the proxy, ask one thing, and go.</summary>
internal sealed class Newcomers : IAsyncDisposable
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> refused = [];
    private readonly StolonCluster cluster;
    private readonly Task coming;
    private int served;

    private Newcomers(StolonCluster cluster)
    {
        this.cluster = cluster;
        coming = ComeAndGoAsync();
    }

    /// <summary>Why somebody was not let in.</summary>
    public IReadOnlyCollection<string> Refused => refused;

    public static Newcomers Start(StolonCluster cluster) => new(cluster);

    /// <summary>Waits until more have come and were served.</summary>
    public Task ComeAsync()
    {
        var wanted = served + 5;
        return cluster.UntilAsync(() => Task.FromResult(served >= wanted), "newcomers are served");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await coming;
        stop.Dispose();
    }

    private async Task ComeAndGoAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await cluster.ConnectAsync();
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                refused.Enqueue(exception.ToString());
            }

            if (connection is not null)
            {
                served++;
                await using (connection)
                {
                    await Task.Delay(Rhythm, TimeProvider.System, CancellationToken.None);
                }
            }
        }
    }
}
