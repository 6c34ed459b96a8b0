using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Stolon.Aspire.Tests.Contract;

public class ModelTests
{
    [Fact]
    public void A_name_is_taken_whatever_its_case()
    {
        var builder = Applications.Run();
        builder.AddContainer("pg", "postgres");

        builder.Invoking(it => it.AddExecutable("PG", "postgres", ".")).Should().Throw<DistributedApplicationException>();
        builder.Resources.Should().ContainSingle();
    }

    [Theory, InlineData("1pg"), InlineData("p_g"), InlineData("pg-"), InlineData("p--g")]
    public void A_name_that_no_host_could_have_is_refused(string name) =>
        Applications.Run().Invoking(it => it.AddContainer(name, "postgres")).Should().Throw<ArgumentException>();

    [Fact]
    public void An_application_runs_unless_it_is_told_to_publish()
    {
        Applications.Run().ExecutionContext.IsRunMode.Should().BeTrue();
        Applications.Publish().ExecutionContext.IsPublishMode.Should().BeTrue();
    }

    [Fact]
    public async Task A_built_application_has_the_resources_that_were_added()
    {
        var builder = Applications.Run();
        builder.AddServer();
        await using var application = builder.Build();

        var model = application.Services.GetRequiredService<DistributedApplicationModel>();

        model.Resources.Select(resource => resource.Name).Should().Contain(["password", "pg"]);
    }

    [Fact]
    public void Whoever_waits_for_a_child_waits_for_its_parent()
    {
        var builder = Applications.Run();
        var server = builder.AddServer();
        var database = builder.AddResource(new Database("orders", server.Resource));

        var api = builder.AddExecutable("api", "dotnet", ".").WaitFor(database);

        api.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource).Should().BeEquivalentTo([server.Resource, (IResource)database.Resource]);
    }

    [Fact]
    public void A_health_check_is_taken_once()
    {
        var container = Applications.Run().AddContainer("pg", "postgres").WithHealthCheck("pg_check");

        container.Invoking(it => it.WithHealthCheck("pg_check")).Should().Throw<DistributedApplicationException>();
    }
}
