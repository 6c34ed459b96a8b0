using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using QuickStart;
using QuickStart.Output;
using QuickStart.Roles;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Integration.EndToEnd;

/// <summary>A real cluster in a folder of its own: each role a process that can be killed, frozen, and started again.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly TimeSpan FailInterval = TimeSpan.FromSeconds(6);

    /// <summary>Beside what a rule allows: what a busy machine with two cores may need.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Child> children = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> lines = new();
    private IHost? host;

    private TestCluster(int keepers, bool synchronous)
    {
        var settings = new Settings { Demo = true, Keepers = keepers, Synchronous = synchronous };
        Folder = DataFolder.Claim(settings);
        var specFile = Path.Combine(Folder.Path, "spec.json");
        File.WriteAllText(specFile, $$"""
            {
              "initMode": "new", "synchronousReplication": {{(synchronous ? "true" : "false")}},
              "sleepInterval": "1s", "failInterval": "{{FailInterval.TotalSeconds:0}}s", "proxyCheckInterval": "1s", "proxyTimeout": "4s"
            }
            """);

        // A second proxy: two of them must never send clients to two primaries.
        var last = Ports.FirstFree(keepers + 2)[^1];
        Roles =
        [
            .. RoleSpec.All(settings).Select(role => role.Kind == RoleKind.Sentinel ? role with { SpecFile = specFile } : role),
            new RoleSpec { Kind = RoleKind.Proxy, Name = "proxy2", Port = last },
        ];
        Database = new AppDatabase(Folder, PortOf("proxy"), TimeProvider.System);
    }

    public DataFolder Folder { get; }

    public IReadOnlyList<RoleSpec> Roles { get; }

    public AppDatabase Database { get; }

    /// <summary>What the processes have told their operator.</summary>
    public string Told => string.Join('\n', lines);

    public ClusterOverview? Last { get; private set; }

    public IEnumerable<string> Keepers => Roles.Where(role => role.Kind == RoleKind.Keeper).Select(role => role.Name);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts a cluster and waits until all its standbys follow.</summary>
    public static async Task<TestCluster> StartAsync(int keepers = 3, bool synchronous = false)
    {
        var cluster = new TestCluster(keepers, synchronous);
        try
        {
            await cluster.HealAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public int PortOf(string role) => Roles.Single(one => one.Name == role).Port;

    public int Pid(string role) => children[role].Pid;

    public string PgData(string keeper) => Path.Combine(Folder.KeeperFolder(keeper), "postgres");

    public int[] PostgresOf(string keeper) => Processes.Of(PgData(keeper));

    public int PostmasterOf(string keeper) =>
        int.Parse(File.ReadLines(Path.Combine(PgData(keeper), "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>The keeper, the guard, and PostgreSQL.</summary>
    public int[] TreeOf(string keeper)
    {
        var guard = Processes.Parent(PostmasterOf(keeper)) is { } parent and > 1 ? Processes.Tree(parent) : [];
        return [.. Processes.Tree(Pid(keeper)).Concat(guard).Concat(PostgresOf(keeper)).Distinct()];
    }

    /// <summary>Starts what does not run.</summary>
    public void Run()
    {
        host ??= RoleHost.Build(Folder, [], NullLoggerProvider.Instance);
        foreach (var role in Roles.Where(role => !children.TryGetValue(role.Name, out var child) || child.HasExited))
        {
            children[role.Name] = Child.Start(role, Folder, text => lines.Enqueue($"{role.Name}: {text}"));
        }
    }

    /// <summary>Starts what does not run, and waits until the cluster is whole and the application can log in.</summary>
    public async Task HealAsync()
    {
        Run();
        var standbys = Keepers.Count() - 1;
        await UntilAsync(
            "a whole cluster",
            status => status.IsAvailable && status.Keepers.Count(StatusText.IsGoodStandby) == standbys && status.Proxies.Count(proxy => proxy.IsEnabled) == 2
                && (!status.Synchronous.IsOn || status.Synchronous is { Blocks: false, InSync.IsEmpty: false }),
            TimeSpan.FromMinutes(2));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        await Database.EnsureAsync(limit.Token);
    }

    /// <summary>The keeper of the primary.</summary>
    public async Task<string> PrimaryAsync() =>
        (await UntilAsync("a primary", status => status.IsAvailable)).PrimaryKeeper!.Value.Value;

    /// <summary>kill -9 of a keeper and of its PostgreSQL.</summary>
    public void KillHost(string keeper) => Processes.Signal("KILL", [Pid(keeper), PostmasterOf(keeper), .. PostgresOf(keeper)]);

    public async Task<ClusterOverview> UntilAsync(string what, Func<ClusterOverview, bool> isReached, TimeSpan? limit = null)
    {
        await UntilAsync(what, async () => (await AskAsync()).Status is { } status && isReached(Last = status), limit);
        return Last!;
    }

    public async Task UntilAsync(string what, Func<Task<bool>> isReached, TimeSpan? limit = null)
    {
        var (start, longest) = (TimeProvider.System.GetTimestamp(), limit ?? FailInterval + Slack);
        while (!await isReached())
        {
            if (TimeProvider.System.GetElapsedTime(start) > longest)
            {
                Assert.Fail($"Waited {longest.TotalSeconds:0} s for {what}.\n{StatusText.Everything(Last)}\n{string.Join('\n', lines.TakeLast(60))}\n{await LogsAsync()}");
            }

            await Task.Delay(Look, TimeProvider.System, Cancelled);
        }
    }

    /// <summary>The status and the decisions, if the store answers.</summary>
    public async Task<(ClusterOverview? Status, ImmutableArray<Decision> History)> AskAsync()
    {
        try
        {
            var administration = host!.Services.GetRequiredKeyedService<IStolonAdministration>(RoleHost.ClusterName);
            return (await administration.GetStatusAsync(Cancelled), await administration.GetHistoryAsync(Cancelled));
        }
        catch (StoreUnavailableException)
        {
            return (null, []);
        }
    }

    /// <summary>Asks for something as an operator does.</summary>
    public Task AdministerAsync(Func<IStolonAdministration, Task> ask) =>
        ask(host!.Services.GetRequiredKeyedService<IStolonAdministration>(RoleHost.ClusterName));

    /// <summary>Holds the store's lock for writing, as a process does that is frozen inside a write.</summary>
    public async Task LockStoreAsync(TimeSpan span)
    {
        await using var connection = new SqliteConnection($"Data Source={Folder.StoreFile};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var locking = connection.CreateCommand();
        locking.CommandText = "BEGIN IMMEDIATE";
        await locking.ExecuteNonQueryAsync(Cancelled);
        await Task.Delay(span, TimeProvider.System, Cancelled);
    }

    /// <summary>Runs one statement through the proxy; a new connection each time, tried again until it works.</summary>
    public async Task<string?> QueryAsync(string sql)
    {
        string? answer = null;
        await UntilAsync($"an answer to {sql}", async () =>
        {
            try
            {
                await using var connection = Database.Connection();
                await connection.OpenAsync(Cancelled);
                await using var command = new NpgsqlCommand(sql, connection);
                answer = (await command.ExecuteScalarAsync(Cancelled))?.ToString();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
        return answer;
    }

    /// <summary>Stops everything in order.</summary>
    public async Task StopAsync()
    {
        // Nothing that is frozen can stop.
        Processes.Signal("CONT", [.. children.Values.Where(child => !child.HasExited).Select(child => child.Pid)]);
        foreach (var kind in Enum.GetValues<RoleKind>())
        {
            await Task.WhenAll(children.Values
                .Where(child => child.Role.Kind == kind && !child.HasExited)
                .Select(child => child.StopAsync(StopLimit, TimeProvider.System)));
        }

        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        host = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var child in children.Values)
        {
            child.Dispose();
        }

        var left = Processes.Mentioning(Folder.Path);
        Processes.Signal("KILL", left);
        Folder.Delete();
        left.Should().BeEmpty("nothing may be left running, but there is {0}", Processes.Describe(left));
    }

    private async Task<string> LogsAsync()
    {
        var text = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Folder.LogFolder).Order(StringComparer.Ordinal))
        {
            text.Add($"== {Path.GetFileName(file)}");
            text.AddRange((await File.ReadAllLinesAsync(file, Cancelled)).TakeLast(25));
        }

        return string.Join('\n', text);
    }
}
