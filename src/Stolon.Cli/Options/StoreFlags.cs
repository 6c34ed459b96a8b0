using System.Collections.Immutable;
using System.CommandLine;
using Stolon.Cluster;

namespace Stolon.Cli.Options;

/// <summary>Where the cluster is kept: the flags that all commands share.</summary>
internal sealed class StoreFlags
{
    /// <summary>stolon's default, which is ours too.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly Option<string?> clusterName = Flag.Text("--cluster-name", "The cluster's name.", "NAME");

    private readonly Option<string?> backend = new("--store-backend")
    {
        Description = "etcdv3; or embedded: one file on this machine. consul and kubernetes are not there yet.",
        HelpName = "etcdv3|embedded",
    };

    private readonly Option<string?> endpoints = Flag.Text(
        "--store-endpoints", "etcdv3: the members, separated by commas, with or without http:// (default http://127.0.0.1:2379). embedded: the file.", "LIST");

    private readonly Option<string?> prefix = Flag.Text("--store-prefix", "What all keys begin with (default stolon/cluster).");
    private readonly Option<TimeSpan> timeout = Flag.Duration("--store-timeout", "How long one request may take (default 5s).", DefaultTimeout);
    private readonly Option<string?> caFile = Flag.Text("--store-ca-file", "The certificates that may vouch for the store (PEM).", "FILE");
    private readonly Option<string?> certFile = Flag.Text("--store-cert-file", "The certificate to show to the store (PEM).", "FILE");
    private readonly Option<string?> key = Flag.Text("--store-key", "The private key of --store-cert-file (PEM).", "FILE");
    private readonly Option<bool> skipVerify = Flag.Switch("--store-skip-tls-verify", "Accept any certificate of the store.");
    private readonly Option<string?> username = Flag.Text("--store-username", "The user of etcd's own authentication (ours; stolon has none).", "NAME");
    private readonly Option<string?> passwordFile = Flag.Text("--store-password-file", "A file with that user's password.", "FILE");
    private readonly Option<string?> kubeKind = Flag.Text("--kube-resource-kind", "Of the kubernetes store, which is not there yet.", "configmap");

    /// <summary>What the library takes; stolon takes everything.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) TimeoutRange = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private IEnumerable<Option> All =>
        [clusterName, backend, endpoints, prefix, timeout, caFile, certFile, key, skipVerify, username, passwordFile, kubeKind];

    /// <summary>Adds the flags to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="recursive">Its sub-commands have them too.</param>
    public void AddTo(Command command, bool recursive = false)
    {
        foreach (var option in All)
        {
            option.Recursive = recursive;
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>The choice.</returns>
    /// <exception cref="CommandException">One is missing, or names something that there is not.</exception>
    public StoreChoice Read(ParseResult parsed)
    {
        var name = parsed.Required(clusterName);
        if (name.Any(character => character is '/' or '#' || char.IsWhiteSpace(character) || char.IsControl(character)))
        {
            throw new CommandException($"--cluster-name: \"{name}\" must not contain slashes, # or spaces");
        }

        var given = parsed.GetValue(timeout);
        var limit = given < TimeoutRange.Least ? TimeoutRange.Least : given > TimeoutRange.Most ? TimeoutRange.Most : given;
        return new StoreChoice
        {
            ClusterName = name,
            Backend = Backend(parsed),
            Endpoints = [.. (parsed.GetValue(endpoints) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            Prefix = parsed.GetValue(prefix),
            Timeout = limit,
            Warnings = limit == given ? [] : [$"--store-timeout: {GoDuration.Format(given)} is out of range, {GoDuration.Format(limit)} is used"],
            CaFile = parsed.GetValue(caFile),
            CertFile = parsed.GetValue(certFile),
            KeyFile = parsed.GetValue(key),
            SkipTlsVerification = parsed.GetValue(skipVerify),
            Username = parsed.GetValue(username),
            PasswordFile = parsed.GetValue(passwordFile),
        };
    }

    private StoreBackend Backend(ParseResult parsed) => parsed.Required(backend) switch
    {
        "etcdv3" => StoreBackend.EtcdV3,
        "embedded" => StoreBackend.Embedded,
        "etcd" or "etcdv2" => throw new CommandException($"--store-backend: {parsed.GetValue(backend)} is etcd's old v2 API, which etcd itself has given up; use etcdv3"),
        "consul" or "kubernetes" => throw new CommandException($"--store-backend: {parsed.GetValue(backend)} is not supported yet; use etcdv3, or embedded on one machine"),
        var other => throw new CommandException($"--store-backend: expected etcdv3 or embedded, found \"{other}\""),
    };
}

/// <summary>The stores that there are.</summary>
internal enum StoreBackend
{
    /// <summary>etcd, by its v3 API.</summary>
    EtcdV3,

    /// <summary>One file on this machine.</summary>
    Embedded,
}

/// <summary>Where the cluster is kept.</summary>
internal sealed record StoreChoice
{
    /// <summary>The cluster's name.</summary>
    public required string ClusterName { get; init; }

    /// <summary>The kind of store.</summary>
    public required StoreBackend Backend { get; init; }

    /// <summary>etcd's members, or the file.</summary>
    public ImmutableArray<string> Endpoints { get; init; } = [];

    /// <summary>What all keys begin with; null = the default.</summary>
    public string? Prefix { get; init; }

    /// <summary>How long one request may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What was given and is not taken as it is, one sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The certificates that may vouch for the store.</summary>
    public string? CaFile { get; init; }

    /// <summary>The certificate to show.</summary>
    public string? CertFile { get; init; }

    /// <summary>Its private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The user of etcd's own authentication.</summary>
    public string? Username { get; init; }

    /// <summary>A file with that user's password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Any certificate is accepted.</summary>
    public bool SkipTlsVerification { get; init; }

    /// <summary>The store for people.</summary>
    public string Name => Backend == StoreBackend.Embedded ? $"the store file {EmbeddedPath}" : $"etcd at {(Endpoints.IsEmpty ? "http://127.0.0.1:2379" : string.Join(", ", Endpoints))}";

    /// <summary>The embedded store's file.</summary>
    /// <exception cref="CommandException">None, or several, are given.</exception>
    public string EmbeddedPath
    {
        get
        {
            const string Scheme = "file://";
            if (Endpoints is not [var file])
            {
                throw new CommandException("--store-endpoints: give the one store file, for example /var/lib/orders/store.db");
            }

            return Path.GetFullPath(file.StartsWith(Scheme, StringComparison.Ordinal) ? file[Scheme.Length..] : file);
        }
    }
}
