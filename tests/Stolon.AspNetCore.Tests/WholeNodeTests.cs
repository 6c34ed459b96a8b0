using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Hosting;
using Stolon.Hosting.Administration;

namespace Stolon.AspNetCore.Tests;

/// <summary>A whole cluster in this process, with a real PostgreSQL, watched from outside.</summary>
public sealed class WholeNodeTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    [Trait("Rule", "A6")]
    [Trait("Rule", "K23")]
    public async Task Readiness_says_what_is_missing_and_metrics_have_the_names_of_stolon()
    {
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await using var node = await StartAsync();
        var heard = new HashSet<string>(StringComparer.Ordinal);

        await Waiting.UntilReadyAsync(node, heard);

        // Each was said on the way.
        heard.Should().Contain(line => line.StartsWith("whole: keeper keeper1: PostgreSQL does not run", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith("whole: proxy 127.0.0.1:0: no client is forwarded: ", StringComparison.Ordinal));
        await Waiting.UntilAsync(async () => Value(await MetricsAsync(node), "stolon_keeper_last_sync_success_seconds") >= began);
        var text = await MetricsAsync(node);
        Exposition.Check(text);
        Exposition.Names(text).Should().Contain(
        [
            "stolon_cluster_identifier", "stolon_keeper_clusterdata_last_valid_update_seconds", "stolon_keeper_target_role",
            "stolon_keeper_local_role", "stolon_keeper_needs_reload", "stolon_keeper_needs_restart", "stolon_keeper_last_sync_success_seconds",
            "stolon_keeper_sleep_interval", "stolon_keeper_shutdown_seconds", "stolon_sentinel_last_cluster_check_success_seconds",
            "stolon_sentinel_is_leader", "stolon_sentinel_leader_count",
        ]);
        Documented().Should().BeEquivalentTo(
            Exposition.Names(text).Concat(["stolon_keeper_copied_bytes", "stolon_keeper_to_copy_bytes"]), "docs/monitoring.md names every metric, and no other");
        Value(text, "stolon_keeper_target_role", "role=\"master\"").Should().Be(1);
        Value(text, "stolon_keeper_local_role", "role=\"master\"").Should().Be(1);
        Value(text, "stolon_keeper_local_role", "role=\"standby\"").Should().Be(0);
        Value(text, "stolon_keeper_clusterdata_last_valid_update_seconds").Should().BeGreaterThanOrEqualTo(began);
        Value(text, "stolon_sentinel_last_cluster_check_success_seconds").Should().BeGreaterThanOrEqualTo(began);
        Value(text, "stolon_keeper_needs_reload").Should().Be(0);
        Value(text, "stolon_keeper_needs_restart").Should().Be(0);
        Value(text, "stolon_keeper_sleep_interval").Should().Be(1);
        Value(text, "stolon_keeper_shutdown_seconds").Should().Be(0);
        Value(text, "stolon_keeper_wal_position_bytes").Should().BePositive();
        Value(text, "stolon_proxy_has_route").Should().Be(1);
    }

    [Fact]
    [Trait("Rule", "K22")]
    public async Task A_parameter_that_needs_a_restart_is_measured_and_the_keeper_stays_ready()
    {
        await using var node = await StartAsync();
        await Waiting.UntilReadyAsync(node);
        Value(await MetricsAsync(node), "stolon_keeper_needs_restart").Should().Be(0);

        await node.Services.GetRequiredKeyedService<IStolonAdministration>(TestFolder.Cluster).PatchAsync(
            """{"pgParameters": {"max_connections": "50"}}""", TestContext.Current.CancellationToken);

        await Waiting.UntilAsync(async () => Value(await MetricsAsync(node), "stolon_keeper_needs_restart") == 1);
        Value(await MetricsAsync(node), "stolon_keeper_needs_reload").Should().Be(0);
        (await node.GetAsync("/readyz")).Should().Be((HttpStatusCode.OK, "ok\n"));
    }

    [Fact]
    [Trait("Rule", "K9")]
    public async Task A_PostgreSQL_that_does_not_answer_fails_readiness_but_not_liveness()
    {
        await using var node = await StartAsync();
        await Waiting.UntilReadyAsync(node);
        var frozen = Processes.Of(folder.PgData);
        Processes.Signal("STOP", frozen);
        try
        {
            await Waiting.UntilAsync(async () =>
                (await node.GetAsync("/readyz")).Text.StartsWith(
                    "whole: keeper keeper1: PostgreSQL does not answer: PostgreSQL did not answer within 2 s\n", StringComparison.Ordinal));

            (await node.GetAsync("/livez")).Should().Be((HttpStatusCode.OK, "ok\n"), "the keeper itself lives");
            Value(await MetricsAsync(node), "stolon_keeper_postgres_up").Should().Be(0);
        }
        finally
        {
            Processes.Signal("CONT", frozen);
        }

        await Waiting.UntilReadyAsync(node);
    }

    [Fact]
    [Trait("Rule", "S11")]
    public async Task A_start_that_fails_is_one_line_with_the_remedy_and_nothing_that_PostgreSQL_said()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var node = await Node.StartAsync(services =>
        {
            folder.WholeCluster(services);
            services.PostConfigureAll<KeeperOptions>(keeper => keeper.Port = port);
        });

        var text = "";
        await Waiting.UntilAsync(async () => (text = (await node.GetAsync("/readyz")).Text).Contains("is taken", StringComparison.Ordinal));

        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(line => line.StartsWith("whole: ", StringComparison.Ordinal))
            .And.ContainSingle(line => line.StartsWith("whole: keeper ", StringComparison.Ordinal)).Which.Should().EndWith(
                $"PostgreSQL did not start. Port {port} on 127.0.0.1 is taken by another program: end it or choose another port.");
    }

    [Fact]
    [Trait("Rule", "K6")]
    public async Task A_stop_can_be_watched_to_its_end()
    {
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await using var node = await StartAsync();
        await Waiting.UntilReadyAsync(node);
        var (last, ready, live) = ("", "", new HashSet<string>(StringComparer.Ordinal));

        var stopping = node.StopAsync();
        while (!stopping.IsCompleted)
        {
            last = await LastAsync(node, "/metrics") is { Length: > 0 } text ? text : last;
            ready = await LastAsync(node, "/readyz") is { Length: > 0 } reasons ? reasons : ready;
            live.Add(await LastAsync(node, "/livez"));
        }

        await stopping;
        Value(last, "stolon_keeper_shutdown_seconds").Should().BeGreaterThanOrEqualTo(began);
        Value(last, "stolon_keeper_postgres_up").Should().Be(0);
        Value(last, "stolon_keeper_local_role", "role=\"master\"").Should().Be(0);
        ready.Should().MatchRegex(
            @"\Awhole: keeper keeper1: it is stopping\nwhole: sentinel [0-9a-f]{8}: it is stopping\nwhole: proxy 127\.0\.0\.1:0: it is stopping\n\z");
        live.Should().BeSubsetOf(["ok\n", ""], "a role that stops does not hang");
        Processes.Of(folder.PgData).Should().BeEmpty();
    }

    public void Dispose() => folder.Dispose();

    private static async Task<string> MetricsAsync(Node node) => (await node.GetAsync("/metrics")).Text;

    private static async Task<string> LastAsync(Node node, string path)
    {
        try
        {
            return (await node.GetAsync(path)).Text;
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static double Value(string text, string name, string label = "") =>
        text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
            .Single();

    /// <summary>The metrics in the tables of docs/monitoring.md.</summary>
    private static IEnumerable<string> Documented()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Stolon.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        return File.ReadLines(Path.Combine(root, "docs", "monitoring.md"))
            .Where(line => line.StartsWith("| `stolon_", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1].Split('{')[0]);
    }

    private Task<Node> StartAsync() => Node.StartAsync(folder.WholeCluster);
}
