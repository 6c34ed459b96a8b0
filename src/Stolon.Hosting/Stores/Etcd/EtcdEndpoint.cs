using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Etcdserverpb;
using Grpc.Net.Client;

namespace Stolon.Hosting.Stores;

/// <summary>
/// One member of etcd, over a channel of its own: gRPC's balancing goes on using a member that is frozen, and its waiting before it
/// connects again grows to minutes. A connection of our own making has neither.
/// </summary>
internal sealed class EtcdEndpoint : IDisposable
{
    // etcd closes connections that ping more often than every 5 s.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(3);

    private readonly GrpcChannel channel;

    /// <summary>Makes it; nothing is connected yet.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="security">How it is recognised.</param>
    /// <param name="connectTimeout">How long a connection may take.</param>
    public EtcdEndpoint(Uri address, EtcdSecurity security, TimeSpan connectTimeout)
    {
        Address = address;
#pragma warning disable CA2000 // The channel disposes it.
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = false,
            ConnectTimeout = connectTimeout,
            ConnectCallback = ConnectAsync,
            SslOptions = security.Options(),
        };
#pragma warning restore CA2000
        channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxRetryAttempts = 1,
            ThrowOperationCanceledOnCancellation = false,
        });
        Values = new KV.KVClient(channel);
        Leases = new Lease.LeaseClient(channel);
        Watches = new Watch.WatchClient(channel);
        Auth = new Auth.AuthClient(channel);
    }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

    /// <summary>Keys and values.</summary>
    public KV.KVClient Values { get; }

    /// <summary>Leases.</summary>
    public Lease.LeaseClient Leases { get; }

    /// <summary>Watches.</summary>
    public Watch.WatchClient Watches { get; }

    /// <summary>Authentication.</summary>
    public Auth.AuthClient Auth { get; }

    /// <inheritdoc/>
    public void Dispose() => channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Whom this program trusts, and what it shows. The files are read once.</summary>
internal sealed class EtcdSecurity : IDisposable
{
    private readonly X509Certificate2Collection? authorities;
    private readonly X509Certificate2? own;
    private readonly X509Certificate2Collection intermediates = [];
    private readonly bool acceptsAny;

    /// <summary>Reads the files.</summary>
    /// <param name="options">The settings, without mistakes.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file holds no certificate or key.</exception>
    public EtcdSecurity(EtcdStoreOptions options)
    {
        acceptsAny = options.SkipTlsVerification;
        if (options.CaFile is { } file)
        {
            authorities = [];
            authorities.ImportFromPemFile(file);
        }

        if (options.CertificateFile is { } certificate)
        {
            own = X509Certificate2.CreateFromPemFile(certificate, options.KeyFile);
            intermediates.ImportFromPemFile(certificate);
        }
    }

    /// <summary>The settings of one connection.</summary>
    /// <returns>The settings.</returns>
    public SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions();
        if (own is not null)
        {
            // With those that signed it: etcd may know the root alone.
            options.ClientCertificateContext = SslStreamCertificateContext.Create(own, intermediates, offline: true);
        }

        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (acceptsAny)
        {
#pragma warning disable CA5359, MA0039 // Asked for by an option that says what it costs.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }

        return options;
    }

    /// <inheritdoc/>
    public void Dispose() => own?.Dispose();
}
