using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Hosting.Administration;

namespace Stolon.Aspire.Running;

/// <summary>
/// Follows a cluster while the AppHost runs: it and its databases are "Running" from the first primary on, and stay so during failovers, since another
/// state would confuse those who wait; what is wrong then, the health checks say.
/// </summary>
internal sealed partial class ClusterLifecycle(StolonClusterResource cluster, IDistributedApplicationEventing eventing, ResourceNotificationService notifications, IServiceProvider services, ILogger logger)
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StatusLimit = TimeSpan.FromSeconds(5);

    private readonly HashSet<IResource> begun = [];
    private string lastTrouble = "";
    private string lastPrimary = "";

    /// <summary>Follows it until the AppHost ends.</summary>
    /// <returns>When the AppHost ends.</returns>
    public async Task RunAsync()
    {
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        try
        {
            await notifications.PublishUpdateAsync(cluster, snapshot => snapshot with { State = KnownResourceStates.Waiting }).ConfigureAwait(false);
            using var timer = new PeriodicTimer(Rhythm, time);
            do
            {
                await LookGuardedAsync(time, stopping).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The AppHost ends.
        }
        finally
        {
            await cluster.Access.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Nobody waits for this task: what fails is said, and tried again at the next look, for consumers wait for what comes of it.</summary>
    private async Task LookGuardedAsync(TimeProvider time, CancellationToken stopping)
    {
        try
        {
            await LookAsync(time, stopping).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever failed: see above.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Say(exception is OperationCanceledException ? $"The store did not answer within {StatusLimit.TotalSeconds} s." : exception.Message);
        }
    }

    private async Task LookAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(StatusLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var administration = await cluster.Access.OpenAsync(either.Token).ConfigureAwait(false);
        var overview = await administration.GetStatusAsync(either.Token).ConfigureAwait(false);
        Say(ClusterView.Trouble(overview) ?? "");
        if (overview.PrimaryKeeper is { } primary && primary.Value != lastPrimary)
        {
            lastPrimary = primary.Value;
            LogPrimary(logger, primary.Value);
        }

        await ShowAsync(overview).ConfigureAwait(false);
        foreach (var resource in overview.IsAvailable ? cluster.Children.Prepend(cluster).Where(one => !begun.Contains(one)) : [])
        {
            await BeginAsync(resource, time, cancellationToken).ConfigureAwait(false);
            begun.Add(resource);
        }
    }

    /// <summary>States and events reach only the children of what the orchestrator starts itself: these are ours to tell.</summary>
    private async Task BeginAsync(IResource resource, TimeProvider time, CancellationToken cancellationToken)
    {
        if (resource is IResourceWithConnectionString)
        {
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken).ConfigureAwait(false);
        }

        await eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services), cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow().UtcDateTime;
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = KnownResourceStates.Running, StartTimeStamp = now }).ConfigureAwait(false);
    }

    private async Task ShowAsync(ClusterOverview overview)
    {
        await notifications.PublishUpdateAsync(cluster, snapshot => snapshot with { Properties = With(snapshot.Properties, [(CustomResourceKnownProperties.Source, ClusterView.Summary(overview)), .. ClusterView.OfCluster(overview)]) }).ConfigureAwait(false);
        foreach (var keeper in cluster.Roster.Of(StolonMemberRole.Keeper))
        {
            var properties = ClusterView.OfKeeper(overview, Topology.MemberNames.KeeperUid(keeper.Ordinal));
            await notifications.PublishUpdateAsync(keeper, snapshot => snapshot with { Properties = With(snapshot.Properties, properties) }).ConfigureAwait(false);
        }
    }

    private static ImmutableArray<ResourcePropertySnapshot> With(ImmutableArray<ResourcePropertySnapshot> present, ImmutableArray<(string Name, string Value)> ours) =>
    [
        .. present.Where(property => !ours.Any(our => our.Name == property.Name)),
        .. ours.Select(our => new ResourcePropertySnapshot(our.Name, our.Value)),
    ];

    private void Say(string trouble)
    {
        if (trouble != lastTrouble)
        {
            lastTrouble = trouble;
            if (trouble.Length > 0)
            {
                LogTrouble(logger, trouble);
            }
        }
    }

    [LoggerMessage(9001, LogLevel.Warning, "{Trouble}")]
    private static partial void LogTrouble(ILogger logger, string trouble);

    [LoggerMessage(9002, LogLevel.Information, "The primary is on {Keeper}.")]
    private static partial void LogPrimary(ILogger logger, string keeper);
}
