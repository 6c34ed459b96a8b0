using System.Collections;

namespace Aspire.Hosting.ApplicationModel;

public record NetworkEndpointSnapshot(ValueSnapshot<AllocatedEndpoint> Snapshot, NetworkIdentifier NetworkID);

/// <summary>Where an endpoint is, network by network.</summary>
public class NetworkEndpointSnapshotList : IEnumerable<NetworkEndpointSnapshot>
{
    private readonly Lock gate = new();
    private readonly List<NetworkEndpointSnapshot> snapshots = [];

    public IEnumerator<NetworkEndpointSnapshot> GetEnumerator()
    {
        lock (gate)
        {
            return snapshots.ToList().GetEnumerator();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <exception cref="ArgumentException">The endpoint was allocated for another network.</exception>
    public void AddOrUpdateAllocatedEndpoint(NetworkIdentifier networkId, AllocatedEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.NetworkID != networkId)
        {
            throw new ArgumentException("The endpoint is allocated for another network.", nameof(endpoint));
        }

        For(networkId).SetValue(endpoint);
    }

    /// <summary>Waits until the endpoint is allocated for that network.</summary>
    public Task<AllocatedEndpoint> GetAllocatedEndpointAsync(NetworkIdentifier networkId, CancellationToken cancellationToken = default) =>
        For(networkId).GetValueAsync(cancellationToken);

    internal ValueSnapshot<AllocatedEndpoint> For(NetworkIdentifier network)
    {
        lock (gate)
        {
            if (snapshots.Find(known => known.NetworkID == network) is { } found)
            {
                return found.Snapshot;
            }

            var added = new NetworkEndpointSnapshot(new ValueSnapshot<AllocatedEndpoint>(), network);
            snapshots.Add(added);
            return added.Snapshot;
        }
    }
}
