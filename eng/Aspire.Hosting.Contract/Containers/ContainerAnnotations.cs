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

public class DockerfileBuildAnnotation : IResourceAnnotation
{
    internal DockerfileBuildAnnotation(string dockerfilePath) => DockerfilePath = dockerfilePath;

    public string DockerfilePath { get; }

    public Dictionary<string, object?> BuildArguments { get; } = [];
}
