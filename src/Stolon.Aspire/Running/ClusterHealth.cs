using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Stolon.Storage;

namespace Stolon.Aspire.Running;

/// <summary>A cluster is healthy when its document says so, and a client gets an answer through the proxies.</summary>
internal sealed class ClusterHealth(StolonClusterResource cluster)
{
    /// <summary>Finds out.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether clients can write, or why not.</returns>
    public async Task<HealthCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var administration = await cluster.Access.OpenAsync(cancellationToken).ConfigureAwait(false);
            var overview = await administration.GetStatusAsync(cancellationToken).ConfigureAwait(false);
            return ClusterView.Trouble(overview) is { } trouble
                ? HealthCheckResult.Unhealthy(trouble)
                : await SqlHealth.CheckAsync(cluster, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Message, exception);
        }
    }
}
