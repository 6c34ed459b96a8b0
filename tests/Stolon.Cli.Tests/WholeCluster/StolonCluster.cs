using System.Diagnostics;
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
    public const string QuickTiming = """ "sleepInterval": "1s", "failInterval": "6s", "proxyCheckInterval": "1s", "proxyTimeout": "4s", "convergenceTimeout": "20s" """;

    /// <summary>Processes that live for a minute do not win back what profiling for their optimisation costs.</summary>
    private static readonly Dictionary<string, string> Cheap = new() { ["DOTNET_TieredPGO"] = "0" };

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly TestFolder folder = new();
    private readonly EtcdServer etcd;
    private readonly string name;
    private readonly Dictionary<string, Process> running = [];
    private readonly Dictionary<int, Place> places = [];
    private readonly Dictionary<int, string> dataFolders = [];
    private readonly StringBuilder said = new();

    /// <summary>A cluster of which nothing runs yet.</summary>
    public StolonCluster(EtcdServer etcd, string name) => (this.etcd, this.name) = (etcd, name);

    /// <summary>Where keepers listen that have no host of their own.</summary>
    public string Address { get; init; } = "127.0.0.1";

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

    /// <summary>What a keeper has logged.</summary>
    public string SaidBy(int keeper) =>
        string.Join('\n', Said.Split('\n').Where(line => line.StartsWith($"keeper{keeper}: ", StringComparison.Ordinal)));

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
    /// <param name="timing">Members of the specification for intervals and time-outs.</param>
    public static async Task<StolonCluster> StartAsync(EtcdServer etcd, string name, string spec, int keepers = 2, string? firstData = null, bool passwordFiles = false, string timing = QuickTiming)
    {
        var cluster = new StolonCluster(etcd, name);
        if (firstData is not null)
        {
            cluster.dataFolders[1] = firstData;
        }

        try
        {
            await cluster.InitialiseAsync(spec, timing);
            for (var number = 1; number <= keepers; number++)
            {
                cluster.StartKeeper(number, passwordFiles: passwordFiles);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Initialises the cluster and starts sentinel and proxy.</summary>
    public async Task InitialiseAsync(string spec, string timing = QuickTiming)
    {
        (await CtlAsync("init", "-y", $"{{ {timing}, {spec} }}")).ShouldSucceed();
        StartSentinel();
        StartProxy();
    }

    public string Folder(string file) => folder.File(file);

    public string KeeperFolder(int number) => dataFolders.GetValueOrDefault(number) ?? folder.File($"keeper{number}");

    public string PgData(int number) => Path.Combine(KeeperFolder(number), "postgres");

    public int PortOf(int keeper) => places[keeper].Port;

    /// <summary>Starts a sentinel; more than one have a name each.</summary>
    public void StartSentinel(string process = "sentinel", params string[] more) => Start(process, "sentinel", Cheap, more);

    /// <summary>Starts one more proxy, on a port that nobody uses.</summary>
    public void StartSecondProxy(string process) => Start(process, "proxy", Cheap, ["--port", "0"]);

    public void StartProxy(params string[] more) => Start("proxy", "proxy", Cheap, ["--port", $"{ProxyPort}", .. more]);

    /// <summary>Starts one more proxy, through which nobody comes.</summary>
    public void StartSecondProxy() => Start("proxy2", "proxy", Cheap, ["--port", "0"]);

    /// <summary>The process of the sentinel that was last to say that it leads.</summary>
    public string LeadingSentinel() => Said.Split('\n').Last(line => line.Contains(" leads ", StringComparison.Ordinal)).Split(':')[0];

    /// <summary>Starts a keeper, with passwords from files if asked; one that ran before stays where it was and what it was.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="port">Where its PostgreSQL listens; null = as before, or a free port.</param>
    /// <param name="passwordFiles">Whether its passwords come from files.</param>
    /// <param name="host">Its own host; null = as before, or this machine.</param>
    /// <param name="more">More flags; none = as before.</param>
    public void StartKeeper(int number, int? port = null, bool passwordFiles = false, SeparateHost? host = null, params string[] more)
    {
        places.TryGetValue(number, out var before);
        var place = new Place(port ?? before?.Port ?? FreePort.Next(), host ?? before?.Host, more is [] ? before?.More ?? [] : more);
        places[number] = place;
        if (passwordFiles && !File.Exists(PasswordFile(number, "su")))
        {
            GivePasswords(number, SuperuserPassword, ReplicationPassword);
        }

        Dictionary<string, string> passwords = passwordFiles
            ? new(Cheap) { ["STKEEPER_PG_SU_PASSWORDFILE"] = PasswordFile(number, "su"), ["STKEEPER_PG_REPL_PASSWORDFILE"] = PasswordFile(number, "repl") }
            : new(Cheap) { ["STKEEPER_PG_SU_PASSWORD"] = SuperuserPassword, ["STKEEPER_PG_REPL_PASSWORD"] = ReplicationPassword };
        Start($"keeper{number}", "keeper", passwords, [.. KeeperFlags(number), .. place.More], place.Host);
    }

    /// <summary>Runs one more keeper over the data directory of a keeper, to its end.</summary>
    public Task<Answer> SecondKeeperAsync(int number) => StolonProcess.RunAsync(
        StolonProcess.Program, ["keeper", .. Flags, .. KeeperFlags(number)], "",
        new(Cheap) { ["STKEEPER_PG_SU_PASSWORD"] = SuperuserPassword, ["STKEEPER_PG_REPL_PASSWORD"] = ReplicationPassword });

    public Task<Answer> CtlAsync(params string[] args) => CtlWithAsync("", args);

    public Task<Answer> CtlWithAsync(string input, params string[] args) =>
        StolonProcess.RunAsync(StolonProcess.Program, ["ctl", .. Flags, "--store-timeout", "30s", .. args], input, Cheap);

    /// <summary>What <c>ctl status</c> says.</summary>
    public async Task<JsonNode> StatusAsync() => JsonNode.Parse((await CtlAsync("status", "-f", "json")).ShouldSucceed().Out)!;

    /// <summary>A patch of the specification.</summary>
    public async Task UpdateAsync(string patch) => (await CtlAsync("update", "--patch", patch)).ShouldSucceed();

    /// <summary>Waits, with a bound; what cannot be asked does not hold yet.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string because)
    {
        try
        {
            await Wait.UntilAsync(async () => await HoldsAsync(holds), Patience, because, BetweenLooks);
        }
        catch (TimeoutException exception)
        {
            throw new InvalidOperationException($"{exception.Message}. {(await CtlAsync("status")).Out}\n{Said}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Clients first, PostgreSQL before the sentinels.
        foreach (var process in running.Keys.Reverse().OrderBy(key => key.StartsWith("sentinel", StringComparison.Ordinal)).ToList())
        {
            Signal(Processes.Tree(running[process].Id), SigContinue);
            _ = Processes.Terminate(running[process].Id);
            await EndAsync(process);
        }

        folder.Dispose();
    }

    private string[] Flags => ["--cluster-name", name, "--store-backend", "etcdv3", "--store-endpoints", string.Join(',', etcd.Endpoints)];

    private string[] KeeperFlags(int number) =>
    [
        "--uid", $"keeper{number}", "--data-dir", KeeperFolder(number), "--pg-listen-address", AddressOf(number),
        "--pg-port", $"{places[number].Port}", "--pg-repl-username", "repl", "--pg-su-username", "postgres",
    ];

    private string AddressOf(int keeper) => places[keeper].Host?.Address ?? Address;

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

    /// <summary>Where a keeper runs, and with which flags.</summary>
    private sealed record Place(int Port, SeparateHost? Host, string[] More);
}
