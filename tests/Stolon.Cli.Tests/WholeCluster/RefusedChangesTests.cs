using System.Text.Json;
using System.Text.Json.Nodes;
using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>A change that would hurt is refused before it is written, by the running cluster itself (S10).</summary>
public sealed class RefusedChangesTests(RefusedChangesTests.Running running) : IClassFixture<RefusedChangesTests.Running>
{
    private StolonCluster Cluster => running.Cluster;

    public static TheoryData<int> Specifications => [.. Enumerable.Range(0, RefusedChanges.Specifications.Length)];

    public static TheoryData<int> Fields => [.. Enumerable.Range(0, RefusedChanges.Fields.Length)];

    public static TheoryData<int> Parameters => [.. Enumerable.Range(0, RefusedChanges.Parameters.Length)];

    public static TheoryData<int> Lines => [.. Enumerable.Range(0, RefusedChanges.Lines.Length)];

    [Theory, Trait("Rule", "S10"), Trait("Rule", "A1"), MemberData(nameof(Specifications))]
    public Task A_wrong_specification_makes_no_new_cluster(int row) =>
        RefusedAsync(RefusedChanges.Specifications[row].Said, "init", "-y", RefusedChanges.Specifications[row].Spec);

    [Theory, Trait("Rule", "S10"), Trait("Rule", "A2"), MemberData(nameof(Fields))]
    public Task A_wrong_field_changes_nothing(int row) =>
        RefusedAsync(RefusedChanges.Fields[row].Said, "update", "-p", RefusedChanges.Fields[row].Patch);

    [Theory, Trait("Rule", "S10"), Trait("Rule", "A2"), MemberData(nameof(Parameters))]
    public Task A_parameter_that_the_server_does_not_accept_changes_nothing(int row)
    {
        var (name, value, said) = RefusedChanges.Parameters[row];
        return RefusedAsync([$"$.pgParameters.{name}: ", .. said, "--force accepts it"], "update", "-p", Patch(name, value));
    }

    [Theory, Trait("Rule", "S10"), Trait("Rule", "A2"), MemberData(nameof(Lines))]
    public Task A_line_of_pg_hba_that_the_server_does_not_understand_changes_nothing(int row)
    {
        var (line, said) = RefusedChanges.Lines[row];
        return RefusedAsync(
            [$"$.pgHBA[1]: expected a line that PostgreSQL understands, found \"{line}\": ", said, "--force accepts it"],
            "update", "-p", Patch("local all all peer", line, "host all all 127.0.0.1/32 md5"));
    }

    [Fact, Trait("Rule", "S10"), Trait("Rule", "A2")]
    public Task Every_mistake_of_one_change_is_named_at_once() => RefusedAsync(
        ["$.pgHBA[0]: ", "$.pgHBA[2]: ", "$.pgParameters.jit: ", "$.pgParameters.work_mem: "],
        "update", "-p", """{"pgParameters":{"work_mem":"lots","jit":"maybe","log_statement":"ddl"},"pgHBA":["a","local all all peer","b"]}""");

    [Fact, Trait("Rule", "A2")]
    public async Task What_the_server_accepts_is_written_and_what_waits_for_a_restart_is_said()
    {
        var answer = await Cluster.CtlAsync(
            "update", "-p", """{"pgParameters":{"Work_Mem":"9MB","max_connections":"123","my.own":"x"},"pgHBA":["# ours","","hostssl all all all md5","host all all all md5"]}""");

        answer.ShouldSucceed().Error.Should().Be("stolon: note: $.pgParameters.max_connections: takes effect when PostgreSQL is restarted\n");
        (await Cluster.CtlAsync("spec")).Out.Should().Contain("\"Work_Mem\": \"9MB\"").And.Contain("hostssl all all all md5");
        (await Cluster.CtlAsync("update", "-p", """{"pgParameters":{"Work_Mem":null,"max_connections":null,"my.own":null},"pgHBA":null}""")).ShouldSucceed().Error
            .Should().BeEmpty("what is taken back is no server's to judge");
    }

    [Fact, Trait("Rule", "A2")]
    public async Task Whoever_insists_can_write_what_the_server_does_not_accept()
    {
        (await Cluster.CtlAsync("update", "-p", "--force", Patch("work_mem", "lots"))).ShouldSucceed();

        (await Cluster.CtlAsync("spec")).Out.Should().Contain("\"work_mem\": \"lots\"");
        (await Cluster.CtlAsync("update", "-p", """{"maxStandbysPerSender": 2}""")).ShouldSucceed("what is there already is not asked for again");
        (await Cluster.CtlAsync("update", "-p", """{"pgParameters":{"work_mem":null},"maxStandbysPerSender":null}""")).ShouldSucceed();
    }

    private static string Patch(string name, string value) =>
        JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { ["pgParameters"] = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value } });

    private static string Patch(params string[] lines) =>
        JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { ["pgHBA"] = lines });

    /// <summary>One line that says it all; the document is as before, byte by byte and by its revision, and so is what the server would load.</summary>
    private async Task RefusedAsync(string[] said, params string[] args)
    {
        var before = await PictureAsync();

        var answer = await Cluster.CtlAsync(args);

        answer.ShouldBeRefused(said[0]);
        said.Should().AllSatisfy(text => answer.Error.Should().Contain(text));
        (await PictureAsync()).Should().Be(before);
    }

    /// <summary>The document with its revision in etcd, the open questions, and the files of the server.</summary>
    private async Task<string> PictureAsync()
    {
        var document = JsonNode.Parse(await running.Etcd.ControlAsync("get", "stolon/cluster/refusing/clusterdata", "-w", "json"))!["kvs"]![0]!;
        return $"{document["mod_revision"]} {document["value"]} "
            + await running.Etcd.ControlAsync("get", "--prefix", "stolon/cluster/refusing/questions")
            + await File.ReadAllTextAsync(Path.Combine(Cluster.PgData(1), "postgresql.conf"))
            + await File.ReadAllTextAsync(Path.Combine(Cluster.PgData(1), "pg_hba.conf"));
    }

    /// <summary>One cluster for all of them. Its sentinel has done its work and ended: whoever writes the document now is the operator.</summary>
    public sealed class Running : IAsyncLifetime
    {
        private readonly EtcdOfTests etcd = new();

        internal StolonCluster Cluster { get; private set; } = null!;

        internal EtcdServer Etcd => etcd.Server;

        public async ValueTask InitializeAsync()
        {
            await etcd.InitializeAsync();
            Cluster = await StolonCluster.StartAsync(etcd.Server, "refusing", """ "initMode": "new" """, keepers: 1);
            await Cluster.WritableAsync();
            await Cluster.ConvergedAsync();
            await Cluster.StopAsync("sentinel");
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await etcd.DisposeAsync();
        }
    }
}
