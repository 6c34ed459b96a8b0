using System.Text;
using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Core.Tests.Cluster;

public class JsonErrorTests
{
    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("", "$: expected JSON*it is empty*")]
    [InlineData("{\"formatVersion\": 1", "$: expected JSON*")]
    [InlineData("[]", "$: expected an object, found []")]
    [InlineData("{}", "$.formatVersion: missing")]
    [InlineData("""{"formatVersion":"1"}""", "$.formatVersion: expected a whole number*found \"1\"")]
    public void What_is_no_document_is_refused(string json, string message) => Reading(json).Should().Throw<ClusterDataException>().WithMessage(message);

    [Fact]
    [Trait("Rule", "M1")]
    public void Another_format_version_is_refused() =>
        ReadingChanged(root => root["formatVersion"] = 2).Should().Throw<ClusterDataException>()
            .WithMessage("$.formatVersion: expected 1, found 2*");

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("cluster.spec.sleepInterval", "5", "$.cluster.spec.sleepInterval: expected a duration such as \"5s\" or \"1m30s\", found 5")]
    [InlineData("cluster.spec.initMode", "\"fresh\"", "$.cluster.spec.initMode: expected one of \"new\", \"existing\", \"pitr\", found \"fresh\"")]
    [InlineData("cluster.spec.pgParameters.max_connections", "100", "$.cluster.spec.pgParameters.max_connections: expected a string, found 100")]
    [InlineData("cluster.status.phase", "\"done\"", "$.cluster.status.phase: expected one of*found \"done\"")]
    [InlineData("cluster.changeTime", "\"soon\"", "$.cluster.changeTime: expected an RFC 3339 time, found \"soon\"")]
    [InlineData("keepers.keeper1.status.healthy", "\"yes\"", "$.keepers.keeper1.status.healthy: expected true or false, found \"yes\"")]
    [InlineData("dbs.02c0357b.status.xLogPos", "-1", "$.dbs.02c0357b.status.xLogPos: expected a WAL position*found -1")]
    [InlineData("dbs.02c0357b.status.timelinesHistory", "[{\"timelineID\":1},{\"timelineID\":\"2\"}]", "$.dbs.02c0357b.status.timelinesHistory[1].timelineID: expected*")]
    [InlineData("dbs.02c0357b.spec.followers", "{}", "$.dbs.02c0357b.spec.followers: expected an array, found {}")]
    [InlineData("dbs.02c0357b.spec", "null", "$.dbs.02c0357b.spec: missing")]
    [InlineData("proxy.spec", "7", "$.proxy.spec: expected an object, found 7")]
    [InlineData("revision", "1.5", "$.revision: expected a whole number, found 1.5")]
    public void A_wrong_type_is_named_by_its_path(string path, string value, string message) =>
        ReadingChanged(root => Set(root, path.Split('.'), JsonNode.Parse(value))).Should().Throw<ClusterDataException>().WithMessage(message);

    [Fact]
    public void A_long_value_is_quoted_in_part_only() =>
        ReadingChanged(root => root["proxy"] = new string('x', 5000)).Should().Throw<ClusterDataException>()
            .Which.Message.Length.Should().BeLessThan(120);

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("""{"uid":"\ud800"}""", "$.uid: expected a string, found text that is no Unicode: *")]
    [InlineData("""{"bootUUID":"a","\udc00":1}""", "$: expected an object, found text that is no Unicode: *")]
    public void Half_a_character_is_named_by_its_path(string json, string message) =>
        FluentActions.Invoking(() => ClusterJson.ReadKeeperReport(Encoding.UTF8.GetBytes(json))).Should().Throw<ClusterDataException>().WithMessage(message);

    [Fact]
    [Trait("Rule", "S10")]
    public void Bytes_that_are_no_text_are_named_by_their_path() =>
        FluentActions.Invoking(() => ClusterJson.ReadKeeperReport((byte[])[.. """{"uid":"a"""u8, 0xFF, .. "\"}"u8])).Should()
            .Throw<ClusterDataException>().WithMessage("$.uid: expected a string, found text that is no Unicode: *");

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("""{"maxStandbys":5,"maxStandbys":6}""", "$.maxStandbys: given twice")]
    [InlineData("""{"pgParameters":{"a":"1","b":"2","a":"3"}}""", "$.pgParameters.a: given twice")]
    [InlineData("""{"pgHBA":["local all all trust",{"x":1,"x":2}]}""", "$.pgHBA[1].x: given twice")]
    [InlineData("""{"pgParameters":{"a":"\ud800"}}""", "$.pgParameters.a: expected *, found text that is no Unicode: *")]
    [InlineData("""{"\ud800":1}""", "$: expected *, found text that is no Unicode: *")]
    public void A_patch_that_cannot_be_applied_is_named_by_its_path(string patch, string message) =>
        FluentActions.Invoking(() => new ClusterSpec().Merge(Encoding.UTF8.GetBytes(patch))).Should().Throw<ClusterDataException>().WithMessage(message);

    private static Action Reading(string json) => () => ClusterJson.ReadClusterData(Encoding.UTF8.GetBytes(json));

    private static Action ReadingChanged(Action<JsonNode> change)
    {
        var root = Samples.Read("clusterdata.json");
        change(root);
        return Reading(root.ToJsonString());
    }

    private static void Set(JsonNode node, ReadOnlySpan<string> path, JsonNode? value)
    {
        while (path.Length > 1)
        {
            node = node[path[0]] ?? throw new InvalidOperationException($"no {path[0]} in the sample");
            path = path[1..];
        }

        node[path[0]] = value;
    }
}
