namespace Aspire.Hosting.ApplicationModel;

internal sealed class EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback) : IResourceAnnotation
{
    public Action<EnvironmentCallbackContext> Callback { get; } = callback;
}

public class EnvironmentCallbackContext
{
    internal EnvironmentCallbackContext()
    {
    }

    /// <summary>Text, or something with a value: a parameter, an endpoint, an expression.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = [];
}

internal sealed class ArgumentsAnnotation(IEnumerable<string> arguments) : IResourceAnnotation
{
    public IEnumerable<string> Arguments { get; } = arguments;
}

/// <summary>The resource starts when another is healthy.</summary>
public sealed class WaitAnnotation : IResourceAnnotation
{
    internal WaitAnnotation(IResource resource) => Resource = resource;

    public IResource Resource { get; }
}

public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    /// <summary>"Parent" or "WaitFor", or a word of one's own.</summary>
    public string Type { get; } = type;
}

public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}
