using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
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
    public async Task What_is_published_keeps_its_data_though_nobody_asked_for_a_volume()
    {
        builder.AddStolonCluster("pg");

        foreach (var (name, target) in new[] { ("pg-keeper0", "/var/lib/stolon"), ("pg-etcd0", "/var/lib/etcd") })
        {
            var volume = (await ManifestAsync(Resource(name)))["volumes"]!.AsArray().Should().ContainSingle().Subject!;
            ((string)volume["target"]!).Should().Be(target);
            ((string)volume["name"]!).Should().EndWith($"{name}-data");
        }

        (await ManifestAsync(Resource("pg-proxy0")))["volumes"].Should().BeNull();
    }

    [Fact]
    public async Task What_has_data_has_a_connection_string_of_its_own_so_that_Kubernetes_makes_a_stateful_set_of_it()
    {
        builder.AddStolonCluster("pg");

        ((string)(await ManifestAsync(Resource("pg-keeper1")))["connectionString"]!).Should().Be(
            "Host={pg-keeper1.bindings.pg.host};Port={pg-keeper1.bindings.pg.port};Username=postgres;Password={pg-password.value}");
        ((string)(await ManifestAsync(Resource("pg-etcd0")))["connectionString"]!).Should().Be("{pg-etcd0.bindings.client.url}");
        Resource("pg-sentinel0").Should().NotBeAssignableTo<IResourceWithConnectionString>();
    }

    [Fact]
    public async Task As_a_connection_string_it_has_no_members_and_a_parameter_is_what_is_known_of_it()
    {
        var cluster = builder.AddStolonCluster("pg");
        var orders = cluster.AddDatabase("orders");
        var reads = cluster.AddReadReplicas("reads", "orders");

        cluster.PublishAsConnectionString().PublishAsConnectionString().WithKeepers(3).WithEtcd(3).WithProxies(2).WithHostPort(5432);

        builder.Names().Should().Equal("orders", "pg", "reads");
        builder.Resources.OfType<ParameterResource>().Select(parameter => parameter.Name).Should().Contain("pg-connection");
        (await ManifestAsync(cluster.Resource)).ToJsonString().Should().Be("""{"type":"value.v0","connectionString":"{pg-connection.connectionString}"}""");
        (await ManifestAsync(orders.Resource)).ToJsonString().Should().Be("""{"type":"value.v0","connectionString":"{pg.connectionString};Database=orders"}""");
        reads.Resource.ConnectionStringExpression.ValueExpression.Should().Be(
            "{pg.connectionString};Database=orders;Target Session Attributes=prefer-standby;Load Balance Hosts=true;Timeout=5;Host Recheck Seconds=0");
        ((IResourceWithConnectionString)orders.Resource).GetConnectionProperties().Select(property => property.Key).Should().Equal("DatabaseName");
    }

    [Fact]
    public void To_run_it_a_cluster_that_is_published_as_a_connection_string_has_its_members()
    {
        var running = Apps.ToRun();

        running.AddClusterOfProcesses().PublishAsConnectionString();

        running.Names().Should().Contain("pg-keeper1");
    }

    [Fact]
    public async Task Who_waits_for_a_cluster_here_is_told_that_nobody_waits_where_it_is_published()
    {
        using var heard = new HeardLogs();
        builder.Services.AddSingleton<ILoggerProvider>(heard);
        var orders = builder.AddStolonCluster("pg").AddDatabase("orders");
        builder.AddContainer("api", "image").WaitFor(orders);
        await using var app = builder.Build();

        await app.Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(
            new BeforeStartEvent(app.Services, app.Services.GetRequiredService<DistributedApplicationModel>()));

        heard.Lines.Should().ContainSingle(text => text.Contains("api will not wait until cluster 'pg' is ready"));
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
