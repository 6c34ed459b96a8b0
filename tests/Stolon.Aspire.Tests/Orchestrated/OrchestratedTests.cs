using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace Stolon.Aspire.Tests.Orchestrated;

/// <summary>An AppHost as a user runs it: Aspire's orchestrator starts the members, and its own commands stop them.</summary>
public sealed class OrchestratedTests : IAsyncDisposable
{
    /// <summary>Writes numbers, and notes those that were acknowledged.</summary>
    private const string Writer = """
        n=0
        psql "$ORDERS_URI" -qc 'create table if not exists orders (n int)' || exit 1
        while :; do
          n=$((n+1))
          PGCONNECT_TIMEOUT=2 psql "$ORDERS_URI" -qc "insert into orders values ($n)" && echo $n >> "$ACKNOWLEDGED"
        done
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource limit = new(Limit);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-test-");
    private DistributedApplication? app;

    private string Acknowledged => Path.Combine(folder.FullName, "acknowledged");

    [Fact(Skip = Orchestrator.Missing, SkipUnless = nameof(Orchestrator.IsThere), SkipType = typeof(Orchestrator))]
    public async Task A_waiting_consumer_gets_its_database_and_survives_the_stop_command_on_the_primarys_keeper()
    {
        var builder = Orchestrator.NewAppHost();
        var cluster = builder.AddStolonCluster("pg", configure: UseOurProgram);

        await ConsumerSurvivesAsync(builder, cluster);

        await app!.StopAsync(limit.Token);
        Directory.Exists(cluster.Resource.Plan.PassingFolder!.Path).Should().BeFalse("the data ends with the AppHost");
    }

    [Fact(Skip = Orchestrator.MissingImages, SkipUnless = nameof(Orchestrator.HasImages), SkipType = typeof(Orchestrator))]
    public async Task It_survives_as_well_where_the_members_are_containers_and_the_stopped_one_comes_back_without_its_data()
    {
        var builder = Orchestrator.NewAppHost();
        var cluster = builder.AddStolonCluster("pg", configure: options => options.RunMode = StolonRunMode.Containers).WithPostgresVersion(Orchestrator.Postgres!);

        await ConsumerSurvivesAsync(builder, cluster);
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        folder.Delete(recursive: true);
        limit.Dispose();
    }

    private static void UseOurProgram(StolonClusterOptions options) =>
        (options.RunMode, options.ExecutablePath) = (StolonRunMode.Executables, Path.Combine(AppContext.BaseDirectory, "stolon"));

    private async Task ConsumerSurvivesAsync(IDistributedApplicationBuilder builder, IResourceBuilder<StolonClusterResource> cluster)
    {
        var orders = cluster.WithKeepers(3).WithSentinels(2).WithProxies(2).WithEtcd().WithSynchronousReplication().AddDatabase("orders");
        var writer = builder.AddExecutable("writer", "/bin/sh", folder.FullName, "-c", Writer)
            .WithReference(orders).WaitFor(orders).WithEnvironment("ACKNOWLEDGED", Acknowledged);
        app = builder.Build();
        await app.StartAsync(limit.Token);
        await RunsAsync(writer.Resource);
        await MoreOrdersAsync();
        var first = await PrimaryAsync(cluster.Resource);
        var keeper = cluster.Resource.Members.Single(member => member.Name == $"pg-{first}");

        await CommandAsync(keeper, "stop");

        var second = await PrimaryAsync(cluster.Resource, not: first);
        await MoreOrdersAsync();
        await CommandAsync(keeper, "start");
        await app.ResourceNotifications.WaitForResourceHealthyAsync(keeper.Name, limit.Token);
        await PropertyAsync(keeper, "stolon.role", role => role == "standby");
        await PropertyAsync(keeper, "stolon.healthy", healthy => healthy == "yes");
        (await PrimaryAsync(cluster.Resource)).Should().Be(second, "who comes back is a standby");
        var acknowledged = await AcknowledgedAsync();
        (await StoredAsync(orders.Resource)).Should().Contain(acknowledged, "what was acknowledged is there");
    }

    private async Task RunsAsync(ExecutableResource resource) =>
        await app!.ResourceNotifications.WaitForResourceAsync(resource.Name, KnownResourceStates.Running, limit.Token);

    /// <summary>One of the orchestrator's own commands, which later versions of Aspire call by shorter names.</summary>
    private async Task CommandAsync(IResource resource, string name)
    {
        var command = resource.Annotations.OfType<ResourceCommandAnnotation>().Single(command => command.Name == name || command.Name == $"resource-{name}");
        (await app!.ResourceCommands.ExecuteCommandAsync(resource, command.Name, limit.Token)).Success.Should().BeTrue();
    }

    private Task<string> PrimaryAsync(StolonClusterResource cluster, string not = "") =>
        PropertyAsync(cluster, "stolon.primary", keeper => keeper.Length > 0 && keeper != not);

    /// <summary>Waits for what the dashboard shows.</summary>
    private async Task<string> PropertyAsync(IResource resource, string name, Func<string, bool> holds)
    {
        var found = "";
        await app!.ResourceNotifications.WaitForResourceAsync(
            resource.Name, now => holds(found = now.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value as string ?? ""), limit.Token);
        return found;
    }

    /// <summary>Waits until some more were acknowledged.</summary>
    private async Task MoreOrdersAsync()
    {
        var before = (await AcknowledgedAsync()).Length;
        using var timer = new PeriodicTimer(Pause);
        while ((await AcknowledgedAsync()).Length < before + 10)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<int[]> AcknowledgedAsync() =>
        File.Exists(Acknowledged) ? [.. (await File.ReadAllLinesAsync(Acknowledged)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];

    private async Task<List<int>> StoredAsync(StolonDatabaseResource orders)
    {
        await using var source = NpgsqlDataSource.Create((await orders.ConnectionStringExpression.GetValueAsync(limit.Token))!);
        await using var command = source.CreateCommand("select n from orders");
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        var stored = new List<int>();
        while (await reader.ReadAsync(limit.Token))
        {
            stored.Add(reader.GetInt32(0));
        }

        return stored;
    }
}
