using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Stolon.Aspire.Running;
using Stolon.Aspire.Tests.Model;

namespace Stolon.Aspire.Tests.Running;

/// <summary>The members of an AppHost run as real processes, and a consumer lives through what happens to them.</summary>
public sealed class AppHostTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly IDistributedApplicationBuilder builder = Apps.ToRun();
    private readonly CancellationTokenSource limit = new(Limit);
    private RunningApp? app;

    [Fact]
    public async Task A_consumer_that_waits_for_its_database_gets_it_and_survives_the_stop_of_the_primarys_keeper()
    {
        var cluster = AddCluster().WithKeepers(3).WithSentinels(2).WithProxies(2).WithSynchronousReplication();
        var orders = cluster.AddDatabase("orders", "Order data");
        app = await RunningApp.StartAsync(builder, cluster);
        await RunsAsync(cluster.Resource);
        await RunsAsync(orders.Resource);
        await HealthyAsync("pg_check");
        await ReadyAsync(cluster.Resource);
        await HealthyAsync("orders_check");

        await using var source = NpgsqlDataSource.Create((await orders.Resource.ConnectionStringExpression.GetValueAsync(limit.Token))!);
        await WritesAsync(source, "create table t (n int)");
        await WritesAsync(source, "insert into t values (1)");
        var first = await PrimaryAsync(cluster.Resource);

        await app.StopAsync($"pg-{first}");

        await WritesAsync(source, "insert into t values (2)");
        // The dashboard looks once a second.
        (await PrimaryAsync(cluster.Resource, not: first)).Should().NotBe(first, "its keeper handed the primary on before it ended");
        await app.StartAsync(cluster.Resource.Members.Single(member => member.Name == $"pg-{first}"));
        (await app.CommandAsync(cluster.Resource, "stolon-status")).Data!.Value.Should().StartWith("primary: keeper");
        await WritesAsync(source, "insert into t values (3)");
        (await CountAsync(source)).Should().Be(3);
    }

    [Fact]
    public async Task A_subscriber_that_fails_once_keeps_nobody_waiting_for_ever()
    {
        var cluster = AddCluster().WithKeepers(1);
        var orders = cluster.AddDatabase("orders");
        var told = 0;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(
            orders.Resource, (_, _) => ++told == 1 ? throw new InvalidOperationException("it fails once") : Task.CompletedTask);

        app = await RunningApp.StartAsync(builder, cluster);

        await RunsAsync(orders.Resource);
        told.Should().Be(2);
    }

    [Fact]
    public async Task A_keeper_whose_data_went_with_its_container_is_copied_anew_when_it_is_started_again()
    {
        var cluster = AddCluster();
        app = await RunningApp.StartAsync(builder, cluster);
        var primary = await PrimaryAsync(cluster.Resource);
        var standby = cluster.Resource.Members.Single(member => member.Role == StolonMemberRole.Keeper && member.Name != $"pg-{primary}");
        await StandbyAsync(standby);
        var passing = new PassingKeeper(standby);
        var starting = new BeforeResourceStartedEvent(standby, app.App.Services);
        await passing.StartingAsync(starting, limit.Token);

        await app.StopAsync(standby.Name);
        Directory.Delete(Path.Combine(cluster.Resource.Plan.Folder, standby.Name), recursive: true);
        await app.Notifications.WaitForResourceAsync(standby.Name, now => Property(now, "stolon.healthy") == "no", limit.Token);
        await passing.StartingAsync(starting, limit.Token);
        await app.StartAsync(standby);

        await StandbyAsync(standby);
    }

    [Fact]
    public async Task The_commands_of_the_dashboard_do_what_they_say()
    {
        var cluster = AddCluster();
        app = await RunningApp.StartAsync(builder, cluster);
        await RunsAsync(cluster.Resource);
        var keepers = cluster.Resource.Members.Where(member => member.Role == StolonMemberRole.Keeper).ToDictionary(keeper => keeper.Name);
        var first = await PrimaryAsync(cluster.Resource);

        await UntilAsync(async () => (await app.CommandAsync(cluster.Resource, "stolon-switchover")).Success, "the standby takes over");
        var second = await PrimaryAsync(cluster.Resource, not: first);

        (await app.CommandAsync(keepers[$"pg-{second}"], "stolon-removekeeper")).Success.Should().BeFalse("it holds the primary");
        await UntilAsync(
            async () => (await app.CommandAsync(cluster.Resource, "stolon-failover")).Success && await PrimaryAsync(cluster.Resource) == first, "the first one takes over again");
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        limit.Dispose();
    }

    private IResourceBuilder<StolonClusterResource> AddCluster() =>
        builder.AddStolonCluster("pg", configure: options =>
            (options.RunMode, options.ExecutablePath) = (StolonRunMode.Executables, Path.Combine(AppContext.BaseDirectory, "stolon")));

    private async Task RunsAsync(IResource resource) =>
        await app!.Notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.Running, limit.Token);

    private Task HealthyAsync(string key) => UntilAsync(
        async () => (await app!.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == key, limit.Token)).Status == HealthStatus.Healthy,
        $"{key} is healthy");

    /// <summary>The orchestrator says so when a resource runs and is healthy.</summary>
    private Task ReadyAsync(IResource resource) =>
        app!.App.Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(new ResourceReadyEvent(resource, app.App.Services), limit.Token);

    private async Task StandbyAsync(IResource keeper) => await app!.Notifications.WaitForResourceAsync(
        keeper.Name, now => Property(now, "stolon.role") == "standby" && Property(now, "stolon.healthy") == "yes", limit.Token);

    private static string Property(ResourceEvent now, string name) =>
        now.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value as string ?? "";

    /// <summary>The keeper of the primary, as the dashboard shows it.</summary>
    private async Task<string> PrimaryAsync(StolonClusterResource cluster, string not = "")
    {
        var found = "";
        await app!.Notifications.WaitForResourceAsync(
            cluster.Name,
            now => (found = Property(now, "stolon.primary")).Length > 0 && found != not,
            limit.Token);
        return found;
    }

    private Task WritesAsync(NpgsqlDataSource source, string statement) => UntilAsync(
        async () =>
        {
            await using var command = source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(limit.Token);
            return true;
        },
        statement);

    private async Task<long> CountAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select count(distinct n) from t");
        return (long)(await command.ExecuteScalarAsync(limit.Token))!;
    }

    private async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var last = "";
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                last = exception.Message;
            }

            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"Waited {Limit.TotalSeconds:0} s in vain until {what}. {last}\n{app!.Said}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
