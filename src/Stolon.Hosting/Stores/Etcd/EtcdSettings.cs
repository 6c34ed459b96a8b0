using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Stolon.Hosting.Stores;

/// <summary>The checked settings of a store in etcd.</summary>
/// <param name="ClusterName">The cluster.</param>
/// <param name="Options">The options, without mistakes.</param>
internal sealed partial record EtcdSettings(string ClusterName, EtcdStoreOptions Options)
{
    private const string DefaultEndpoint = "http://127.0.0.1:2379";
    private const int DefaultPort = 2379;

    /// <summary>The members.</summary>
    public IReadOnlyList<Uri> Endpoints { get; } = [.. Addresses(Options).Select(text => WithPort(new Uri(text), text))];

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout => Options.Timeout;

    /// <summary>How leadership behaves.</summary>
    public LeadershipTimes Leadership { get; init; } = LeadershipTimes.Default;

    /// <summary>Finds every mistake.</summary>
    /// <param name="options">The options.</param>
    /// <returns>One sentence each, beginning with the option's name.</returns>
    public static IEnumerable<string> FindMistakes(EtcdStoreOptions options)
    {
        foreach (var address in Addresses(options).Where(address => !IsUsable(address)))
        {
            yield return $"Endpoints: \"{address}\" is no address; write http://HOST:2379 or https://HOST:2379.";
        }

        if (EtcdKeys.Clean(options.Prefix).Trim('/').Length == 0)
        {
            yield return "Prefix: empty; the default is stolon/cluster.";
        }

        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(1))
        {
            yield return $"Timeout: {options.Timeout.TotalSeconds:0.###} s; give 1 to 60 seconds.";
        }

        if (options.CertificateFile is null != options.KeyFile is null)
        {
            yield return "CertificateFile and KeyFile: give both or none.";
        }

        foreach (var (name, file) in new[]
        {
            (nameof(options.CaFile), options.CaFile), (nameof(options.CertificateFile), options.CertificateFile),
            (nameof(options.KeyFile), options.KeyFile), (nameof(options.PasswordFile), options.PasswordFile),
        })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"{name}: there is no file {file}.";
            }
        }

        foreach (var mistake in FindUserMistakes(options).Concat(FindUnreadable(options)))
        {
            yield return mistake;
        }
    }

    /// <summary>The user's password, as it is now.</summary>
    /// <returns>The password.</returns>
    public string ReadPassword() => Options.Password ?? File.ReadAllText(Options.PasswordFile!).TrimEnd('\r', '\n');

    private static IEnumerable<string> FindUnreadable(EtcdStoreOptions options)
    {
        if (options.CaFile is { } ca && File.Exists(ca) && Try(() => ImportAny(ca)) is { } why)
        {
            yield return $"{nameof(options.CaFile)}: {ca}: {why}";
        }

        if (options is { CertificateFile: { } certificate, KeyFile: { } key } && File.Exists(certificate) && File.Exists(key)
            && Try(() => X509Certificate2.CreateFromPemFile(certificate, key).Dispose()) is { } reason)
        {
            yield return $"{nameof(options.CertificateFile)}, {nameof(options.KeyFile)}: {certificate} and {key} are no certificate with its key in PEM form: {reason}";
        }

        static void ImportAny(string file)
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            if (certificates.Count == 0)
            {
                throw new CryptographicException("it holds no certificate in PEM form.");
            }
        }

        static string? Try(Action read)
        {
            try
            {
                read();
                return null;
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
            {
                return exception.Message;
            }
        }
    }

    private static IEnumerable<string> FindUserMistakes(EtcdStoreOptions options)
    {
        var isGiven = options.Password is not null || options.PasswordFile is not null;
        if (options.Username is null && isGiven)
        {
            yield return "Username: missing, though a password is given.";
        }

        if (options.Username is not null && !isGiven)
        {
            yield return "Password: missing; give it or PasswordFile.";
        }

        if (options.Password is not null && options.PasswordFile is not null)
        {
            yield return "Password and PasswordFile: give one of them.";
        }
    }

    private static IEnumerable<string> Addresses(EtcdStoreOptions options)
    {
        var usesTls = options.CaFile is not null || options.CertificateFile is not null || options.SkipTlsVerification;
        return options.Endpoints.Count == 0
            ? [usesTls ? DefaultEndpoint.Replace("http:", "https:", StringComparison.Ordinal) : DefaultEndpoint]
            : options.Endpoints.Select(text => text.Trim()).Select(text =>
                text.Contains("://", StringComparison.Ordinal) ? text : $"{(usesTls ? "https" : "http")}://{text}");
    }

    /// <summary>Who leaves the port out means etcd's, not the web's.</summary>
    private static Uri WithPort(Uri address, string text) =>
        address.IsDefaultPort && !PortAtEnd().IsMatch(text) ? new UriBuilder(address) { Port = DefaultPort }.Uri : address;

    [GeneratedRegex(@":\d+/?$", RegexOptions.None, 1000)]
    private static partial Regex PortAtEnd();

    private static bool IsUsable(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.Host.Length > 0
        && uri.PathAndQuery == "/"
        && uri.UserInfo.Length == 0;
}
