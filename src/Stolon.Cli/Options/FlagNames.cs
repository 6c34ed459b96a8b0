using System.Text.RegularExpressions;
using Stolon.AspNetCore;
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
        [nameof(KeeperOptions.LivenessPort)] = "--liveness-port",
        [nameof(KeeperOptions.CopyMegabytesPerSecond)] = "--copy-max-rate",
    };

    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        [nameof(ProxyOptions.ListenAddress)] = "--listen-address",
        [nameof(ProxyOptions.Port)] = "--port",
        [nameof(ProxyOptions.LivenessPort)] = "--liveness-port",
        [nameof(ProxyOptions.LivenessAddress)] = "--liveness-address",
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
        [nameof(EtcdStoreOptions.Username)] = "--store-username",
        [nameof(EtcdStoreOptions.Password)] = "--store-password-file",
        [nameof(EtcdStoreOptions.PasswordFile)] = "--store-password-file",
        [nameof(HttpListenerOptions.Address)] = "--metrics-listen-address",
        [nameof(EmbeddedStoreOptions.Path)] = "--store-endpoints",
    };

    /// <summary>Says a complaint in the words of the command line.</summary>
    /// <param name="complaint">The library's sentence.</param>
    /// <returns>The sentence.</returns>
    public static string Translate(string complaint)
    {
        var label = Label().Match(complaint);
        return InFlags(complaint[label.Length..], label.Groups["role"].Value == "Keeper" ? Keeper : Others)
            .Replace("missing; give it or --store-password-file", "missing; give the file with the password of --store-username", StringComparison.Ordinal)
            .TrimEnd('.');
    }

    /// <summary>Says what the library warns a keeper of in the words of the command line.</summary>
    /// <param name="warning">The library's sentence, after the cluster's name.</param>
    /// <returns>The sentence.</returns>
    public static string TranslateKeeper(string warning) => InFlags(warning, Keeper);

    /// <summary>Says any other sentence of the library in the words of the command line: most name no option.</summary>
    /// <param name="sentence">The library's sentence.</param>
    /// <returns>The sentence.</returns>
    public static string TranslateMentions(string sentence) =>
        sentence.StartsWith("The proxy cannot listen on ", StringComparison.Ordinal) || sentence.StartsWith("ListenAddress: ", StringComparison.Ordinal)
            ? InFlags(sentence, Others)
            : Mention().Replace(sentence, name => Keeper.GetValueOrDefault(name.Value, name.Value));

    private static string InFlags(string text, Dictionary<string, string> names) => Word().Replace(text, word => names.GetValueOrDefault(word.Value, word.Value));

    [GeneratedRegex(@"\A(HTTP listener|[^\s:]+): ((?<role>Keeper|Sentinel|Proxy): )?(?=[A-Z])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"(?<=\boption )[A-Z][A-Za-z]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mention();

    [GeneratedRegex(@"(?<![\w/.""-])[A-Z][A-Za-z]+\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Word();
}
