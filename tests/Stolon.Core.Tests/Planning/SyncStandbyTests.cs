using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

public sealed class SyncStandbyTests
{
    [Fact, Trait("Rule", "N22")]
    public void Turned_on_a_good_standby_is_waited_for_at_once_and_known_when_it_is_in_sync()
    {
        var story = Healthy(3).EditSpec(spec => spec with { SynchronousReplication = true });

        story.Pass();
        story.Data.Databases[Db(1)].Spec.Should().BeEquivalentTo(new { SynchronousReplication = true });
        Set(story).Should().Equal(Db(2));
        Known(story).Should().BeEmpty();
        InSync(story, 2).Settle();

        Known(story).Should().Equal(Db(2));
    }

    [Fact, Trait("Rule", "N20"), Trait("Rule", "Q38")]
    public void Who_was_in_sync_when_the_primary_had_another_set_is_not_known_to_be_in_sync_in_this_one()
    {
        var story = Healthy(2).EditSpec(spec => spec with { SynchronousReplication = true });
        story.Pass();

        InSync(story, 2).Reports(1, state => state with { Generation = story.Data.Databases[Db(1)].Generation - 1 });
        story.Pass();
        Known(story).Should().BeEmpty("the report is of the generation before");

        story.Reports(1, state => state with { Generation = story.Data.Databases[Db(1)].Generation });
        story.Pass();
        Known(story).Should().Equal(Db(2));
    }

    [Fact, Trait("Rule", "N18")]
    public void Turned_off_nobody_is_waited_for()
    {
        var story = Synchronous(2).EditSpec(spec => spec with { SynchronousReplication = false });

        story.Pass();

        story.Data.Databases[Db(1)].Spec.SynchronousReplication.Should().BeFalse();
        Set(story).Should().BeEmpty();
        Known(story).Should().BeEmpty();
    }

    [Fact, Trait("Rule", "N4"), Trait("Rule", "N8"), Trait("Rule", "Q37"), Trait("Rule", "S2")]
    public void Only_a_standby_known_to_be_in_sync_is_elected_and_nothing_is_known_of_its_own_standbys()
    {
        var story = Synchronous(3);
        var member = Set(story)[0];
        var other = member == Db(2) ? 3 : 2;
        story.Reports(other, state => state with { XLogPos = new Lsn(5000) }).Silences(1);

        story.Passes(12);

        story.Data.Cluster.Status.Primary.Should().Be(member);
        var elected = story.Data.Databases[member];
        elected.Spec.SynchronousStandbys.Should().Equal(Db(1));
        elected.Status.SynchronousStandbys.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "N4"), Trait("Rule", "S2")]
    public void With_its_synchronous_standby_gone_too_nobody_is_elected()
    {
        var story = Synchronous(3);
        var member = Set(story)[0];
        story.Silences(1).Silences(member == Db(2) ? 2 : 3);

        story.Passes(20);

        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Pass().Reasons.OfType<Reason.CandidateRejected>().Select(rejected => rejected.Rule).Should().Contain("N4");
    }

    [Fact, Trait("Rule", "Q19")]
    public void Turned_on_while_the_primary_fails_the_election_is_still_asynchronous()
    {
        var story = Healthy(2).Reports(1, state => state with { Healthy = false, FailedStarts = 2 })
            .Reports(2, state => state with { WalReceiver = WalReceiverState.Gone });

        story.EditSpec(spec => spec with { SynchronousReplication = true }).Pass();

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
        story.Data.Databases[Db(2)].Spec.ExternalSynchronousStandbys.Should().Equal("stolonfakestandby");
    }

    [Theory, Trait("Rule", "N22")]
    [InlineData(1)]
    [InlineData(0)]
    public void The_only_standby_fails_and_commits_wait_for_it_unless_the_minimum_is_zero(int min)
    {
        var story = Synchronous(2, spec => spec with { MinSynchronousStandbys = min }).Silences(2);

        story.Passes(12).Converge(1).Passes(2);

        Set(story).Should().Equal(min == 1 ? [Db(2)] : []);
        story.Data.Databases[Db(1)].Spec.ExternalSynchronousStandbys.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "N20"), Trait("Rule", "N21"), Trait("Rule", "N22"), Trait("Rule", "S8")]
    public void A_failed_member_is_replaced_by_first_adding_and_then_dropping()
    {
        var story = Synchronous(3);
        var (old, next) = Set(story)[0] == Db(2) ? (2, 3) : (3, 2);
        story.Silences(old).Passes(12);

        Set(story).Should().BeEquivalentTo([Db(2), Db(3)]);
        Known(story).Should().Equal(Db(old));
        story.Pass().Reasons.OfType<Reason.SynchronousSetSettles>().Should().BeEmpty("the primary has not converged yet (N13)");
        story.Converge(1).Passes(1);
        story.Pass().Reasons.OfType<Reason.SynchronousSetSettles>().Should().ContainSingle();

        InSync(story, old, next).Converge(1).Passes(1);
        story.Converge(1).Passes(1);

        Set(story).Should().Equal(Db(next));
        Known(story).Should().Equal(Db(next));
    }

    [Fact, Trait("Rule", "N20")]
    public void A_replacement_that_fails_before_it_is_in_sync_is_dropped_again()
    {
        var story = Synchronous(3);
        var (old, next) = Set(story)[0] == Db(2) ? (2, 3) : (3, 2);
        story.Silences(old).Passes(12);
        story.Converge(1).Silences(next);

        story.Passes(12);

        Set(story).Should().Equal(Db(old));
        Known(story).Should().Equal(Db(old));
    }

    [Fact, Trait("Rule", "N22")]
    public void A_keeper_that_may_not_be_synchronous_never_is_and_the_fake_standby_blocks_instead()
    {
        var story = Healthy(2).Reports(2, keeper: report => report with { CanBeSynchronousReplica = false });
        story.Passes(1).EditSpec(spec => spec with { SynchronousReplication = true });

        story.Pass();

        Set(story).Should().BeEmpty();
        story.Data.Databases[Db(1)].Spec.ExternalSynchronousStandbys.Should().Equal("stolonfakestandby");
    }

    [Fact, Trait("Rule", "N22"), Trait("Rule", "Q23")]
    public void The_most_advanced_standbys_are_waited_for_however_far_behind()
    {
        var story = Healthy(4, spec => spec with { MaxSynchronousStandbys = 2 })
            .Reports(1, state => state with { XLogPos = new Lsn(90_000_000) })
            .Reports(3, state => state with { XLogPos = new Lsn(2000) }).Reports(4, state => state with { XLogPos = new Lsn(3000) });
        story.Passes(1).EditSpec(spec => spec with { SynchronousReplication = true });

        story.Pass();

        Set(story).Should().Equal(Db(3), Db(4));
    }

    [Fact, Trait("Rule", "N24")]
    public void A_standby_that_commits_wait_for_is_not_removed_as_surplus()
    {
        var story = Synchronous(3, spec => spec with { MaxStandbysPerSender = 2 });
        var member = Set(story)[0];
        story.EditSpec(spec => spec with { MaxStandbysPerSender = 1 });

        story.Settle();

        story.Data.Databases.Keys.Should().BeEquivalentTo([Db(1), member]);
    }

    private static ValueList<DbId> Set(Story story) => story.Data.Primary!.Spec.SynchronousStandbys;

    private static ValueList<DbId> Known(Story story) => story.Data.Primary!.Status.SynchronousStandbys;

    private static Story InSync(Story story, params int[] standbys) =>
        story.Reports(1, state => state with { SynchronousStandbys = standbys.Select(Db).Order().ToValueList() });

    /// <summary>A healthy cluster with synchronous replication on, whose synchronous standbys are known to be in sync.</summary>
    private static Story Synchronous(int keepers, Func<ClusterSpec, ClusterSpec>? spec = null)
    {
        var story = Healthy(keepers, before => (spec?.Invoke(before) ?? before) with { SynchronousReplication = true });
        var member = Set(story)[0] == Db(2) ? 2 : 3;
        InSync(story, member).Settle();
        Known(story).Should().Equal(Db(member));
        return story;
    }
}
