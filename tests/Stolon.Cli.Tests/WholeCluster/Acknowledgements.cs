using System.Collections.Concurrent;
using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>
/// Clients that write numbered rows and remember which were acknowledged, clients that read all rows and look whether an acknowledged one is
/// missing, and one that cancels and ends sessions. A row counts as acknowledged when its commit returned without the warning that
/// it might not have been replicated.
/// </summary>
internal sealed class Acknowledgements(StolonCluster cluster, int seed) : IAsyncDisposable
{
    private const int Writers = 4;
    private const int Readers = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(1.5);

    private readonly ConcurrentDictionary<(int Writer, long Number), bool> acknowledged = new();
    private readonly ConcurrentDictionary<int, int> sessions = new();
    private readonly ConcurrentQueue<string> missing = new();
    private readonly CancellationTokenSource stop = new();
    private Task[] loops = [];
    private int cancelled;
    private int reads;

    /// <summary>How many rows were acknowledged.</summary>
    public int Count => acknowledged.Count;

    /// <summary>How many commits were cancelled, and may or may not have happened.</summary>
    public int Cancelled => cancelled;

    /// <summary>How often all rows were read.</summary>
    public int Reads => reads;

    /// <summary>Reads in which an acknowledged row was missing.</summary>
    public IReadOnlyCollection<string> Missing => missing;

    /// <summary>Makes the table and begins.</summary>
    public async Task StartAsync()
    {
        await using (var connection = await cluster.ConnectAsync())
        {
            await StolonCluster.AskAsync(connection, "create table acknowledged (writer int, n bigint, primary key (writer, n))");
        }

        loops =
        [
            .. Enumerable.Range(0, Writers).Select(writer => AgainAsync(token => WriteAsync(writer, token))),
            .. Enumerable.Range(0, Readers).Select(_ => AgainAsync(ReadOnAsync)),
            AgainAsync(EndSessionsAsync),
        ];
    }

    /// <summary>Waits until rows are acknowledged that were written from now on.</summary>
    public async Task GoesOnAsync()
    {
        var wanted = Count + (10 * Writers);
        using var limit = new CancellationTokenSource(Patience);
        while (Count < wanted)
        {
            await Task.Delay(Rhythm, TimeProvider.System, limit.Token);
        }
    }

    /// <summary>Ends all clients, and reads once more.</summary>
    public async Task VerifyAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        await using var connection = await cluster.ConnectAsync();
        await LookAsync(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        stop.Dispose();
    }

    /// <summary>Connects and works; when that breaks, connects again.</summary>
    private async Task AgainAsync(Func<CancellationToken, Task> work)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work(stop.Token);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or InvalidOperationException or OperationCanceledException)
            {
                await Task.Delay(Rhythm, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WriteAsync(int writer, CancellationToken cancellationToken)
    {
        await using var connection = await cluster.ConnectAsync();
        var warned = false;
        connection.Notice += (_, notice) => warned |= notice.Notice.InvariantSeverity == "WARNING";
        sessions[writer] = connection.ProcessID;
        var random = new Random(HashCode.Combine(seed, writer, connection.ProcessID));
        var number = acknowledged.Keys.Where(row => row.Writer == writer).Select(row => row.Number).DefaultIfEmpty().Max() + 1_000;
        while (!cancellationToken.IsCancellationRequested)
        {
            number++;
            warned = false;
            await using var command = new NpgsqlCommand($"insert into acknowledged values ({writer}, {number})", connection);
            using var impatience = new CancellationTokenSource();
            if (random.Next(10) == 0)
            {
                impatience.CancelAfter(TimeSpan.FromMilliseconds(random.Next(5)));
            }

            try
            {
                await command.ExecuteNonQueryAsync(impatience.Token);
                if (warned)
                {
                    Interlocked.Increment(ref cancelled);
                }
                else
                {
                    acknowledged[(writer, number)] = true;
                }
            }
            catch (OperationCanceledException) when (impatience.IsCancellationRequested)
            {
                Interlocked.Increment(ref cancelled);
            }

            await Task.Delay(Rhythm, TimeProvider.System, cancellationToken);
        }
    }

    private async Task ReadOnAsync(CancellationToken cancellationToken)
    {
        await using var connection = await cluster.ConnectAsync();
        while (!cancellationToken.IsCancellationRequested)
        {
            await LookAsync(connection);
            Interlocked.Increment(ref reads);
            await Task.Delay(BetweenReads, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>What was acknowledged before a read began has to be in it.</summary>
    private async Task LookAsync(NpgsqlConnection connection)
    {
        var before = acknowledged.Keys.ToHashSet();
        await using var command = new NpgsqlCommand("select writer, n from acknowledged", connection);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            before.Remove((rows.GetInt32(0), rows.GetInt64(1)));
        }

        if (before.Count > 0)
        {
            missing.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {before.Count} rows, for example {before.Min()}");
        }
    }

    private async Task EndSessionsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(BetweenKills, TimeProvider.System, cancellationToken);
            await using var connection = await cluster.ConnectAsync();
            var victim = sessions.GetValueOrDefault(Random.Shared.Next(Writers));
            await StolonCluster.AskAsync(connection, $"select pg_terminate_backend({victim}) from pg_stat_activity where pid = {victim} and usename = current_user and backend_type = 'client backend'");
        }
    }
}
