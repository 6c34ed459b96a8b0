using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>Three members of which one fails, and an etcd that goes away and comes back.</summary>
public sealed class EtcdClusterTests
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);

    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [InlineData("kill", true)]
    [InlineData("kill", false)]
    [InlineData("freeze", true)]
    [InlineData("freeze", false)]
    public async Task When_one_of_three_members_fails_writes_go_on_and_none_that_was_acknowledged_is_lost(string how, bool leader)
    {
        await using var server = await EtcdServer.StartAsync(members: 3);
        var leads = await server.LeaderAsync();
        var victim = leader ? leads : (leads + 1) % 3;

        // The store begins with the victim, so that it notices.
        await using var store = Open([.. Enumerable.Range(0, 3).Select(number => server.Endpoints[(victim + number) % 3])]);
        var counter = new Counter(store);
        await counter.CountToAsync(20);

        if (how == "kill")
        {
            await server.KillAsync(victim);
        }
        else
        {
            server.Freeze(victim);
        }

        await counter.CountToAsync(60);
        if (how == "kill")
        {
            server.Start(victim);
        }
        else
        {
            server.Thaw(victim);
        }

        await counter.CountToAsync(100);
        counter.Longest.Should().BeLessThan(AtMost, "a member that is frozen or gone is left at once");
        (await store.ReadAsync(None))!.Data.Revision.Should().BeGreaterThanOrEqualTo(100);
    }

    [Fact, Trait("Rule", "S12")]
    public async Task A_frozen_etcd_makes_every_call_end_in_time_and_is_found_again()
    {
        await using var server = await EtcdServer.StartAsync();
        await using var store = Open(server.Endpoints);
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        server.Freeze(0);

        var start = TimeProvider.System.GetTimestamp();
        Func<Task>[] calls =
        [
            async () => await store.ReadAsync(None),
            async () => await store.ListReportsAsync(None),
            async () => await store.TryWriteAsync(A.Document(2), null, A.NoDecisions, None),
            async () => await store.PublishAsync(A.Keeper("k1"), TimeSpan.Zero, None),
            async () => await store.ReadLeaderAsync(None),
            async () => await store.ReadHistoryAsync(None),
        ];
        await Task.WhenAll(calls.Select(call => call.Should().ThrowAsync<StoreUnavailableException>()));

        TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(8));
        server.Thaw(0);
        await Wait.UntilAsync(async () => await AnswersAsync(store), because: "it answers again");
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task A_watch_goes_on_after_etcd_was_killed_and_started_again_and_after_compaction()
    {
        await using var server = await EtcdServer.StartAsync();
        await using var store = Open(server.Endpoints);
        await using var hints = store.WatchAsync(StoreChange.ClusterData, None).GetAsyncEnumerator(None);
        await hints.MoveNextAsync();
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await server.KillAsync(0);
        server.Start(0);
        await server.ReadyAsync();
        await WriteAsync(store, 2);
        await server.ControlAsync("compact", "2");

        await UntilReadAsync(store, hints, 2);
        await WriteAsync(store, 3);
        await UntilReadAsync(store, hints, 3);
    }

    [Fact, Trait("Rule", "Q30")]
    public async Task After_etcd_was_away_the_same_sentinel_leads_again_without_waiting_for_its_old_self()
    {
        await using var server = await EtcdServer.StartAsync();
        await using var store = Open(server.Endpoints);
        var leadership = await store.CampaignAsync(new("s1"), None);
        await server.KillAsync(0);
        await Wait.UntilAsync(() => leadership.Lost.IsCancellationRequested, because: "it gives up in time");
        await leadership.DisposeAsync();
        server.Start(0);
        await server.ReadyAsync();

        var start = TimeProvider.System.GetTimestamp();
        await using var again = await store.CampaignAsync(new("s1"), None);

        TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(4), "its own old lease would live for 5 s");
    }

    private static EtcdClusterStore Open(string[] endpoints)
    {
        var options = new EtcdStoreOptions();
        foreach (var endpoint in endpoints)
        {
            options.Endpoints.Add(endpoint);
        }

        return new EtcdClusterStore(new EtcdSettings("c1", options), BootTimeProvider.Instance, NullLogger.Instance);
    }

    private static async Task<bool> AnswersAsync(EtcdClusterStore store)
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

    private static Task WriteAsync(EtcdClusterStore store, long revision) => Wait.UntilAsync(async () =>
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
    });

    private static async Task UntilReadAsync(EtcdClusterStore store, IAsyncEnumerator<StoreChange> hints, long revision)
    {
        using var limit = new CancellationTokenSource(Wait.Long, TimeProvider.System);
        while ((await store.ReadAsync(None))!.Data.Revision < revision)
        {
            (await hints.MoveNextAsync().AsTask().WaitAsync(limit.Token)).Should().BeTrue();
        }
    }

    /// <summary>Counts in the document, as a sentinel decides: read, write, and after an unknown outcome read again.</summary>
    private sealed class Counter(EtcdClusterStore store)
    {
        private long acknowledged;
        private long last = TimeProvider.System.GetTimestamp();

        public TimeSpan Longest { get; private set; }

        public async Task CountToAsync(long number)
        {
            last = TimeProvider.System.GetTimestamp();
            while (acknowledged < number)
            {
                try
                {
                    var read = await store.ReadAsync(None);
                    var revision = read?.Data.Revision ?? 0;
                    revision.Should().BeGreaterThanOrEqualTo(acknowledged, "what was acknowledged is kept");
                    if (await store.TryWriteAsync(A.Document(revision + 1), read?.Version, [A.Decision(1)], None))
                    {
                        acknowledged = revision + 1;
                        var took = TimeProvider.System.GetElapsedTime(last);
                        last = TimeProvider.System.GetTimestamp();
                        Longest = took > Longest ? took : Longest;
                    }
                }
                catch (StoreUnavailableException)
                {
                    // Read again.
                }
            }
        }
    }
}
