using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;
using static Stolon.Core.Tests.Planning.SwitchoverStory;

namespace Stolon.Core.Tests.Planning;

/// <summary>A planned change of the primary that goes wrong more than once: what is known by then is not forgotten, and there is always a way out.</summary>
public sealed class SwitchoverWorstTests
{
    [Theory, Trait("Rule", "Q33")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_target_that_was_given_up_and_is_heard_late_does_not_make_the_document_an_old_one(bool isKnownStill)
    {
        var story = Ready(2).Promoting();
        story.EveryKeeperHasSeen(story.Data.Revision);
        var told = story.Data.Databases[Db(2)].Generation;
        story.Silences(2).Passes(12);
        story.Proxy("p1", story.Data.Proxy.Generation).Converge(1).Moves();
        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1), "clients write to the source again");

        if (!isKnownStill)
        {
            story.Edit(data => data with { Databases = data.Databases.Without(Db(2)) }).Moves();
        }

        story.Reports(2, state => state with { Role = Role.Primary, TimelineId = 2, Generation = told });
        story.Moves().OfType<Reason.DocumentLifted>().Should().BeEmpty();

        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
    }

    [Fact, Trait("Rule", "S2")]
    public void A_source_that_may_follow_the_first_target_already_is_made_anew_when_there_is_a_second_one()
    {
        var story = Synchronous().Promoting().IsPromoted(2).Reports(2, state => state with { Generation = 0 }).Has(3, 2001);
        story.Moves();

        story.Silences(2).Passes(12);

        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
        story.Data.Databases.Should().NotContainKey(Db(1), "no history tells the two timelines apart");
        story.Data.Databases[Db(3)].Spec.SynchronousStandbys.Should().NotContain(Db(1));
        story.Data.Databases[Db(3)].Status.SynchronousStandbys.Should().NotContain(Db(1));
        story.Switchover().Should().NotBeNull("clients wait for it");

        story.IsPromoted(3).Proxy("p1", story.Data.Proxy.Generation).Moves().OfType<Reason.SwitchoverFinished>().Should().ContainSingle();
    }

    [Fact]
    public void An_operator_may_give_up_what_only_the_source_and_the_target_have()
    {
        var story = Ready().Promoting().Has(3, 1500).Silences(1).Silences(2).Passes(15);
        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
        story.Pass().Reasons.OfType<Reason.SwitchoverWaits>().Single().Text.Should().Contain("failkeeper k2").And.Contain("failkeeper k1");

        story.ToldToFail(1).Passes(3);

        story.Switchover().Should().BeNull();
        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
    }

    [Fact]
    public void An_operator_may_give_up_the_target_for_the_source_that_stands_where_it_stopped()
    {
        var story = Ready(2).Promoting().IsPromoted(2).Reports(2, state => state with { Generation = 0 });
        story.Moves();
        story.Silences(2).Passes(15);
        story.Data.Cluster.Status.Primary.Should().Be(Db(2), "it was a primary, and nobody has said that it may be given up");

        story.ToldToFail(2).Passes(3);

        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Data.Databases[Db(2)].Spec.Follow!.Db.Should().Be(Db(1));
    }

    [Fact, Trait("Rule", "N4")]
    public void A_changed_specification_does_not_make_it_forget_where_the_source_stopped()
    {
        var story = Ready().Stopped().Has(2, 2000).Has(3, 2000).Silences(1);
        story.Moves();

        story.EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("work_mem", "8MB") }).Passes(20);

        story.Switchover()!.StoppedAt.Should().Be(Stop);
        story.Data.Cluster.Status.Primary.Should().Be(Db(1), "nobody who has less becomes primary");
        story.Has(3, 2001).Passes(1);
        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
    }

    [Fact, Trait("Rule", "N22")]
    public void Commits_do_not_wait_afterwards_for_a_standby_that_may_never_be_waited_for()
    {
        var story = Synchronous().Reports(3, keeper: report => report with { CanBeSynchronousReplica = false });

        story.Stopped().Has(3, 2001).Has(2, 2001).Moves();

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
        story.Data.Databases[Db(2)].Spec.SynchronousStandbys.Should().Equal(Db(1));
    }
}
