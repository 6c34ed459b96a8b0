using System.Collections.Immutable;
using System.Net.Sockets;
using Npgsql;

namespace QuickStart.Demo;

/// <summary>An application that inserts one numbered row every ten milliseconds, and remembers which were acknowledged.</summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
internal sealed class Writer(AppDatabase database, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(10);

    /// <summary>The first attempt to connect again comes at once; those after it must not keep a processor busy.</summary>
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMilliseconds(50);

    private readonly List<long> acknowledged = [];
    private readonly SortedDictionary<string, int> errors = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource stop = new();
    private Task loop = Task.CompletedTask;
    private long next;
    private long lastAcknowledged;

    /// <summary>The numbers that the database acknowledged.</summary>
    public ImmutableArray<long> Acknowledged => [.. acknowledged];

    /// <summary>How many rows were acknowledged so far.</summary>
    public int Count => acknowledged.Count;

    /// <summary>The errors that the application saw, by kind.</summary>
    public IReadOnlyDictionary<string, int> Errors => errors;

    /// <summary>The longest time between two acknowledgements.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Creates the table and begins.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When the first row was acknowledged.</returns>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = database.Connection();
        await connection.OpenAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("create table if not exists demo (n bigint primary key)", connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var command = new NpgsqlCommand("select coalesce(max(n), 0) + 1 from demo", connection))
        {
            next = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        await InsertAsync(connection, cancellationToken);
        loop = LoopAsync();
    }

    /// <summary>Does something while no insert is on its way.</summary>
    /// <param name="act">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When done.</returns>
    public async Task BetweenWritesAsync(Func<Task> act, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await act();
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Stops writing.</summary>
    /// <returns>When the last insert has returned.</returns>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await loop;
    }

    /// <summary>Reads which rows are there.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Their numbers.</returns>
    public async Task<HashSet<long>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = database.Connection();
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select n from demo", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetInt64(0));
        }

        return found;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        writing.Dispose();
    }

    private static string Kind(Exception exception) => exception switch
    {
        PostgresException refusal => $"{refusal.SqlState} {refusal.MessageText}",
        { InnerException: SocketException socket } => Words(socket.SocketErrorCode),
        { InnerException: TimeoutException } or TimeoutException => "no answer in time",
        { InnerException: IOException } => "connection closed",
        _ => exception.Message,
    };

    private static string Words(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset",
        _ => error.ToString(),
    };

    private async Task LoopAsync()
    {
        var hasFailed = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = database.Connection();
                await connection.OpenAsync(stop.Token);
                hasFailed = false;
                await WriteAsync(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
            {
                errors[Kind(exception)] = errors.GetValueOrDefault(Kind(exception)) + 1;
                if (hasFailed)
                {
                    await Task.Delay(PauseAfterRefusal, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                hasFailed = true;
            }
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection)
    {
        while (!stop.IsCancellationRequested)
        {
            await writing.WaitAsync(stop.Token);
            try
            {
                // Not cancelled: whether a row is acknowledged must be known.
                await InsertAsync(connection, CancellationToken.None);
            }
            finally
            {
                writing.Release();
            }

            await Task.Delay(Rhythm, time, stop.Token);
        }
    }

    private async Task InsertAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var number = next++;
        await using var command = new NpgsqlCommand("insert into demo (n) values ($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = number } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        if (acknowledged.Count > 0 && time.GetElapsedTime(lastAcknowledged) is var gap && gap > LongestGap)
        {
            LongestGap = gap;
        }

        lastAcknowledged = time.GetTimestamp();
        acknowledged.Add(number);
    }
}
