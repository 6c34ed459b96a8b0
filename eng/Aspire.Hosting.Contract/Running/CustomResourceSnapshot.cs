using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

public static class CustomResourceKnownProperties
{
    public static string Source { get; } = "resource.source";
}

/// <summary>A resource's state at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    public required string ResourceType { get; init; }

    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    public DateTime? StartTimeStamp { get; init; }

    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Null unless running. The contract runs no health checks: whatever runs is healthy.</summary>
    public HealthStatus? HealthStatus => State?.Text == KnownResourceStates.Running ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy : null;
}

public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

public sealed record ResourcePropertySnapshot(string Name, object? Value);

public static class KnownResourceStates
{
    public static readonly string Running = nameof(Running);

    public static readonly string Waiting = nameof(Waiting);
}

/// <summary>The state that a resource begins with.</summary>
internal sealed class ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot) : IResourceAnnotation
{
    public CustomResourceSnapshot InitialSnapshot { get; } = initialSnapshot;
}

/// <summary>A resource got another state.</summary>
public class ResourceEvent
{
    internal ResourceEvent(IResource resource, CustomResourceSnapshot snapshot) => (Resource, Snapshot) = (resource, snapshot);

    public IResource Resource { get; }

    public CustomResourceSnapshot Snapshot { get; }
}
