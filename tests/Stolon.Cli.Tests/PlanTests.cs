using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Cli.Tests;

/// <summary><c>ctl plan</c> and <c>ctl explain</c>: questions to the planner, as the real program.</summary>
public sealed class PlanTests
{
    private const string Primary = "02c0357b";
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "Samples");

    [Fact]
    public async Task A_file_without_reports_is_planned_on_its_stored_status()
    {
        var data = Sample("clusterdata.json");
        data["dbs"]![Primary]!["status"]!["healthy"] = false;
        data["keepers"]!["keeper3"]!["status"]!["healthy"] = false;

        var answer = await AskAsync(new JsonObject { ["clusterData"] = data });

        answer["clusterData"]!["cluster"]!["status"]!["master"]!.GetValue<string>().Should().Be("1006c5d6");
        Kinds(answer).Should().Contain("PrimaryElected");
        answer["reasons"]![0]!["text"]!.GetValue<string>().Should().Contain(Primary).And.Contain("takes over");
    }

    [Fact]
    public async Task A_healthy_cluster_is_left_as_it_is()
    {
        var answer = await AskAsync(new JsonObject { ["clusterData"] = Sample("clusterdata.json"), ["proxyInfos"] = new JsonArray(Proxy()) });

        answer["clusterData"]!["cluster"]!["status"]!["master"]!.GetValue<string>().Should().Be(Primary);
        Kinds(answer).Should().BeSubsetOf(["ProxiesEnabled"]);
        answer["clusterData"]!["changeTime"]!.GetValue<string>().Should().StartWith("2026-11-23T15:05:27", "without a time it is that of the document");
    }

    [Fact]
    public async Task With_reports_a_keeper_that_has_none_is_gone()
    {
        var answer = await AskAsync(new JsonObject
        {
            ["clusterData"] = Sample("clusterdata.json"),
            ["keeperInfos"] = new JsonArray(Report("keeper1", "1006c5d6", position: 67343424), Report("keeper2", "11c0fe7b", position: 67343500)),
            ["now"] = "2026-11-23T16:00:00Z",
        });

        answer["clusterData"]!["cluster"]!["status"]!["master"]!.GetValue<string>().Should().Be("11c0fe7b", "it has the most WAL (Q5)");
        answer["clusterData"]!["keepers"]!["keeper3"]!["status"]!["healthy"].Should().BeNull("what is false is left out, as in Go");
        answer["clusterData"]!["changeTime"]!.GetValue<string>().Should().Be("2026-11-23T16:00:00Z");
        answer["wakeAt"]!.GetValue<string>().Should().Be("2026-11-23T16:00:20.0000001Z", "keepers that go silent now fail after failInterval");
    }

    [Fact]
    public async Task With_reports_an_instance_that_is_reported_ill_is_ill()
    {
        var ill = Report("keeper3", Primary, position: 67343424, generation: 3);
        ill["postgresState"]!["healthy"] = false;

        var answer = await AskAsync(new JsonObject
        {
            ["clusterData"] = Sample("clusterdata.json"),
            ["keeperInfos"] = new JsonArray(ill, Report("keeper1", "1006c5d6"), Report("keeper2", "11c0fe7b")),
        });

        answer["reasons"]![0]!["text"]!.GetValue<string>().Should().Contain("its PostgreSQL was not healthy");
        answer["clusterData"]!["keepers"]!["keeper3"]!["status"]!["healthy"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task A_new_keeper_gets_a_standby_with_the_first_id()
    {
        var answer = await AskAsync(new JsonObject
        {
            ["clusterData"] = Sample("clusterdata.json"),
            ["keeperInfos"] = new JsonArray(
                Report("keeper3", Primary, generation: 3), Report("keeper1", "1006c5d6"), Report("keeper2", "11c0fe7b"), Report("keeper4", db: null)),
        });

        Kinds(answer).Should().Contain("StandbyCreated");
        answer["clusterData"]!["dbs"]!["00000001"]!["spec"]!["keeperUID"]!.GetValue<string>().Should().Be("keeper4");
    }

    [Fact]
    public async Task Synchronous_replication_is_explained_when_nobody_may_take_over()
    {
        var data = Sample("clusterdata-sync.json");
        var primary = data["cluster"]!["status"]!["master"]!.GetValue<string>();
        data["dbs"]![primary]!["status"]!["healthy"] = false;
        data["dbs"]![primary]!["status"]!["synchronousStandbys"] = new JsonArray();

        var answer = await AskAsync(new JsonObject { ["clusterData"] = data });

        Kinds(answer).Should().StartWith("NoCandidate");
        answer["reasons"]!.AsArray().Select(reason => reason!["text"]!.GetValue<string>()).Should().Contain(text => text.Contains("(N4)", StringComparison.Ordinal));
        answer["clusterData"]!["cluster"]!["status"]!["master"]!.GetValue<string>().Should().Be(primary);
    }

    [Fact]
    public async Task The_same_question_has_the_same_answer_byte_for_byte()
    {
        using var folder = new TestFolder();
        var file = folder.Write("question.json", new JsonObject { ["clusterData"] = Sample("clusterdata-forcefail.json") }.ToJsonString());

        var first = await StolonProcess.RunAsync("ctl", "plan", "-f", file);
        var second = await StolonProcess.RunAsync(StolonProcess.Program, ["ctl", "plan", "-f", "-"], await File.ReadAllTextAsync(file), []);

        first.ShouldSucceed().Out.Should().Be(second.ShouldSucceed().Out);
    }

    [Theory]
    [InlineData("{}", "$.clusterData: expected the document, found nothing")]
    [InlineData("[]", "$: expected an object")]
    [InlineData("nonsense", "$: expected JSON")]
    [InlineData("""{"clusterData": {"formatVersion": 1}}""", "$.clusterData.cluster")]
    [InlineData("""{"clusterdata": {}}""", "$.clusterdata: there is no such member")]
    [InlineData("""{"clusterData": {"formatVersion": 1, "cluster": {"uid": "x", "spec": {}, "status": {}}}, "keeperInfos": {}}""", "$.keeperInfos: expected an array")]
    [InlineData("""{"clusterData": {"formatVersion": 1, "cluster": {"uid": "x", "spec": {}, "status": {}}}, "keeperInfos": [{"uid": 3}]}""", "$.keeperInfos[0].")]
    [InlineData("""{"clusterData": {"formatVersion": 1, "cluster": {"uid": "x", "spec": {}, "status": {}}}, "now": "today"}""", "$.now: expected a time")]
    [InlineData("""{"clusterData": {"formatVersion": 1, "cluster": {"uid": "x", "spec": {}, "status": {}}}}""", "The cluster specification is not valid: $.initMode")]
    public async Task A_question_that_makes_no_sense_is_refused_with_its_place(string question, string because) =>
        (await StolonProcess.RunAsync(StolonProcess.Program, ["ctl", "plan", "-f", "-"], question, [])).ShouldBeRefused(because);

    [Fact]
    public async Task A_missing_file_is_named() => (await StolonProcess.RunAsync("ctl", "plan", "-f", "/nowhere/q.json")).ShouldBeRefused("/nowhere/q.json cannot be read");

    [Fact]
    public async Task On_the_live_data_nothing_is_written()
    {
        using var folder = new TestFolder();
        var data = Sample("clusterdata.json");
        data["dbs"]![Primary]!["status"]!["healthy"] = false;
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", folder.Write("data.json", data.ToJsonString()));
        var before = (await folder.CtlAsync("clusterdata", "read")).Out;

        var answer = JsonNode.Parse((await folder.CtlAsync("plan")).ShouldSucceed().Out)!;

        Kinds(answer).Should().Contain("PrimaryElected");
        (await folder.CtlAsync("clusterdata", "read")).Out.Should().Be(before);
    }

    [Fact]
    public async Task Explain_says_who_is_primary_who_is_next_and_who_cannot_be()
    {
        using var folder = new TestFolder();
        var data = Sample("clusterdata.json");
        data["keepers"]!["keeper2"]!["status"]!["healthy"] = false;
        await folder.CtlAsync("clusterdata", "write", "-y", "-f", folder.Write("data.json", data.ToJsonString()));

        var forPrograms = JsonNode.Parse((await folder.CtlAsync("explain", "-f", "json")).ShouldSucceed().Out)!;
        var text = (await folder.CtlAsync("explain")).ShouldSucceed().Out;

        forPrograms["primary"]!["db"]!.GetValue<string>().Should().Be(Primary);
        forPrograms["next"]!.AsArray().Select(next => next!["keeper"]!.GetValue<string>()).Should().Equal("keeper1");
        forPrograms["excluded"]![0]!["keeper"]!.GetValue<string>().Should().Be("keeper2");
        forPrograms["excluded"]![0]!["rule"]!.GetValue<string>().Should().Be("O7");
        const string Notice = "No sentinel leads; this is what was written at 2026-11-23T15:05:27";
        forPrograms["notice"]!.GetValue<string>().Should().StartWith(Notice);
        text.Should().StartWith(Notice);
        text.Should().Contain("02c0357b on keeper keeper3").And.Contain("nobody else may take over (N4)").And.Contain("its keeper keeper2 is not heard");
    }

    private static JsonObject Sample(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, name)))!.AsObject();

    private static IEnumerable<string> Kinds(JsonNode answer) => answer["reasons"]!.AsArray().Select(reason => reason!["kind"]!.GetValue<string>());

    private static JsonObject Proxy() => Sample("proxy-info.json");

    /// <summary>The report of a keeper whose instance is well.</summary>
    private static JsonObject Report(string keeper, string? db, long position = 67343424, int generation = 2)
    {
        var report = Sample("keeper-info.json");
        report["uid"] = keeper;
        report["postgresState"]!["uid"] = db;
        report["postgresState"]!["generation"] = generation;
        report["postgresState"]!["xLogPos"] = position;
        if (db is null)
        {
            report.Remove("postgresState");
        }

        return report;
    }

    /// <summary>Asks the real program; the document that it answers with can be read by everybody.</summary>
    private static async Task<JsonNode> AskAsync(JsonObject question)
    {
        var answer = await StolonProcess.RunAsync(StolonProcess.Program, ["ctl", "plan", "-f", "-"], question.ToJsonString(), []);
        var json = JsonNode.Parse(answer.ShouldSucceed().Out)!;
        ClusterJson.ReadClusterData(System.Text.Encoding.UTF8.GetBytes(json["clusterData"]!.ToJsonString()));
        return json;
    }
}
