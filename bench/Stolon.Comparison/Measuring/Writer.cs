using Npgsql;

namespace Stolon.Comparison.Measuring;

/// <summary>
/// A client that inserts a row every 10 ms through the proxies, one after the other, connects again when it was cut, and knows which rows were
/// acknowledged and when.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(10);

    private readonly Func<IReadOnlyList<string>> connectionTexts;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly List<Acknowledgement> acknowledged = [];
    private Task writing = Task.CompletedTask;
    private long number;

    /// <summary>Makes a writer.</summary>
    /// <param name="connectionTexts">The proxies, tried in turn.</param>
    /// <param name="first">The number of its first row.</param>
    public Writer(Func<IReadOnlyList<string>> connectionTexts, long first) => (this.connectionTexts, number) = (connectionTexts, first);

    /// <summary>The number of the next row.</summary>
    public long Next => Interlocked.Read(ref number);

    /// <summary>What was acknowledged so far.</summary>
    public IReadOnlyList<Acknowledgement> Acknowledged
    {
        get
        {
            lock (gate)
            {
                return [.. acknowledged];
            }
        }
    }

    /// <summary>The present, on the clock of the acknowledgements.</summary>
    public static TimeSpan Now => TimeProvider.System.GetElapsedTime(0);

    /// <summary>Begins to write.</summary>
    public void Start() => writing = Task.Run(WriteAsync);

    /// <summary>Ends; nothing happens when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        await stop.CancelAsync();
        await writing;
        stop.Dispose();
    }

    private async Task WriteAsync()
    {
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            var proxies = connectionTexts();
            try
            {
                await using var connection = await Sessions.OpenAsync(proxies[turn % proxies.Count]);
                await WriteAsync(connection);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
            {
                // The next proxy, or the same one again.
                await Task.Delay(Rhythm, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection)
    {
        var next = Now;
        await using var command = new NpgsqlCommand("create table if not exists written (n bigint primary key)", connection);
        await command.ExecuteNonQueryAsync();
        while (!stop.IsCancellationRequested)
        {
            var row = Interlocked.Increment(ref number) - 1;
            command.CommandText = $"insert into written values ({row})";
            await command.ExecuteNonQueryAsync();
            var now = Now;
            lock (gate)
            {
                acknowledged.Add(new(row, now));
            }

            next = next + Rhythm > now ? next + Rhythm : now;
            await Task.Delay(next > now ? next - now : TimeSpan.Zero, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
