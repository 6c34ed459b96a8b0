using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Stolon.Aspire.Tests.Model;

namespace Stolon.Aspire.Tests.Publishing;

/// <summary>What is published.</summary>
public sealed class ManifestTests
{
    private readonly IDistributedApplicationBuilder builder = Apps.ToPublish();

    [Fact]
    public async Task A_cluster_is_its_connection_string()
    {
        var cluster = builder.AddStolonCluster("pg");
        var orders = cluster.AddDatabase("orders");

        (await ManifestAsync(cluster.Resource)).ToJsonString().Should().Be(
            """{"type":"value.v0","connectionString":"Host={pg-proxy0.bindings.pg.host};Port={pg-proxy0.bindings.pg.port};Username=postgres;Password={pg-password.value}"}""");
        (await ManifestAsync(orders.Resource)).ToJsonString().Should().Be("""{"type":"value.v0","connectionString":"{pg.connectionString};Database=orders"}""");
    }

    [Fact]
    public async Task A_keeper_is_a_container_with_a_volume_and_its_passwords_are_parameters()
    {
        builder.AddStolonCluster("pg").WithPostgresVersion("16").WithDataVolume("data");

        var keeper = await ManifestAsync(Resource("pg-keeper1"));

        ((string)keeper["type"]!).Should().Be("container.v0");
        ((string)keeper["image"]!).Should().EndWith("stolon:0.1.0-pg16");
        keeper["args"]!.ToJsonString().Should().Be("""["keeper"]""");
        keeper["volumes"]!.ToJsonString().Should().Be("""[{"name":"data-pg-keeper1","target":"/var/lib/stolon","readOnly":false}]""");
        var variables = keeper["env"]!;
        ((string)variables["STKEEPER_UID"]!).Should().Be("keeper1");
        ((string)variables["STKEEPER_PG_ADVERTISE_ADDRESS"]!).Should().Be("{pg-keeper1.bindings.pg.host}");
        ((string)variables["STKEEPER_PG_SU_PASSWORD"]!).Should().Be("{pg-password.value}");
        ((string)variables["STKEEPER_PG_REPL_PASSWORD"]!).Should().Be("{pg-replication-password.value}");
        ((string)variables["STKEEPER_STORE_ENDPOINTS"]!).Should().Be("{pg-etcd0.bindings.client.url}");
    }

    [Fact]
    public void Published_members_are_containers_whatever_runs_here()
    {
        var cluster = builder.AddStolonCluster("pg", configure: options => (options.RunMode, options.ExecutablePath) = (StolonRunMode.Executables, "/opt/stolon/stolon"));

        cluster.Resource.Members.Should().AllBeAssignableTo<StolonContainerResource>();
    }

    [Fact]
    public void Where_a_checkout_is_named_the_image_is_built_from_it()
    {
        builder.AddStolonCluster("pg", configure: options => options.DockerContext = "../..").WithPostgresVersion("16");

        var build = Resource("pg-keeper0").Annotations.OfType<DockerfileBuildAnnotation>().Single();
        build.DockerfilePath.Should().EndWith(Path.Combine("docker", "Dockerfile"));
        build.BuildArguments.Should().Contain("POSTGRES_VERSION", "16");
        Resource("pg-etcd0").Annotations.OfType<DockerfileBuildAnnotation>().Should().BeEmpty();
    }

    private IResource Resource(string name) => builder.Resources.Single(resource => resource.Name == name);

    private async Task<JsonNode> ManifestAsync(IResource resource)
    {
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            await new ManifestPublishingContext(builder.ExecutionContext, Path.Combine(Path.GetTempPath(), "manifest.json"), writer).WriteResourceAsync(resource);
            writer.WriteEndObject();
        }

        return JsonNode.Parse(Encoding.UTF8.GetString(stream.ToArray()))![resource.Name]!;
    }
}
