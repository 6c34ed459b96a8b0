using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Stolon.Stores.Tests;
using Stolon.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>
/// A cluster as an operator runs it: every role a <c>stolon</c> process of its own over a real etcd, every PostgreSQL a real one.
/// </summary>
internal sealed partial class StolonCluster : IAsyncDisposable
{
    public const string SuperuserPassword = "su-5f1c77e0";
    public const string ReplicationPassword = "repl-90b2ad41";

    /// <summary>Quick decisions: a silent keeper is given up after 6 s, and a proxy has cut its clients after 5 s.</summary>
    private const string Timing = """ "sleepInterval": "1s", "failInterval": "6s", "proxyCheckInterval": "1s", "proxyTimeout": "4s", "convergenceTimeout": "20s" """;

    private readonly TestFolder folder = new();
    private readonly EtcdServer etcd;
    private readonly string name;
    private readonly Dictionary<string, Process> running = [];
    private readonly Dictionary<int, int> ports = [];
    private readonly Dictionary<int, string> dataFolders = [];
    private readonly StringBuilder said = new();

    /// <summary>A cluster of which nothing runs yet.</summary>
    public StolonCluster(EtcdServer etcd, string name) => (this.etcd, this.name) = (etcd, name);

    /// <summary>What the processes have logged.</summary>
    public string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    /// <summary>The superuser's password that every question is asked with.</summary>
    public string LogInWith { get; set; } = SuperuserPassword;

    public int ProxyPort { get; } = FreePort.Next();

    /// <summary>Initialises a cluster and starts all roles.</summary>
    /// <param name="etcd">The store; several clusters may share it.</param>
    /// <param name="name">The cluster's name.</param>
    /// <param name="spec">Members of the cluster specification, beside the timing.</param>
    /// <param name="keepers">How many keepers.</param>
    /// <param name="firstData">The data directory of the first keeper; null = a new one.</param>
    /// <param name="passwordFiles">The keepers have their passwords from files, each from its own.</param>
    public static async Task<StolonCluster> StartAsync(EtcdServer etcd, string name, string spec, int keepers = 2, string? firstData = null, bool passwordFiles = false)
    {
        var cluster = new StolonCluster(etcd, name);
        if (firstData is not null)
        {
            cluster.dataFolders[1] = firstData;
        }

        try
        {
            (await cluster.CtlAsync("init", "-y", $"{{ {Timing}, {spec} }}")).ShouldSucceed();
            cluster.StartSentinel();
            for (var number = 1; number <= keepers; number++)
            {
                cluster.StartKeeper(number, passwordFiles: passwordFiles);
            }

            cluster.StartProxy();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public string Folder(string file) => folder.File(file);

    public string KeeperFolder(int number) => dataFolders.GetValueOrDefault(number) ?? folder.File($"keeper{number}");

    public string PgData(int number) => Path.Combine(KeeperFolder(number), "postgres");

    public int PortOf(int keeper) => ports[keeper];

    public void StartSentinel(params string[] more) => Start("sentinel", "sentinel", [], more);

    public void StartProxy(params string[] more) => Start("proxy", "proxy", [], ["--port", $"{ProxyPort}", .. more]);

    /// <summary>Starts a keeper, also again; on another port if one is named, with passwords from files if asked.</summary>
    public void StartKeeper(int number, int? port = null, bool passwordFiles = false, params string[] more)
    {
        ports[number] = port ?? (ports.TryGetValue(number, out var before) ? before : FreePort.Next());
        if (passwordFiles && !File.Exists(PasswordFile(number, "su")))
        {
            GivePasswords(number, SuperuserPassword, ReplicationPassword);
        }

        Dictionary<string, string> passwords = passwordFiles
            ? new() { ["STKEEPER_PG_SU_PASSWORDFILE"] = PasswordFile(number, "su"), ["STKEEPER_PG_REPL_PASSWORDFILE"] = PasswordFile(number, "repl") }
            : new() { ["STKEEPER_PG_SU_PASSWORD"] = SuperuserPassword, ["STKEEPER_PG_REPL_PASSWORD"] = ReplicationPassword };
        Start($"keeper{number}", "keeper", passwords,
        [
            "--uid", $"keeper{number}", "--data-dir", KeeperFolder(number), "--pg-listen-address", "127.0.0.1",
            "--pg-port", $"{ports[number]}", "--pg-repl-username", "repl", "--pg-su-username", "postgres", .. more,
        ]);
    }

    /// <summary>SIGTERM, and the end of it.</summary>
    public async Task StopAsync(string process)
    {
        _ = Processes.Terminate(running[process].Id);
        await EndAsync(process);
    }

    /// <summary>kill -9 of a keeper; its PostgreSQL goes with it.</summary>
    public async Task KillAsync(string process)
    {
        _ = Kill(running[process].Id, SigKill);
        await EndAsync(process);
    }

    /// <summary>SIGSTOP of those processes of a keeper's PostgreSQL that call themselves so, for example <c>walsender</c>.</summary>
    public void FreezePostgres(int keeper, string title = "") => SignalPostgres(keeper, title, SigStop);

    public void ThawPostgres(int keeper) => SignalPostgres(keeper, "", SigContinue);

    public Task<Answer> CtlAsync(params string[] args) => CtlWithAsync("", args);

    public Task<Answer> CtlWithAsync(string input, params string[] args) =>
        StolonProcess.RunAsync(StolonProcess.Program, ["ctl", .. Flags, .. args], input, []);

    /// <summary>A patch of the specification.</summary>
    public async Task UpdateAsync(string patch) => (await CtlAsync("update", "--patch", patch)).ShouldSucceed();

    public async Task<JsonNode> StatusAsync() => JsonNode.Parse((await CtlAsync("status", "-f", "json")).ShouldSucceed().Out)!;

    public async Task<JsonNode> DocumentAsync() => JsonNode.Parse((await CtlAsync("clusterdata", "read")).ShouldSucceed().Out)!;

    /// <summary>The number of the keeper with the primary.</summary>
    public async Task<int> PrimaryAsync() => NumberOf((string)(await StatusAsync())["cluster"]!["master_keeper_uid"]!);

    /// <summary>The numbers of the others.</summary>
    public async Task<int[]> StandbysAsync() => [.. ports.Keys.Except([await PrimaryAsync()]).Order()];

    /// <summary>A new connection through the proxy.</summary>
    public Task<NpgsqlConnection> ConnectAsync() => OpenAsync(ProxyPort, LogInWith);

    /// <summary>Runs a statement through the proxy.</summary>
    public Task<string> AskAsync(string statement) => AskPortAsync(ProxyPort, statement);

    /// <summary>Runs a statement at a keeper's PostgreSQL itself.</summary>
    public Task<string> AskKeeperAsync(int keeper, string statement) => AskPortAsync(ports[keeper], statement);

    /// <summary>Waits until the proxy takes writes.</summary>
    public Task WritableAsync() => UntilAsync(
        async () => await AskAsync("create table if not exists alive (n int); insert into alive values (1); select 'yes'") == "yes", "writes through the proxy");

    /// <summary>Waits until so many standbys stream from the primary.</summary>
    public Task StandbysFollowAsync(int count) => UntilAsync(
        async () => await AskAsync("select count(*) from pg_stat_replication where state = 'streaming' and application_name like 'stolon\\_%'") == $"{count}",
        $"{count} standbys stream");

    /// <summary>Waits until so many dbs are there, complete, and have carried out what the document asks: standbys to rely on.</summary>
    public Task ReliableAsync(int dbs) => UntilAsync(
        async () =>
        {
            var all = (await DocumentAsync())["dbs"]!.AsObject().Select(pair => pair.Value!).ToList();
            return all.Count == dbs && all.TrueForAll(db => (string?)db["spec"]!["initMode"] == "none"
                && (long)db["generation"]! == (long?)db["status"]!["currentGeneration"] && (bool?)db["status"]!["healthy"] == true);
        },
        $"{dbs} dbs are complete");

    /// <summary>Waits until these keepers are known, and no others.</summary>
    public Task KeepersAsync(params int[] numbers) => UntilAsync(
        async () => (await StatusAsync())["keepers"]!.AsArray().Select(keeper => NumberOf((string)keeper!["uid"]!)).Order().SequenceEqual(numbers),
        $"the keepers are {string.Join(", ", numbers)}");

    /// <summary>Waits until every db has carried out what the document asks.</summary>
    public Task ConvergedAsync() => UntilAsync(
        async () => (await StatusAsync())["keepers"]!.AsArray().All(keeper =>
            (bool)keeper!["pg_healthy"]! && (long)keeper["pg_wanted_generation"]! == (long)keeper["pg_current_generation"]!),
        "all dbs converge");

    /// <summary>Waits, with a bound; what cannot be asked does not hold yet.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string because)
    {
        try
        {
            await Wait.UntilAsync(async () => await HoldsAsync(holds), TimeSpan.FromMinutes(2), because);
        }
        catch (TimeoutException exception)
        {
            throw new InvalidOperationException($"{exception.Message}. {(await CtlAsync("status")).Out}\n{Said}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Clients first, PostgreSQL before the sentinel.
        foreach (var process in running.Keys.Where(key => key != "sentinel").Reverse().Append("sentinel").Where(running.ContainsKey).ToList())
        {
            _ = Kill(running[process].Id, SigContinue);
            _ = Processes.Terminate(running[process].Id);
            await EndAsync(process);
        }

        folder.Dispose();
    }

    private string[] Flags => ["--cluster-name", name, "--store-backend", "etcdv3", "--store-endpoints", string.Join(',', etcd.Endpoints)];

    private static int NumberOf(string keeper) => int.Parse(keeper["keeper".Length..], CultureInfo.InvariantCulture);

    private static async Task<NpgsqlConnection> OpenAsync(int port, string password)
    {
        var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={port};Username=postgres;Password={password};Database=postgres;Pooling=false;Timeout=5;Command Timeout=20;"
            + "SSL Mode=Disable;GSS Encryption Mode=Disable");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<string> AskPortAsync(int port, string statement)
    {
        await using var connection = await OpenAsync(port, LogInWith);
        await using var command = new NpgsqlCommand(statement, connection);
        var rows = await command.ExecuteReaderAsync();
        await using var end = rows;
        var last = "";
        do
        {
            while (await rows.ReadAsync())
            {
                last = Convert.ToString(rows.GetValue(0), CultureInfo.InvariantCulture) ?? "";
            }
        }
        while (await rows.NextResultAsync());

        return last;
    }

    private async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        foreach (var (process, ended) in running.Where(one => one.Value.HasExited))
        {
            throw new InvalidOperationException($"{process} ended with {ended.ExitCode}: {Said}");
        }

        try
        {
            return await holds();
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            return false;
        }
    }
}
