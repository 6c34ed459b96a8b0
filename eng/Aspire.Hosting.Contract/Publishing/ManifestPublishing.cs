using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes resources into a manifest.</summary>
public sealed class ManifestPublishingContext(
    DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer, CancellationToken cancellationToken = default)
{
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public Utf8JsonWriter Writer { get; } = writer;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The path as seen from the manifest's directory, with forward slashes.</summary>
    [return: NotNullIfNotNull(nameof(path))]
    public string? GetManifestRelativePath(string? path) =>
        path is null ? null : Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(manifestPath))!, path).Replace('\\', '/');

    /// <summary>"env": what the resource's environment callbacks give.</summary>
    public Task WriteEnvironmentVariablesAsync(IResource resource)
    {
        if (resource.Variables() is { Count: > 0 } variables)
        {
            Writer.WriteStartObject("env");
            foreach (var (name, value) in variables)
            {
                Writer.WriteString(name, value switch
                {
                    ReferenceExpression expression => expression.ManifestExpression,
                    IManifestExpressionProvider expression => expression.ValueExpression,
                    _ => Convert.ToString(value, CultureInfo.InvariantCulture),
                });
            }

            Writer.WriteEndObject();
        }

        return Task.CompletedTask;
    }

    /// <summary>"args": what the process is started with.</summary>
    public async Task WriteCommandLineArgumentsAsync(IResource resource)
    {
        if (resource is IResourceWithArgs process && await process.GetArgumentValuesAsync().ConfigureAwait(false) is { Length: > 0 } arguments)
        {
            Writer.WriteStartArray("args");
            Array.ForEach(arguments, Writer.WriteStringValue);
            Writer.WriteEndArray();
        }
    }

    /// <summary>"bindings": the resource's endpoints. The contract chooses no ports.</summary>
    public void WriteBindings(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        if (endpoints.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("bindings");
        foreach (var endpoint in endpoints)
        {
            var target = endpoint.TargetPort ?? endpoint.Port
                ?? throw new NotSupportedException($"The contract chooses no port for endpoint '{endpoint.Name}' of resource '{resource.Name}'.");
            var protocol = endpoint.Protocol.ToString().ToLowerInvariant();
            Writer.WriteStartObject(endpoint.Name);
            Writer.WriteString("scheme", endpoint.UriScheme);
            Writer.WriteString("protocol", protocol);
            Writer.WriteString("transport", endpoint.IsHttp ? "http" : protocol);
            if (endpoint.Port is { } port && port != target)
            {
                Writer.WriteNumber("port", port);
            }

            Writer.WriteNumber("targetPort", target);
            if (endpoint.IsExternal)
            {
                Writer.WriteBoolean("external", true);
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    /// <summary>"connectionString", where the resource has one.</summary>
    public void WriteConnectionString(IResource resource)
    {
        if (resource is IResourceWithConnectionString { ConnectionStringExpression: { } expression })
        {
            Writer.WriteString("connectionString", expression.ManifestExpression);
        }
    }

    /// <summary>The entry of a container with an image. The contract writes none with a Dockerfile.</summary>
    public async Task WriteContainerAsync(ContainerResource container)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (container.TryGetLastAnnotation<DockerfileBuildAnnotation>(out _))
        {
            throw new NotSupportedException($"The contract writes no container that is built: '{container.Name}'.");
        }

        var image = container.TryGetLastAnnotation<ContainerImageAnnotation>(out var annotation)
            ? annotation
            : throw new DistributedApplicationException($"Resource '{container.Name}' has no image.");
        Writer.WriteString("type", "container.v0");
        WriteConnectionString(container);
        Writer.WriteString("image", $"{(string.IsNullOrEmpty(image.Registry) ? "" : $"{image.Registry}/")}{image.Image}:{image.Tag}");
        if (container.Entrypoint is { } entrypoint)
        {
            Writer.WriteString("entrypoint", entrypoint);
        }

        await WriteCommandLineArgumentsAsync(container).ConfigureAwait(false);
        WriteMounts(container, "bindMounts", "source", mount => !mount.IsVolume);
        WriteMounts(container, "volumes", "name", mount => mount.IsVolume);
        await WriteEnvironmentVariablesAsync(container).ConfigureAwait(false);
        WriteBindings(container);
    }

    private void WriteMounts(ContainerResource container, string property, string source, Func<ContainerMountAnnotation, bool> which)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().Where(which).ToList();
        if (mounts.Count == 0)
        {
            return;
        }

        Writer.WriteStartArray(property);
        foreach (var mount in mounts)
        {
            Writer.WriteStartObject();
            if (mount.Source is { } from)
            {
                Writer.WriteString(source, mount.IsVolume ? from : GetManifestRelativePath(from));
            }

            Writer.WriteString("target", mount.Target);
            Writer.WriteBoolean("readOnly", mount.IsReadOnly);
            Writer.WriteEndObject();
        }

        Writer.WriteEndArray();
    }
}
