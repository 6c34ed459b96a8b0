using Npgsql;

namespace Stolon.Integration.EndToEnd;

/// <summary>Asks through several proxies all the time which PostgreSQL answers, over new connections and over old ones.</summary>
internal sealed class RouteWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly TestCluster cluster;
    private readonly CancellationTokenSource stop = new();
    private readonly List<(long Began, long Ended, string Server)> answers = [];
    private readonly Lock gate = new();
    private readonly Task[] loops;

    public RouteWatch(TestCluster cluster, params string[] proxies)
    {
        this.cluster = cluster;
        loops = [.. proxies.SelectMany(proxy => new[] { AskAsync(proxy, anew: true), AskAsync(proxy, anew: false) })];
    }

    /// <summary>Whether there was an answer yet.</summary>
    public bool HasAnswers
    {
        get
        {
            lock (gate)
            {
                return answers.Count > 0;
            }
        }
    }

    /// <summary>Once one PostgreSQL has answered, no question that is asked later is answered by an earlier one.</summary>
    public async Task NeverTwoAsync()
    {
        await StopAsync();
        var servers = answers.GroupBy(answer => answer.Server).OrderBy(group => group.Min(answer => answer.Began)).ToList();
        servers.Should().HaveCountGreaterThan(1, "the primary has changed");
        foreach (var (earlier, later) in servers.Zip(servers.Skip(1)))
        {
            var taken = later.Min(answer => answer.Ended);
            earlier.Should().NotContain(
                answer => answer.Began > taken, "a question asked when {0} had answered already must not be answered by {1}", later.Key, earlier.Key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    private async Task AskAsync(string proxy, bool anew)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = Open(proxy);
                await connection.OpenAsync(stop.Token);
                do
                {
                    await AskAsync(connection);
                    await Task.Delay(Pause, TimeProvider.System, stop.Token);
                }
                while (!anew);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
            {
                await Task.Delay(Pause, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task AskAsync(NpgsqlConnection connection)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var command = new NpgsqlCommand("select inet_server_port()::text where not pg_is_in_recovery()", connection);
        if (await command.ExecuteScalarAsync(stop.Token) is string server)
        {
            lock (gate)
            {
                answers.Add((began, TimeProvider.System.GetTimestamp(), server));
            }
        }
    }

    private NpgsqlConnection Open(string proxy)
    {
        using var template = cluster.Database.Connection();
        return new NpgsqlConnection(new NpgsqlConnectionStringBuilder(template.ConnectionString) { Port = cluster.PortOf(proxy) }.ConnectionString);
    }
}
