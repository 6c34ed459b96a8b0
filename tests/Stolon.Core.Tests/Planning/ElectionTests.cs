using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

public sealed class ElectionTests
{
    [Fact, Trait("Rule", "N3"), Trait("Rule", "N9")]
    public void A_healthy_cluster_is_left_alone_and_nothing_is_written()
    {
        var story = Healthy(3);
        var before = story.Data;

        story.Passes(5);

        story.Data.Should().BeSameAs(before);
        story.Pass().Reasons.Where(reason => reason.IsChange).Should().BeEmpty();
    }

    [Fact, Trait("Rule", "N4"), Trait("Rule", "Q5"), Trait("Rule", "S3"), Trait("Rule", "P11")]
    public void Of_the_standbys_the_one_with_the_most_WAL_is_elected()
    {
        var story = Healthy(4).Reports(2, at(900)).Reports(3, at(990)).Reports(4, at(950)).Silences(1);

        story.Passes(11);

        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
    }

    [Fact, Trait("Rule", "N4"), Trait("Rule", "Q14")]
    public void Between_equals_the_first_by_uid_is_elected()
    {
        var story = Healthy(3).Silences(1);

        story.Passes(11);

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "N5"), Trait("Rule", "N6"), Trait("Rule", "N7"), Trait("Rule", "F3")]
    public void An_election_makes_a_primary_takes_the_followers_of_the_old_one_and_closes_the_proxies()
    {
        var story = Healthy(3).Proxy("p1", 0);
        story.Passes(2);
        var before = story.Proxy("p1", story.Data.Proxy.Generation).Settle().Data;
        before.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
        story.Silences(1);

        var elected = Until(story, data => data.Cluster.Status.Primary == Db(2));

        elected.Databases[Db(1)].Spec.Followers.Should().BeEmpty();
        elected.Databases[Db(2)].Spec.Should().BeEquivalentTo(new { Role = Role.Primary, Follow = (FollowConfig?)null });
        elected.Databases[Db(2)].Generation.Should().Be(before.Databases[Db(2)].Generation + 1);
        elected.Databases[Db(3)].Spec.Follow!.Db.Should().Be(Db(1), "nobody is re-pointed before the new primary is ready (N9)");
        elected.Proxy.Spec.PrimaryDb.Should().BeNull();
        elected.Proxy.Generation.Should().Be(before.Proxy.Generation + 1);
    }

    [Fact, Trait("Rule", "N3"), Trait("Rule", "O11")]
    public void A_primary_whose_PostgreSQL_is_ill_has_until_failInterval()
    {
        var story = Healthy(2).Reports(1, state => state with { Healthy = false });

        story.Passes(9).Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Passes(3).Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "N3")]
    public void A_primary_that_failed_to_start_twice_is_given_up_at_once()
    {
        var story = Healthy(2).Reports(1, state => state with { Healthy = false, FailedStarts = 2 });

        story.Passes(1).Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "N3"), Trait("Rule", "P2")]
    public void A_primary_that_does_not_converge_within_convergenceTimeout_is_replaced()
    {
        var story = Healthy(2).EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("work_mem", "8MB") });
        story.Pass();
        story.Converge(2);

        story.Passes(29).Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Passes(3).Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Theory, Trait("Rule", "P8"), Trait("Rule", "P10")]
    [InlineData(1_048_576, true)]
    [InlineData(1_048_577, false)]
    public void A_standby_further_behind_than_maxStandbyLag_is_not_elected(long behind, bool elected)
    {
        var story = Healthy(2).Reports(1, at(10_000_000)).Reports(2, at(10_000_000 - (ulong)behind));
        story.Passes(1).Silences(1);

        story.Passes(11);

        (story.Data.Cluster.Status.Primary == Db(2)).Should().Be(elected);
        if (!elected)
        {
            story.Pass().Reasons.OfType<Reason.CandidateRejected>().Should().ContainSingle().Which.Rule.Should().Be("P8");
        }
    }

    [Theory, Trait("Rule", "P5"), Trait("Rule", "P11"), Trait("Rule", "Q6"), Trait("Rule", "P10")]
    [InlineData("O7")]
    [InlineData("P11")]
    [InlineData("P5")]
    [InlineData("P10")]
    [InlineData("P4")]
    public void Every_candidate_that_is_not_elected_is_told_the_rule(string rule)
    {
        var story = Healthy(2).Reports(2, walReceiver);
        _ = rule switch
        {
            "O7" => story.Silences(2),
            "P11" => story.Reports(2, keeper: report => report with { CanBePrimary = false }),
            "P5" => story.Reports(2, state => state with { Healthy = false }),
            "P10" => story.Reports(1, state => state with { TimelineId = 2, TimelinesHistory = [new(1, new Lsn(2000), "")] }),
            _ => story.Reports(2, state => state with { SystemId = "778" }),
        };
        story.Passes(rule is "O7" or "P5" ? 3 : 0).Silences(1);
        if (rule is "P10" or "P4")
        {
            // The gate of N13 is closed, so that the standby is not removed instead.
            story.Reports(1, state => state with { Generation = 0 }).Passes(1).Silences(1);
        }

        story.Passes(12);

        var plan = story.Pass();
        plan.Reasons.OfType<Reason.NoCandidate>().Should().ContainSingle();
        plan.Reasons.OfType<Reason.CandidateRejected>().Select(rejected => $"{rejected.Db} {rejected.Rule}").Should().Contain($"{Db(2)} {rule}");
    }

    [Fact, Trait("Rule", "S3")]
    public void A_standby_that_still_receives_is_awaited_for_half_a_second()
    {
        var story = Healthy(2).Reports(2, state => state with { WalReceiver = WalReceiverState.Streaming }).Silences(1);
        story.Passes(10);
        story.Waits(0.2).Heartbeats();

        var waits = story.Pass();
        waits.Reasons.OfType<Reason.ElectionWaits>().Should().ContainSingle();
        waits.WakeAt.Should().Be(story.Now + TimeSpan.FromMilliseconds(500));
        story.Reports(2, walReceiver);
        story.Pass().Next.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "S3")]
    public void No_longer_than_half_a_second()
    {
        var story = Healthy(2).Reports(2, state => state with { WalReceiver = WalReceiverState.Streaming }).Silences(1);
        story.Passes(10).Waits(0.2).Heartbeats().Pass();

        story.Waits(0.5).Heartbeats().Pass().Next.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "Q36"), Trait("Rule", "N10"), Trait("Rule", "N5"), Trait("Rule", "S1")]
    public void An_old_primary_that_is_elected_again_gets_clients_only_after_it_has_carried_that_out()
    {
        var story = Healthy(3).Reports(3, keeper: report => report with { CanBePrimary = false }).Passes(1).Edit(ToldToFail);
        story.Pass();
        story.Data.Cluster.Status.Primary.Should().Be(Db(2));

        story.Converge(1).Silences(2);
        Until(story, data => data.Cluster.Status.Primary == Db(1));
        story.Data.Databases[Db(2)].Spec.Followers.Should().BeEmpty();

        story.Passes(3).Data.Proxy.Spec.PrimaryDb.Should().BeNull();
        story.Converge(1).Passes(1).Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    [Fact, Trait("Rule", "N2")]
    public void A_document_without_the_primary_that_it_names_decides_nothing()
    {
        var story = Healthy(2).Edit(data => data with { Databases = data.Databases.Without(Db(1)) });

        story.Pass().Reasons.Should().ContainSingle().Which.Should().BeOfType<Reason.PrimaryMissing>();
    }

    [Fact, Trait("Rule", "N6")]
    public void In_a_standby_cluster_the_elected_one_follows_the_outside()
    {
        var story = Healthy(2, spec => spec with
        {
            Role = Role.Standby,
            StandbyConfig = new StandbyConfig { StandbySettings = new StandbySettings { PrimaryConnInfo = "host=remote" } },
        });
        story.Silences(1).Passes(11);

        story.Data.Databases[Db(2)].Spec.Follow.Should().BeEquivalentTo(new { Type = FollowType.External, StandbySettings = new { PrimaryConnInfo = "host=remote" } });
    }

    [Fact, Trait("Rule", "O7")]
    public void A_forced_failure_lasts_for_one_pass_and_elects_another()
    {
        var story = Healthy(2).Edit(ToldToFail);

        var plan = story.Heartbeats().Reports(2, walReceiver).Pass();

        plan.Next.Cluster.Status.Primary.Should().Be(Db(2));
        plan.Next.Keepers[Keeper(1)].Status.ForceFail.Should().BeFalse();
    }

    [Fact, Trait("Rule", "O7"), Trait("Rule", "A4"), Trait("Rule", "S3")]
    public void A_living_primary_that_is_told_to_fail_is_replaced_at_once_by_the_most_advanced_though_all_still_receive()
    {
        var story = Healthy(3).Reports(2, Streaming).Reports(3, state => Streaming(state) with { XLogPos = new Lsn(2000) });
        story.Passes(1).Edit(ToldToFail);

        var plan = story.Heartbeats().Pass();

        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
        plan.Reasons.OfType<Reason.PrimaryElected>().Single().Why.Should().Contain("told to fail");
    }

    [Fact, Trait("Rule", "N3"), Trait("Rule", "S3")]
    public void A_living_primary_that_does_not_converge_is_replaced_without_waiting_for_its_standbys()
    {
        var story = Healthy(2).Reports(2, Streaming).EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("work_mem", "8MB") });
        story.Pass();
        story.Converge(2).Passes(31);

        story.Waits(0.1).Heartbeats().Pass().Next.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "S3")]
    public void While_an_election_waits_it_is_said_who_will_not_be_elected()
    {
        var story = Healthy(3).Reports(2, Streaming).Reports(3, keeper: report => report with { CanBePrimary = false }).Silences(1);
        story.Passes(10).Waits(0.2).Heartbeats();

        story.Pass().Reasons.Select(reason => reason.Kind).Should().ContainInOrder("ElectionWaits", "CandidateRejected");
    }

    private static PostgresState Streaming(PostgresState state) => state with { WalReceiver = WalReceiverState.Streaming };

    private static ClusterData ToldToFail(ClusterData data) => data with
    {
        Keepers = data.Keepers.With(Keeper(1), data.Keepers[Keeper(1)] with { Status = data.Keepers[Keeper(1)].Status with { ForceFail = true } }),
    };

    private static readonly Func<PostgresState, PostgresState> walReceiver = state => state with { WalReceiver = WalReceiverState.Gone };

    private static Func<PostgresState, PostgresState> at(ulong position) => state => state with { XLogPos = new Lsn(position) };

    private static ClusterData Until(Story story, Func<ClusterData, bool> condition)
    {
        for (var pass = 0; pass < 400 && !condition(story.Data); pass++)
        {
            story.Passes(0.1);
        }

        condition(story.Data).Should().BeTrue();
        return story.Data;
    }
}
