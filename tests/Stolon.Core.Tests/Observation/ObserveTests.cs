using Stolon.Cluster;
using Stolon.Observation;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Observation;

public sealed class ObserveTests
{
    [Fact, Trait("Rule", "O1")]
    public void A_report_for_another_cluster_is_not_heard()
    {
        var story = Healthy(1).Reports(2, keeper: report => report with { ClusterUid = "other" });

        story.Passes(3).Data.Keepers.Keys.Should().Equal(Keeper(1));
    }

    [Fact, Trait("Rule", "O2"), Trait("Rule", "O3"), Trait("Rule", "O4")]
    public void A_report_that_never_changes_is_a_leftover_and_one_that_changes_makes_a_keeper()
    {
        var story = Healthy(1).Reports(2).Silences(2);

        story.Passes(3).Data.Keepers.Keys.Should().NotContain(Keeper(2));
        story.Reports(2).Passes(1).Data.Keepers[Keeper(2)].Status.Should().BeEquivalentTo(new { Healthy = true, BootUuid = "boot2" });
    }

    [Fact, Trait("Rule", "O5"), Trait("Rule", "O6")]
    public void What_a_keeper_says_about_itself_is_copied()
    {
        var story = Healthy(1).Reports(1, keeper: report => report with { CanBePrimary = false, CanBeSynchronousReplica = false, BootUuid = "again" });

        story.Passes(1).Data.Keepers[Keeper(1)].Status.Should().BeEquivalentTo(new { CanBePrimary = false, CanBeSynchronousReplica = false, BootUuid = "again" });
    }

    [Fact, Trait("Rule", "O7"), Trait("Rule", "Q29")]
    public void A_keeper_is_healthy_until_it_was_silent_for_failInterval()
    {
        var story = Healthy(2).Passes(1).Silences(2);

        story.Passes(10).Data.Keepers[Keeper(2)].Status.Healthy.Should().BeTrue();
        story.Passes(1).Data.Keepers[Keeper(2)].Status.Healthy.Should().BeFalse();
    }

    [Fact, Trait("Rule", "Q29")]
    public void A_store_outage_is_nobodys_silence()
    {
        var story = Healthy(2).Passes(1);

        story.Waits(60).PassFails().Passes(0.5);

        story.Data.Keepers.Values.Should().OnlyContain(keeper => keeper.Status.Healthy);
    }

    [Fact, Trait("Rule", "Q30"), Trait("Rule", "O2")]
    public void A_sentinel_that_just_started_fails_nobody_before_it_has_waited_itself()
    {
        var story = Healthy(2).Silences(1).Passes(5).SentinelRestarts();

        story.Passes(9).Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Passes(4).Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "O8")]
    public void A_report_about_another_db_says_nothing_of_this_one()
    {
        var story = Healthy(2).Reports(2, state => state with { Uid = new DbId("other"), XLogPos = new Lsn(7) });

        story.Passes(1).Data.Databases[Db(2)].Status.XLogPos.Should().Be(new Lsn(1000));
        story.Passes(12).Data.Databases[Db(2)].Status.Healthy.Should().BeFalse();
    }

    [Fact, Trait("Rule", "O9"), Trait("Rule", "O10")]
    public void What_a_healthy_instance_reports_is_copied_and_an_ill_one_keeps_its_old_values()
    {
        var story = Healthy(2).Reports(2, state => state with { XLogPos = new Lsn(4000), OlderWalFile = "000000010000000000000002" });
        story.Passes(1).Data.Databases[Db(2)].Status.Should().BeEquivalentTo(new { XLogPos = new Lsn(4000), OlderWalFile = "000000010000000000000002" });

        story.Reports(2, state => state with { Healthy = false, XLogPos = Lsn.Zero }).Passes(1);

        story.Data.Databases[Db(2)].Status.XLogPos.Should().Be(new Lsn(4000));
    }

    [Fact, Trait("Rule", "O12")]
    public void A_convergence_is_timed_from_when_its_generation_was_first_seen()
    {
        var story = Healthy(1).Passes(1).EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("a", "1") });
        story.Pass();
        story.Passes(5);
        story.Memory.Databases[Db(1)].ConvergingSince.Should().Be(story.Now - TimeSpan.FromSeconds(4));

        story.EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("a", "2") }).Passes(2);

        story.Memory.Databases[Db(1)].ConvergingSince.Should().Be(story.Now);
    }

    [Fact, Trait("Rule", "O13")]
    public void A_db_that_is_gone_leaves_no_timers_that_one_of_its_name_could_be_judged_by()
    {
        var story = Healthy(2).Reports(2, state => state with { Healthy = false }).Passes(5);
        story.Memory.Databases[Db(2)].IllSince.Should().NotBeNull();
        var (data, gone) = (story.Data, story.Data.Databases[Db(2)]);

        story.Edit(_ => data with { Databases = data.Databases.Without(Db(2)) }).Pass();
        story.Memory.Databases.Keys.Should().NotContain(Db(2));
        story.Edit(_ => data with { Databases = data.Databases.With(Db(2), gone) }).Passes(7);

        story.Data.Databases[Db(2)].Status.Healthy.Should().BeTrue("it is ill for seven seconds, not for twelve");
    }

    [Theory, Trait("Rule", "P7"), Trait("Rule", "Q28"), Trait("Rule", "N16")]
    [InlineData(40, true)]
    [InlineData(25, false)]
    public void A_standby_whose_WAL_is_gone_is_removed_after_thirty_seconds_without_progress(int seconds, bool removed)
    {
        const ulong Segment = 16 * 1024 * 1024;
        var story = Healthy(2);
        story.Reports(1, state => state with { XLogPos = new Lsn(9 * Segment), OlderWalFile = "000000010000000000000008" })
            .Reports(2, state => state with { XLogPos = new Lsn(2 * Segment) });

        story.Passes(seconds);

        story.Data.Databases.ContainsKey(Db(2)).Should().Be(!removed);
    }

    [Theory, Trait("Rule", "Q27")]
    [InlineData(9.9, true)]
    [InlineData(10.5, false)]
    public void A_silent_proxy_counts_until_it_has_surely_closed_its_clients(double seconds, bool active)
    {
        var story = Healthy(1).Proxy("p1", 0);
        story.Look();
        story.Pass();

        story.Waits(seconds);

        story.Look().ActiveProxies.Any().Should().Be(active);
    }

    [Fact, Trait("Rule", "P3"), Trait("Rule", "P4"), Trait("Rule", "N15")]
    public void A_standby_on_another_branch_is_removed()
    {
        var story = Healthy(2);
        story.Reports(1, state => state with { TimelineId = 2, TimelinesHistory = [new(1, new Lsn(900), "")] })
            .Reports(2, state => state with { XLogPos = new Lsn(1000) });

        story.Passes(1);

        story.Data.Databases.Keys.Should().NotContain(Db(2));
    }

    [Fact, Trait("Rule", "P3"), Trait("Rule", "Q35")]
    public void Two_that_each_opened_the_same_timeline_are_two_branches()
    {
        var story = Healthy(2);
        foreach (var n in new[] { 1, 2 })
        {
            story.Reports(n, state => state with { TimelineId = 2, TimelinesHistory = [new(1, new Lsn(900), "")], PrimaryTimelines = [2] });
        }

        story.Passes(1);

        story.Data.Databases.Keys.Should().NotContain(Db(2));
    }

    [Fact, Trait("Rule", "Q28"), Trait("Rule", "O9")]
    public void The_same_reports_seen_in_one_pass_or_in_twenty_give_the_same_document()
    {
        var (once, often) = (Healthy(3), Healthy(3));
        foreach (var story in new[] { once, often })
        {
            story.Reports(1, state => state with { Healthy = false }).Reports(3, state => state with { XLogPos = new Lsn(1500) }).Pass();
        }

        for (var pass = 0; pass < 20; pass++)
        {
            often.Waits(0.1).Pass();
        }

        once.Waits(2).Pass();

        PlannedWrite.IsNeeded(once.Data, often.Data).Should().BeFalse();
    }

    [Fact, Trait("Rule", "Q2")]
    public void Only_the_time_of_health_is_no_reason_to_write_before_a_minute_is_over()
    {
        var story = Healthy(1);
        var before = story.Data;

        story.Passes(55).Data.Should().BeSameAs(before);
        story.Passes(10).Data.Should().NotBeSameAs(before);
    }

    [Theory, Trait("Rule", "Q27"), Trait("Rule", "Q29"), Trait("Rule", "S1")]
    [InlineData(4, 13.9, true)]
    [InlineData(4, 14.1, false)]
    [InlineData(20, 14.1, true)]
    public void A_proxy_is_silent_only_from_when_its_report_was_seen(double seenAt, double laterPass, bool active)
    {
        var (data, proxy) = (Healthy(1).Data, new ProxyReport { InfoUid = "1", Uid = new ProxyId("p"), ProxyTimeout = TimeSpan.FromSeconds(8), DeadlineFromStart = true });
        var slow = new PassTime(TimeSpan.Zero, DateTimeOffset.UnixEpoch) { SeenAt = TimeSpan.FromSeconds(seenAt) };
        var memory = Observe.Reports(data, [], [proxy], SentinelMemory.Empty, slow).Memory;

        var later = Observe.Reports(data, [], [proxy], memory, new PassTime(TimeSpan.FromSeconds(laterPass), DateTimeOffset.UnixEpoch));

        later.ActiveProxies.Any().Should().Be(active);
    }

    [Fact, Trait("Rule", "N3")]
    public void A_plan_says_when_time_alone_could_change_it()
    {
        var story = Healthy(1).Passes(1);
        var plan = story.Pass();

        plan.WakeAt.Should().BeCloseTo(story.Now + TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1), "the keeper's failInterval is the first to run out");
    }
}
