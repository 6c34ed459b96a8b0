using Stolon.Cluster;
using Stolon.Convergence;
using static Stolon.Core.Tests.Convergence.KeeperScene;

namespace Stolon.Core.Tests.Convergence;

/// <summary>What keepers do in a planned change of the primary (architecture, section 7).</summary>
public sealed class SwitchoverTests
{
    private static readonly StopPoint Stop = new(1, new Lsn(2000));

    [Fact]
    public void The_source_prepares_once_and_says_so()
    {
        var preparing = Asked(SwitchoverPhase.Preparing);

        preparing.Decide().Should().Be(new KeeperAction.PrepareSwitchover("5a5a5a5a", Switchover.DefaultLimit));
        preparing.With(have => have with { Answered = new SwitchoverAnswer("5a5a5a5a", "") }).Decide().Should().Be(new KeeperAction.Rest(""));
        preparing.With(have => have with { Answered = new SwitchoverAnswer("older", "") }).Decide().Should().BeOfType<KeeperAction.PrepareSwitchover>();
    }

    [Theory]
    [InlineData(SwitchoverPhase.Requested)]
    [InlineData(SwitchoverPhase.Draining)]
    [InlineData(SwitchoverPhase.Returning)]
    public void At_other_steps_the_source_goes_on(SwitchoverPhase phase) => Asked(phase).Decide().Should().Be(new KeeperAction.Rest(""));

    [Theory]
    [InlineData(SwitchoverPhase.Stopping)]
    [InlineData(SwitchoverPhase.Stopped)]
    public void When_told_to_the_source_stops_says_where_and_stays_stopped(SwitchoverPhase phase)
    {
        Asked(phase).Decide().Should().Be(new KeeperAction.StandDown("5a5a5a5a", "stolon_db2"));

        var stopped = Asked(phase).Stopped().With(have => have with { StoppedAt = Stop });
        var answer = stopped.Decide().Should().BeOfType<KeeperAction.AnswerSwitchover>().Which.Answer;
        answer.Should().Be(new SwitchoverAnswer("5a5a5a5a", "") { StoppedAt = Stop });

        stopped.With(have => have with { Answered = answer }).Decide().Should().BeOfType<KeeperAction.Rest>();
    }

    [Fact]
    public void A_source_that_did_not_stop_cleanly_says_so_and_waits_until_it_is_undone()
    {
        var stopped = Asked(SwitchoverPhase.Stopping).Stopped();

        var answer = stopped.Decide().Should().BeOfType<KeeperAction.AnswerSwitchover>().Which.Answer;

        answer.Trouble.Should().NotBeEmpty();
        stopped = stopped.With(have => have with { Answered = answer });
        stopped.Decide().Should().BeOfType<KeeperAction.Rest>();
        stopped.WithStatus(status => status with { Switchover = null }).Decide().Should().Be(new KeeperAction.Start(ClosedConfiguration, AsPrimary: true));
    }

    [Fact]
    public void Only_the_primary_itself_stands_down() =>
        Asked(SwitchoverPhase.Stopping).WithStatus(status => status with { Switchover = status.Switchover! with { Source = Db2 } })
            .Decide().Should().Be(new KeeperAction.Rest(""));

    [Fact]
    public void A_step_is_given_up_when_the_document_no_longer_asks_to_prepare()
    {
        var preparing = Asked(SwitchoverPhase.Preparing).Want();

        preparing.IsStillAskedBy(Asked(SwitchoverPhase.Preparing).Want()).Should().BeTrue();
        preparing.IsStillAskedBy(Primary().Want()).Should().BeFalse();
    }

    [Fact, Trait("Rule", "K20")]
    public void A_source_that_stopped_cleanly_follows_whoever_forked_after_its_last_record() =>
        Former(timeline: 2, fork: 2050).Decide().Should().Be(new KeeperAction.Start(OpenConfiguration, AsPrimary: false));

    [Theory, Trait("Rule", "K20")]
    [InlineData(2000UL)]
    [InlineData(1999UL)]
    public void It_never_follows_one_that_forked_before_its_last_record(ulong fork) =>
        Former(timeline: 2, fork).Decide().Should().BeOfType<KeeperAction.Refuse>().Which.NeedsResync.Should().BeTrue();

    [Fact, Trait("Rule", "K20")]
    public void It_waits_while_nobody_has_begun_a_timeline() =>
        Former(timeline: 1, fork: 0).Decide().Should().BeOfType<KeeperAction.Rest>();

    [Fact, Trait("Rule", "K20")]
    public void Data_of_a_primary_that_crashed_has_to_be_made_anew() =>
        Former(timeline: 2, fork: 2050).With(have => have with { StoppedAt = null })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.NeedsResync.Should().BeTrue();

    [Fact, Trait("Rule", "K20")]
    public void A_target_that_was_a_primary_unheard_and_was_given_up_has_to_be_made_anew() =>
        Former(timeline: 1, fork: 0).With(have => have with { StoppedAt = new StopPoint(2, new Lsn(2100)) })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.NeedsResync.Should().BeTrue("nobody would ever begin a timeline after that one");

    [Fact]
    public void A_keeper_that_was_restarted_meanwhile_says_again_where_its_primary_stopped()
    {
        var promoting = Former(timeline: 1, fork: 0)
            .WithStatus(status => status with { Switchover = Under(SwitchoverPhase.Promoting) });

        promoting.Decide().Should().Be(new KeeperAction.AnswerSwitchover(new SwitchoverAnswer("5a5a5a5a", "") { StoppedAt = Stop }));
    }

    private static Switchover Under(SwitchoverPhase phase) => new() { Id = "5a5a5a5a", Source = Db1, Target = Db2, Phase = phase };

    private static KeeperScene Asked(SwitchoverPhase phase) => Primary().WithStatus(status => status with { Switchover = Under(phase) });

    /// <summary>k1 holds the data of a primary that stopped, and shall follow db2.</summary>
    private static KeeperScene Former(uint timeline, ulong fork) => Standby().Stopped()
        .With(have => have with { LocalRole = Role.Primary, StoppedAt = Stop })
        .WithDb2(db => db with
        {
            Status = db.Status with { TimelineId = timeline, TimelinesHistory = fork == 0 ? [] : [new TimelineSwitch(1, new Lsn(fork), "")] },
        });
}
