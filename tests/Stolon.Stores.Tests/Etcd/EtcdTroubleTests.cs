using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>What goes wrong with etcd in the field, and must not become wrong decisions.</summary>
public sealed class EtcdTroubleTests : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("stolon-etcd-trouble-").FullName;
    private readonly List<EtcdClusterStore> opened = [];

    private static CancellationToken None => CancellationToken.None;

    [Fact, Trait("Rule", "S3"), Trait("Rule", "ST2")]
    public async Task A_write_of_which_nothing_was_heard_is_settled_before_the_document_is_read_again()
    {
        await using var server = await EtcdServer.StartAsync();
        var store = Open(server.Endpoints);
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        var before = (await store.ReadAsync(None))!.Version;
        server.Freeze(0);
        await store.Awaiting(one => one.TryWriteAsync(A.Document(2), before, A.NoDecisions, None).AsTask()).Should().ThrowAsync<StoreUnavailableException>();
        server.Thaw(0);

        StoredClusterData? read = null;
        await Wait.UntilAsync(async () => (read = await TryReadAsync(store)) is not null, because: "etcd answers again");

        read!.Version.Should().NotBe(before, "what etcd may still hold must not match any more");
        (await store.ReadAsync(None))!.Version.Should().Be(read.Version);
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task While_a_frozen_leader_is_replaced_a_write_comes_to_an_end_and_it_stays_what_it_was_when_the_old_one_is_back()
    {
        await using var server = await EtcdServer.StartAsync(members: 3);
        var leader = await server.LeaderAsync();
        var store = Open([server.Endpoints[(leader + 1) % 3], server.Endpoints[leader], server.Endpoints[(leader + 2) % 3]]);
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        var before = (await store.ReadAsync(None))!.Version;
        server.Freeze(leader);

        (await store.TryWriteAsync(A.Document(2), before, [A.Decision(1)], None)).Should().BeTrue();

        var after = (await store.ReadAsync(None))!.Version;
        server.Thaw(leader);
        await server.AllReadyAsync();
        (await store.ReadAsync(None))!.Version.Should().Be(after);
        (await store.ReadHistoryAsync(None)).Should().ContainSingle();
    }

    [Fact, Trait("Rule", "ST4"), Trait("Rule", "S12")]
    public async Task When_somebody_removes_the_candidates_keys_one_sentinel_leads_again_and_only_one()
    {
        await using var server = await EtcdServer.StartAsync();
        var (first, second) = (Open(server.Endpoints), Open(server.Endpoints));
        var led = await first.CampaignAsync(new("s1"), None);
        var waiting = second.CampaignAsync(new("s2"), None).AsTask();

        await server.ControlAsync("del", "--prefix", "stolon/cluster/c1/sentinel-leader/");

        await Wait.UntilAsync(() => led.Lost.IsCancellationRequested, because: "s1 sees that its key is gone");
        await using var leads = await waiting.WaitAsync(Wait.Long);
        (await first.ReadLeaderAsync(None)).Should().Be(new Stolon.Cluster.SentinelId("s2"));
        await led.DisposeAsync();
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_password_file_that_cannot_be_opened_for_a_while_does_not_end_the_watch()
    {
        await using var server = await EtcdServer.StartAsync();
        await AddUserAsync(server, "stolon", "first");
        await server.ControlAsync("auth", "enable");
        var file = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(file, "first", None);
        var log = new Lines();
        var store = Open(server.Endpoints, options => (options.Username, options.PasswordFile) = ("stolon", file), log);
        File.Delete(file);
        Directory.CreateDirectory(file);
        await using var hints = store.WatchAsync(StoreChange.ClusterData, None).GetAsyncEnumerator(None);
        await hints.MoveNextAsync();
        await Wait.UntilAsync(() => log.All.Any(line => line.Contains("No change notices", StringComparison.Ordinal)), because: "the watch needs the password");

        Directory.Delete(file);
        await File.WriteAllTextAsync(file, "first", None);

        await Wait.UntilAsync(async () => await TryOverwriteAsync(store, 3), because: "the password is there");
        using var limit = new CancellationTokenSource(Wait.Long, TimeProvider.System);
        (await hints.MoveNextAsync().AsTask().WaitAsync(limit.Token)).Should().BeTrue();
    }

    [Fact, Trait("Rule", "S1")]
    public async Task A_member_of_another_etcd_cluster_is_not_listened_to()
    {
        await using var own = await EtcdServer.StartAsync();
        await using var other = await EtcdServer.StartAsync();
        await Open(other.Endpoints).OverwriteAsync(A.Document(7), A.NoDecisions, None);
        var store = Open([own.Endpoints[0], other.Endpoints[0]]);
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await own.KillAsync(0);

        (await store.Awaiting(one => one.ReadAsync(None).AsTask()).Should().ThrowAsync<StoreUnavailableException>())
            .Which.Message.Should().Contain("another etcd cluster");

        own.Start(0);
        await Wait.UntilAsync(async () => await TryReadAsync(store) is { Data.Revision: 1 }, because: "its own cluster is back");
    }

    [Fact, Trait("Rule", "S12")]
    public async Task Authentication_can_be_switched_on_while_programs_that_have_a_user_run()
    {
        await using var server = await EtcdServer.StartAsync();
        await AddUserAsync(server, "stolon", "right");
        var store = Open(server.Endpoints, options => (options.Username, options.Password) = ("stolon", "right"));
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);

        await server.ControlAsync("auth", "enable");

        (await store.ReadAsync(None))!.Data.Revision.Should().Be(1);
        await store.OverwriteAsync(A.Document(2), A.NoDecisions, None);
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_caller_in_a_hurry_leaves_a_frozen_member_too_however_long_a_call_may_take()
    {
        await using var server = await EtcdServer.StartAsync(members: 3);
        var victim = (await server.LeaderAsync() + 1) % 3;
        var store = Open([.. Enumerable.Range(0, 3).Select(number => server.Endpoints[(victim + number) % 3])], options => options.Timeout = TimeSpan.FromSeconds(40));
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        server.Freeze(victim);
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(4), TimeProvider.System);

        (await store.ReadAsync(hurry.Token))!.Data.Revision.Should().Be(1);
    }

    [Theory, Trait("Rule", "ST1")]
    [InlineData("stolon/cluster", "stolon/cluster")]
    [InlineData("stolon/cluster/", "stolon/cluster")]
    [InlineData("/stolon/cluster", "/stolon/cluster")]
    [InlineData("/a//./b/", "/a/b")]
    public void A_prefix_is_joined_as_stolon_joins_it(string prefix, string expected) =>
        new EtcdKeys(prefix, "c1").ClusterData.Should().Be($"{expected}/c1/clusterdata");

    [Theory]
    [InlineData("etcd1", "http://etcd1:2379/")]
    [InlineData("https://etcd1", "https://etcd1:2379/")]
    [InlineData("http://etcd1:80", "http://etcd1:80/")]
    [InlineData("[::1]", "http://[::1]:2379/")]
    public void Without_a_port_it_is_etcds(string endpoint, string expected)
    {
        var options = new EtcdStoreOptions();
        options.Endpoints.Add(endpoint);

        new EtcdSettings("c1", options).Endpoints.Should().Equal(new Uri(expected));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in opened)
        {
            await store.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task AddUserAsync(EtcdServer server, string name, string password)
    {
        await server.ControlAsync("user", "add", "root:r");
        await server.ControlAsync("user", "grant-role", "root", "root");
        await server.ControlAsync("user", "add", $"{name}:{password}");
        await server.ControlAsync("user", "grant-role", name, "root");
    }

    private static async Task<StoredClusterData?> TryReadAsync(EtcdClusterStore store)
    {
        try
        {
            return await store.ReadAsync(None);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    private static async Task<bool> TryOverwriteAsync(EtcdClusterStore store, long revision)
    {
        try
        {
            await store.OverwriteAsync(A.Document(revision), A.NoDecisions, None);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private EtcdClusterStore Open(string[] endpoints, Action<EtcdStoreOptions>? configure = null, ILogger? logger = null)
    {
        var options = new EtcdStoreOptions();
        endpoints.ToList().ForEach(options.Endpoints.Add);
        configure?.Invoke(options);
        var store = new EtcdClusterStore(new EtcdSettings("c1", options), BootTimeProvider.Instance, logger ?? NullLogger.Instance);
        opened.Add(store);
        return store;
    }

    private sealed class Lines : ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> all = [];

        public IEnumerable<string> All => all;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            all.Enqueue(formatter(state, exception));
    }
}
