using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;
using static Stolon.Core.Tests.Planning.SwitchoverStory;

namespace Stolon.Core.Tests.Planning;

/// <summary>A planned change of the primary in which something goes wrong: it is refused, finished or undone (architecture, section 7).</summary>
public sealed class SwitchoverTroubleTests
{
    [Fact]
    public void It_is_refused_at_once_where_a_keeper_is_older_or_stolons()
    {
        var story = Ready().Reports(1, keeper: report => report with { Capabilities = default });

        var refused = story.Asks().Moves().OfType<Reason.SwitchoverRefused>().Single();

        refused.Text.Should().Contain("Keeper k1 of the primary does not take part in switchovers");
        story.Switchover().Should().BeNull();
    }

    [Theory]
    [InlineData("not streaming", "it does not receive from the primary now")]
    [InlineData("far behind", "1100000 bytes behind, more than maxStandbyLag")]
    [InlineData("no primary", "its keeper k2 may not be primary")]
    public void A_target_that_is_not_fit_is_named_with_the_reason(string flaw, string why)
    {
        var story = flaw switch
        {
            "not streaming" => Ready().Reports(2, state => state with { WalReceiver = WalReceiverState.Gone }),
            "far behind" => Ready().Reports(1, state => state with { XLogPos = new Lsn(1_101_000) }),
            _ => Ready().Reports(2, keeper: report => report with { CanBePrimary = false }),
        };
        story.Heartbeats().Pass();

        story.Asks().Moves().Should().BeEmpty("it may pass");
        story.Waits(6).Heartbeats();
        story.Moves().OfType<Reason.SwitchoverRefused>().Single().Text.Should().Contain("Keeper k2 cannot take over: ").And.Contain(why);
    }

    [Fact]
    public void It_is_refused_at_once_when_every_standbys_host_is_about_to_end()
    {
        var story = Ready(2).Reports(2, keeper: report => report with { Leaving = true });

        story.Asks(target: null).Moves().OfType<Reason.SwitchoverRefused>().Single().Text.Should().Contain("Keeper k2 cannot take over: its host is about to end.");
    }

    [Fact]
    public void A_cluster_without_a_standby_refuses() =>
        Ready(1).Asks(target: null).Moves().OfType<Reason.SwitchoverRefused>().Single().Text.Should().Contain("There is no standby.");

    [Fact]
    public void A_proxy_that_is_not_heard_refuses_it_for_clients_would_wait_long()
    {
        var story = Ready().ProxySilences("p1").Passes(4);

        story.Asks().Moves();
        story.Waits(3).Heartbeats();
        story.Moves();
        story.Waits(2.5).Heartbeats();

        story.Moves().OfType<Reason.SwitchoverRefused>().Single().Text.Should().Contain("Proxy p1 was not heard lately");
    }

    [Fact]
    public void What_would_hold_up_the_stop_refuses_it()
    {
        var story = Ready().Preparing().Answers("The archiver is behind.");

        story.Moves().OfType<Reason.SwitchoverRefused>().Single().Text.Should().Contain("The archiver is behind.");
        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    [Fact]
    public void A_request_that_nobody_drove_in_time_is_void()
    {
        var story = Ready().Asks();
        story.SentinelRestarts().Waits(31).Heartbeats();

        story.Moves().OfType<Reason.SwitchoverRefused>().Single().Text.Should().Contain("could not begin in the time");
    }

    [Fact]
    public void A_proxy_that_does_not_close_its_connections_undoes_it_and_clients_come_back_at_once()
    {
        var story = Ready().Draining();

        story.Waits(2.1).Heartbeats();
        var undone = story.Moves().OfType<Reason.SwitchoverUndone>().Single();

        undone.Text.Should().Contain("p1");
        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1), "it never was another, so no barrier is in the way");
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
    }

    [Fact]
    public void A_new_leader_undoes_what_has_not_begun()
    {
        var story = Ready().Draining();
        story.Leader = new SentinelId("s2");

        story.Moves().OfType<Reason.SwitchoverUndone>().Should().ContainSingle();

        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    [Fact]
    public void A_new_leader_goes_on_where_the_source_has_stopped_and_gives_up_after_two_changes()
    {
        var story = Ready().Stopping();
        story.Leader = new SentinelId("s2");
        story.Moves();
        story.Answers(stopped: Stop).Has(2, 2001).Moves();
        story.Switchover()!.Phase.Should().Be(SwitchoverPhase.Promoting);

        var other = Ready().Stopping();
        foreach (var leader in new[] { "s2", "s3" })
        {
            other.Leader = new SentinelId(leader);
            other.Moves();
        }

        other.Switchover().Should().BeNull();
        other.Data.Cluster.Status.Primary.Should().Be(Db(1));
    }

    [Fact]
    public void A_stop_that_did_not_work_undoes_it_and_the_source_has_to_converge_anew()
    {
        var story = Ready().Stopping();
        var generation = story.Data.Databases[Db(1)].Generation;

        story.Answers("It did not stop within 5 s.").Reports(1, state => state with { Healthy = false }).Moves().OfType<Reason.SwitchoverUndone>().Should().ContainSingle();

        story.Data.Databases[Db(1)].Generation.Should().Be(generation + 1);
        story.Data.Proxy.Spec.PrimaryDb.Should().BeNull("it does not run yet");
        story.Proxy("p1", story.Data.Proxy.Generation).Converge(1).Moves();
        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    [Fact, Trait("Rule", "N3")]
    public void A_source_that_stops_slowly_is_not_taken_for_ill()
    {
        var story = Ready(3, spec => spec with { FailInterval = TimeSpan.FromSeconds(4) }).Stopping().Reports(1, state => state with { Healthy = false });

        story.Passes(3.5);
        story.Answers("It did not stop within 5 s.").Moves();

        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Data.Databases[Db(1)].Status.Healthy.Should().BeTrue("its time begins when it is to start again");
    }

    [Fact]
    public void A_source_that_is_not_seen_to_stop_within_failInterval_ends_it()
    {
        var story = Ready().Stopping().Passes(9);
        story.Switchover().Should().NotBeNull();

        story.Passes(2);

        story.Switchover().Should().BeNull();
    }

    [Fact, Trait("Rule", "N4")]
    public void A_source_whose_keeper_dies_before_it_said_where_it_stopped_is_failed_over_as_ever()
    {
        var story = Ready().Stopping().Silences(1).Passes(12);

        story.Switchover().Should().BeNull();
        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact]
    public void Another_standby_that_has_everything_takes_over_when_the_target_is_late()
    {
        var story = Ready().Stopped().Has(2, 2000).Has(3, 2001);
        story.Moves();
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));

        story.Waits(1.1).Heartbeats();
        story.Moves();

        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
        story.Switchover()!.Target.Should().Be(Db(3));
    }

    [Fact]
    public void The_source_starts_again_when_nobody_has_everything()
    {
        var story = Ready().Stopped().Has(2, 2000).Has(3, 2000);

        story.Waits(2.1).Heartbeats();
        story.Moves();

        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Data.Databases[Db(1)].Converged.Should().BeFalse();
        story.Data.Proxy.Spec.PrimaryDb.Should().BeNull("it does not run yet");

        story.Proxy("p1", story.Data.Proxy.Generation).Converge(1).Moves().OfType<Reason.SwitchoverUndone>().Should().ContainSingle();
        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    [Fact]
    public void A_source_that_dies_before_it_runs_again_is_followed_by_nobody_who_has_less()
    {
        var story = Ready().Stopped().Has(2, 2000).Has(3, 2000);
        story.Waits(2.1).Heartbeats();
        story.Moves();

        story.Silences(1).Passes(30);
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));

        story.Has(3, 2001).Passes(1);
        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
    }

    [Fact]
    public void An_operator_may_give_up_what_only_the_source_has()
    {
        var story = Ready().Stopped().Has(2, 2000).Has(3, 1999).Silences(1).Passes(15);
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Pass().Reasons.OfType<Reason.SwitchoverWaits>().Single().Text.Should().Contain("failkeeper k1");

        story.ToldToFail(1).Passes(3);

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact]
    public void The_source_is_taken_back_when_the_target_dies_before_it_was_a_primary()
    {
        var story = Ready().Promoting().Has(3, 1500).Silences(2).Passes(12);

        story.Switchover()!.Phase.Should().Be(SwitchoverPhase.Returning);
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Data.Databases[Db(1)].Spec.Should().BeEquivalentTo(new { Role = Role.Primary, Follow = (FollowConfig?)null });
        story.Data.Databases[Db(1)].Converged.Should().BeFalse("clients wait until it runs");
        story.Data.Databases[Db(2)].Spec.Follow!.Db.Should().Be(Db(1), "it may still have all its data");
    }

    [Fact]
    public void Another_standby_that_has_everything_goes_before_the_source()
    {
        var story = Ready().Promoting().Has(3, 2001).Silences(2).Passes(12);

        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
        story.Data.Databases[Db(1)].Spec.Follow!.Db.Should().Be(Db(3));
    }

    [Fact]
    public void The_source_is_never_taken_back_once_the_target_was_a_primary()
    {
        var story = Ready().Promoting().IsPromoted(2).Reports(2, state => state with { Generation = 0 }).Has(3, 1500);
        story.Moves();

        story.Silences(2).Passes(15);

        story.Data.Cluster.Status.Primary.Should().Be(Db(2), "it may have taken writes of those who do not come through a proxy");
    }

    [Fact, Trait("Rule", "S2")]
    public void In_synchronous_mode_a_source_that_is_taken_back_trusts_nobody_at_first()
    {
        var story = Synchronous(2).Promoting().Silences(2).Passes(12);

        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
        story.Data.Databases[Db(1)].Status.SynchronousStandbys.Should().BeEmpty();
        story.Data.Databases[Db(1)].Spec.SynchronousReplication.Should().BeTrue();
    }

    [Fact]
    public void A_document_that_is_changed_while_clients_are_out_undoes_it()
    {
        var story = Ready().Draining().EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("work_mem", "8MB") });

        story.Moves().OfType<Reason.SwitchoverUndone>().Should().ContainSingle();
    }
}
