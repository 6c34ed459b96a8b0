using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Stolon.Aspire.Tests.Contract;

public class ValueTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_expression_over_an_endpoint_resolves_once_the_endpoint_is_allocated()
    {
        var server = Applications.Run().AddServer();

        (await server.Resource.ConnectionStringExpression.GetValueAsync(Cancelled)).Should().Be("Host=localhost;Port=2000;Password=p@ss");
        server.Resource.ConnectionStringExpression.ValueExpression.Should().Be("Host={pg.bindings.tcp.host};Port={pg.bindings.tcp.port};Password={password.value}");
    }

    [Fact]
    public async Task An_expression_waits_for_its_endpoint()
    {
        var container = Applications.Run().AddContainer("pg", "postgres").WithEndpoint(targetPort: 5432, name: "tcp");
        var url = ReferenceExpression.Create($"{container.GetEndpoint("tcp")}/").GetValueAsync(Cancelled).AsTask();
        url.IsCompleted.Should().BeFalse();

        container.WithEndpoint("tcp", endpoint => endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 2000));

        (await url).Should().Be("tcp://localhost:2000/");
    }

    [Fact]
    public async Task An_expression_is_put_together_piece_by_piece()
    {
        var password = Applications.Run().AddParameter("password", "p@ss").Resource;
        var builder = new ReferenceExpressionBuilder();
        builder.AppendLiteral("Password=");
        builder.Append($"{password:uri};{"literal"}");

        var expression = builder.Build();

        (await expression.GetValueAsync(Cancelled)).Should().Be("Password=p%40ss;literal");
        expression.ValueExpression.Should().Be("Password={password.value};literal");
    }

    [Fact]
    public async Task A_parameter_has_its_value_from_the_configuration()
    {
        var builder = Applications.Run();
        builder.Configuration.AddInMemoryCollection([new("Parameters:password", "secret")]);

        var password = builder.AddParameter("password", secret: true).Resource;

        (await password.GetValueAsync(Cancelled)).Should().Be("secret");
        password.Secret.Should().BeTrue();
    }

    [Fact]
    public async Task A_parameter_without_a_value_is_missing()
    {
        var parameter = Applications.Run().AddParameter("password").Resource;

        await parameter.Awaiting(it => it.GetValueAsync(Cancelled).AsTask()).Should().ThrowAsync<DistributedApplicationException>();
    }

    [Fact]
    public async Task A_generated_password_stays_the_same()
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(Applications.Publish(), "pg-password");

        var first = await password.GetValueAsync(Cancelled);

        first.Should().HaveLength(22);
        (await password.GetValueAsync(Cancelled)).Should().Be(first);
    }

    [Fact]
    public async Task Callbacks_give_the_environment_and_the_arguments()
    {
        var builder = Applications.Run();
        var server = builder.AddServer();
        var api = builder.AddExecutable("api", "dotnet", ".", "run")
            .WithEnvironment("PLAIN", "text")
            .WithEnvironment("URL", $"{server.GetEndpoint("tcp")}/orders")
            .WithEnvironment(context => context.EnvironmentVariables["PORT"] = server.Resource.Endpoint.Property(EndpointProperty.TargetPort))
            .WithArgs("orders");

        (await api.Resource.GetEnvironmentVariableValuesAsync()).Should().Contain(
            [new("PLAIN", "text"), new("PORT", "5432"), new("URL", "tcp://localhost:2000/orders")]);
        (await api.Resource.GetArgumentValuesAsync()).Should().Equal("run", "orders");
        (await api.Resource.GetEnvironmentVariableValuesAsync(DistributedApplicationOperation.Publish)).Should().Contain(
            [new("PORT", "{pg.bindings.tcp.targetPort}"), new("URL", "{pg.bindings.tcp.url}/orders")]);
    }

    [Fact]
    public async Task An_endpoint_tells_its_process_the_port_to_listen_on()
    {
        var keeper = Applications.Run().AddExecutable("keeper", "stolon", ".").WithEndpoint(port: 5433, name: "pg", env: "STKEEPER_PG_PORT", isProxied: false);

        (await keeper.Resource.GetEnvironmentVariableValuesAsync())["STKEEPER_PG_PORT"].Should().Be("5433");
    }

    [Fact]
    public async Task A_reference_gives_the_connection_string_and_its_parts()
    {
        var builder = Applications.Run();
        var database = builder.AddResource(new Database("orders", builder.AddServer().Resource));

        var api = builder.AddExecutable("api", "dotnet", ".").WithReference(database);

        (await api.Resource.GetEnvironmentVariableValuesAsync()).Should().Contain(
        [
            new("ConnectionStrings__orders", "Host=localhost;Port=2000;Password=p@ss;Database=orders"),
            new("ORDERS_HOST", "localhost"),
            new("ORDERS_PORT", "2000"),
            new("ORDERS_URI", "postgresql://:p%40ss@localhost:2000"),
            new("ORDERS_DATABASENAME", "orders"),
        ]);
        (await api.Resource.GetEnvironmentVariableValuesAsync(DistributedApplicationOperation.Publish))["ConnectionStrings__orders"]
            .Should().Be("{orders.connectionString}");
    }

    [Fact]
    public async Task A_container_sees_an_endpoint_in_its_own_network()
    {
        var builder = Applications.Run();
        var server = builder.AddServer().WithEndpoint("tcp", endpoint => endpoint.AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(
            KnownNetworkIdentifiers.DefaultAspireContainerNetwork,
            new AllocatedEndpoint(
                endpoint, "pg.dev.internal", 5432, EndpointBindingMode.SingleAddress, null, KnownNetworkIdentifiers.DefaultAspireContainerNetwork)));

        var api = builder.AddContainer("api", "api").WithReference(server);

        (await api.Resource.GetEnvironmentVariableValuesAsync())["PG_HOST"].Should().Be("pg.dev.internal");
    }
}
