using System.Globalization;
using System.Text.Json.Nodes;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What a failover took: each process says what it did, and cluster, db, generation and instant put it together.</summary>
public sealed class TraceTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    private const string Spec = """ { "initMode": "new", "sleepInterval": "1s", "failInterval": "6s", "proxyCheckInterval": "1s", "proxyTimeout": "4s" } """;

    [Fact]
    public async Task The_steps_of_a_restart_in_place_and_of_a_failover_are_told_by_those_who_took_them_in_their_order()
    {
        await using var cluster = new StolonCluster(etcd.Server, "traced");
        string Trace(string process) => cluster.Folder($"{process}.trace");
        (await cluster.CtlAsync("init", "-y", Spec)).ShouldSucceed();
        cluster.StartSentinel("sentinel", "--trace-file", Trace("sentinel"));
        cluster.StartProxy("--trace-file", Trace("proxy"));
        cluster.StartKeeper(1, more: ["--trace-file", Trace("keeper1")]);
        cluster.StartKeeper(2, more: ["--trace-file", Trace("keeper2")]);
        await cluster.ReliableAsync(2);
        await cluster.WritableAsync();
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        var db = await cluster.DbOfAsync(next);

        var died = TimeProvider.System.GetUtcNow().UtcDateTime;
        cluster.KillPostmaster(old);

        await cluster.UntilAsync(() => Task.FromResult(Since(died, Trace($"keeper{old}")).Any(step => Name(step) == "keeper.reload")), "PostgreSQL opens again");
        Names(Since(died, Trace($"keeper{old}"))).Should().ContainInOrder("keeper.notice", "keeper.start", "keeper.answer", "keeper.reload");
        await cluster.WritableAsync();

        var killed = TimeProvider.System.GetUtcNow().UtcDateTime;
        await cluster.KillAsync($"keeper{old}");

        await cluster.ElectedAsync(next);
        await cluster.WritableAsync();
        await cluster.UntilAsync(() => Task.FromResult(Since(killed, Trace("proxy")).Any(step => Name(step) == "proxy.first_connection")), "the connection is told");
        var all = Since(killed, Trace("sentinel"), Trace("proxy"), Trace($"keeper{next}")).ToList();
        var elected = all.Single(step => Name(step) == "sentinel.write" && Text(step, "decisions").Contains("PrimaryElected", StringComparison.Ordinal));
        var promoted = all.Single(step => Name(step) == "keeper.promote");
        var opened = all.First(step => Name(step) == "proxy.check" && (bool?)step["opened"] == true);
        Text(elected, "db").Should().Be(db);
        Text(promoted, "db").Should().Be(db);
        Text(promoted, "keeper").Should().Be($"keeper{next}");
        ((long)promoted["generation"]!).Should().Be((long)elected["generation"]!);
        ((double)promoted["ms"]!).Should().BePositive();
        all.Select(step => Text(step, "cluster_name")).Distinct().Should().Equal("traced");
        new[] { elected, promoted, opened, all.Single(step => Name(step) == "proxy.first_connection") }.Select(Start).Should().BeInAscendingOrder();
    }

    [Fact]
    public async Task A_trace_file_that_cannot_be_written_is_refused_before_anything_starts() =>
        (await StolonProcess.RunAsync(
            "sentinel", "--cluster-name", "traced", "--store-backend", "etcdv3", "--store-endpoints", etcd.Server.Endpoints[0], "--trace-file", "/no/such/folder/trace"))
        .ShouldBeRefused("--trace-file: /no/such/folder/trace cannot be written");

    private static IEnumerable<JsonNode> Since(DateTime instant, params string[] files) => files
        .Where(File.Exists)
        .SelectMany(File.ReadLines)
        .Where(line => line.EndsWith('}'))
        .Select(line => JsonNode.Parse(line)!)
        .Where(step => Start(step) >= instant)
        .OrderBy(Start);

    private static IEnumerable<string> Names(IEnumerable<JsonNode> steps) => steps.Select(Name);

    private static string Name(JsonNode step) => Text(step, "name");

    private static string Text(JsonNode step, string member) => (string?)step[member] ?? "";

    private static DateTime Start(JsonNode step) => DateTime.Parse(Text(step, "start"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
