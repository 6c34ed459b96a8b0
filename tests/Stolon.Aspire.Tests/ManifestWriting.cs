using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Stolon.Aspire.Tests;

/// <summary>
/// Entries of a manifest, one resource at a time, written by public members alone: what Aspire writes whole manifests with is internal.
/// </summary>
internal static class ManifestWriting
{
    /// <summary>The JSON of the resource's entry, indented.</summary>
    public static async Task<string> EntryAsync(this IResource resource)
    {
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream))
        {
            var path = Path.Combine(Directory.GetCurrentDirectory(), "manifest.json");
            writer.WriteStartObject();
            await new ManifestPublishingContext(new(DistributedApplicationOperation.Publish), path, writer).WriteResourceAsync(resource);
            writer.WriteEndObject();
        }

        return Indented(JsonNode.Parse(stream.ToArray())![resource.Name]!);
    }

    /// <summary>JSON as the tests compare it.</summary>
    public static string Indented(string json) => Indented(JsonNode.Parse(json)!);

    /// <summary>Writes a property with the resource's name; nothing when the manifest does not mention the resource.</summary>
    public static async Task WriteResourceAsync(this ManifestPublishingContext context, IResource resource)
    {
        var overridden = resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var own);
        if (overridden && own!.Callback is null)
        {
            return;
        }

        context.Writer.WriteStartObject(resource.Name);
        await (overridden ? own!.Callback!(context) : WriteEntryAsync(context, resource));
        context.Writer.WriteEndObject();
    }

    private static async Task WriteEntryAsync(ManifestPublishingContext context, IResource resource)
    {
        switch (resource)
        {
            case ContainerResource container:
                await context.WriteContainerAsync(container);
                break;
            case ExecutableResource executable:
                context.Writer.WriteString("type", "executable.v0");
                context.WriteConnectionString(executable);
                context.Writer.WriteString("workingDirectory", context.GetManifestRelativePath(executable.WorkingDirectory));
                context.Writer.WriteString("command", executable.Command);
                await context.WriteCommandLineArgumentsAsync(executable);
                await context.WriteEnvironmentVariablesAsync(executable);
                context.WriteBindings(executable);
                break;
            case IResourceWithConnectionString and not ParameterResource:
                context.Writer.WriteString("type", "value.v0");
                context.WriteConnectionString(resource);
                break;
            default:
                throw new NotSupportedException($"No public member writes the entry of a {resource.GetType().Name}.");
        }
    }

    private static string Indented(JsonNode json) => json.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
}
