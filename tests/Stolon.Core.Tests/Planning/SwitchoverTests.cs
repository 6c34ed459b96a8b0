using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;
using static Stolon.Core.Tests.Planning.SwitchoverStory;

namespace Stolon.Core.Tests.Planning;

/// <summary>A planned change of the primary that goes as it should (architecture, section 7).</summary>
public sealed class SwitchoverTests
{
    [Fact]
    public void A_switchover_closes_clients_stops_the_source_and_promotes_the_target()
    {
        var story = Ready().Promoting();

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
        story.Data.Databases[Db(2)].Spec.Should().BeEquivalentTo(new { Role = Role.Primary, Follow = (FollowConfig?)null });
        story.Data.Databases[Db(2)].Spec.Followers.Should().Equal(Db(1), Db(3));
        story.Data.Databases[Db(1)].Spec.Should().BeEquivalentTo(new { Role = Role.Standby, Follow = FollowConfig.Internal(Db(2)) });
        story.Data.Databases[Db(1)].Spec.Followers.Should().BeEmpty();
        story.Data.Databases[Db(1)].Spec.Keeper.Should().Be(Keeper(1), "it keeps its data, and its uid");

        var reasons = story.IsPromoted(2).Moves();

        story.Switchover().Should().BeNull();
        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(2));
        reasons.OfType<Reason.SwitchoverFinished>().Should().ContainSingle();
    }

    [Fact]
    public void Clients_are_in_until_the_source_has_written_its_checkpoint()
    {
        var story = Ready().Preparing();

        story.Passes(3).Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    [Fact]
    public void The_source_is_told_to_stop_when_every_proxy_has_closed_its_connections()
    {
        var story = Ready();
        story.Proxy("p2", story.Data.Proxy.Generation).Heartbeats().Pass();
        story.Proxy("p2", story.Data.Proxy.Generation).Proxied().Draining();
        story.Data.Proxy.Spec.PrimaryDb.Should().BeNull();

        story.Proxy("p1", story.Data.Proxy.Generation).Moves();
        story.Switchover()!.Phase.Should().Be(SwitchoverPhase.Draining, "p2 has not");

        story.Proxy("p2", story.Data.Proxy.Generation).Moves();
        story.Switchover()!.Phase.Should().Be(SwitchoverPhase.Stopping);
    }

    [Fact, Trait("Rule", "N10")]
    public void Clients_stay_out_while_the_source_stops_and_nobody_is_elected_in_its_place()
    {
        var story = Ready().Stopping().Answers(stopped: Stop);

        for (var second = 0; second < 30; second++)
        {
            story.Has(2, 2000).Has(3, 2000).Silences(1).Passes(1);
            story.Data.Proxy.Spec.PrimaryDb.Should().BeNull();
            story.Data.Cluster.Status.Primary.Should().Be(Db(1), "who is only as far as the start of the shutdown checkpoint has not got it");
        }
    }

    [Theory]
    [InlineData(2000UL, false)]
    [InlineData(2001UL, true)]
    public void The_target_must_have_replayed_past_the_start_of_the_shutdown_checkpoint(ulong position, bool promoted)
    {
        var story = Ready().Stopped().Has(2, position);

        story.Moves();

        story.Data.Cluster.Status.Primary.Should().Be(promoted ? Db(2) : Db(1));
    }

    [Fact]
    public void A_target_that_still_receives_is_awaited()
    {
        var story = Ready().Stopped().Has(2, 3000).Reports(2, state => state with { WalReceiver = WalReceiverState.Streaming });

        story.Moves();

        story.Switchover()!.Phase.Should().Be(SwitchoverPhase.Stopped);
    }

    [Fact]
    public void Without_a_target_the_most_advanced_standby_is_chosen()
    {
        var story = Ready().Reports(1, at(1900)).Reports(2, at(1000)).Reports(3, at(1800));
        story.Moves();

        story.Preparing(target: null).Switchover()!.Target.Should().Be(Db(3));
    }

    [Fact, Trait("Rule", "S8")]
    public void In_synchronous_mode_the_new_primary_waits_for_those_that_have_everything_and_then_for_the_old_one()
    {
        var story = Synchronous().Stopped().Has(2, 2001).Has(3, 2001);

        story.Moves();

        story.Data.Databases[Db(2)].Spec.SynchronousStandbys.Should().Equal(Db(3));
        story.Data.Databases[Db(2)].Status.SynchronousStandbys.Should().Equal([Db(3)], "it has all that was ever acknowledged");
        story.Data.Databases[Db(1)].Spec.SynchronousReplication.Should().BeFalse();
    }

    [Fact, Trait("Rule", "S8")]
    public void In_synchronous_mode_with_two_keepers_the_new_primary_waits_for_the_old_one()
    {
        var story = Synchronous(2).Promoting();

        story.Data.Databases[Db(2)].Spec.SynchronousStandbys.Should().Equal(Db(1));
        story.Data.Databases[Db(2)].Status.SynchronousStandbys.Should().Equal(Db(1));
    }

    [Fact, Trait("Rule", "S2")]
    public void In_synchronous_mode_only_one_that_is_known_to_be_in_sync_may_take_over()
    {
        var reasons = Synchronous().Asks(target: 3).Moves().Concat(Synchronous().Asks(target: null).Moves()).ToList();

        reasons.OfType<Reason.SwitchoverAccepted>().Should().ContainSingle().Which.Target.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "N15")]
    public void A_former_primary_that_cannot_follow_is_made_anew()
    {
        var story = Ready().Promoting().IsPromoted(2);
        story.Moves();

        story.Reports(1, state => state with { Healthy = false, NeedsResync = true }).Moves();

        story.Data.Databases.Keys.Should().NotContain(Db(1));
        story.Data.DatabaseOf(Keeper(1))!.Spec.InitMode.Should().Be(InitMode.Resync);
    }

    [Fact, Trait("Rule", "Q2")]
    public void Waiting_writes_nothing()
    {
        foreach (var story in new[] { Ready().Preparing(), Ready().Draining(), Ready().Stopping(), Ready().Stopped(), Ready().Promoting() })
        {
            var before = story.Data;
            story.Pass();
            story.Data.Should().BeSameAs(before);
        }
    }

    private static Func<PostgresState, PostgresState> at(ulong position) => state => state with { XLogPos = new Lsn(position) };
}
