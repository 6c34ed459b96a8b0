namespace Aspire.Hosting.ApplicationModel;

/// <summary>A network from which an endpoint is seen.</summary>
public record NetworkIdentifier(string Value);

public static class KnownNetworkIdentifiers
{
    public static readonly NetworkIdentifier LocalhostNetwork = new("localhost");

    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");
}

public enum EndpointBindingMode
{
    SingleAddress,
}

/// <summary>Where an endpoint is, seen from one network.</summary>
public class AllocatedEndpoint(
    EndpointAnnotation endpoint,
    string address,
    int port,
    EndpointBindingMode bindingMode,
    string? targetPortExpression = null,
    NetworkIdentifier? networkId = null)
{
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
        : this(endpoint, address, port, EndpointBindingMode.SingleAddress, targetPortExpression)
    {
    }

    public string Address { get; } = address;

    public int Port { get; } = port;

    public EndpointBindingMode BindingMode { get; } = bindingMode;

    internal string? TargetPortExpression { get; } = targetPortExpression;

    internal NetworkIdentifier Network { get; } = networkId ?? KnownNetworkIdentifiers.LocalhostNetwork;

    internal string HostAndPort => $"{Address}:{Port}";

    internal string Url => $"{endpoint.UriScheme}://{HostAndPort}";
}

/// <summary>Where an endpoint is, network by network.</summary>
public class NetworkEndpointSnapshotList
{
    private readonly Lock gate = new();
    private readonly Dictionary<NetworkIdentifier, TaskCompletionSource<AllocatedEndpoint>> allocated = [];

    internal NetworkEndpointSnapshotList()
    {
    }

    public void AddOrUpdateAllocatedEndpoint(NetworkIdentifier networkId, AllocatedEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Network != networkId)
        {
            throw new ArgumentException("The endpoint is allocated for another network.", nameof(endpoint));
        }

        lock (gate)
        {
            if (!For(networkId).TrySetResult(endpoint))
            {
                allocated.Remove(networkId);
                For(networkId).SetResult(endpoint);
            }
        }
    }

    /// <summary>Ends when the endpoint is allocated for that network.</summary>
    internal Task<AllocatedEndpoint> In(NetworkIdentifier network)
    {
        lock (gate)
        {
            return For(network).Task;
        }
    }

    private TaskCompletionSource<AllocatedEndpoint> For(NetworkIdentifier network) => allocated.TryGetValue(network, out var known)
        ? known
        : allocated[network] = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
