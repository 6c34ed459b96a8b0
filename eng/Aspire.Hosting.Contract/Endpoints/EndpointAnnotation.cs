using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port that a resource listens on, as wished.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private string? transport;
    private int? port;
    private bool portIsUnset;
    private int? targetPort;
    private bool targetPortIsUnset;
    private bool? tlsEnabled;

    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        [EndpointName] string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
        : this(protocol, null, uriScheme, transport, name, port, targetPort, isExternal, isProxied)
    {
    }

    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme,
        string? transport,
        [EndpointName] string? name,
        int? port,
        int? targetPort,
        bool? isExternal,
        bool isProxied)
        : this(protocol, null, uriScheme, transport, name, port, targetPort, isExternal, (bool?)isProxied)
    {
    }

    public EndpointAnnotation(
        ProtocolType protocol,
        NetworkIdentifier? networkId,
        string? uriScheme = null,
        string? transport = null,
        [EndpointName] string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Name = name ?? UriScheme;
        ModelName.Validate(nameof(EndpointAnnotation), Name);
        this.transport = transport;
        this.port = port;
        this.targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsExplicitlyProxied = isProxied;
        DefaultNetworkID = networkId ?? KnownNetworkIdentifiers.LocalhostNetwork;
    }

    public EndpointAnnotation(
        ProtocolType protocol,
        NetworkIdentifier? networkId,
        string? uriScheme,
        string? transport,
        [EndpointName] string? name,
        int? port,
        int? targetPort,
        bool? isExternal,
        bool isProxied)
        : this(protocol, networkId, uriScheme, transport, name, port, targetPort, isExternal, (bool?)isProxied)
    {
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    /// <summary>What a client connects to. Without a proxy it is the target port unless set.</summary>
    public int? Port
    {
        get => port ?? (IsProxied || portIsUnset ? null : targetPort);
        set
        {
            port = value;
            portIsUnset = value is null;
        }
    }

    /// <summary>What the process listens on. Without a proxy it is the port unless set.</summary>
    public int? TargetPort
    {
        get => targetPort ?? (IsProxied || targetPortIsUnset ? null : port);
        set
        {
            targetPort = value;
            targetPortIsUnset = value is null;
        }
    }

    public string UriScheme { get; set; }

    public string TargetHost { get; set; } = KnownHostNames.Localhost;

    public string Transport
    {
        get => transport ?? (IsHttp ? "http" : Protocol.ToString().ToLowerInvariant());
        set => transport = value;
    }

    public bool IsExternal { get; set; }

    public bool IsProxied
    {
        get => IsExplicitlyProxied ?? true;
        set => IsExplicitlyProxied = value;
    }

    public bool? IsExplicitlyProxied { get; set; }

    /// <summary>Not handed to those that refer to the whole resource.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    public bool TlsEnabled
    {
        get => tlsEnabled ?? string.Equals(UriScheme, "https", StringComparison.OrdinalIgnoreCase);
        set => tlsEnabled = value;
    }

    public NetworkIdentifier DefaultNetworkID { get; }

    public NetworkEndpointSnapshotList AllAllocatedEndpoints { get; } = new();

    /// <summary>Where the endpoint is in its own network; null until it is known.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => AllAllocatedEndpoints.For(DefaultNetworkID).Current;
        set
        {
            if (value is null)
            {
                AllAllocatedEndpoints.For(DefaultNetworkID).SetException(new InvalidOperationException($"Endpoint '{Name}' has no address."));
                return;
            }

            if (value.NetworkID != DefaultNetworkID)
            {
                throw new InvalidOperationException($"The endpoint is allocated for {value.NetworkID}, not for {DefaultNetworkID}.");
            }

            AllAllocatedEndpoints.For(DefaultNetworkID).SetValue(value);
        }
    }

    internal bool IsHttp =>
        string.Equals(UriScheme, "http", StringComparison.OrdinalIgnoreCase) || string.Equals(UriScheme, "https", StringComparison.OrdinalIgnoreCase);
}
