using System.Text;
using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Core.Tests.Architecture;

/// <summary>What the samples' own files name is there: whoever follows a README has nothing else.</summary>
public class SampleTests
{
    private const string ThreeNodes = "samples/ThreeNodes";

    [Fact]
    public void The_specification_that_ThreeNodes_is_configured_with_is_there_and_makes_a_cluster()
    {
        var file = (string)Settings()["Sentinel"]!["InitialClusterSpecFile"]!;

        var spec = ClusterJson.ReadSpec(Encoding.UTF8.GetBytes(Repository.Text($"{ThreeNodes}/{file}")));

        spec.ValidateForInit().Should().BeEmpty();
    }

    [Fact]
    public void The_README_of_ThreeNodes_gives_every_setting_that_its_appsettings_leave_open()
    {
        var readme = Repository.Text($"{ThreeNodes}/README.md");

        readme.Should().Contain("cd " + ThreeNodes).And.Contain("etcd --data-dir");
        readme.Should().ContainAll(
            "Stolon:orders:Keeper:Uid=node1", "Stolon:orders:Keeper:DataDirectory=", "Stolon:orders:Keeper:SuperuserPasswordFile=",
            "Stolon:orders:Keeper:ReplicationPasswordFile=");
        ((string)Settings()["Store"]!["Kind"]!).Should().Be("Etcd");
    }

    private static JsonNode Settings() => JsonNode.Parse(Repository.Text($"{ThreeNodes}/appsettings.json"))!["Stolon"]!["orders"]!;
}
