using Stolon.Comparison.Machines;
using Stolon.Tests;

namespace Stolon.Comparison.Clusters;

/// <summary>Ours, as an operator runs it: each role a process of the command, the specification as <c>init</c> writes it.</summary>
internal sealed class StolonCluster : Cluster
{
    private static readonly TimeSpan CtlLimit = TimeSpan.FromMinutes(1);

    private readonly string program;
    private readonly string spec;
    private readonly Dictionary<string, Running> roles = [];
    private readonly List<string> traces = [];

    public StolonCluster(string program, bool synchronous, Etcd etcd, string folder)
        : base(etcd, folder)
    {
        this.program = program;
        spec = synchronous ? """{"initMode": "new", "synchronousReplication": true}""" : """{"initMode": "new"}""";
        Members = [.. Enumerable.Range(1, 3).Select(number => Path.Combine(folder, $"keeper{number}"))
            .Select(data => new Member(Path.GetFileName(data), FreePort.Next(), data, Path.Combine(data, "postgres")))];
    }

    public override string Name => "Stolon.NET";

    public override IReadOnlyList<string> Traces => traces;

    public override int[] Companions => [roles["proxy1"].Id, roles[LeadingSentinel()].Id];

    public override IEnumerable<(string Role, int[] Processes)> Roles =>
    [
        .. Members.Select(member => ("keeper", member.Managing)),
        .. roles.Select(role => (role.Key.TrimEnd('1', '2'), new[] { role.Value.Id })),
    ];

    public override async Task StartAsync()
    {
        await CtlAsync("init", "-y", spec);
        StartSentinel(1);
        foreach (var member in Members)
        {
            await StartMemberAsync(member);
        }

        StartProxy(1);
    }

    public override Task AddCompanionsAsync()
    {
        StartSentinel(2);
        StartProxy(2);
        return Task.CompletedTask;
    }

    public override async Task StartCompanionsAsync()
    {
        await roles["proxy1"].EndedAsync();
        StartProxy(1);
        foreach (var number in new[] { 1, 2 }.Where(number => ProcessTable.Tree(roles[$"sentinel{number}"].Id).Length == 0))
        {
            await roles[$"sentinel{number}"].EndedAsync();
            StartSentinel(number);
        }
    }

    public override async Task RestoreAsync(Member member)
    {
        ProcessTable.Signal(member.Processes, ProcessTable.SigContinue);
        if (ProcessTable.Tree(member.Manager!.Id).Length == 0)
        {
            await member.Manager.EndedAsync();
            await StartMemberAsync(member);
        }
    }

    public override async Task<bool> SwitchOverAsync(Member from)
    {
        var (code, help) = await Running.RunAsync([program, "ctl", "--help"], CtlLimit);
        if (code != 0 || !help.Contains("switchover", StringComparison.Ordinal))
        {
            return false;
        }

        await CtlAsync("switchover");
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var role in roles.Values)
        {
            await role.DisposeAsync();
        }
    }

    /// <summary>The one that said last that it leads.</summary>
    private string LeadingSentinel() => roles.Keys.Where(role => role.StartsWith("sentinel", StringComparison.Ordinal))
        .MaxBy(role => File.ReadLines(Log(role)).LastOrDefault(line => line.EndsWith(" leads bench.", StringComparison.Ordinal)) ?? "", StringComparer.Ordinal)!;

    protected override Task StartMemberAsync(Member member)
    {
        member.Manager = Start(
            member.Name, "keeper", "--uid", member.Name, "--data-dir", member.Folder, "--pg-listen-address", "127.0.0.1", "--pg-port", $"{member.Port}",
            "--pg-su-username", Superuser, "--pg-repl-username", "replicator");
        return Task.CompletedTask;
    }

    private void StartSentinel(int number) => roles[$"sentinel{number}"] = Start($"sentinel{number}", "sentinel");

    private void StartProxy(int number)
    {
        if (ProxyPorts.Count < number)
        {
            ProxyPorts.Add(FreePort.Next());
        }

        roles[$"proxy{number}"] = Start($"proxy{number}", "proxy", "--port", $"{ProxyPorts[number - 1]}");
    }

    private Running Start(string name, string role, params string[] flags)
    {
        var trace = Path.Combine(Folder, $"{name}.trace");
        if (!traces.Contains(trace))
        {
            traces.Add(trace);
        }

        return Running.Start(
            Log(name),
            [program, role, "--cluster-name", "bench", "--store-backend", "etcdv3", "--store-endpoints", Etcd.Endpoint, "--trace-file", trace, .. flags],
            ("STKEEPER_PG_SU_PASSWORD", Password), ("STKEEPER_PG_REPL_PASSWORD", Password));
    }

    private async Task CtlAsync(params string[] arguments)
    {
        var (code, said) = await Running.RunAsync(
            [program, "ctl", arguments[0], "--cluster-name", "bench", "--store-backend", "etcdv3", "--store-endpoints", Etcd.Endpoint, .. arguments[1..]], CtlLimit);
        if (code != 0)
        {
            throw new ComparisonException($"stolon ctl {arguments[0]} failed: {said}");
        }
    }
}
