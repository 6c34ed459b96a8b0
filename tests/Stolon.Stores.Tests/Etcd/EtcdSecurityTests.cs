using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>TLS and etcd's own users: who is let in, and what the others are told.</summary>
public sealed class EtcdSecurityTests : IAsyncDisposable
{
    private const string Password = "right-7f3a";

    private readonly string folder = Directory.CreateTempSubdirectory("stolon-tls-").FullName;
    private readonly List<EtcdClusterStore> opened = [];

    private static CancellationToken None => CancellationToken.None;

    [Fact, Trait("Rule", "S10")]
    public async Task With_the_right_certificates_it_works_and_every_wrong_one_is_refused_by_name()
    {
        using var authority = Authority("right");
        using var stranger = Authority("wrong");
        Issue(authority, "server", "127.0.0.1");
        Issue(authority, "client");
        Issue(stranger, "stranger");
        await using var server = await EtcdServer.StartAsync(
            1, "https", "--cert-file", At("server.crt"), "--key-file", At("server.key"), "--client-cert-auth", "--trusted-ca-file", At("right.crt"));

        var good = Open(server.Endpoints[0], options => (options.CaFile, options.CertificateFile, options.KeyFile) = (At("right.crt"), At("client.crt"), At("client.key")));
        await Wait.UntilAsync(async () => await WorksAsync(good), because: "etcd listens");
        await good.OverwriteAsync(A.Document(1), A.NoDecisions, None);

        (await ComplaintAsync(server.Endpoints[0], options => (options.CaFile, options.CertificateFile, options.KeyFile) = (At("wrong.crt"), At("client.crt"), At("client.key"))))
            .Should().Contain("TLS connection is refused").And.Contain("CA file");
        (await ComplaintAsync(server.Endpoints[0].Replace("127.0.0.1", "localhost", StringComparison.Ordinal), options => (options.CaFile, options.CertificateFile, options.KeyFile) = (At("right.crt"), At("client.crt"), At("client.key"))))
            .Should().Contain("TLS connection is refused").And.Contain("Name");
        (await ComplaintAsync(server.Endpoints[0], options => (options.CaFile, options.CertificateFile, options.KeyFile) = (At("right.crt"), At("stranger.crt"), At("stranger.key"))))
            .Should().Contain("certificate");
        (await ComplaintAsync(server.Endpoints[0], options => options.CaFile = At("right.crt"))).Should().Contain("certificate");
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_certificate_that_an_intermediate_authority_signed_is_shown_with_that_one()
    {
        using var authority = Authority("root");
        using var between = Authority("between", authority);
        Issue(authority, "server", "127.0.0.1");
        Issue(between, "client");
        await File.AppendAllTextAsync(At("client.crt"), "\n" + await File.ReadAllTextAsync(At("between.crt"), None), None);
        await using var server = await EtcdServer.StartAsync(
            1, "https", "--cert-file", At("server.crt"), "--key-file", At("server.key"), "--client-cert-auth", "--trusted-ca-file", At("root.crt"));

        var store = Open(server.Endpoints[0], options => (options.CaFile, options.CertificateFile, options.KeyFile) = (At("root.crt"), At("client.crt"), At("client.key")));

        await Wait.UntilAsync(async () => await WorksAsync(store), because: "etcd knows the root alone");
    }

    [Fact, Trait("Rule", "S11")]
    public async Task With_the_right_user_it_works_also_after_etcd_forgot_its_tokens_and_a_wrong_one_is_told_without_the_password()
    {
        await using var server = await EtcdServer.StartAsync();
        await server.ControlAsync("user", "add", "root:r");
        await server.ControlAsync("user", "grant-role", "root", "root");
        await server.ControlAsync("role", "add", "stolon");
        await server.ControlAsync("role", "grant-permission", "stolon", "--prefix=true", "readwrite", "stolon/cluster/");
        await server.ControlAsync("user", "add", $"stolon:{Password}");
        await server.ControlAsync("user", "grant-role", "stolon", "stolon");
        await server.ControlAsync("auth", "enable");

        var good = Open(server.Endpoints[0], options => (options.Username, options.Password) = ("stolon", Password));
        await good.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await using var hints = good.WatchAsync(StoreChange.ClusterData, None).GetAsyncEnumerator(None);
        await hints.MoveNextAsync();
        await using (await good.CampaignAsync(new("s1"), None))
        {
            await good.PublishAsync(A.Keeper("k1"), TimeSpan.Zero, None);
        }

        (await ComplaintAsync(server.Endpoints[0], options => (options.Username, options.Password) = ("stolon", "wrong-11c9")))
            .Should().Contain("refuses the user stolon or its password").And.NotContain("wrong-11c9");
        (await ComplaintAsync(server.Endpoints[0], _ => { })).Should().Contain("it wants a user");
        (await ComplaintAsync(server.Endpoints[0], options => (options.Username, options.Password, options.Prefix) = ("stolon", Password, "elsewhere")))
            .Should().Contain("the user stolon may not read or write the cluster's keys");

        await server.KillAsync(0);
        server.Start(0);
        await Wait.UntilAsync(async () => await WorksAsync(good), because: "etcd is back, without its tokens");
        await good.OverwriteAsync(A.Document(2), A.NoDecisions, None);
        using var limit = new CancellationTokenSource(Wait.Long, TimeProvider.System);
        while ((await good.ReadAsync(None))!.Data.Revision < 2 || !await hints.MoveNextAsync().AsTask().WaitAsync(limit.Token))
        {
            // The watch must come back too.
        }
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_password_file_that_is_gone_is_named_and_the_store_is_only_unavailable()
    {
        await using var server = await EtcdServer.StartAsync();
        await File.WriteAllTextAsync(At("etcd.password"), Password, None);
        var store = Open(server.Endpoints[0], options => (options.Username, options.PasswordFile) = ("stolon", At("etcd.password")));
        File.Delete(At("etcd.password"));

        var read = async () => await store.ReadAsync(None);

        (await read.Should().ThrowAsync<StoreUnavailableException>()).Which.Message.Should().Contain("password of the user stolon cannot be read").And.Contain("etcd.password");
    }

    [Theory, Trait("Rule", "S10")]
    [InlineData("etcd1:2379,etcd2", "is no address")]
    [InlineData("ftp://etcd1", "is no address")]
    [InlineData("http://etcd1:2379/path", "is no address")]
    [InlineData("http://user:secret@etcd1:2379", "is no address")]
    public void A_wrong_address_is_named(string endpoint, string complaint)
    {
        var options = new EtcdStoreOptions();
        options.Endpoints.Add(endpoint);

        EtcdSettings.FindMistakes(options).Should().ContainSingle().Which.Should().StartWith("Endpoints: ").And.Contain(complaint);
    }

    [Fact, Trait("Rule", "S10")]
    public void Every_other_mistake_is_named_at_once()
    {
        var options = new EtcdStoreOptions
        {
            Prefix = "/",
            Timeout = TimeSpan.Zero,
            CertificateFile = "/no/such.crt",
            Username = "u",
            Password = "p",
            PasswordFile = "/no/such.password",
        };

        EtcdSettings.FindMistakes(options).Select(mistake => mistake.Split(':')[0]).Should().Equal(
            "Prefix", "Timeout", "CertificateFile and KeyFile", "CertificateFile", "PasswordFile", "Password and PasswordFile");
    }

    [Fact]
    public void An_address_without_a_scheme_means_TLS_as_soon_as_a_TLS_setting_is_given()
    {
        var plain = new EtcdStoreOptions();
        plain.Endpoints.Add("etcd1:2379");
        var secure = new EtcdStoreOptions { SkipTlsVerification = true };
        secure.Endpoints.Add("etcd1:2379");

        new EtcdSettings("c1", plain).Endpoints.Should().Equal(new Uri("http://etcd1:2379"));
        new EtcdSettings("c1", secure).Endpoints.Should().Equal(new Uri("https://etcd1:2379"));
        new EtcdSettings("c1", new EtcdStoreOptions()).Endpoints.Should().Equal(new Uri("http://127.0.0.1:2379"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in opened)
        {
            await store.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<bool> WorksAsync(EtcdClusterStore store)
    {
        try
        {
            await store.ReadAsync(None);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private async Task<string> ComplaintAsync(string endpoint, Action<EtcdStoreOptions> configure)
    {
        var read = async () => await Open(endpoint, configure).ReadAsync(None);
        return (await read.Should().ThrowAsync<StoreUnavailableException>()).Which.Message;
    }

    private EtcdClusterStore Open(string endpoint, Action<EtcdStoreOptions> configure)
    {
        var options = new EtcdStoreOptions();
        options.Endpoints.Add(endpoint);
        configure(options);
        EtcdSettings.FindMistakes(options).Should().BeEmpty();
        var store = new EtcdClusterStore(new EtcdSettings("c1", options), BootTimeProvider.Instance, NullLogger.Instance);
        opened.Add(store);
        return store;
    }

    private string At(string file) => Path.Combine(folder, file);

    private X509Certificate2 Authority(string name, X509Certificate2? signer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        X509Certificate2 certificate;
        if (signer is null)
        {
            certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(10));
        }
        else
        {
            using var issued = request.Create(signer, now.AddHours(-2), now.AddDays(9.5), RandomNumberGenerator.GetBytes(8));
            certificate = issued.CopyWithPrivateKey(key);
        }

        File.WriteAllText(At($"{name}.crt"), certificate.ExportCertificatePem());
        return certificate;
    }

    private void Issue(X509Certificate2 authority, string name, string? address = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }

        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddDays(9), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(At($"{name}.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(At($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
