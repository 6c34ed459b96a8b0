using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting;
using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>One etcd for the tests that leave it alone; each test works under a prefix of its own.</summary>
public sealed class EtcdFixture : IAsyncLifetime
{
    internal EtcdServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await EtcdServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The contract, kept by the store in etcd.</summary>
public sealed class EtcdStoreTests(EtcdFixture fixture) : StoreConformance, IClassFixture<EtcdFixture>
{
    private readonly string prefix = $"test/{Guid.NewGuid():N}";
    private readonly List<EtcdClusterStore> opened = [];

    private string Root => $"{prefix}/c1/";

    [Fact, Trait("Rule", "ST1")]
    public async Task Everything_stands_where_stolon_looks_for_it()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), [A.Decision(1)], None);
        await store.PublishAsync(A.Keeper("k1"), TimeSpan.Zero, None);
        await store.PublishAsync(A.Proxy("p1"), TimeSpan.Zero, None);
        await store.PublishAsync(A.Sentinel("s1"), TimeSpan.Zero, None);
        await using var leadership = await store.CampaignAsync(new("s1"), None);

        var keys = (await fixture.Server.ControlAsync("get", Root, "--prefix", "--keys-only")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        keys.Select(key => key[Root.Length..]).Should().HaveCount(6).And.Contain(["clusterdata", "history", "keepers/info/k1", "proxies/info/p1", "sentinels/info/s1"]);
        keys.Should().ContainSingle(key => key.StartsWith($"{Root}sentinel-leader/", StringComparison.Ordinal));
        (await fixture.Server.ControlAsync("get", $"{Root}sentinel-leader/", "--prefix", "--print-value-only")).Trim().Should().Be("s1");
        (await fixture.Server.ControlAsync("get", $"{Root}sentinels/info/s1", "--print-value-only")).Trim().Should().Be("""{"UID":"s1"}""");
    }

    [Fact, Trait("Rule", "ST3")]
    public async Task All_reports_of_a_process_live_under_one_lease_of_20_seconds_that_is_kept_alive()
    {
        var store = Open();
        await store.PublishAsync(A.Keeper("k1"), TimeSpan.FromSeconds(1), None);
        await store.PublishAsync(A.Proxy("p1"), TimeSpan.FromSeconds(16), None);
        await store.PublishAsync(A.Keeper("k1", "again"), TimeSpan.FromSeconds(1), None);

        var leases = await LeasesAsync("keepers/info/k1", "proxies/info/p1");
        leases.Distinct(StringComparer.Ordinal).Should().ContainSingle();
        (await LifeAsync(leases[0])).Should().BeInRange(15, 20);
        await Wait.UntilAsync(async () => await LifeAsync(leases[0]) < 16, because: "it runs down");
        await Wait.UntilAsync(async () => await LifeAsync(leases[0]) > 17, because: "it is kept alive");
    }

    [Fact, Trait("Rule", "ST3")]
    public async Task A_report_is_published_again_after_its_lease_ran_out()
    {
        var store = Open();
        await store.PublishAsync(A.Keeper("k1"), TimeSpan.Zero, None);
        await fixture.Server.ControlAsync("lease", "revoke", (await LeasesAsync("keepers/info/k1"))[0]);
        (await store.ListReportsAsync(None)).Keepers.Should().BeEmpty();

        await store.PublishAsync(A.Keeper("k1", "again"), TimeSpan.Zero, None);

        (await store.ListReportsAsync(None)).Keepers.Should().Equal(A.Keeper("k1", "again"));
    }

    [Fact, Trait("Rule", "ST4")]
    public async Task A_leader_whose_lease_ran_out_is_leader_no_more()
    {
        await using var leadership = await Open().CampaignAsync(new("s1"), None);
        var lease = (await fixture.Server.ControlAsync("get", $"{Root}sentinel-leader/", "--prefix", "--keys-only")).Trim().Split('/')[^1];

        await fixture.Server.ControlAsync("lease", "revoke", lease);

        await Wait.UntilAsync(() => leadership.Lost.IsCancellationRequested, because: "the leader notices");
    }

    [Fact, Trait("Rule", "ST4")]
    public async Task A_candidate_of_stolon_that_came_first_leads()
    {
        var lease = (await fixture.Server.ControlAsync("lease", "grant", "60")).Split(' ')[1];
        await fixture.Server.ControlAsync("put", $"{Root}sentinel-leader/{lease}", "goes-first", $"--lease={lease}");
        var waiting = Open().CampaignAsync(new("s1"), None).AsTask();
        await Wait.UntilAsync(async () =>
            (await fixture.Server.ControlAsync("get", $"{Root}sentinel-leader/", "--prefix", "--keys-only", "--write-out", "fields")).Contains("\"Count\" : 2", StringComparison.Ordinal));

        waiting.IsCompleted.Should().BeFalse();
        (await Open().ReadLeaderAsync(None)).Should().Be(new Stolon.Cluster.SentinelId("goes-first"));
        await fixture.Server.ControlAsync("lease", "revoke", lease);

        await using var leadership = await waiting.WaitAsync(Wait.Long, TimeProvider.System);
        (await Open().ReadLeaderAsync(None)).Should().Be(new Stolon.Cluster.SentinelId("s1"));
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_history_that_cannot_be_read_holds_nothing_up()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), [A.Decision(1)], None);
        await fixture.Server.ControlAsync("put", $"{Root}history", "no JSON");

        (await store.ReadHistoryAsync(None)).Should().BeEmpty();
        var read = await store.ReadAsync(None);
        (await store.TryWriteAsync(A.Document(2), read!.Version, [A.Decision(2)], None)).Should().BeTrue();

        (await store.ReadHistoryAsync(None)).Should().Equal(A.Decision(2));
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var store in opened)
        {
            await store.DisposeAsync();
        }
    }

    internal override IClusterStore Open(TimeProvider time)
    {
        var options = new EtcdStoreOptions { Prefix = prefix };
        options.Endpoints.Add(fixture.Server.Endpoints[0]);

        // etcd's shortest lease is 2 s.
        var store = new EtcdClusterStore(
            new EtcdSettings("c1", options) { Leadership = Quick with { Expiry = TimeSpan.FromSeconds(2) } }, time, NullLogger.Instance);
        opened.Add(store);
        return store;
    }

    internal override Task PutRawDocumentAsync(string json) => fixture.Server.ControlAsync("put", $"{Root}clusterdata", json);

    internal override Task PutRawReportAsync(string uid, string json) => fixture.Server.ControlAsync("put", $"{Root}keepers/info/{uid}", json);

    private async Task<string[]> LeasesAsync(params string[] keys)
    {
        var leases = new List<string>();
        foreach (var key in keys)
        {
            var text = await fixture.Server.ControlAsync("get", Root + key, "--write-out", "fields");
            var lease = text.Split('\n').Single(line => line.StartsWith("\"Lease\"", StringComparison.Ordinal)).Split(':')[1].Trim();
            leases.Add(long.Parse(lease, System.Globalization.CultureInfo.InvariantCulture).ToString("x", System.Globalization.CultureInfo.InvariantCulture));
        }

        return [.. leases];
    }

    /// <summary>How many seconds a lease has left.</summary>
    private async Task<int> LifeAsync(string lease)
    {
        var text = await fixture.Server.ControlAsync("lease", "timetolive", lease);
        var match = System.Text.RegularExpressions.Regex.Match(text, @"remaining\((?<s>-?\d+)s\)", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return int.Parse(match.Groups["s"].Value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
