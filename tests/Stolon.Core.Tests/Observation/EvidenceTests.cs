using Stolon.Cluster;
using Stolon.Core.Tests.Planning;
using Stolon.Observation;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Observation;

/// <summary>Evidence beats silence, under five conditions (architecture, section 5): each test but the first two leaves one out.</summary>
public sealed class EvidenceTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Fact, Trait("Rule", "O7"), Trait("Rule", "N4")]
    public void A_primary_whose_ports_both_refuse_twice_is_followed_at_once_and_the_reason_says_who_found_it()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2);

        var elected = story.Pass().Reasons.OfType<Reason.PrimaryElected>().Single();
        elected.Old.Should().Be(Db(1));
        elected.Text.Should().Contain("keeper k1 and its PostgreSQL both refused connections, twice, as found by k2");
        story.Data.Keepers[Keeper(1)].Status.Healthy.Should().BeFalse();
    }

    [Fact, Trait("Rule", "O7")]
    public void It_stays_dead_when_its_observer_has_become_the_primary_and_looks_no_more()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2);
        story.Pass();

        story.Finds(2, probe => null).Passes(3);

        story.Data.Keepers[Keeper(1)].Status.Healthy.Should().BeFalse();
    }

    [Fact, Trait("Rule", "O7")]
    public void Without_a_finding_only_silence_ends_a_primary() => IsElected(PrimaryDies(hosts: ["a", "b", "c"])).Should().BeFalse();

    [Theory, Trait("Rule", "O7")]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void First_condition_the_observer_was_connected_within_two_sleepIntervals_before(int tooLate, bool elected)
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"])
            .Finds(2, probe => probe with { ConnectedAgo = probe.FirstRefusedAgo + TimeSpan.FromSeconds(2) + (tooLate * Tick) });

        IsElected(story).Should().Be(elected);
    }

    [Fact, Trait("Rule", "O7")]
    public void First_condition_it_was_never_connected_before_the_refusals() =>
        IsElected(PrimaryDies(hosts: ["a", "b", "c"]).Finds(2, probe => probe with { ConnectedAgo = TimeSpan.Zero })).Should().BeFalse();

    [Theory, Trait("Rule", "O7"), Trait("Rule", "M3")]
    [InlineData("another")]
    [InlineData("")]
    public void First_condition_the_process_that_answered_is_the_one_that_published_last(string answered) =>
        IsElected(PrimaryDies(hosts: ["a", "b", "c"]).Finds(2, probe => probe with { BootUuid = answered })).Should().BeFalse();

    [Theory, Trait("Rule", "O7")]
    [InlineData(100, true)]
    [InlineData(99, false)]
    [InlineData(0, false)]
    public void Second_condition_it_was_refused_twice_and_not_in_one_moment(int apart, bool elected)
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2, probe => probe with { FirstRefusedAgo = probe.LastRefusedAgo + (apart * Tick) });

        IsElected(story).Should().Be(elected);
    }

    [Fact, Trait("Rule", "O7"), Trait("Rule", "M3")]
    public void Third_condition_who_published_since_was_alive() =>
        IsElected(PrimaryDies(hosts: ["a", "b", "c"]).Finds(2, probe => probe with { InfoUid = "earlier" })).Should().BeFalse();

    [Fact, Trait("Rule", "O7"), Trait("Rule", "M3")]
    public void Third_condition_one_that_publishes_again_is_alive_again()
    {
        var story = Healthy(1).Passes(1).Silences(1);
        story.Reports(2, keeper: report => report with { Probes = [ProbeOf(story)] }).Heartbeats().Pass();
        story.Heartbeats().Pass();
        story.Memory.Keepers[Keeper(1)].RefusedTo.Should().Equal(Keeper(2));
        story.Data.Keepers[Keeper(1)].Status.Healthy.Should().BeFalse();

        story.Reports(1).Pass();

        story.Data.Keepers[Keeper(1)].Status.Healthy.Should().BeTrue();
    }

    [Fact, Trait("Rule", "O7"), Trait("Rule", "Q28")]
    public void Fourth_condition_ages_say_the_same_whenever_they_are_read()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"])
            .Finds(2, probe => probe with
            {
                ConnectedAgo = probe.ConnectedAgo + TimeSpan.FromDays(1),
                FirstRefusedAgo = probe.FirstRefusedAgo + TimeSpan.FromDays(1),
                LastRefusedAgo = probe.LastRefusedAgo + TimeSpan.FromDays(1),
            });

        IsElected(story).Should().BeTrue();
    }

    [Theory, Trait("Rule", "O7")]
    [InlineData("a", "a", "c", false)]
    [InlineData("a", "A", "c", false)]
    [InlineData("a", "", "c", false)]
    [InlineData("a", "b", "c", true)]
    [InlineData("a", "b", "a", true)]
    [InlineData("a", "a", "a", true)]
    public void Fifth_condition_an_observer_is_on_another_host_unless_there_is_only_one(string primary, string observer, string third, bool elected) =>
        IsElected(PrimaryDies(hosts: [primary, observer, third]).Finds(2)).Should().Be(elected);

    [Fact, Trait("Rule", "O7")]
    public void Fifth_condition_one_observer_elsewhere_is_enough() =>
        IsElected(PrimaryDies(hosts: ["a", "a", "c"]).Finds(2).Finds(3)).Should().BeTrue();

    [Theory, Trait("Rule", "M10")]
    [InlineData(null)]
    [InlineData(false)]
    public void A_spec_that_does_not_ask_for_it_knows_only_silence(bool? failOnRefusal) =>
        IsElected(PrimaryDies(hosts: ["a", "b", "c"], spec => spec with { FailOnRefusal = failOnRefusal }).Finds(2)).Should().BeFalse();

    [Fact, Trait("Rule", "O7")]
    public void Who_is_found_dead_is_not_so_any_more_when_the_spec_no_longer_asks_for_it()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2);
        story.Pass();
        story.Memory.Keepers[Keeper(1)].RefusedTo.Should().NotBeEmpty();

        story.EditSpec(spec => spec with { FailOnRefusal = false }).Pass();

        story.Memory.Keepers[Keeper(1)].RefusedTo.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "O2"), Trait("Rule", "Q29")]
    public void What_an_observer_said_before_a_gap_in_the_sentinels_sight_is_no_evidence()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2).Silences(2);

        story.SentinelRestarts();

        IsElected(story).Should().BeFalse();
    }

    [Fact, Trait("Rule", "Q29"), Trait("Rule", "Q30")]
    public void After_a_gap_in_the_sentinels_sight_an_observer_that_still_says_so_is_believed()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2);

        story.SentinelRestarts().Pass();
        story.Data.Cluster.Status.Primary.Should().Be(Db(1), "the observer's words may be old");
        story.Finds(2);

        IsElected(story).Should().BeTrue();
    }

    [Fact, Trait("Rule", "O7")]
    public void A_standbys_keeper_is_not_judged_by_evidence()
    {
        var story = Healthy(3).Passes(1).Silences(3);
        var report = story.Memory.Keepers[Keeper(3)].Report;

        story.Reports(2, keeper: one => one with { Probes = [ProbeOf(story) with { Uid = "k3", InfoUid = report.InfoUid, BootUuid = report.BootUuid }] }).Pass();

        story.Data.Keepers[Keeper(3)].Status.Healthy.Should().BeTrue();
    }

    [Fact, Trait("Rule", "X5"), Trait("Rule", "S1"), Trait("Rule", "Q27")]
    public void The_barrier_does_not_wait_for_a_proxy_that_is_found_dead()
    {
        var story = ProxyDies();
        story.Look().ActiveProxies.Select(proxy => proxy.Uid.Value).Should().Equal("p1", "p2");

        FindsProxy(story, probe => probe);

        story.Look().ActiveProxies.Select(proxy => proxy.Uid.Value).Should().Equal("p2");
    }

    [Theory, Trait("Rule", "X5"), Trait("Rule", "S1")]
    [InlineData("infoUID")]
    [InlineData("bootUUID")]
    [InlineData("once")]
    [InlineData("connected")]
    [InlineData("keeper")]
    [InlineData("off")]
    [InlineData("host")]
    public void The_barrier_waits_for_a_proxy_when_a_condition_is_missing(string missing)
    {
        var story = ProxyDies();
        story = missing switch
        {
            "off" => story.EditSpec(spec => spec with { FailOnRefusal = null }),
            "host" => story.Reports(1, state => state with { ListenAddress = "a" }).Reports(2, state => state with { ListenAddress = "p" }),
            _ => story,
        };

        FindsProxy(story, probe => missing switch
        {
            "infoUID" => probe with { InfoUid = "earlier" },
            "bootUUID" => probe with { BootUuid = "another" },
            "once" => probe with { FirstRefusedAgo = probe.LastRefusedAgo },
            "connected" => probe with { ConnectedAgo = probe.FirstRefusedAgo + TimeSpan.FromSeconds(2) + Tick },
            "keeper" => probe with { IsProxy = false },
            _ => probe,
        });

        story.Look().ActiveProxies.Select(proxy => proxy.Uid.Value).Should().Equal("p1", "p2");
    }

    [Fact, Trait("Rule", "X5"), Trait("Rule", "S1")]
    public void A_proxy_that_publishes_again_is_waited_for_again()
    {
        var story = ProxyDies();
        FindsProxy(story, probe => probe);
        story.Pass();

        story.Proxy("p1", story.Data.Proxy.Generation).Pass();

        story.Look().ActiveProxies.Select(proxy => proxy.Uid.Value).Should().Equal("p1", "p2");
    }

    [Fact, Trait("Rule", "Q28")]
    public void A_second_pass_over_the_same_reports_says_the_same()
    {
        var story = PrimaryDies(hosts: ["a", "b", "c"]).Finds(2);
        var once = story.Look();

        var twice = Observe.Reports(once.Data, [.. once.Memory.Keepers.Values.Select(seen => seen.Report)], [], once.Memory, story.Time);

        twice.Data.Should().Be(once.Data);
        twice.Memory.Should().Be(once.Memory);
    }

    private static Story PrimaryDies(string[] hosts, Func<ClusterSpec, ClusterSpec>? spec = null)
    {
        var story = Healthy(hosts.Length, spec);
        for (var n = 1; n <= hosts.Length; n++)
        {
            var host = hosts[n - 1];
            story.Reports(n, state => state with { ListenAddress = host, WalReceiver = n == 1 ? state.WalReceiver : WalReceiverState.Gone });
        }

        return story.Passes(1).Silences(1);
    }

    internal static Probe ProbeOf(Story story) => new()
    {
        Uid = "k1",
        InfoUid = story.Memory.Keepers[Keeper(1)].Report.InfoUid,
        BootUuid = "boot1",
        ConnectedAgo = TimeSpan.FromMilliseconds(150),
        FirstRefusedAgo = TimeSpan.FromMilliseconds(140),
        LastRefusedAgo = TimeSpan.FromMilliseconds(30),
    };

    /// <summary>Within the time that fresh reports are awaited, long before failInterval.</summary>
    private static bool IsElected(Story story)
    {
        story.Pass();
        story.Waits(0.6).Pass();
        return story.Data.Cluster.Status.Primary != Db(1);
    }

    private static Story ProxyDies()
    {
        var story = Healthy(2).Proxy("p1", 0).Proxy("p2", 0).Passes(1);
        return story.ProxySilences("p1").Passes(1);
    }

    private static void FindsProxy(Story story, Func<Probe, Probe> change)
    {
        var proxy = story.Memory.Proxies[new ProxyId("p1")].Report;
        story.Reports(2, keeper: report => report with
        {
            Probes = [change(ProbeOf(story) with { Uid = "p1", IsProxy = true, InfoUid = proxy.InfoUid, BootUuid = "p1" })],
        });
    }
}

/// <summary>What observers find in a <see cref="Story"/>.</summary>
internal static class StoryOfEvidence
{
    /// <summary>Keeper n finds the primary's keeper dead, but for a change.</summary>
    public static Story Finds(this Story story, int n, Func<Probe, Probe?>? change = null)
    {
        var probe = EvidenceTests.ProbeOf(story);
        return story.Reports(n, keeper: report => report with { Probes = (change is null ? probe : change(probe)) is { } found ? [found] : default });
    }
}
