using Stolon.Cluster;
using Stolon.Hosting.Time;

namespace Stolon.Stores.Tests;

/// <summary>Leadership.</summary>
public abstract partial class StoreConformance
{
    private static readonly SentinelId S1 = new("s1");
    private static readonly SentinelId S2 = new("s2");

    [Fact, Trait("Rule", "ST4")]
    public async Task The_first_candidate_leads_and_keeps_it()
    {
        await using var leadership = await Open().CampaignAsync(S1, None);
        var other = Open();
        using var enough = new CancellationTokenSource(Quick.Expiry * 2);

        var campaign = async () => await other.CampaignAsync(S2, enough.Token);

        await campaign.Should().ThrowAsync<OperationCanceledException>();
        leadership.Lost.IsCancellationRequested.Should().BeFalse();
        (await other.ReadLeaderAsync(None)).Should().Be(S1);
    }

    [Fact, Trait("Rule", "Q30")]
    public async Task A_leader_that_resigns_hands_on_at_once()
    {
        var leadership = await Open().CampaignAsync(S1, None);
        var waiting = Task.Run(async () => await Open().CampaignAsync(S2, None));
        await Wait.UntilAsync(async () => await Open().ReadLeaderAsync(None) == S1);

        var since = BootTimeProvider.Instance.GetTimestamp();
        await leadership.DisposeAsync();
        await using var next = await waiting.WaitAsync(Wait.Long, TimeProvider.System);

        leadership.Lost.IsCancellationRequested.Should().BeTrue();
        BootTimeProvider.Instance.GetElapsedTime(since).Should().BeLessThan(Quick.Expiry / 2);
        (await Open().ReadLeaderAsync(None)).Should().Be(S2);
    }

    [Fact, Trait("Rule", "Q30")]
    public async Task A_leader_whose_store_is_gone_knows_before_another_leads()
    {
        var store = Open();
        await using var leadership = await store.CampaignAsync(S1, None);
        var waiting = Task.Run(async () => await Open().CampaignAsync(S2, None));

        await store.DisposeAsync();
        await using var next = await waiting.WaitAsync(Wait.Long, TimeProvider.System);

        leadership.Lost.IsCancellationRequested.Should().BeTrue();
    }

    [Fact, Trait("Rule", "ST4")]
    public async Task Two_campaigns_of_one_sentinel_are_two_candidates()
    {
        var store = Open();
        await using var leadership = await store.CampaignAsync(S1, None);
        using var enough = new CancellationTokenSource(Quick.Expiry);

        var again = async () => await store.CampaignAsync(S1, enough.Token);

        await again.Should().ThrowAsync<OperationCanceledException>();
        leadership.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Fact, Trait("Rule", "ST4")]
    public async Task Without_a_campaign_nobody_leads()
    {
        var store = Open();

        (await store.ReadLeaderAsync(None)).Should().BeNull();

        await (await store.CampaignAsync(S1, None)).DisposeAsync();
        (await store.ReadLeaderAsync(None)).Should().BeNull();
    }

    [Fact, Trait("Rule", "ST4")]
    public async Task Among_many_candidates_never_two_lead()
    {
        var leading = 0;
        var most = 0;
        var turns = Enumerable.Range(0, 5).Select(number => Task.Run(async () =>
        {
            for (var turn = 0; turn < 4; turn++)
            {
                await using var leadership = await Open().CampaignAsync(new SentinelId($"s{number}"), None);
                most = Math.Max(most, Interlocked.Increment(ref leading));
                await Task.Yield();
                Interlocked.Decrement(ref leading);
            }
        }));

        await Task.WhenAll(turns).WaitAsync(Wait.Long, TimeProvider.System);

        most.Should().Be(1);
    }
}
