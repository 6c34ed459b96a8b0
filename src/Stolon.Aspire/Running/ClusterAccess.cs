using Aspire.Hosting.ApplicationModel;
using Stolon.Hosting.Administration;

namespace Stolon.Aspire.Running;

/// <summary>The way from the AppHost to a cluster's store, opened when it is needed first, and shared.</summary>
internal sealed class ClusterAccess(StolonClusterResource cluster) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private StoreConnection? connection;

    /// <summary>What can be asked of the cluster.</summary>
    /// <param name="cancellationToken">Gives up waiting for etcd's address.</param>
    /// <returns>The requests.</returns>
    public async Task<IStolonAdministration> OpenAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (connection is not null)
            {
                return connection.Administration;
            }
        }

        var opened = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        StoreConnection kept;
        lock (gate)
        {
            kept = connection ??= opened;
        }

        if (kept != opened)
        {
            await opened.DisposeAsync().ConfigureAwait(false);
        }

        return kept.Administration;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<StoreConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var endpoints = cluster.StoreEndpoints;
        if (endpoints.Count == 0)
        {
            return StoreConnection.ToFile(cluster.Name, cluster.StoreFile);
        }

        var urls = new List<string>();
        foreach (var endpoint in endpoints)
        {
            urls.Add(await endpoint.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("etcd has no address."));
        }

        return StoreConnection.ToEtcd(cluster.Name, [.. urls]);
    }
}
