using Aspire.Hosting;

namespace Stolon.Aspire.Tests.Contract;

public class ManifestTests
{
    [Fact]
    public async Task A_container_is_written_with_its_image_mounts_environment_and_bindings()
    {
        var builder = Applications.Publish();
        var server = builder.AddServer()
            .WithArgs("-c", "fsync=off")
            .WithVolume("data", "/var/lib/postgresql/data")
            .WithEnvironment("PLAIN", "text")
            .WithEndpoint(port: 9091, targetPort: 9090, scheme: "http", name: "metrics");
        server.WithEnvironment(context => context.EnvironmentVariables["HOST"] = server.GetEndpoint("tcp"));

        var json = await server.Resource.EntryAsync();

        json.Should().Be(ManifestWriting.Indented(
            """
            {
              "type": "container.v0",
              "connectionString": "Host={pg.bindings.tcp.host};Port={pg.bindings.tcp.port};Password={password.value}",
              "image": "postgres:17",
              "args": [ "-c", "fsync=off" ],
              "volumes": [ { "name": "data", "target": "/var/lib/postgresql/data", "readOnly": false } ],
              "env": { "PLAIN": "text", "HOST": "{pg.bindings.tcp.url}" },
              "bindings": {
                "tcp": { "scheme": "tcp", "protocol": "tcp", "transport": "tcp", "targetPort": 5432 },
                "metrics": { "scheme": "http", "protocol": "tcp", "transport": "http", "port": 9091, "targetPort": 9090 }
              }
            }
            """));
    }

    [Fact]
    public async Task A_password_is_escaped_in_a_uri()
    {
        var builder = Applications.Publish();
        var server = builder.AddServer();
        var api = builder.AddContainer("api", "api").WithReference(server);

        (await api.Resource.EntryAsync()).Should().Contain("\"PG_URI\": \"postgresql://:{password-uri-encoded.value}@{pg.bindings.tcp.host}:{pg.bindings.tcp.port}\"");
    }
}
