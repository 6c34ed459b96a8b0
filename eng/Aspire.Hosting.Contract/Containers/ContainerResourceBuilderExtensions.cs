using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ContainerResourceBuilderExtensions
{
    public static IResourceBuilder<ContainerResource> AddContainer(this IDistributedApplicationBuilder builder, [ResourceName] string name, string image)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddResource(new ContainerResource(name)).WithImage(image);
    }

    /// <summary>The tag is "latest" unless said. The contract takes it apart from the image only.</summary>
    public static IResourceBuilder<T> WithImage<T>(this IResourceBuilder<T> builder, string image, string? tag = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(image);
        if (image.AsSpan(image.LastIndexOf('/') + 1).ContainsAny(':', '@'))
        {
            throw new NotSupportedException($"The contract takes no tag or digest in an image's name: '{image}'.");
        }

        if (!builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var annotation))
        {
            annotation = new ContainerImageAnnotation { Image = image };
            builder.Annotated(annotation);
        }

        (annotation.Image, annotation.Tag) = (image, tag ?? "latest");
        return builder;
    }

    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        Last<ContainerImageAnnotation>(builder.Resource, nameof(WithImage)).Registry = registry;
        return builder;
    }

    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
        where T : ContainerResource => builder.Annotated(new ContainerMountAnnotation(name, target, isVolume: true, isReadOnly));

    /// <summary>A relative source is one of the application host's directory.</summary>
    public static IResourceBuilder<T> WithBindMount<T>(this IResourceBuilder<T> builder, string source, string target, bool isReadOnly = false)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        var path = Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory);
        return builder.Annotated(new ContainerMountAnnotation(path, target, isVolume: false, isReadOnly));
    }

    /// <summary>Paths are relative to the application host's directory, and the file to the context; it is "Dockerfile" unless said.</summary>
    public static IResourceBuilder<T> WithDockerfile<T>(
        this IResourceBuilder<T> builder, string contextPath, string? dockerfilePath = null, string? stage = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        Last<ContainerImageAnnotation>(builder.Resource, nameof(WithImage));
        var context = Path.GetFullPath(contextPath, builder.ApplicationBuilder.AppHostDirectory);
        return builder.AnnotatedOnce(new DockerfileBuildAnnotation(Path.GetFullPath(dockerfilePath ?? "Dockerfile", context)))
            .WithImage(builder.Resource.Name.ToLowerInvariant()).WithImageRegistry(null);
    }

    public static IResourceBuilder<T> WithBuildArg<T>(this IResourceBuilder<T> builder, string name, object? value)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        Last<DockerfileBuildAnnotation>(builder.Resource, nameof(WithDockerfile)).BuildArguments[name] = value;
        return builder;
    }

    public static IResourceBuilder<T> WithContainerRuntimeArgs<T>(this IResourceBuilder<T> builder, Action<ContainerRuntimeArgsCallbackContext> callback)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);

        return builder.Annotated(new ContainerRuntimeArgsCallbackAnnotation(context =>
        {
            callback(context);
            return Task.CompletedTask;
        }));
    }

    private static T Last<T>(IResource resource, string method)
        where T : IResourceAnnotation => resource.TryGetLastAnnotation<T>(out var annotation)
            ? annotation
            : throw new InvalidOperationException($"Resource '{resource.Name}': {method} comes first.");
}

public static class VolumeNameGenerator
{
    private const int HashLength = 10;

    /// <summary>"application-hash-resource-suffix": the same for one application host, another for another.</summary>
    public static string Generate<T>(IResourceBuilder<T> builder, string suffix)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        var application = Assembly.GetEntryAssembly()?.GetName().Name?.ToLowerInvariant();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(builder.ApplicationBuilder.AppHostDirectory)));
        return $"{application}-{hash[..HashLength]}-{builder.Resource.Name}-{suffix}";
    }
}
