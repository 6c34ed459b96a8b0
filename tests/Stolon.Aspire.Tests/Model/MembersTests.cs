using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire.Tests.Model;

/// <summary>Which members a cluster has.</summary>
public sealed class MembersTests
{
    private readonly IDistributedApplicationBuilder builder = Apps.ToRun();

    [Fact]
    public void One_line_makes_a_cluster_with_everything_that_it_needs()
    {
        builder.AddClusterOfContainers();

        builder.Names().Should().Equal("pg", "pg-etcd0", "pg-keeper0", "pg-keeper1", "pg-proxy0", "pg-sentinel0");
    }

    [Fact]
    public void As_many_members_as_are_asked_for_in_any_order_and_more_than_once()
    {
        builder.AddClusterOfContainers().WithProxies(2).WithKeepers(5).WithKeepers(3).WithSentinels(2).WithEtcd(nodes: 3).WithKeepers(3);

        builder.Names().Should().Equal(
            "pg", "pg-etcd0", "pg-etcd1", "pg-etcd2", "pg-keeper0", "pg-keeper1", "pg-keeper2", "pg-proxy0", "pg-proxy1", "pg-sentinel0", "pg-sentinel1");
    }

    [Fact]
    public void A_member_that_stays_is_the_same_one()
    {
        var cluster = builder.AddClusterOfContainers();
        var before = cluster.Resource.Members;

        cluster.WithKeepers(3).WithKeepers(2);

        cluster.Resource.Members.Should().Equal(before);
    }

    [Fact]
    public async Task Each_member_can_be_given_more()
    {
        builder.AddClusterOfContainers().WithKeepers(3, keeper => keeper.WithEnvironment("NUMBER", keeper.Resource.Ordinal.ToString(CultureInfo.InvariantCulture)));

        foreach (var number in new[] { 0, 1, 2 })
        {
            (await builder.VariablesAsync($"pg-keeper{number}"))["NUMBER"].Should().Be($"{number}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(21)]
    public void No_cluster_is_without_members_or_has_more_than_a_machine_can_take(int count)
    {
        var cluster = builder.AddClusterOfContainers();

        FluentActions.Invoking(() => cluster.WithKeepers(count)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => cluster.WithSentinels(count)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => cluster.WithProxies(count)).Should().Throw<ArgumentOutOfRangeException>();
        builder.Names().Should().HaveCount(6, "nothing was changed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void An_etcd_of_its_own_has_one_node_or_three(int nodes) =>
        FluentActions.Invoking(() => builder.AddClusterOfContainers().WithEtcd(nodes)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1 or 3*");

    [Fact]
    public void Two_clusters_live_side_by_side_and_no_two_have_one_name()
    {
        builder.AddClusterOfContainers("orders");
        builder.AddClusterOfContainers("stock");

        builder.Names().Should().HaveCount(12);
        FluentActions.Invoking(() => builder.AddClusterOfContainers("Orders")).Should().Throw<DistributedApplicationException>();
    }

    [Fact]
    public void Everybody_waits_for_etcd_and_for_no_node_that_was_taken_away()
    {
        var cluster = builder.AddClusterOfContainers().WithEtcd(nodes: 3).WithEtcd(nodes: 1);

        foreach (var member in cluster.Resource.Members.Where(member => member.Role != StolonMemberRole.Store))
        {
            member.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name).Should().Equal("pg-etcd0");
        }
    }

    [Fact]
    public async Task An_etcd_that_is_there_takes_the_place_of_its_own()
    {
        var etcd = builder.AddContainer("etcd", "coreos/etcd").WithHttpEndpoint(targetPort: 2379, name: "client");

        var cluster = builder.AddClusterOfContainers().WithStore(etcd.GetEndpoint("client"));

        builder.Names().Should().NotContain(name => name.StartsWith("pg-etcd", StringComparison.Ordinal));
        cluster.Resource.Members.SelectMany(member => member.Annotations.OfType<WaitAnnotation>()).Should().BeEmpty();
        (await builder.VariablesAsync("pg-sentinel0"))["STSENTINEL_STORE_ENDPOINTS"].Should().StartWith("http://");
    }

    [Fact]
    public void Members_are_shown_below_their_cluster_and_databases_belong_to_it()
    {
        var cluster = builder.AddClusterOfContainers();
        var database = cluster.AddDatabase("orders");
        var replicas = cluster.AddReadReplicas("reads");

        foreach (var member in cluster.Resource.Members)
        {
            member.Annotations.OfType<ResourceRelationshipAnnotation>().Should().Contain(relation => relation.Resource == cluster.Resource && relation.Type == "Parent");
        }

        database.Resource.Parent.Should().Be(cluster.Resource);
        replicas.Resource.Parent.Should().Be(cluster.Resource);
    }

    [Fact]
    public void What_an_operator_does_is_a_command()
    {
        var cluster = builder.AddClusterOfContainers();

        Commands(cluster.Resource).Should().Equal("stolon-failover", "stolon-status", "stolon-switchover");
        Commands(cluster.Resource.Members.First(member => member.Role == StolonMemberRole.Keeper)).Should().Equal("stolon-failkeeper", "stolon-removekeeper");
    }

    private static IEnumerable<string> Commands(IResource resource) =>
        resource.Annotations.OfType<ResourceCommandAnnotation>().Select(command => command.Name)
            .Where(name => name.StartsWith("stolon-", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
