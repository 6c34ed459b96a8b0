using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Stolon.Aspire.Tests.Contract;

public class LifecycleTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_reaches_those_who_asked_for_its_resource()
    {
        var builder = Applications.Run();
        var seen = new List<string>();
        var one = builder.AddContainer("one", "image").Resource;
        builder.Eventing.Subscribe<ResourceReadyEvent>(one, (_, _) => Note("one"));
        builder.Eventing.Subscribe<ResourceReadyEvent>(builder.AddContainer("two", "image").Resource, (_, _) => Note("two"));
        builder.Eventing.Subscribe<ResourceReadyEvent>((@event, _) => Note($"any: {@event.Resource.Name}"));
        await using var application = builder.Build();

        await builder.Eventing.PublishAsync(new ResourceReadyEvent(one, application.Services), Cancelled);

        seen.Should().Equal("one", "any: one");

        Task Note(string text)
        {
            seen.Add(text);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_resource_that_runs_itself_is_waited_for()
    {
        var builder = Applications.Run();
        var server = builder.AddServer();
        var database = builder.AddResource(new Database("orders", server.Resource))
            .WithInitialState(new CustomResourceSnapshot { ResourceType = "Database", Properties = [], State = KnownResourceStates.Waiting })
            .OnInitializeResource((resource, initialize, _) => initialize.Notifications.PublishUpdateAsync(
                resource, state => state with { State = KnownResourceStates.Running }));
        await using var application = builder.Build();
        var running = application.ResourceNotifications.WaitForResourceAsync(
            "orders", now => now.Snapshot.State?.Text == KnownResourceStates.Running, Cancelled);

        await builder.Eventing.PublishAsync(
            new InitializeResourceEvent(
                database.Resource,
                builder.Eventing,
                application.Services.GetRequiredService<ResourceLoggerService>(),
                application.ResourceNotifications,
                application.Services),
            Cancelled);

        var snapshot = (await running).Snapshot;
        snapshot.ResourceType.Should().Be("Database");
        snapshot.HealthStatus.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_command_is_executed_by_its_name()
    {
        var builder = Applications.Run();
        var server = builder.AddServer().WithCommand(
            "hello",
            "Say hello",
            _ => Task.FromResult(CommandResults.Success("hello from pg")),
            new CommandOptions { ConfirmationMessage = "Really?", IsHighlighted = true });
        await using var application = builder.Build();

        var result = await application.ResourceCommands.ExecuteCommandAsync(server.Resource, "hello", Cancelled);
        var unknown = await application.ResourceCommands.ExecuteCommandAsync(server.Resource, "goodbye", Cancelled);

        result.Success.Should().BeTrue();
        result.Message.Should().Be("hello from pg");
        unknown.Success.Should().BeFalse();
    }
}
