namespace Stolon.Aspire.Topology;

/// <summary>Ports and folders inside a container.</summary>
internal static class ContainerLayout
{
    public const int PostgresPort = 5432;
    public const int ProxyPort = 25432;
    public const int MetricsPort = 9090;
    public const int ClientPort = 2379;
    public const int PeerPort = 2380;

    /// <summary>Where a keeper's volume is mounted.</summary>
    public const string KeeperData = "/var/lib/stolon";

    /// <summary>Where an etcd's volume is mounted.</summary>
    public const string EtcdData = "/var/lib/etcd";
}
