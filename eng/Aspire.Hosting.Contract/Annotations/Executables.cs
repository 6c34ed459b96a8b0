namespace Aspire.Hosting.ApplicationModel;

public sealed class ExecutableAnnotation : IResourceAnnotation
{
    public required string Command { get; set; }

    public required string WorkingDirectory { get; set; }
}

/// <summary>Waits for a person to start it.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;
