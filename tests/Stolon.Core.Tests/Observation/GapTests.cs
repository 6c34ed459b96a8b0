using Stolon.Cluster;
using Stolon.Core.Tests.Planning;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Observation;

/// <summary>What a sentinel believes that could not look for a while, or that just started: what it sees, and what is written down; no more.</summary>
public sealed class GapTests
{
    public static TheoryData<string> Gaps => ["a failed pass", "a restart"];

    [Theory, Trait("Rule", "O2"), Trait("Rule", "O7"), Trait("Rule", "Q29")]
    [MemberData(nameof(Gaps))]
    public void A_keeper_that_is_dead_for_long_does_not_become_healthy(string gap)
    {
        var story = Healthy(3).Silences(2).Passes(60);
        var since = story.Data.Keepers[Keeper(2)].Status.LastHealthyTime;

        for (var pass = 0; pass < 15; pass++)
        {
            After(story, gap).Passes(1);
            story.Data.Keepers[Keeper(2)].Status.Should().BeEquivalentTo(new { Healthy = false, LastHealthyTime = since });
            story.Data.Databases[Db(2)].Status.Healthy.Should().BeFalse();
        }
    }

    [Theory, Trait("Rule", "O2")]
    [MemberData(nameof(Gaps))]
    public void It_is_healthy_again_when_it_is_heard(string gap)
    {
        var story = After(Healthy(2).Silences(2).Passes(60), gap).Passes(1);

        story.Reports(2).Passes(2);

        story.Data.Keepers[Keeper(2)].Status.Healthy.Should().BeTrue();
        story.Data.Databases[Db(2)].Status.Healthy.Should().BeTrue();
    }

    [Theory, Trait("Rule", "Q29"), Trait("Rule", "O11")]
    [MemberData(nameof(Gaps))]
    public void Who_was_healthy_stays_so_until_failInterval_after_the_gap(string gap)
    {
        var story = After(Healthy(2).Silences(2).Passes(5), gap);

        story.Passes(10).Data.Databases[Db(2)].Status.Healthy.Should().BeTrue();
        story.Passes(2).Data.Databases[Db(2)].Status.Healthy.Should().BeFalse();
    }

    [Theory, Trait("Rule", "N22"), Trait("Rule", "O2")]
    [MemberData(nameof(Gaps))]
    public void A_dead_standby_is_not_waited_for_by_commits_because_of_a_gap(string gap)
    {
        var story = Healthy(2, spec => spec with { MinSynchronousStandbys = 0 }).Silences(2).Passes(60);
        story.EditSpec(spec => spec with { SynchronousReplication = true });

        After(story, gap).Passes(1).Converge(1).Passes(8).Converge(1).Passes(1);

        story.Data.Primary!.Spec.SynchronousReplication.Should().BeTrue();
        story.Data.Primary.Spec.SynchronousStandbys.Should().BeEmpty();
    }

    [Theory, Trait("Rule", "N1"), Trait("Rule", "O2")]
    [MemberData(nameof(Gaps))]
    public void A_dead_keeper_is_forgotten_in_its_time_however_often_a_pass_fails(string gap)
    {
        var story = Healthy(2, spec => spec with { DeadKeeperRemovalInterval = TimeSpan.FromMinutes(1) }).Silences(2).Passes(12);
        story.Edit(data => data with { Databases = data.Databases.Without(Db(2)) });

        for (var pass = 0; pass < 12; pass++)
        {
            After(story, gap).Passes(6);
        }

        story.Data.Keepers.Keys.Should().Equal(Keeper(1));
    }

    [Fact, Trait("Rule", "O4"), Trait("Rule", "Q29")]
    public void A_forgotten_keeper_does_not_come_back_by_its_last_words_after_a_gap()
    {
        var story = Healthy(2).Silences(2).Passes(20).Edit(data => data with
        {
            Keepers = data.Keepers.Without(Keeper(2)),
            Databases = data.Databases.Without(Db(2)),
        });

        story.PassFails().Passes(3).Data.Keepers.Keys.Should().Equal(Keeper(1));
    }

    [Fact, Trait("Rule", "O10"), Trait("Rule", "N3")]
    public void A_primary_that_reports_itself_ill_fails_in_time_though_passes_fail_meanwhile()
    {
        var story = Healthy(2).Reports(1, state => state with { Healthy = false });

        for (var pass = 0; pass < 14; pass++)
        {
            story.PassFails().Passes(1);
        }

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "Q29"), Trait("Rule", "O10")]
    public void What_it_said_before_the_gap_is_no_word_of_now()
    {
        var story = Healthy(2).Reports(1, state => state with { Healthy = false }).Passes(2).Silences(1);

        story.Waits(60).PassFails().Pass();
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));

        story.Reports(1, state => state with { Healthy = true }).Passes(3).Data.Cluster.Status.Primary.Should().Be(Db(1));
    }

    [Fact, Trait("Rule", "O2"), Trait("Rule", "Q30"), Trait("Rule", "N3")]
    public void A_failure_of_the_primary_that_is_only_written_down_is_not_acted_on_before_it_was_listened_for()
    {
        var story = Healthy(2).Edit(data => data with
        {
            Keepers = data.Keepers.With(Keeper(1), data.Keepers[Keeper(1)] with { Status = new() }),
        });
        story.SentinelRestarts();

        var plan = story.Pass();
        plan.Reasons.OfType<Reason.ElectionListens>().Should().ContainSingle();
        plan.WakeAt.Should().BeCloseTo(story.Now + TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1));
        story.Passes(2).Data.Cluster.Status.Primary.Should().Be(Db(1), "it lives");
        story.Data.Databases[Db(1)].Status.Healthy.Should().BeTrue();
    }

    [Fact, Trait("Rule", "O1"), Trait("Rule", "Q32"), Trait("Rule", "S6")]
    public void A_new_cluster_in_the_same_store_begins_without_what_was_said_of_the_old_one()
    {
        var story = Healthy(2).Reports(1, state => state with { Generation = 90, Role = Role.Primary }, keeper => keeper with { SeenRevision = 900 });
        story.Pass();
        var fresh = Empty().Data;
        story.Edit(_ => fresh with { Cluster = fresh.Cluster with { Uid = "c2" } });

        var plan = story.Pass();

        plan.Reasons.Should().NotContain(reason => reason is Reason.DocumentLifted || reason is Reason.DocumentRegressed);
        plan.Next.Cluster.Status.Phase.Should().Be(ClusterPhase.Initializing);
        plan.Next.Keepers.Keys.Should().BeEmpty("nobody has spoken of the new cluster");
        story.Reports(2, keeper: report => report with { ClusterUid = "c2", PostgresState = new PostgresState() }).Passes(2);
        story.Data.Primary!.Spec.Keeper.Should().Be(Keeper(2));
        story.Data.Keepers.Keys.Should().Equal(Keeper(2));
    }

    [Fact, Trait("Rule", "O9"), Trait("Rule", "Q28")]
    public void Progress_is_measured_against_the_report_before_and_not_against_what_another_leader_wrote()
    {
        var story = Healthy(2).Passes(1);
        for (var report = 0; report < 20; report++)
        {
            story.Reports(2, state => state with { XLogPos = new Lsn(state.XLogPos.Value + 100) });
            var said = story.Look().Data.Databases[Db(2)];

            // The leader was first: its write holds what this sentinel reads only now.
            story.Edit(data => data with { Databases = data.Databases.With(Db(2), said) }).Waits(1).Pass();
        }

        story.Memory.Databases[Db(2)].StuckReports.Should().Be(0);
    }

    private static Story After(Story story, string gap) => gap == "a restart" ? story.SentinelRestarts() : story.Waits(30).PassFails();
}
