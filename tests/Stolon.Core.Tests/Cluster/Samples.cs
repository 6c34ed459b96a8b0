using System.Text;
using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Core.Tests.Cluster;

/// <summary>The JSON that was captured from a running stolon 0.17 cluster, and how each file is read and written back.</summary>
internal static class Samples
{
    public static readonly string[] All =
    [
        "clusterdata.json", "clusterdata-forcefail.json", "clusterdata-sync.json", "dbstate.json", "keeper-info.json",
        "keeperstate.json", "proxy-info.json", "sentinel-info.json", "spec-defaults.json", "status.json",
    ];

    public static TheoryData<string> Names => [.. All];

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Samples");

    public static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, name)))!;

    public static JsonNode RoundTrip(string name, JsonNode json)
    {
        var bytes = Encoding.UTF8.GetBytes(json.ToJsonString());
        var written = name switch
        {
            "dbstate.json" => ClusterJson.Write(ClusterJson.ReadDbState(bytes)),
            "keeper-info.json" => ClusterJson.Write(ClusterJson.ReadKeeperReport(bytes)),
            "keeperstate.json" => ClusterJson.Write(ClusterJson.ReadKeeperState(bytes)),
            "proxy-info.json" => ClusterJson.Write(ClusterJson.ReadProxyReport(bytes)),
            "sentinel-info.json" => ClusterJson.Write(ClusterJson.ReadSentinelReport(bytes)),
            "spec-defaults.json" => ClusterJson.Write(ClusterJson.ReadSpec(bytes)),
            "status.json" => ClusterJson.Write(ClusterJson.ReadStatus(bytes)),
            _ => ClusterJson.Write(ClusterJson.ReadClusterData(bytes)),
        };
        return JsonNode.Parse(written)!;
    }

    /// <summary>Compares members, values, types and nulls, order aside.</summary>
    public static void ShouldBeTheSameJson(this JsonNode actual, JsonNode expected) =>
        JsonNode.DeepEquals(actual, expected).Should().BeTrue("{0}\nshould be the same JSON as\n{1}", actual.ToJsonString(), expected.ToJsonString());
}
