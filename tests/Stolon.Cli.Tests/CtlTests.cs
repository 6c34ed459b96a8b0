using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Cli.Tests;

/// <summary><c>ctl</c> against an embedded store, as the real program.</summary>
public sealed class CtlTests
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "Samples", "clusterdata.json");

    [Fact, Trait("Rule", "A1")]
    public async Task Init_makes_a_cluster_with_the_fast_defaults()
    {
        using var folder = new TestFolder();

        (await folder.CtlAsync("init", "-y")).ShouldSucceed();

        var spec = JsonNode.Parse((await folder.CtlAsync("spec")).ShouldSucceed().Out)!;
        spec["initMode"]!.GetValue<string>().Should().Be("new");
        spec["failInterval"]!.GetValue<string>().Should().Be("10s");
        spec["maxStandbyLag"]!.GetValue<long>().Should().Be(1_048_576);
    }

    [Theory, Trait("Rule", "A1")]
    [InlineData("no\n")]
    [InlineData("maybe\nn\n")]
    public async Task Answering_no_to_init_changes_nothing_and_is_no_failure(string answers)
    {
        using var folder = new TestFolder();

        var answer = await folder.CtlWithAsync(answers, "init");

        answer.ShouldSucceed().Out.Should().Contain("Are you sure you want to continue? [yes/no]").And.EndWith("Nothing was changed.\n");
        File.Exists(folder.Store).Should().BeFalse();
    }

    [Fact, Trait("Rule", "A1")]
    public async Task Answering_yes_to_init_makes_the_cluster()
    {
        using var folder = new TestFolder();

        (await folder.CtlWithAsync("yes\n", "init", """{"initMode": "new", "sleepInterval": "2s"}""")).ShouldSucceed();

        (await folder.CtlAsync("spec")).Out.Should().Contain("\"sleepInterval\": \"2s\"");
    }

    [Fact, Trait("Rule", "A1")]
    public async Task Nobody_who_could_answer_is_no_consent()
    {
        using var folder = new TestFolder();

        var answer = await folder.CtlWithAsync("", "init");

        answer.Code.Should().Be(1);
        answer.Error.Should().Be("stolon: no answer, so nothing was changed; give --yes where nobody can answer\n");
    }

    [Fact, Trait("Rule", "A1")]
    public async Task Init_asks_before_it_replaces_a_cluster_and_no_leaves_it_alone()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");
        var before = (await folder.CtlAsync("clusterdata", "read")).Out;

        var answer = await folder.CtlWithAsync("no\n", "init");

        answer.Code.Should().Be(0);
        (answer.Out + answer.Error).Should().Contain("The current cluster data will be removed.");
        (await folder.CtlAsync("clusterdata", "read")).Out.Should().Be(before);
        (await folder.CtlAsync("init", "-y", "--discard-data")).ShouldSucceed();
        (await folder.CtlAsync("clusterdata", "read")).Out.Should().NotBe(before).And.Contain("\"discardData\":true");
    }

    [Fact]
    public async Task An_unknown_field_of_a_specification_is_named()
    {
        using var folder = new TestFolder();

        (await folder.CtlAsync("init", "-y", """{"initMode": "new", "sleepinterval": "2s"}""")).ShouldBeRefused("$.sleepinterval");
        await folder.CtlAsync("init", "-y");
        (await folder.CtlAsync("update", "-p", """{"maxStandbyLagg": 1}""")).ShouldBeRefused("$.maxStandbyLagg: unknown field (did you mean maxStandbyLag?)");
        (await folder.CtlAsync("update", "-p", """{"failInterval": 3}""")).ShouldBeRefused("$.failInterval: expected");
    }

    [Fact, Trait("Rule", "A2")]
    public async Task Update_takes_a_patch_in_place_from_a_file_and_from_standard_input()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");

        (await folder.CtlAsync("update", "--patch", """{"maxStandbys": 7}""")).ShouldSucceed();
        (await folder.CtlAsync("update", "-p", "-f", folder.Write("patch.json", """{"maxStandbysPerSender": 2}"""))).ShouldSucceed();
        (await folder.CtlWithAsync("""{"pgParameters": {"work_mem": "8MB"}}""", "update", "-p", "-f", "-")).ShouldSucceed();
        (await folder.CtlWithAsync("""{"usePgrewind": true}""", "update", "-p", "-")).ShouldSucceed();

        var spec = JsonNode.Parse((await folder.CtlAsync("spec")).Out)!;
        spec["maxStandbys"]!.GetValue<int>().Should().Be(7);
        spec["maxStandbysPerSender"]!.GetValue<int>().Should().Be(2);
        spec["pgParameters"]!["work_mem"]!.GetValue<string>().Should().Be("8MB");
        spec["usePgrewind"]!.GetValue<bool>().Should().BeTrue();
        spec["failInterval"]!.GetValue<string>().Should().Be("10s", "a patch leaves the rest alone");
    }

    [Fact, Trait("Rule", "A2")]
    public async Task Update_replaces_the_whole_specification()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");

        (await folder.CtlAsync("update", """{"initMode": "new", "maxStandbys": 3}""")).ShouldSucceed();

        JsonNode.Parse((await folder.CtlAsync("spec")).Out)!["failInterval"].Should().BeNull();
    }

    [Fact, Trait("Rule", "A2")]
    public async Task What_an_update_refuses_though_a_cluster_can_live_with_it_can_be_forced()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");

        (await folder.CtlAsync("update", "-p", """{"failInterval": "2s"}""")).ShouldBeRefused("$.failInterval: expected at least 3s");
        (await folder.CtlAsync("update", "-p", """{"failInterval": "2s"}""")).ShouldBeRefused("found 2s; --force accepts it");
        (await folder.CtlAsync("init", "-y", """{"initMode": "new", "failInterval": "2s"}""")).ShouldBeRefused("found 2s; --force accepts it");
        var forced = await folder.CtlAsync("update", "-p", "--force", """{"failInterval": "2s"}""");

        forced.ShouldSucceed().Error.Should().Contain("warning: $.failInterval");
        (await folder.CtlAsync("update", "-p", "--force", """{"failInterval": "-2s"}""")).ShouldBeRefused("$.failInterval: expected 0s or more");
        (await folder.CtlAsync("update", "-p", "--force", """{"typo": 1}""")).ShouldBeRefused("$.typo: unknown field");
        (await folder.CtlAsync("init", "-y", "--force", """{"initMode": "new", "typo": 1}""")).ShouldBeRefused("$.typo: unknown field");
    }

    [Fact, Trait("Rule", "A2"), Trait("Rule", "S10")]
    public async Task Without_a_running_server_changed_parameters_and_lines_are_written_only_by_whoever_insists()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", Sample);
        var before = (await folder.CtlAsync("clusterdata", "read")).Out;
        const string Patch = """{"pgParameters": {"work_mem": "8MB"}, "pgHBA": ["local all all peer"]}""";

        (await folder.CtlAsync("update", "-p", Patch)).ShouldBeRefused(
            "$.pgParameters.work_mem, $.pgHBA: expected a running server of the cluster to check this with, found none that answered within 10s; --force accepts it");

        (await folder.CtlAsync("clusterdata", "read")).Out.Should().Be(before);
        (await folder.CtlAsync("update", "-p", """{"failInterval": "15s"}""")).ShouldSucceed("no server is asked about the rest");
        (await folder.CtlAsync("update", "-p", "--force", Patch)).ShouldSucceed();
        (await folder.CtlAsync("spec")).Out.Should().Contain("\"work_mem\": \"8MB\"");
    }

    [Fact, Trait("Rule", "A5")]
    public async Task The_document_of_a_stolon_cluster_is_written_and_read_without_a_loss()
    {
        using var folder = new TestFolder();

        (await folder.CtlAsync("clusterdata", "write", "-y", "-f", Sample)).ShouldSucceed();

        var read = (await folder.CtlAsync("clusterdata", "read", "--pretty")).ShouldSucceed().Out;
        JsonNode.DeepEquals(JsonNode.Parse(read), JsonNode.Parse(await File.ReadAllTextAsync(Sample))).Should().BeTrue();
        (await folder.CtlAsync("clusterdata", "read")).Out.Trim().Should().NotContain("\n");
        (await folder.CtlAsync("history")).Out.Should().Contain("ClusterDataWritten");
    }

    [Theory, Trait("Rule", "A5")]
    [InlineData("{", "expected JSON")]
    [InlineData("""{"formatVersion": 2, "cluster": {"uid": "x", "spec": {}, "status": {}}}""", "$.formatVersion: expected 1, found 2")]
    [InlineData("""{"formatVersion": 1, "cluster": {"uid": "x", "spec": {"initMode": "new", "maxStandbys": 0}, "status": {}}}""", "$.maxStandbys")]
    public async Task A_document_that_nobody_could_use_is_not_written(string document, string because)
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");

        (await folder.CtlWithAsync(document, "clusterdata", "write", "-y", "-f", "-")).ShouldBeRefused(because);
    }

    [Fact, Trait("Rule", "A5")]
    public async Task The_status_for_programs_has_stolons_shape()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", Sample);

        var status = JsonNode.Parse((await folder.CtlAsync("status", "-f", "json")).ShouldSucceed().Out)!;

        var captured = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "status.json")))!;
        JsonNode.DeepEquals(status["keepers"], captured["keepers"]).Should().BeTrue(status.ToJsonString());
        JsonNode.DeepEquals(status["cluster"], captured["cluster"]).Should().BeTrue(status.ToJsonString());
        status["primary_available"]!.GetValue<bool>().Should().BeTrue();
        status["troubles"]![0]!.GetValue<string>().Should().Be("No sentinel leads: nothing is decided until one runs.");
        status.AsObject().Select(member => member.Key).Should().Contain(captured.AsObject().Select(member => member.Key));
    }

    [Fact, Trait("Rule", "A5")]
    public async Task The_status_for_people_shows_the_tree_and_what_is_wrong()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", Sample);

        var text = (await folder.CtlAsync("status")).ShouldSucceed().Out;

        text.Should().Contain("Primary available: true\n");
        text.Should().Contain("Master Keeper: keeper3\n").And.Contain("keeper3 (master)\n├─keeper1\n└─keeper2\n");
        text.Should().Contain("- No sentinel leads: nothing is decided until one runs.");
        text.Should().NotContain("\e", "a pipe gets plain text");
    }

    [Fact, Trait("Rule", "A5")]
    public async Task The_specification_is_shown_with_its_defaults_when_asked()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", Sample);

        var spec = JsonNode.Parse((await folder.CtlAsync("spec", "--defaults")).ShouldSucceed().Out)!.AsObject();

        spec.Remove("defaultAuthMethod", out var ours).Should().BeTrue();
        ours!.GetValue<string>().Should().Be("md5");
        spec.Remove("failOnRefusal", out var silent).Should().BeTrue();
        silent!.GetValue<bool>().Should().BeFalse("an unset field means stolon's default");
        JsonNode.DeepEquals(spec, JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "spec-defaults.json")))).Should().BeTrue();
    }

    [Fact, Trait("Rule", "A4")]
    public async Task A_keeper_is_failed_and_forgotten_but_not_the_primarys()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", Sample);

        (await folder.CtlAsync("removekeeper", "keeper3")).ShouldBeRefused("holds the primary");
        (await folder.CtlAsync("removekeeper", "nobody")).ShouldBeRefused("has no keeper nobody");
        (await folder.CtlAsync("failkeeper", "nobody")).ShouldBeRefused("has no keeper nobody");
        (await folder.CtlAsync("failkeeper", "keeper1")).ShouldSucceed();
        (await folder.CtlAsync("removekeeper", "keeper2")).ShouldSucceed();

        var data = ClusterJson.ReadClusterData(System.Text.Encoding.UTF8.GetBytes((await folder.CtlAsync("clusterdata", "read")).Out));
        data.Keepers[new("keeper1")].Status.ForceFail.Should().BeTrue();
        data.Keepers.Keys.Should().NotContain(new KeeperId("keeper2"));
    }

    [Fact, Trait("Rule", "A3")]
    public async Task Promote_asks_and_makes_a_standby_cluster_an_ordinary_one()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync(
            "init", "-y", """{"initMode": "existing", "existingConfig": {"keeperUID": "k"}, "role": "standby", "standbyConfig": {"standbySettings": {"primaryConninfo": "host=x"}}}""");

        (await folder.CtlWithAsync("no\n", "promote")).ShouldSucceed().Out.Should().EndWith("Nothing was changed.\n");
        (await folder.CtlAsync("spec")).Out.Should().Contain("\"role\": \"standby\"");
        (await folder.CtlAsync("promote", "-y")).ShouldSucceed();
        (await folder.CtlAsync("spec")).Out.Should().Contain("\"role\": \"master\"");
    }

    [Fact]
    public async Task History_says_what_was_decided_and_by_whom()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");
        await folder.CtlAsync("update", "-p", """{"maxStandbys": 7}""");

        var lines = (await folder.CtlAsync("history")).ShouldSucceed().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var forPrograms = JsonNode.Parse((await folder.CtlAsync("history", "-f", "json")).ShouldSucceed().Out)!.AsArray();

        lines.Should().HaveCount(3);
        lines[0].Should().MatchRegex("^TIME +BY +DECISION +REASON$");
        lines[2].Should().Contain("operator").And.Contain("SpecUpdated").And.Contain("maxStandbys");
        forPrograms.Select(decision => decision!["kind"]!.GetValue<string>()).Should().Equal("ClusterCreated", "SpecUpdated");
    }
}
