using System.Text;
using System.Text.Json;
using Stolon.Comparison.Machines;
using Stolon.Tests;

namespace Stolon.Comparison.Clusters;

/// <summary>
/// Patroni over the same kind of etcd, with its defaults (ttl 30, loop_wait 10), and HAProxy as the template that Patroni ships has it.
/// </summary>
internal sealed class PatroniCluster : Cluster
{
    private static readonly string[] Programs = ["patroni", "haproxy"];

    private static readonly TimeSpan ChownLimit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, int> restPorts = [];
    private readonly List<Running> proxies = [];
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromMinutes(1) };
    private readonly bool synchronous;
    private readonly string binaries;

    public PatroniCluster(string binaries, bool synchronous, Etcd etcd, string folder)
        : base(etcd, folder)
    {
        (this.binaries, this.synchronous) = (binaries, synchronous);
        Members = [.. Enumerable.Range(1, 3).Select(number => Path.Combine(folder, $"node{number}"))
            .Select(home => new Member(Path.GetFileName(home), FreePort.Next(), home, Path.Combine(home, "data")))];
    }

    public override string Name => "Patroni + HAProxy";

    public override int[] Companions => [proxies[0].Id];

    public override IEnumerable<(string Role, int[] Processes)> Roles =>
    [
        .. Members.Select(member => ("Patroni", member.Managing)),
        .. proxies.Select(proxy => ("HAProxy", new[] { proxy.Id })),
    ];

    /// <summary>What has to be installed and is not; empty = it can run.</summary>
    public static string FindMissing() => string.Join(", ", Programs.Where(program => FindProgram(program) is null));

    public static string? FindProgram(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public override async Task StartAsync()
    {
        foreach (var member in Members)
        {
            restPorts[member.Name] = FreePort.Next();
            await File.WriteAllTextAsync(Settings(member), SettingsOf(member));
        }

        foreach (var member in Members)
        {
            await StartMemberAsync(member);
        }

        await StartProxyAsync(1);
    }

    public override Task AddCompanionsAsync() => StartProxyAsync(2);

    public override async Task StartCompanionsAsync()
    {
        await proxies[0].EndedAsync();
        await StartProxyAsync(1);
    }

    /// <summary>What is left of it is ended, and it is copied anew: no later measurement depends on how it would have come back.</summary>
    public override async Task RestoreAsync(Member member)
    {
        // A postmaster that was killed alone was started again by its Patroni.
        if (ProcessTable.Tree(member.Manager!.Id).Length > 0 && !IsFrozen(member))
        {
            return;
        }

        ProcessTable.Signal(member.Processes, ProcessTable.SigKill);
        await member.Manager!.EndedAsync();
        await Patience.UntilAsync(() => Task.FromResult(member.Processes.Length == 0), TimeSpan.FromSeconds(10), $"{member.Name} has ended");
        Directory.Delete(member.PgData, recursive: true);
        await StartMemberAsync(member);
    }

    public override async Task<bool> SwitchOverAsync(Member from)
    {
        // Its server needs to be told the length.
        using var order = new StringContent(JsonSerializer.Serialize(new { leader = from.Name }), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{restPorts[from.Name]}/switchover"), order);
        return answer.IsSuccessStatusCode
            ? true
            : throw new ComparisonException($"Patroni refused the switchover: {await answer.Content.ReadAsStringAsync()}");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }

        http.Dispose();
    }

    private static bool IsFrozen(Member member) => File.ReadAllText($"/proc/{member.Manager!.Id}/stat").Contains(") T ", StringComparison.Ordinal);

    private string Settings(Member member) => Path.Combine(Folder, $"{member.Name}.yml");

    protected override async Task StartMemberAsync(Member member)
    {
        Directory.CreateDirectory(member.Folder);
        string[] command = [FindProgram("patroni")!, Settings(member)];
        if (Environment.IsPrivilegedProcess)
        {
            await Running.RunAsync(["chown", "-R", "postgres:", member.Folder], ChownLimit);
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", .. command];
        }

        member.Manager = Running.Start(Log(member.Name), command);
    }

    private async Task StartProxyAsync(int number)
    {
        if (ProxyPorts.Count < number)
        {
            ProxyPorts.Add(FreePort.Next());
        }

        var file = Path.Combine(Folder, $"haproxy{number}.cfg");
        await File.WriteAllTextAsync(file, ProxySettings(ProxyPorts[number - 1]));
        var proxy = Running.Start(Log($"haproxy{number}"), [FindProgram("haproxy")!, "-f", file]);
        if (proxies.Count < number)
        {
            proxies.Add(proxy);
        }
        else
        {
            proxies[number - 1] = proxy;
        }
    }

    private string ProxySettings(int port) => $"""
        global
            maxconn 100
        defaults
            mode tcp
            retries 2
            timeout client 30m
            timeout connect 4s
            timeout server 30m
            timeout check 5s
        listen primary
            bind 127.0.0.1:{port}
            option httpchk OPTIONS /primary
            http-check expect status 200
            default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions
        {string.Join('\n', Members.Select(member => $"    server {member.Name} 127.0.0.1:{member.Port} maxconn 100 check port {restPorts[member.Name]}"))}

        """;

    private string SettingsOf(Member member) => $"""
        scope: bench
        name: {member.Name}
        restapi:
          listen: 127.0.0.1:{restPorts[member.Name]}
          connect_address: 127.0.0.1:{restPorts[member.Name]}
        etcd3:
          host: 127.0.0.1:{Etcd.Port}
        bootstrap:
          dcs:
            ttl: 30
            loop_wait: 10
            retry_timeout: 10
            maximum_lag_on_failover: 1048576
            synchronous_mode: {(synchronous ? "true" : "false")}
          initdb:
            - encoding: UTF8
            - data-checksums
        postgresql:
          listen: 127.0.0.1:{member.Port}
          connect_address: 127.0.0.1:{member.Port}
          data_dir: {member.PgData}
          bin_dir: {binaries}
          pgpass: {Path.Combine(member.Folder, "pgpass")}
          authentication:
            replication: {"{"}username: replicator, password: {Password}{"}"}
            superuser: {"{"}username: {Superuser}, password: {Password}{"}"}
          parameters:
            unix_socket_directories: {member.Folder}
          pg_hba:
            - local all all trust
            - host replication all 127.0.0.1/32 md5
            - host all all 127.0.0.1/32 md5

        """;
}
