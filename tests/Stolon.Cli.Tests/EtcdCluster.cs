using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Stolon.Stores.Tests;
using Stolon.Tests;

namespace Stolon.Cli.Tests;

/// <summary>A whole cluster of real <c>stolon</c> processes over a real etcd: two keepers that replicate synchronously, a sentinel, a proxy.</summary>
/// <param name="members">How many members etcd has.</param>
public abstract class EtcdCluster(int members) : IAsyncLifetime
{
    internal const string SuperuserPassword = "su-5f1c77e0";
    internal const string ReplicationPassword = "repl-90b2ad41";

    private readonly TestFolder folder = new();
    private readonly List<Process> processes = [];
    private readonly StringBuilder said = new();
    private readonly int[] ports = FreePort.Next(4);

    internal EtcdServer Etcd { get; private set; } = null!;

    internal int HttpPort => ports[3];

    /// <summary>All that the processes have logged, at level debug.</summary>
    internal string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    internal string KeeperFolder(int number) => folder.File($"keeper{number}");

    public async ValueTask InitializeAsync()
    {
        Etcd = await EtcdServer.StartAsync(members);
        var su = Secret("su.password", SuperuserPassword);
        var repl = Secret("repl.password", ReplicationPassword + "\n");
        Start("sentinel", [], "--initial-cluster-spec", """{"initMode": "new", "synchronousReplication": true}""");
        for (var number = 1; number <= 2; number++)
        {
            // One with files, one with the environment.
            Dictionary<string, string> environment = number == 1
                ? new() { ["STKEEPER_PG_SU_PASSWORDFILE"] = su, ["STKEEPER_PG_REPL_PASSWORDFILE"] = repl }
                : new() { ["STKEEPER_PG_SU_PASSWORD"] = SuperuserPassword, ["STKEEPER_PG_REPL_PASSWORD"] = ReplicationPassword };
            Start(
                "keeper", environment, "--uid", $"keeper{number}", "--data-dir", KeeperFolder(number), "--pg-listen-address", "127.0.0.1",
                "--pg-port", $"{ports[number]}", "--pg-repl-username", "repl", "--pg-su-username", "postgres");
        }

        Start("proxy", [], "--port", $"{ports[0]}", "--metrics-listen-address", $"127.0.0.1:{HttpPort}");
        await Wait.UntilAsync(CanWriteAsync, TimeSpan.FromMinutes(2), "the cluster takes writes; it said " + Said);
    }

    public async ValueTask DisposeAsync()
    {
        // In the order in which a whole cluster is stopped: clients first, PostgreSQL before the sentinel.
        foreach (var process in Enumerable.Reverse(processes).Where(process => !process.HasExited))
        {
            process.StandardInput.Close();
            _ = Processes.Terminate(process.Id);
        }

        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await Etcd.DisposeAsync();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    internal Task<Answer> CtlAsync(params string[] args) => StolonProcess.RunAsync(StolonProcess.Program, ["ctl", .. Flags, .. args], "", []);

    /// <summary>The number of the keeper with the primary, as the command says.</summary>
    internal async Task<int> PrimaryAsync()
    {
        var status = JsonNode.Parse((await CtlAsync("status", "-f", "json")).ShouldSucceed().Out)!;
        return (string)status["cluster"]!["master_keeper_uid"]! == "keeper1" ? 1 : 2;
    }

    /// <summary>A new connection through the proxy.</summary>
    internal async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={ports[0]};Username=postgres;Password={SuperuserPassword};Database=postgres;Pooling=false;Timeout=3;Command Timeout=20;"
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

    /// <summary>Writes a row on a new connection.</summary>
    internal async Task<bool> CanWriteAsync()
    {
        try
        {
            await using var connection = await ConnectAsync();
            await using var command = new NpgsqlCommand("create table if not exists t (n serial); insert into t default values", connection);
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
        {
            foreach (var process in processes.Where(process => process.HasExited))
            {
                throw new InvalidOperationException($"a process ended with {process.ExitCode}: {Said}", exception);
            }

            return false;
        }
    }

    private string[] Flags => ["--cluster-name", "orders", "--store-backend", "etcdv3", "--store-endpoints", string.Join(',', Etcd.Endpoints)];

    private string Secret(string name, string text)
    {
        var path = folder.Write(name, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private void Start(string role, Dictionary<string, string> environment, params string[] args)
    {
        var process = StolonProcess.Start(StolonProcess.Program, [role, .. Flags, "--log-level", "debug", .. args], environment);
        process.OutputDataReceived += (_, line) => Hear(role, line.Data);
        process.ErrorDataReceived += (_, line) => Hear(role, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        processes.Add(process);
    }

    private void Hear(string role, string? line)
    {
        lock (said)
        {
            said.AppendLine($"{role}: {line}");
        }
    }
}
