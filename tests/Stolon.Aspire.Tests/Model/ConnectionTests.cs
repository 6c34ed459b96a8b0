using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace Stolon.Aspire.Tests.Model;

/// <summary>What consumers get.</summary>
public sealed class ConnectionTests
{
    private readonly IDistributedApplicationBuilder builder = Apps.ToRun();
    private readonly IResourceBuilder<StolonClusterResource> cluster;

    public ConnectionTests()
    {
        builder.Configuration["Parameters:pg-password"] = "plain";
        cluster = builder.AddClusterOfContainers();
    }

    [Fact]
    public void One_proxy_has_the_well_known_form() =>
        cluster.Resource.ConnectionStringExpression.ValueExpression.Should().Be(
            "Host={pg-proxy0.bindings.pg.host};Port={pg-proxy0.bindings.pg.port};Username=postgres;Password={pg-password.value}");

    [Fact]
    public void Of_several_proxies_all_are_in_it()
    {
        cluster.WithProxies(2);

        cluster.Resource.ConnectionStringExpression.ValueExpression.Should().StartWith(
            "Host={pg-proxy0.bindings.pg.host}:{pg-proxy0.bindings.pg.port},{pg-proxy1.bindings.pg.host}:{pg-proxy1.bindings.pg.port};Username=");
    }

    [Fact]
    public async Task A_database_adds_its_name_and_Npgsql_understands_the_whole()
    {
        var orders = cluster.WithProxies(2).AddDatabase("orders", "order_data");
        builder.Place();

        var text = new NpgsqlConnectionStringBuilder(await orders.Resource.ConnectionStringExpression.GetValueAsync(default));

        text.Database.Should().Be("order_data");
        text.Host!.Split(',').Should().HaveCount(2).And.OnlyContain(host => host.Contains(':'));
        text.HostRecheckSeconds.Should().Be(0, "a failover breaks the connections of all proxies at once");
        text.Timeout.Should().Be(5, "a host that does not answer costs this long");
        text.Username.Should().Be("postgres");
        text.Password.Should().Be("plain");
    }

    [Fact]
    public async Task Reads_go_to_any_keeper_and_to_standbys_first()
    {
        var reads = cluster.WithKeepers(3).AddReadReplicas("reads", "orders");
        builder.Place();

        var text = new NpgsqlConnectionStringBuilder(await reads.Resource.ConnectionStringExpression.GetValueAsync(default));

        text.Host!.Split(',').Should().HaveCount(3);
        text.Database.Should().Be("orders");
        text.TargetSessionAttributes.Should().Be("prefer-standby");
        text.LoadBalanceHosts.Should().BeTrue();
    }

    [Fact]
    public async Task A_consumer_gets_the_connection_string_and_the_well_known_properties()
    {
        var orders = cluster.AddDatabase("orders");
        var consumer = builder.AddContainer("api", "image").WithReference(orders);
        builder.Place();

        var variables = await consumer.Resource.GetEnvironmentVariableValuesAsync();

        variables.Keys.Where(name => name.StartsWith("ORDERS_", StringComparison.Ordinal)).Should().BeEquivalentTo(
            "ORDERS_HOST", "ORDERS_PORT", "ORDERS_USERNAME", "ORDERS_PASSWORD", "ORDERS_URI", "ORDERS_JDBCCONNECTIONSTRING", "ORDERS_DATABASENAME");
        variables["ConnectionStrings__orders"].Should().EndWith(";Username=postgres;Password=plain;Database=orders");
        variables["ORDERS_URI"].Should().MatchRegex("^postgresql://postgres:plain@[^/]+/orders$");
        variables["ORDERS_JDBCCONNECTIONSTRING"].Should().MatchRegex("^jdbc:postgresql://[^/]+/orders$");
    }

    [Fact]
    public void The_port_of_this_machine_is_the_first_proxys()
    {
        cluster.WithHostPort(5440).WithProxies(2);

        Ports("pg-proxy0").Should().Contain(5440);
        Ports("pg-proxy1").Should().NotContain(5440);
    }

    [Fact]
    public void A_database_is_listed_with_its_cluster()
    {
        cluster.AddDatabase("orders", "order_data");
        cluster.AddDatabase("stock");

        cluster.Resource.Databases.Should().Equal(new Dictionary<string, string> { ["orders"] = "order_data", ["stock"] = "stock" });
        FluentActions.Invoking(() => cluster.AddDatabase("stock")).Should().Throw<DistributedApplicationException>();
    }

    private IEnumerable<int?> Ports(string name) => builder.Resources.Single(resource => resource.Name == name).Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Port);
}
