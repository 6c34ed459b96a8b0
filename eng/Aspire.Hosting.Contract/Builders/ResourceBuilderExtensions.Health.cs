using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    private const int StatusOk = 200;

    /// <summary>The resource is healthy while the check with this name is. One resource takes one check once.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(known => string.Equals(known.Key, key, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"Resource '{builder.Resource.Name}' has the health check '{key}' already.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, [EndpointName] string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        string[] names = endpointName is null ? ["http", "https"] : [endpointName];
        return builder.WithHttpHealthCheck(
            () => names.Select(name => builder.GetEndpoint(name)).FirstOrDefault(endpoint => endpoint.Exists)
                ?? throw new DistributedApplicationException(
                    $"Resource '{builder.Resource.Name}' has no endpoint to check that is called {string.Join(" or ", names)}."),
            path,
            statusCode);
    }

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (endpointSelector is null)
        {
            return builder.WithHttpHealthCheck(path, statusCode);
        }

        var endpoint = endpointSelector();
        if (!endpoint.IsHttp && !endpoint.IsHttps)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{endpoint.EndpointName}' of resource '{endpoint.Resource.Name}' cannot be checked over HTTP: its scheme is {endpoint.Scheme}.");
        }

        var (asked, expected) = (path ?? "/", statusCode ?? StatusOk);
        var key = string.Create(CultureInfo.InvariantCulture, $"{builder.Resource.Name}_{endpoint.EndpointName}_{asked}_{expected}_check");
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(
            key, cancellationToken => AskAsync(endpoint, asked, expected, cancellationToken));
        return builder.WithHealthCheck(key);
    }

    private static async Task<HealthCheckResult> AskAsync(EndpointReference endpoint, string path, int expected, CancellationToken cancellationToken)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy($"The endpoint '{endpoint.EndpointName}' has no address yet.");
        }

        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(new Uri(endpoint.Url), path), cancellationToken).ConfigureAwait(false);
        return (int)response.StatusCode == expected
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(string.Create(CultureInfo.InvariantCulture, $"Status {(int)response.StatusCode}, not {expected}."));
    }
}
