namespace Aspire.Hosting.ApplicationModel;

public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    public string? Registry { get; set; }

    public required string Image { get; set; }

    public string? Tag { get; set; }
}

public sealed class ContainerMountAnnotation : IResourceAnnotation
{
    internal ContainerMountAnnotation(string? source, string target, bool isVolume, bool isReadOnly) =>
        (Source, Target, IsVolume, IsReadOnly) = (source, target, isVolume, isReadOnly);

    public string? Source { get; }

    public string Target { get; }

    internal bool IsVolume { get; }

    internal bool IsReadOnly { get; }
}

/// <summary>Arguments for the container runtime itself, not for the program in the container.</summary>
public sealed class ContainerRuntimeArgsCallbackAnnotation(Func<ContainerRuntimeArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<ContainerRuntimeArgsCallbackContext, Task> Callback { get; } = callback;
}

public sealed class ContainerRuntimeArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    public IList<object> Args { get; } = args;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

public class DockerfileBuildAnnotation : IResourceAnnotation
{
    internal DockerfileBuildAnnotation(string dockerfilePath) => DockerfilePath = dockerfilePath;

    public string DockerfilePath { get; }

    public Dictionary<string, object?> BuildArguments { get; } = [];
}
