using System.Diagnostics;

namespace Stolon.Cli.Tests;

/// <summary>A wrong option: one line, exit code 1, and nothing started.</summary>
public sealed class RefusalTests
{
    private const string Embedded = "--cluster-name orders --store-backend embedded --store-endpoints /nowhere/store.db";
    private const string Keeper = "keeper " + Embedded + " --data-dir /nowhere/data --pg-listen-address 127.0.0.1 --pg-repl-username repl";

    [Theory]
    [InlineData("keeper --cluster-name orders", "--store-backend: missing")]
    [InlineData("keeper " + Embedded, "--data-dir: missing")]
    [InlineData("keeper " + Embedded + " --data-dir /nowhere/data", "--pg-listen-address: missing")]
    [InlineData("keeper " + Embedded + " --data-dir /nowhere/data --pg-listen-address ::1", "--pg-repl-username: missing")]
    [InlineData(Keeper + " --pg-port 0", "--pg-port: expected a number from 1 to 65535, found \"0\"")]
    [InlineData(Keeper + " --can-be-master=maybe", "--can-be-master: expected true or false, found \"maybe\"")]
    [InlineData(Keeper + " --pg-su-auth-method ident", "--pg-su-auth-method: expected one of scram-sha-256, md5, trust")]
    [InlineData(Keeper + " --uid A-B", "--uid: \"A-B\" may have only lower-case letters")]
    [InlineData(Keeper + " --pg-su-password x --pg-su-passwordfile y", "--pg-su-password: given together with --pg-su-passwordfile")]
    [InlineData(Keeper + " --pg-repl-auth-method trust --pg-repl-password x", "--pg-repl-password: the method trust asks for no password")]
    [InlineData(Keeper + " --pg-su-username repl --pg-su-password a --pg-repl-password b", "both passwords must be the same")]
    [InlineData(Keeper + " --pg-su-username repl --pg-su-auth-method trust", "--pg-repl-auth-method: superuser and replication user are the same user")]
    [InlineData(Keeper + " --store-timeout soon", "--store-timeout: expected a duration such as 5s or 1m30s, found \"soon\"")]
    [InlineData(Keeper + " --log-level loud", "--log-level: expected one of debug, info, warn, error, found \"loud\"")]
    [InlineData(Keeper + " --no-such-flag", "\"--no-such-flag\" is unknown here")]
    [InlineData("sentinel " + Embedded + " --initial-cluster-spec /nowhere/spec.json", "--initial-cluster-spec: /nowhere/spec.json cannot be read")]
    [InlineData("sentinel " + Embedded + " --initial-cluster-spec {\"initMode\":\"old\"}", "--initial-cluster-spec: $.initMode: expected one of")]
    [InlineData("sentinel " + Embedded + " --initial-cluster-spec {\"initMode\":\"new\",\"x\":1}", "--initial-cluster-spec: $.x: unknown field")]
    [InlineData("proxy " + Embedded + " --listen-address db/example", "--listen-address: expected an IP address, the name of a host, or *")]
    [InlineData("proxy " + Embedded + " --port=70000", "--port: expected a number from 0 to 65535")]
    [InlineData("ctl --cluster-name a/b --store-backend embedded status", "--cluster-name: \"a/b\" must not contain")]
    [InlineData("ctl --cluster-name orders --store-backend consul status", "--store-backend: consul is not supported yet")]
    [InlineData("ctl --cluster-name orders --store-backend kubernetes status", "--store-backend: kubernetes is not supported yet")]
    [InlineData("ctl --cluster-name orders --store-backend etcd status", "use etcdv3")]
    [InlineData("ctl --cluster-name orders --store-backend etcdv2 status", "use etcdv3")]
    [InlineData("ctl --cluster-name orders --store-backend etcdv3 --store-endpoints ftp://x status", "--store-endpoints: \"ftp://x\" is no address")]
    [InlineData("ctl --cluster-name orders --store-backend etcdv3 --store-key /nowhere/key status", "--store-cert-file and --store-key: give both or none")]
    [InlineData("ctl --cluster-name orders --store-backend embedded status", "--store-endpoints: give the one store file")]
    [InlineData("ctl " + Embedded + " status", "there is no store file /nowhere/store.db")]
    [InlineData("ctl " + Embedded + " status -f yaml", "--format: expected one of text, json")]
    [InlineData("ctl " + Embedded + " register --anything", "consul, which is not supported yet")]
    [InlineData("ctl " + Embedded + " failkeeper", "failkeeper")]
    [InlineData("ctl " + Embedded + " update", "nothing to change")]
    [InlineData("ctl help nonsense", "there is no command nonsense")]
    [InlineData("ctl nonsense", "\"nonsense\" is unknown here")]
    [InlineData("nonsense", "\"nonsense\" is unknown here")]
    public async Task A_mistake_is_said_in_one_line(string args, string because)
    {
        var answer = await StolonProcess.RunAsync(args.Split(' '));

        answer.ShouldBeRefused(because);
        answer.Out.Should().BeEmpty();
        Directory.Exists("/nowhere").Should().BeFalse("nothing is started");
    }

    [Fact]
    public async Task A_mistake_in_the_environment_names_the_variable()
    {
        var answer = await StolonProcess.RunAsync(StolonProcess.Program, ["proxy"], input: "", new() { ["STPROXY_PORT"] = "http" });

        answer.ShouldBeRefused("--port: expected a number from 0 to 65535, found \"http\" (see also the environment variable STPROXY_PORT)");
    }

    [Theory]
    [InlineData("STPROXY_STORE_BACKEND", "consul", "--store-backend: consul is not supported yet; use etcdv3, or embedded on one machine (see also the environment variable STPROXY_STORE_BACKEND)")]
    [InlineData("STPROXY_CLUSTER_NAME", "a/b", "STPROXY_CLUSTER_NAME")]
    [InlineData("STPROXY_STOP_LISTENING", "maybe", "--stop-listening: expected true or false, found \"maybe\" (see also the environment variable STPROXY_STOP_LISTENING)")]
    [InlineData("STPROXY_STORE_KEY", "/nowhere/key", "--store-key: there is no file /nowhere/key (see also the environment variable STPROXY_STORE_KEY)")]
    public async Task Whoever_complains_the_variable_is_named(string variable, string value, string because)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["STPROXY_CLUSTER_NAME"] = "orders", ["STPROXY_STORE_BACKEND"] = "etcdv3", [variable] = value };

        (await StolonProcess.RunAsync(StolonProcess.Program, ["proxy"], input: "", environment)).ShouldBeRefused(because);
    }

    [Theory]
    [InlineData("10ms", "10ms is out of range, 1s is used")]
    [InlineData("2m", "2m0s is out of range, 1m0s is used")]
    public async Task A_store_timeout_out_of_range_is_taken_as_far_as_possible_with_one_warning(string timeout, string warning)
    {
        using var folder = new TestFolder();

        var answer = await folder.CtlAsync("init", "-y", "--store-timeout", timeout);

        // A busy machine may well need more than a second for the rest.
        answer.Error.Split('\n').Where(line => line.Contains("warning", StringComparison.Ordinal)).Should().Equal($"stolon: warning: --store-timeout: {warning}");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_by_its_flag()
    {
        using var folder = new TestFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        var answer = await StolonProcess.RunAsync(
            ["proxy", .. folder.Flags, "--listen-address", "localhost", "--port", $"{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}"]);

        answer.Code.Should().Be(1);
        answer.Error.Should().Contain("give the proxy another --port");
    }

    [Fact]
    public async Task A_name_that_cannot_be_looked_up_is_named_with_its_flag()
    {
        using var folder = new TestFolder();

        var answer = await StolonProcess.RunAsync(["proxy", .. folder.Flags, "--port", "0", "--listen-address", "no-such-host.invalid"]);

        answer.Code.Should().Be(1);
        answer.Error.Should().Contain("stolon: --listen-address: the name no-such-host.invalid could not be looked up");
    }

    [Fact]
    public async Task With_the_store_away_ctl_fails_in_time_and_says_so()
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await StolonProcess.RunAsync(
            "ctl", "--cluster-name", "orders", "--store-backend", "etcdv3", "--store-endpoints", "127.0.0.1:1", "--store-timeout", "1s", "status");

        answer.ShouldBeRefused("127.0.0.1:1");
        Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(10), "a second of waiting, and the start of a program on a busy machine");
    }
}
