namespace Stolon.Hosting;

/// <summary>Settings of the store in etcd (v3): for clusters on several machines.</summary>
public sealed class EtcdStoreOptions
{
    /// <summary>The members of the etcd cluster, with or without a scheme; when one does not answer the next is asked.</summary>
    /// <value><c>http://127.0.0.1:2379</c> when empty. Without a scheme: https if any of the TLS settings is given, http otherwise.</value>
    public IList<string> Endpoints { get; } = [];

    /// <summary>What all keys of all clusters begin with; the cluster's name follows.</summary>
    /// <value><c>stolon/cluster</c>, as stolon has it.</value>
    public string Prefix { get; set; } = "stolon/cluster";

    /// <summary>How long one call may take, with all its attempts. After an eighth of it another member is asked.</summary>
    /// <value>4 seconds. From 1 to 60 seconds; a primary fences itself when neither a read nor a publication succeeds in time (S4), so stay below half of the cluster's <c>failInterval</c>.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>A PEM file with the certificates of those who may vouch for the members; no others are trusted then.</summary>
    /// <value>None: those that the system trusts.</value>
    public string? CaFile { get; set; }

    /// <summary>A PEM file with the certificate that this program shows.</summary>
    /// <value>None. Given only together with <see cref="KeyFile"/>.</value>
    public string? CertificateFile { get; set; }

    /// <summary>A PEM file with the private key of <see cref="CertificateFile"/>.</summary>
    /// <value>None.</value>
    public string? KeyFile { get; set; }

    /// <summary>Accepts any certificate of the members: whoever can stand in between can read and change everything.</summary>
    /// <value>False.</value>
    public bool SkipTlsVerification { get; set; }

    /// <summary>The user of etcd's own authentication.</summary>
    /// <value>None: no authentication.</value>
    public string? Username { get; set; }

    /// <summary>The user's password; it is never logged.</summary>
    /// <value>None. Exactly one of this and <see cref="PasswordFile"/> goes with <see cref="Username"/>.</value>
    public string? Password { get; set; }

    /// <summary>A file with the user's password; a line break at its end is left out.</summary>
    /// <value>None.</value>
    public string? PasswordFile { get; set; }
}
