using System.Text.RegularExpressions;
using Stolon.Hosting;

namespace Stolon.Cli.Options;

/// <summary>The library complains about its options by their C# names; here they are called as on the command line.</summary>
internal static partial class FlagNames
{
    private static readonly Dictionary<string, string> Keeper = new(StringComparer.Ordinal)
    {
        [nameof(KeeperOptions.Uid)] = "--uid",
        [nameof(KeeperOptions.DataDirectory)] = "--data-dir",
        [nameof(KeeperOptions.ListenAddress)] = "--pg-listen-address",
        [nameof(KeeperOptions.Port)] = "--pg-port",
        [nameof(KeeperOptions.AdvertiseAddress)] = "--pg-advertise-address",
        [nameof(KeeperOptions.AdvertisePort)] = "--pg-advertise-port",
        [nameof(KeeperOptions.BinDirectory)] = "--pg-bin-path",
        [nameof(KeeperOptions.SuperuserName)] = "--pg-su-username",
        [nameof(KeeperOptions.SuperuserPassword)] = "--pg-su-password",
        [nameof(KeeperOptions.SuperuserPasswordFile)] = "--pg-su-passwordfile",
        [nameof(KeeperOptions.SuperuserAuthMethod)] = "--pg-su-auth-method",
        [nameof(KeeperOptions.ReplicationName)] = "--pg-repl-username",
        [nameof(KeeperOptions.ReplicationPassword)] = "--pg-repl-password",
        [nameof(KeeperOptions.ReplicationPasswordFile)] = "--pg-repl-passwordfile",
        [nameof(KeeperOptions.ReplicationAuthMethod)] = "--pg-repl-auth-method",
        [nameof(KeeperOptions.DisableDataDirectoryLocking)] = "--disable-data-dir-locking",
    };

    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        [nameof(ProxyOptions.ListenAddress)] = "--listen-address",
        [nameof(ProxyOptions.Port)] = "--port",
        [nameof(ProxyOptions.KeepAliveIdle)] = "--tcp-keepalive-idle",
        [nameof(ProxyOptions.KeepAliveCount)] = "--tcp-keepalive-count",
        [nameof(ProxyOptions.KeepAliveInterval)] = "--tcp-keepalive-interval",
        [nameof(SentinelOptions.InitialClusterSpec)] = "--initial-cluster-spec",
        [nameof(SentinelOptions.InitialClusterSpecFile)] = "--initial-cluster-spec",
        [nameof(EtcdStoreOptions.Endpoints)] = "--store-endpoints",
        [nameof(EtcdStoreOptions.Prefix)] = "--store-prefix",
        [nameof(EtcdStoreOptions.Timeout)] = "--store-timeout",
        [nameof(EtcdStoreOptions.CaFile)] = "--store-ca-file",
        [nameof(EtcdStoreOptions.CertificateFile)] = "--store-cert-file",
        [nameof(EtcdStoreOptions.KeyFile)] = "--store-key",
        [nameof(EmbeddedStoreOptions.Path)] = "--store-endpoints",
    };

    /// <summary>Says a complaint in the words of the command line.</summary>
    /// <param name="complaint">The library's sentence.</param>
    /// <returns>The sentence.</returns>
    public static string Translate(string complaint)
    {
        var label = Label().Match(complaint);
        var names = label.Groups["role"].Value == "Keeper" ? Keeper : Others;
        return Word().Replace(complaint[label.Length..], word => names.GetValueOrDefault(word.Value, word.Value)).TrimEnd('.');
    }

    [GeneratedRegex(@"\A[^\s:]+: ((?<role>Keeper|Sentinel|Proxy): )?(?=[A-Z])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"(?<![\w/.""-])[A-Z][A-Za-z]+\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Word();
}
