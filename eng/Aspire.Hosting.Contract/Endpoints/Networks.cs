namespace Aspire.Hosting.ApplicationModel;

/// <summary>A network from which an endpoint is seen.</summary>
public record NetworkIdentifier(string Value);

public static class KnownNetworkIdentifiers
{
    public static readonly NetworkIdentifier LocalhostNetwork = new(KnownHostNames.Localhost);

    public static readonly NetworkIdentifier PublicInternet = new(".");

    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");
}

public static class KnownHostNames
{
    public const string Localhost = "localhost";

    public const string DockerDesktopHostBridge = "host.docker.internal";

    public const string DefaultContainerTunnelHostName = "aspire.dev.internal";
}
