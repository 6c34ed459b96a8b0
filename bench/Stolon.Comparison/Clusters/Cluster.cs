using System.Globalization;
using Npgsql;
using Stolon.Comparison.Machines;
using Stolon.Comparison.Measuring;

namespace Stolon.Comparison.Clusters;

/// <summary>A member: a PostgreSQL and the process that manages it.</summary>
internal sealed class Member(string name, int port, string folder, string pgdata)
{
    public string Name => name;

    public int Port => port;

    public string Folder => folder;

    public string PgData => pgdata;

    public Running? Manager { get; set; }

    /// <summary>Everything that runs for it, the manager first.</summary>
    public int[] Processes => [.. ProcessTable.Tree(Manager?.Id ?? 0).Concat(ProcessTable.In(pgdata)).Distinct()];

    /// <summary>The manager and its programs, without PostgreSQL.</summary>
    public int[] Managing => [.. ProcessTable.Tree(Manager?.Id ?? 0).Except(ProcessTable.In(pgdata))];

    public int Postmaster => int.Parse(File.ReadLines(Path.Combine(pgdata, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
}

/// <summary>A system under test: three members over one etcd, and a proxy that clients go through.</summary>
internal abstract class Cluster(Etcd etcd, string folder) : IAsyncDisposable
{
    protected const string Superuser = "postgres";
    protected const string Password = "bench-3f6c1a";

    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>How the tables call it.</summary>
    public abstract string Name { get; }

    public Etcd Etcd => etcd;

    public string Folder => folder;

    public IReadOnlyList<Member> Members { get; protected init; } = [];

    /// <summary>Where clients go, the first proxy first.</summary>
    public List<int> ProxyPorts { get; } = [];

    /// <summary>Starts everything with one proxy; nothing is there before.</summary>
    public abstract Task StartAsync();

    /// <summary>Adds what a second node would have beside its member.</summary>
    public abstract Task AddCompanionsAsync();

    /// <summary>What dies with a node beside its member: a proxy, and what else runs there.</summary>
    public abstract int[] Companions { get; }

    /// <summary>Starts again what died with a node.</summary>
    public abstract Task StartCompanionsAsync();

    /// <summary>Starts a member that has ended.</summary>
    protected abstract Task StartMemberAsync(Member member);

    /// <summary>Ends a member in an orderly way, and starts it again.</summary>
    public async Task RestartAsync(Member member)
    {
        ProcessTable.Signal([member.Manager!.Id], ProcessTable.SigTerminate);
        await member.Manager.EndedAsync();
        await StartMemberAsync(member);
    }

    /// <summary>Brings a member back that was killed or frozen.</summary>
    public abstract Task RestoreAsync(Member member);

    /// <summary>Hands the primary over as its operator would, to whom the system chooses. False = it cannot.</summary>
    public abstract Task<bool> SwitchOverAsync(Member from);

    /// <summary>The processes at rest, by role; PostgreSQL is none of them.</summary>
    public abstract IEnumerable<(string Role, int[] Processes)> Roles { get; }

    /// <summary>Where steps are written down.</summary>
    public virtual IReadOnlyList<string> Traces => [];

    /// <summary>The member that holds the primary, asked through the proxy.</summary>
    public async Task<Member> PrimaryAsync()
    {
        var port = await AskAsync(ProxyPorts[0], "select inet_server_port()::text");
        return Members.Single(member => member.Port.ToString(CultureInfo.InvariantCulture) == port);
    }

    /// <summary>Waits until both standbys stream, and a little more: nothing of the last failure is under way.</summary>
    public async Task SettleAsync()
    {
        await Patience.UntilAsync(
            async () =>
            {
                var primary = await PrimaryAsync();
                var states = await Task.WhenAll(Members.Where(member => member != primary).Select(member => AskAsync(member.Port, "select status from pg_stat_wal_receiver")));
                return states.All(state => state == "streaming");
            },
            SettleLimit, $"two standbys stream in {Name}");
        await Task.Delay(Quiet, TimeProvider.System);
    }

    private static async Task<string?> AskAsync(int port, string question)
    {
        await using var connection = await Sessions.OpenAsync(ConnectionText(port));
        await using var command = new NpgsqlCommand(question, connection);
        return (string?)await command.ExecuteScalarAsync();
    }

    public static string ConnectionText(int port) =>
        $"Host=127.0.0.1;Port={port};Username={Superuser};Password={Password};Database=postgres;Pooling=false;Timeout=2;Command Timeout=2;"
        + "Cancellation Timeout=-1;SSL Mode=Disable;GSS Encryption Mode=Disable";

    protected string Log(string name) => Path.Combine(folder, $"{name}.log");

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
        {
            // All at once: no guard is left behind that would have to be waited for.
            ProcessTable.Signal(member.Processes, ProcessTable.SigKill);
            if (member.Manager is { } manager)
            {
                await manager.DisposeAsync();
            }

            ProcessTable.Signal(ProcessTable.In(member.PgData), ProcessTable.SigKill);
        }
    }
}
