using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The state of every resource, and what becomes of it. Nothing runs here, so only what is published changes it.</summary>
public class ResourceNotificationService
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, ResourceEvent> current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ChannelWriter<ResourceEvent>> watchers = [];

    internal ResourceNotificationService()
    {
    }

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(stateFactory);

        lock (gate)
        {
            var before = current.TryGetValue(resource.Name, out var known) ? known.Snapshot
                : resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var annotation) ? annotation.InitialSnapshot
                : new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] };
            var update = current[resource.Name] = new ResourceEvent(resource, stateFactory(before));
            watchers.ForEach(watcher => watcher.TryWrite(update));
        }

        return Task.CompletedTask;
    }

    /// <summary>The states that are known, and then each that is published.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (gate)
        {
            foreach (var known in current.Values)
            {
                channel.Writer.TryWrite(known);
            }

            watchers.Add(channel.Writer);
        }

        try
        {
            await foreach (var update in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            lock (gate)
            {
                watchers.Remove(channel.Writer);
            }
        }
    }

    /// <summary>Waits for a state; null is <see cref="KnownResourceStates.Running"/>.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(
            resourceName,
            update => string.Equals(update.Snapshot.State?.Text, targetState ?? KnownResourceStates.Running, StringComparison.OrdinalIgnoreCase),
            cancellationToken);

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var update in WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (ModelName.Same(update.Resource.Name, resourceName) && predicate(update))
            {
                return update;
            }
        }

        throw new UnreachableException("Nobody ends the watching but who watches.");
    }

    /// <summary>Waits until the resource runs and is healthy. The real service also waits for the subscribers of its ready event.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, update => update.Snapshot.HealthStatus == HealthStatus.Healthy, cancellationToken);
}

/// <summary>The logs of resources. The real service shows them in the dashboard; here they are where the application's own are.</summary>
public class ResourceLoggerService
{
    private readonly ILoggerFactory loggers;

    internal ResourceLoggerService(ILoggerFactory loggers) => this.loggers = loggers;

    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return loggers.CreateLogger(resource.Name);
    }
}
