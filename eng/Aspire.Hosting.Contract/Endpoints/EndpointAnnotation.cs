using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

public enum UrlDisplayLocation
{
    SummaryAndDetails,
    DetailsOnly,
}

public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    public string? DisplayText { get; set; }

    public UrlDisplayLocation DisplayLocation { get; set; }
}

/// <summary>A port that a resource listens on, as wished.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private int? port;
    private int? targetPort;

    internal EndpointAnnotation(
        ProtocolType protocol, string? uriScheme = null, string? name = null, int? port = null, int? targetPort = null, bool isExternal = false, bool isProxied = true)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Name = name ?? UriScheme;
        ModelName.Validate(nameof(EndpointAnnotation), Name);
        (this.port, this.targetPort, IsExternal, IsProxied) = (port, targetPort, isExternal, isProxied);
    }

    public string Name { get; }

    public string UriScheme { get; }

    public bool IsProxied { get; }

    /// <summary>What a client connects to. Without a proxy it is the target port unless set.</summary>
    public int? Port
    {
        get => port ?? (IsProxied ? null : targetPort);
        set => port = value;
    }

    /// <summary>What the process listens on. Without a proxy it is the port unless set.</summary>
    public int? TargetPort
    {
        get => targetPort ?? (IsProxied ? null : port);
        set => targetPort = value;
    }

    public NetworkEndpointSnapshotList AllAllocatedEndpoints { get; } = new();

    /// <summary>Where the endpoint is on this machine; null until it is known.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get;
        set => AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(KnownNetworkIdentifiers.LocalhostNetwork, field = value!);
    }

    internal ProtocolType Protocol { get; }

    internal bool IsExternal { get; }

    internal bool IsHttp => UriScheme is "http" or "https";
}
