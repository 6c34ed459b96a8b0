namespace Aspire.Hosting.ApplicationModel;

public enum WaitType
{
    WaitUntilHealthy,
    WaitForCompletion,
    WaitUntilStarted,
}

public enum WaitBehavior
{
    /// <summary>Waits on, whatever happens to the dependency.</summary>
    WaitOnResourceUnavailable,

    /// <summary>Fails when the dependency fails.</summary>
    StopOnResourceUnavailable,
}

public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public WaitType WaitType { get; } = waitType;

    public WaitBehavior? WaitBehavior { get; init; }

    public int ExitCode { get; } = exitCode;
}

public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    /// <summary>"Parent", "Reference" or "WaitFor", or a word of one's own.</summary>
    public string Type { get; } = type;
}

public class HealthCheckAnnotation : IResourceAnnotation
{
    public HealthCheckAnnotation(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);

        Key = key;
    }

    public string Key { get; }
}

public enum IconVariant
{
    Regular,
    Filled,
}

public sealed class ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled) : IResourceAnnotation
{
    public string IconName { get; } = iconName ?? throw new ArgumentNullException(nameof(iconName));

    public IconVariant IconVariant { get; } = iconVariant;
}

/// <summary>The words of <see cref="ResourceRelationshipAnnotation.Type"/> that have a meaning of their own.</summary>
internal static class Relationship
{
    public const string Parent = "Parent";
    public const string Reference = "Reference";
    public const string WaitFor = "WaitFor";
}
