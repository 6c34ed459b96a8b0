using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire.Tests.Contract;

/// <summary>A server with a connection string, as an integration would write it.</summary>
internal sealed class Server(string name, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
{
    public EndpointReference Endpoint => new(this, "tcp");

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={Endpoint.Property(EndpointProperty.Host)};Port={Endpoint.Property(EndpointProperty.Port)};Password={password}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Port)}")),
        new("Uri", ReferenceExpression.Create($"postgresql://:{password:uri}@{Endpoint.Property(EndpointProperty.HostAndPort)}")),
    ];
}

/// <summary>A database of it.</summary>
internal sealed class Database(string name, Server parent) : Resource(name), IResourceWithParent<Server>, IResourceWithConnectionString
{
    public Server Parent { get; } = parent;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={Name}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        Parent.CombineProperties([new("DatabaseName", ReferenceExpression.Create($"{Name}"))]);
}

internal static class Applications
{
    public static IDistributedApplicationBuilder Run(params string[] args) => DistributedApplication.CreateBuilder(args);

    public static IDistributedApplicationBuilder Publish() => Run("--operation", "publish", "--publisher", "manifest");

    /// <summary>A server "pg" whose password is "p@ss", reachable at localhost:2000.</summary>
    public static IResourceBuilder<Server> AddServer(this IDistributedApplicationBuilder builder)
    {
        var password = builder.AddParameter("password", "p@ss", secret: true);
        return builder.AddResource(new Server("pg", password.Resource))
            .WithImage("postgres", "17")
            .WithEndpoint(targetPort: 5432, name: "tcp")
            .WithEndpoint("tcp", endpoint => endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 2000));
    }
}
