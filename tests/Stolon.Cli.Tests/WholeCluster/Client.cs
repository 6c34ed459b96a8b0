using System.Collections.Concurrent;
using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>A client that inserts numbers one after the other, connects again when it was cut, and knows which were acknowledged.</summary>
internal sealed class Client : IAsyncDisposable
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(50);

    private readonly StolonCluster cluster;
    private readonly Func<Task<NpgsqlConnection>> connect;
    private readonly string table;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<int> acknowledged = [];
    private Task writing = Task.CompletedTask;

    private Client(StolonCluster cluster, Func<Task<NpgsqlConnection>> connect, string table) =>
        (this.cluster, this.connect, this.table) = (cluster, connect, table);

    /// <summary>Begins to write into a table of its own, through the proxy unless <paramref name="keeper"/> is named.</summary>
    public static async Task<Client> StartAsync(StolonCluster cluster, int? keeper = null)
    {
        var client = new Client(cluster, keeper is { } number ? () => cluster.ConnectToAsync(number) : cluster.ConnectAsync, $"written_{keeper ?? 0}");
        client.writing = client.WriteAsync();
        await client.WritesAsync();
        return client;
    }

    /// <summary>Waits until more of its rows are acknowledged.</summary>
    public Task WritesAsync()
    {
        var wanted = acknowledged.Count + 10;
        return cluster.UntilAsync(() => Task.FromResult(acknowledged.Count >= wanted), "rows are acknowledged");
    }

    /// <summary>Ends, and looks for every acknowledged row.</summary>
    public async Task NothingLostAsync()
    {
        await StopAsync();
        var found = (await cluster.AskAsync($"select string_agg(n::text, ',') from {table}")).Split(',').ToHashSet(StringComparer.Ordinal);
        acknowledged.Where(number => !found.Contains($"{number}")).Should().BeEmpty("every acknowledged row must be there");
    }

    /// <summary>Ends.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await writing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private async Task WriteAsync()
    {
        var number = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connect();

                // It too may be lost where replication is asynchronous.
                await StolonCluster.AskAsync(connection, $"create table if not exists {table} (n int)");
                while (!stop.IsCancellationRequested)
                {
                    await using var command = new NpgsqlCommand($"insert into {table} values ({++number})", connection);
                    await command.ExecuteNonQueryAsync(stop.Token);
                    acknowledged.Enqueue(number);
                    await Task.Delay(Rhythm, TimeProvider.System, stop.Token);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                await Task.Delay(Rhythm, TimeProvider.System, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
