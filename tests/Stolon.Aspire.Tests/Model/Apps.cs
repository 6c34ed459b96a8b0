using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire.Tests.Model;

/// <summary>Applications that are not started: what is in them is looked at.</summary>
internal static class Apps
{
    /// <summary>The network that containers share.</summary>
    private static readonly NetworkIdentifier Containers = KnownNetworkIdentifiers.DefaultAspireContainerNetwork;

    /// <summary>An application that would run.</summary>
    /// <returns>Its builder.</returns>
    public static IDistributedApplicationBuilder ToRun() => DistributedApplication.CreateBuilder([]);

    /// <summary>An application that would be published.</summary>
    /// <returns>Its builder.</returns>
    public static IDistributedApplicationBuilder ToPublish() => DistributedApplication.CreateBuilder(["--operation", "publish", "--publisher", "manifest", "--output-path", Path.GetTempPath()]);

    /// <summary>A cluster whose members are processes; that there are such programs is not looked at here.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Its name.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> AddClusterOfProcesses(this IDistributedApplicationBuilder builder, string name = "pg") =>
        builder.AddStolonCluster(name, configure: options => (options.RunMode, options.ExecutablePath) = (StolonRunMode.Executables, "/opt/stolon/stolon"));

    /// <summary>A cluster whose members are containers.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Its name.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> AddClusterOfContainers(this IDistributedApplicationBuilder builder, string name = "pg") =>
        builder.AddStolonCluster(name, configure: options => options.RunMode = StolonRunMode.Containers);

    /// <summary>The names of all resources, without parameters.</summary>
    /// <param name="builder">The application.</param>
    /// <returns>Sorted.</returns>
    public static string[] Names(this IDistributedApplicationBuilder builder) =>
        [.. builder.Resources.Where(resource => resource is not ParameterResource).Select(resource => resource.Name).Order(StringComparer.Ordinal)];

    /// <summary>The variables of a member, as they would be when every endpoint has its place.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>Names and values.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> VariablesAsync(this IDistributedApplicationBuilder builder, string name)
    {
        builder.Place();
        var member = builder.Resources.OfType<IStolonMember>().Single(member => member.Name == name);
        var variables = await member.GetEnvironmentVariableValuesAsync();
        if (member.Cluster.Plan.PassingFolder is { } made && Directory.Exists(made.Path))
        {
            // Nothing runs that would keep anything in it.
            made.Delete();
        }

        return variables;
    }

    /// <summary>Gives every endpoint a place, as the orchestrator would: ports from 20000 on, in the order of the resources.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="next">The next free port; null = 20000, 20001 and so on.</param>
    public static void Place(this IDistributedApplicationBuilder builder, Func<int>? next = null)
    {
        var port = 20_000;
        next ??= () => port++;
        foreach (var (resource, endpoint) in builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource, endpoint)))
            .Where(one => one.endpoint.AllocatedEndpoint is null))
        {
            var given = endpoint.Port ?? next();
            endpoint.TargetPort ??= given;
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "127.0.0.1", given);
            endpoint.AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(Containers, new AllocatedEndpoint(
                endpoint, $"{resource.Name}.dev.internal", endpoint.TargetPort.Value, EndpointBindingMode.SingleAddress, targetPortExpression: null, Containers));
        }
    }
}
