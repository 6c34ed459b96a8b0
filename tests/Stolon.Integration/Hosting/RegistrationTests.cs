using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Stolon.Hosting;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Integration.Hosting;

public sealed class RegistrationTests : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-registration-");

    [Fact]
    public async Task Two_clusters_in_one_process_have_their_own_stores_and_sentinels()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders").UseInMemoryStore().AddSentinel();
        builder.Services.AddStolon("users").UseInMemoryStore().AddSentinel();
        using var host = builder.Build();

        await host.StartAsync(Cancel);

        var orders = host.Services.GetRequiredKeyedService<IClusterStore>("orders");
        var users = host.Services.GetRequiredKeyedService<IClusterStore>("users");
        await Eventually.Holds(async () =>
            await orders.ReadAsync(Cancel) is not null && await users.ReadAsync(Cancel) is not null);
        (await orders.ReadAsync(Cancel))!.Data.Cluster.Uid.Should().NotBe((await users.ReadAsync(Cancel))!.Data.Cluster.Uid);
        host.Services.GetRequiredKeyedService<IStolonAdministration>("users").ClusterName.Should().Be("users");
        await host.StopAsync(Cancel);
    }

    [Fact]
    [Trait("Rule", "K2")]
    [Trait("Rule", "S10")]
    [Trait("Rule", "K1")]
    public async Task Every_mistake_in_the_options_is_reported_at_once_and_nothing_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders", options => options.StopTimeout = TimeSpan.Zero)
            .UseInMemoryStore()
            .AddKeeper(keeper =>
            {
                keeper.Uid = "Keeper-1";
                keeper.Port = 70000;
                keeper.ListenAddress = "*";
                keeper.SuperuserAuthMethod = "trust";
                keeper.SuperuserPassword = "s3cret";
            })
            .AddKeeper(keeper =>
            {
                keeper.DataDirectory = folder.FullName;
                keeper.SuperuserName = keeper.ReplicationName = "postgres";
                keeper.SuperuserPassword = "s3cret\n";
                keeper.ReplicationPassword = "0ther";
            })
            .AddSentinel(sentinel => sentinel.InitialClusterSpecFile = Path.Combine(folder.FullName, "missing.json"))
            .AddProxy(proxy => (proxy.Port, proxy.ListenAddress) = (-1, "every where"));
        using var host = builder.Build();

        var failure = (await FluentActions.Awaiting(() => host.StartAsync(Cancel))
            .Should().ThrowAsync<OptionsValidationException>()).Which;

        failure.Failures.Should().HaveCountGreaterThanOrEqualTo(10);
        string.Join('\n', failure.Failures).Should()
            .Contain("StopTimeout").And.Contain("Uid").And.Contain("DataDirectory").And.Contain("Port: 70000")
            .And.Contain("AdvertiseAddress").And.Contain("trust").And.Contain("both passwords must be the same")
            .And.Contain("missing.json").And.Contain("orders: Proxy: ").And.Contain("every where").And.NotContain("s3cret").And.NotContain("0ther");
        folder.EnumerateFileSystemInfos().Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_store_the_start_says_which_to_choose()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders").AddSentinel();
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .WithMessage("*UseEmbeddedStore*");
    }

    [Fact]
    public async Task A_store_other_than_the_embedded_one_needs_passwords()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders").UseInMemoryStore().AddKeeper(keeper => keeper.DataDirectory = folder.FullName);
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().HaveCount(2).And.AllSatisfy(failure => failure.Should().Contain("Password: missing"));
    }

    [Fact]
    public async Task Two_keepers_of_one_process_may_not_share_a_folder_a_port_or_a_uid()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var stolon = builder.Services.AddStolon("orders").UseEmbeddedStore(Path.Combine(folder.FullName, "store.db"));
        for (var keepers = 0; keepers < 2; keepers++)
        {
            stolon.AddKeeper(keeper => (keeper.Uid, keeper.DataDirectory) = ("keeper1", Path.Combine(folder.FullName, "keeper1")));
        }

        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().HaveCount(3).And.AllSatisfy(failure => failure.Should().StartWith("orders#2"));
    }

    [Fact]
    public async Task Etcd_can_be_configured_by_the_hosts_configuration_and_every_mistake_in_it_is_named()
    {
        var builder = Configured(
            ("Stolon:orders:Store:Kind", "Etcd"),
            ("Stolon:orders:Store:Endpoints:0", "http://10.0.0.1:2379"),
            ("Stolon:orders:Store:Endpoints:1", "not an address"),
            ("Stolon:orders:Store:CaFile", Path.Combine(folder.FullName, "ca.crt")),
            ("Stolon:orders:Store:User", "typo"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "ca.crt"), "-----BEGIN CERTIFICATE-----\nbad\n-----END CERTIFICATE-----", Cancel);
        builder.AddStolonSentinel("orders");
        using var host = builder.Build();

        var failures = (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>()).Which.Failures.ToList();

        failures.Should().HaveCount(3).And.AllSatisfy(failure => failure.Should().StartWith("Stolon:orders:Store: "));
        failures.Should().ContainSingle(failure => failure.Contains("User: there is no such setting", StringComparison.Ordinal));
        failures.Should().ContainSingle(failure => failure.Contains("\"https://not an address\" is no address", StringComparison.Ordinal));
        failures.Should().ContainSingle(failure => failure.Contains("ca.crt", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("Endpoints:0", "http://10.0.0.1:2379", "Stolon:orders:Store:Kind: missing; set it to Etcd, whose settings stand beside it (Endpoints), *")]
    [InlineData("Kind", "Embedded", "Stolon:orders:Store: Path: missing; name the store file, *")]
    [InlineData("Path", "", "Stolon:orders:Store: Path: missing; name the store file, *")]
    public async Task A_store_that_is_half_configured_is_a_mistake_with_its_remedy(string key, string value, string mistake)
    {
        var builder = Configured(($"Stolon:orders:Store:{key}", value), ("Stolon:orders:Keeper:DataDirectory", folder.FullName));
        builder.AddStolonKeeper("orders");
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().ContainMatch(mistake);
    }

    [Fact]
    public async Task A_role_can_be_configured_by_the_hosts_configuration()
    {
        var spec = Path.Combine(folder.FullName, "spec.json");
        await File.WriteAllTextAsync(spec, """{"initMode": "new", "maxStandbys": 7}""", Cancel);
        var builder = Configured(
            ("Stolon:orders:Store:Path", Path.Combine(folder.FullName, "store.db")),
            ("Stolon:orders:StopTimeout", "00:00:05"),
            ("Stolon:orders:Sentinel:InitialClusterSpecFile", spec));
        builder.AddStolonSentinel("orders");
        using var host = builder.Build();

        await host.StartAsync(Cancel);

        var store = host.Services.GetRequiredKeyedService<IClusterStore>("orders");
        await Eventually.Holds(async () => await store.ReadAsync(Cancel) is not null);
        (await store.ReadAsync(Cancel))!.Data.Cluster.Spec.MaxStandbys.Should().Be(7);
        host.Services.GetRequiredService<IOptionsMonitor<StolonOptions>>().Get("orders").StopTimeout.Should().Be(TimeSpan.FromSeconds(5));
        await host.StopAsync(Cancel);
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task Misspelt_settings_and_values_of_another_type_are_mistakes()
    {
        var builder = Configured(
            ("Stolon:orders:Store:Path", Path.Combine(folder.FullName, "store.db")),
            ("Stolon:orders:Store:Kind", "Papyrus"),
            ("Stolon:orders:Sentinel:InitialSpec", "x"),
            ("Stolon:orders:Keeper:DataDirectory", folder.FullName),
            ("Stolon:orders:Keeper:Port", "many"));
        builder.AddStolonSentinel("orders");
        builder.AddStolonKeeper("orders");
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().SatisfyRespectively(
                failure => failure.Should().Contain("Stolon:orders:Store:Kind").And.Contain("Papyrus"),
                failure => failure.Should().Contain("Stolon:orders:Sentinel").And.Contain("InitialSpec"),
                failure => failure.Should().Contain("Stolon:orders:Keeper").And.Contain("many"));
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task Misspelt_settings_of_the_cluster_itself_are_mistakes()
    {
        var builder = Configured(
            ("Stolon:orders:Store:Path", Path.Combine(folder.FullName, "store.db")),
            ("Stolon:orders:StopTimout", "00:00:05"),
            ("Stolon:orders:Sentinal:CreatesCluster", "false"));
        builder.AddStolonSentinel("orders");
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().SatisfyRespectively(
                failure => failure.Should().StartWith("Stolon:orders: Sentinal: there is no such setting").And.Contain("Sentinel"),
                failure => failure.Should().StartWith("Stolon:orders: StopTimout: there is no such setting").And.Contain("StopTimeout"));
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task Proxies_of_one_process_may_not_share_a_port()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders").UseInMemoryStore()
            .AddProxy(proxy => proxy.Port = 7001)
            .AddProxy(proxy => (proxy.ListenAddress, proxy.Port) = ("*", 7001))
            .AddProxy(proxy => (proxy.ListenAddress, proxy.Port) = ("127.0.0.2", 7002))
            .AddProxy(proxy => proxy.Port = 7002)
            .AddProxy(proxy => proxy.Port = 0)
            .AddProxy(proxy => proxy.Port = 0);
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().ContainSingle().Which.Should().StartWith("orders#2: Proxy: Port: orders: Proxy ").And.Contain("7001");
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task A_keeper_may_not_have_the_port_of_another_clusters_proxy_in_the_same_process()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders").UseInMemoryStore().AddProxy(proxy => proxy.Port = 7002);
        builder.Services.AddStolon("users").UseEmbeddedStore(Path.Combine(folder.FullName, "store.db"))
            .AddKeeper(keeper => (keeper.DataDirectory, keeper.ListenAddress, keeper.Port) = (Path.Combine(folder.FullName, "keeper"), "localhost", 7002));
        using var host = builder.Build();

        (await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().ContainSingle().Which.Should().StartWith("users: Keeper: Port: orders: Proxy ").And.Contain("7002");
    }

    [Fact]
    [Trait("Rule", "Q32")]
    public async Task A_lost_store_file_is_not_replaced_while_a_keeper_of_the_process_has_data()
    {
        var (path, keeper) = (Path.Combine(folder.FullName, "store.db"), Path.Combine(folder.FullName, "keeper1"));
        Directory.CreateDirectory(keeper);
        await File.WriteAllTextAsync(Path.Combine(keeper, "keeperstate"), """{"UID": "keeper1", "ClusterUID": "c0000001"}""", Cancel);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStolon("orders").UseEmbeddedStore(path).AddKeeper(options => options.DataDirectory = keeper);
        using var host = builder.Build();

        var store = host.Services.GetRequiredKeyedService<IClusterStore>("orders");

        await FluentActions.Awaiting(() => store.ReadAsync(Cancel).AsTask()).Should().ThrowAsync<StoreUnavailableException>();
        File.Exists(path).Should().BeFalse();
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static HostApplicationBuilder Configured(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder;
    }
}
