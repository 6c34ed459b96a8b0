using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire.Tests.Model;

/// <summary>
/// Ways in which a consumer could wait for ever, or for nothing. That databases run once their cluster does, which the orchestrator tells only the children of
/// what it starts itself, is in <see cref="Running.AppHostTests"/>; it starts real members.
/// </summary>
public sealed class LifecycleTrapTests
{
    private readonly IDistributedApplicationBuilder builder = Apps.ToRun();

    [Fact]
    public void Nothing_shares_a_health_check_for_of_two_that_do_one_stays_unhealthy_for_ever()
    {
        var cluster = builder.AddClusterOfProcesses();
        cluster.AddDatabase("orders");
        cluster.AddReadReplicas("reads");

        builder.Resources.SelectMany(Checks).Should().OnlyHaveUniqueItems().And.Contain(["pg_check", "orders_check", "reads_check"]);
    }

    [Fact]
    public void Who_waits_for_a_database_waits_for_the_cluster_too_and_members_wait_for_neither()
    {
        var cluster = builder.AddClusterOfProcesses();
        var orders = cluster.AddDatabase("orders");
        var consumer = builder.AddContainer("api", "image").WaitFor(orders);

        WaitedFor(consumer.Resource).Should().Contain(["orders", "pg"]);
        cluster.Resource.Members.Should().AllSatisfy(member =>
        {
            WaitedFor(member).Should().NotContain("pg", "the cluster runs when they do");
            member.Should().NotBeAssignableTo<IResourceWithParent>("they would take on its checks and its life");
        });
    }

    [Fact]
    public void A_check_of_a_member_names_its_endpoint_for_none_is_called_http()
    {
        var cluster = builder.AddClusterOfContainers();

        cluster.Resource.Members.Should().AllSatisfy(member =>
        {
            member.Annotations.OfType<EndpointAnnotation>().Should().NotContain(endpoint => endpoint.Name == "http" || endpoint.Name == "https");
            Checks(member).Should().ContainSingle().Which.Should().Contain(member.Role == StolonMemberRole.Store ? "_client_" : "_metrics_");
        });
    }

    [Fact]
    public void Nothing_stands_in_front_of_a_keepers_PostgreSQL_for_replication_goes_where_the_keeper_says_it_is()
    {
        var cluster = builder.AddClusterOfProcesses();

        Endpoints(cluster, StolonMemberRole.Keeper).Should().AllSatisfy(endpoint => endpoint.IsProxied.Should().BeFalse());
    }

    [Fact]
    public void Nothing_stands_in_front_of_a_proxy_for_it_would_let_clients_in_when_the_proxy_is_stopped()
    {
        var cluster = builder.AddClusterOfProcesses();

        Endpoints(cluster, StolonMemberRole.Proxy).Should().AllSatisfy(endpoint => endpoint.IsProxied.Should().BeFalse());
    }

    [Fact]
    public async Task A_keeper_in_a_container_is_reached_by_its_name_in_the_network_of_containers_not_as_localhost()
    {
        builder.AddClusterOfContainers();

        var variables = await builder.VariablesAsync("pg-keeper0");

        variables.Should().Contain("STKEEPER_PG_LISTEN_ADDRESS", "*").And.Contain("STKEEPER_PG_PORT", "5432")
            .And.Contain("STKEEPER_PG_ADVERTISE_ADDRESS", "pg-keeper0.dev.internal").And.Contain("STKEEPER_PG_ADVERTISE_PORT", "5432");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_member_is_ready_only_because_it_runs(bool containers)
    {
        var cluster = containers ? builder.AddClusterOfContainers() : builder.AddClusterOfProcesses();

        cluster.Resource.Members.Should().AllSatisfy(member => Checks(member).Should().ContainSingle());
    }

    private static IEnumerable<string> Checks(IResource resource) => resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key);

    private static IEnumerable<string> WaitedFor(IResource resource) => resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name);

    private static IEnumerable<EndpointAnnotation> Endpoints(IResourceBuilder<StolonClusterResource> cluster, StolonMemberRole role) =>
        cluster.Resource.Members.Where(member => member.Role == role).SelectMany(member => member.Annotations.OfType<EndpointAnnotation>()).Where(endpoint => endpoint.Name == "pg");
}
