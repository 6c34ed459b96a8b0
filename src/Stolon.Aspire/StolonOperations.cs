using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Aspire.Running;

namespace Stolon.Aspire;

/// <summary>What goes with a cluster and its databases while the AppHost runs: states, health checks, creation of databases.</summary>
internal static partial class StolonOperations
{
    /// <summary>Adds the cluster itself.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="cluster">The cluster.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> Add(IDistributedApplicationBuilder builder, StolonClusterResource cluster)
    {
        var added = AddWatched(builder, cluster, "StolonCluster", cancellationToken => new ClusterHealth(cluster).CheckAsync(cancellationToken));
        if (builder.ExecutionContext.IsPublishMode)
        {
            builder.Eventing.Subscribe<BeforeStartEvent>((published, _) =>
            {
                WarnWhoWaits(published.Services.GetRequiredService<ILogger<StolonClusterResource>>(), cluster, published.Model);
                return Task.CompletedTask;
            });
            return added;
        }

        builder.Eventing.Subscribe<ResourceReadyEvent>(cluster, (ready, cancellationToken) => CreateDatabasesAsync(cluster, ready.Services, cancellationToken));
        builder.Services.AddSingleton<IHostedService>(services => new PassingData(
            cluster.Plan, services.GetRequiredService<ILogger<PassingData>>(), services.GetService<TimeProvider>() ?? TimeProvider.System));
        StolonCommands.AddToCluster(added);
        return added.OnInitializeResource((resource, begun, cancellationToken) =>
        {
            // It goes on for as long as the AppHost does; who initialises resources is not to wait for it.
            _ = Task.Run(() => new ClusterLifecycle(resource, begun.Eventing, begun.Notifications, begun.Services, begun.Logger).RunAsync(), CancellationToken.None);
            return Task.CompletedTask;
        });
    }

    /// <summary>Adds what belongs to a cluster and is no process.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="cluster">The cluster.</param>
    /// <param name="child">The resource.</param>
    /// <param name="type">How the dashboard calls it.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<T> AddChild<T>(IResourceBuilder<StolonClusterResource> cluster, T child, string type)
        where T : IResourceWithConnectionString =>
        AddWatched(cluster.ApplicationBuilder, child, type, cancellationToken => SqlHealth.CheckAsync(child, cancellationToken));

    /// <summary>A key of its own: one that is shared with its parent would never be updated.</summary>
    private static IResourceBuilder<T> AddWatched<T>(IDistributedApplicationBuilder builder, T resource, string type, Func<CancellationToken, Task<HealthCheckResult>> check)
        where T : IResource
    {
        var added = builder.AddResource(resource)
            .WithInitialState(new CustomResourceSnapshot { ResourceType = type, Properties = ImmutableArray<ResourcePropertySnapshot>.Empty });
        if (builder.ExecutionContext.IsPublishMode)
        {
            return added;
        }

        var key = $"{resource.Name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, _ => new Check(check), HealthStatus.Unhealthy, tags: null));
        return added.WithHealthCheck(key);
    }

    /// <summary>Publishers know containers alone, and Docker Compose of them only that they were started.</summary>
    private static void WarnWhoWaits(ILogger logger, StolonClusterResource cluster, DistributedApplicationModel model)
    {
        var waiting = model.Resources.Where(resource => resource.Annotations.OfType<WaitAnnotation>().Any(wait => wait.Resource == cluster || cluster.Children.Contains(wait.Resource)));
        if (string.Join(", ", waiting.Select(resource => resource.Name)) is { Length: > 0 } names)
        {
            LogNobodyWaits(logger, names, cluster.Name);
        }
    }

    [LoggerMessage(9004, LogLevel.Warning,
        "Published, {Names} will not wait until cluster '{Cluster}' is ready (depends_on of Docker Compose waits for the start of containers alone), and nobody creates its databases: let a migration do it, and try again until it succeeds.")]
    private static partial void LogNobodyWaits(ILogger logger, string names, string cluster);

    private static async Task CreateDatabasesAsync(StolonClusterResource cluster, IServiceProvider services, CancellationToken cancellationToken)
    {
        var text = await cluster.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new DistributedApplicationException($"The connection string of cluster '{cluster.Name}' is not known.");
        foreach (var database in cluster.Children.OfType<StolonDatabaseResource>())
        {
            var logger = services.GetRequiredService<ResourceLoggerService>().GetLogger(database);
            await DatabaseCreation.RunAsync(text, database.DatabaseName, database.CreationScript, logger, cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class Check(Func<CancellationToken, Task<HealthCheckResult>> check) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => check(cancellationToken);
    }
}
