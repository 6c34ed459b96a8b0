using Stolon.Cluster;
using Stolon.Convergence;
using static Stolon.Core.Tests.Convergence.KeeperScene;

namespace Stolon.Core.Tests.Convergence;

public sealed class RoleTests
{
    [Fact, Trait("Rule", "K19")]
    public void A_stopped_primary_starts_closed_to_clients() =>
        Primary().Stopped().Decide().Should().Be(new KeeperAction.Start(ClosedConfiguration, AsPrimary: true));

    [Fact, Trait("Rule", "Q41")]
    public void A_primary_does_not_start_while_the_store_is_out_of_reach() =>
        Primary().Stopped().With(have => have with { Heard = false }).Decide().Should().BeOfType<KeeperAction.Rest>();

    [Fact, Trait("Rule", "S7")]
    public void On_an_old_look_nothing_is_started_loaded_or_written_down()
    {
        Primary().Stopped().With(have => have with { IsOutdated = true }).Decide().Should().BeOfType<KeeperAction.Rest>();
        Primary().With(have => have with { IsOutdated = true, RunningWith = ClosedConfiguration }).Decide().Should().BeOfType<KeeperAction.Rest>();
    }

    [Fact, Trait("Rule", "S4b")]
    public void On_an_old_look_a_primary_that_is_not_the_primary_any_more_is_fenced() =>
        Primary().With(have => have with { IsOutdated = true, Answer = null }).WithStatus(status => status with { Primary = Db2 })
            .Decide().Should().BeOfType<KeeperAction.Fence>();

    [Fact, Trait("Rule", "K19")]
    public void A_primary_whose_data_disappeared_touches_nothing() =>
        Primary().Stopped().With(have => have with { Initialized = false, LocalRole = null })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.Why.Should().Contain("disappeared");

    [Fact, Trait("Rule", "K22")]
    public void A_closed_primary_opens_when_it_answers() =>
        Primary().With(have => have with { RunningWith = ClosedConfiguration })
            .Decide().Should().Be(new KeeperAction.Reload(OpenConfiguration, OpensToClients: true));

    [Theory, Trait("Rule", "K22"), Trait("Rule", "H5")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restarted_synchronous_primary_opens_only_when_its_standbys_are_in_sync(bool inSync)
    {
        var action = Primary()
            .WithDb(db => db with { Spec = db.Spec with { SynchronousReplication = true, SynchronousStandbys = [Db2] } })
            .With(have => have with
            {
                RunningWith = ClosedConfiguration,
                Answer = have.Answer! with { InSync = inSync ? [Db2] : [] },
            })
            .Decide();

        action.Should().BeOfType(inSync ? typeof(KeeperAction.Reload) : typeof(KeeperAction.Rest));
    }

    [Fact, Trait("Rule", "Q40")]
    public void A_primary_that_is_not_the_primary_any_more_is_fenced() =>
        Primary().WithStatus(status => status with { Primary = Db2 }).Decide().Should().BeOfType<KeeperAction.Fence>();

    [Fact, Trait("Rule", "Q40")]
    public void A_fenced_primary_starts_closed_and_converges_but_never_opens()
    {
        var fenced = Primary().WithStatus(status => status with { Primary = Db2 });

        fenced.Stopped().Decide().Should().Be(new KeeperAction.Start(ClosedConfiguration, AsPrimary: true));
        var closed = fenced.With(have => have with { RunningWith = ClosedConfiguration });
        closed.WithDb(db => db with { Generation = 4 }).Decide().Should().Be(new KeeperAction.RecordConverged(4));
        closed.Decide().Should().BeOfType<KeeperAction.Rest>().Which.Why.Should().Contain("not the primary");
    }

    [Fact, Trait("Rule", "Q36")]
    public void An_elected_standby_loads_the_primarys_parameters_then_writes_its_timeline_down_then_promotes()
    {
        var elected = Primary().With(have => have with
        {
            LocalRole = Role.Standby,
            Answer = have.Answer! with { Role = Role.Standby },
            RunningWith = OpenConfiguration with { Parameters = ValueMap<string, string>.Empty.With("primary_conninfo", "host=a") },
        });

        elected.Decide().Should().Be(new KeeperAction.Reload(OpenConfiguration, OpensToClients: false));
        var loaded = elected.With(have => have with { RunningWith = OpenConfiguration });
        loaded.Decide().Should().Be(new KeeperAction.RecordPrimaryTimeline(2));
        var recorded = loaded.With(have => have with { DbState = have.DbState with { PrimaryTimelines = [2] } });
        recorded.Decide().Should().Be(new KeeperAction.Promote());
        recorded.With(have => have with { Heard = false }).Decide().Should().BeOfType<KeeperAction.Rest>();
    }

    [Fact, Trait("Rule", "Q40")]
    public void A_standby_that_was_elected_and_replaced_again_does_not_promote() =>
        Primary().WithStatus(status => status with { Primary = Db2 })
            .With(have => have with { LocalRole = Role.Standby, Answer = have.Answer! with { Role = Role.Standby } })
            .Decide().Should().BeOfType<KeeperAction.Rest>();

    [Fact, Trait("Rule", "K24")]
    public void A_primary_makes_a_slot_for_each_follower_and_drops_only_its_own() =>
        Primary().WithDb(db => db with { Spec = db.Spec with { Followers = [Db2, Db1], AdditionalReplicationSlots = ["extra"] } })
            .With(have => have with { Answer = have.Answer! with { Slots = ["stolon_gone", "mine"] } })
            .Decide().Should().BeOfType<KeeperAction.SettleSlots>().Which.Wanted.Should().Equal("stolon_db2", "stolon_extra");

    [Fact, Trait("Rule", "K24")]
    public void Slots_of_others_are_left_alone() =>
        Primary().With(have => have with { Answer = have.Answer! with { Slots = ["mine"] } })
            .Decide().Should().Be(new KeeperAction.Rest(""));

    [Theory, Trait("Rule", "K22")]
    [InlineData(true, typeof(KeeperAction.Restart))]
    [InlineData(false, typeof(KeeperAction.Rest))]
    public void A_parameter_that_needs_a_restart_gets_one_only_if_the_spec_allows_it(bool automatic, Type expected)
    {
        var scene = Primary().With(have => have with { Answer = have.Answer! with { RestartPending = true } });
        var cluster = scene.Data.Cluster with { Spec = scene.Data.Cluster.Spec with { AutomaticPgRestart = automatic } };

        (scene with { Data = scene.Data with { Cluster = cluster } }).Decide().Should().BeOfType(expected);
    }

    [Fact, Trait("Rule", "K20")]
    public void A_standby_starts_without_waiting_for_the_store() =>
        Standby().Stopped().With(have => have with { Heard = false })
            .Decide().Should().Be(new KeeperAction.Start(OpenConfiguration, AsPrimary: false));

    [Fact, Trait("Rule", "K20"), Trait("Rule", "Q20")]
    public void A_standby_with_another_primary_to_follow_reloads() =>
        Standby().With(have => have with { RunningWith = ClosedConfiguration })
            .Decide().Should().Be(new KeeperAction.Reload(OpenConfiguration, OpensToClients: false));

    [Fact, Trait("Rule", "K20")]
    public void A_standby_that_does_not_answer_yet_restarts_with_another_primary_to_follow() =>
        Standby().With(have => have with { RunningWith = OtherPrimary, Answer = null })
            .Decide().Should().Be(new KeeperAction.Restart(OpenConfiguration, AsPrimary: false));

    [Fact, Trait("Rule", "K20")]
    public void A_former_primary_never_becomes_a_standby_by_itself()
    {
        var former = Standby().With(have => have with { LocalRole = Role.Primary });

        former.Decide().Should().BeOfType<KeeperAction.Fence>();
        former.Stopped().Decide().Should().BeOfType<KeeperAction.Refuse>().Which.Why.Should().Contain("resync");
    }

    [Theory, Trait("Rule", "S4b")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_primary_whose_files_were_moved_away_is_fenced_once_another_is_elected(bool answers)
    {
        var action = Primary().WithStatus(status => status with { Primary = Db2 })
            .With(have => have with { Initialized = false, LocalRole = null, SystemId = "", Answer = answers ? have.Answer : null })
            .Decide();

        action.Should().BeOfType<KeeperAction.Fence>();
    }

    [Fact, Trait("Rule", "S4b")]
    public void A_primary_that_may_have_opened_is_fenced_once_another_is_elected() =>
        Primary().WithStatus(status => status with { Primary = Db2 })
            .With(have => have with { RunningWith = ClosedConfiguration, MayBeOpen = true })
            .Decide().Should().BeOfType<KeeperAction.Fence>();

    [Fact, Trait("Rule", "Q41")]
    public void An_opening_that_nobody_saw_succeed_is_tried_again_with_a_current_document() =>
        Primary().With(have => have with { RunningWith = ClosedConfiguration, MayBeOpen = true })
            .Decide().Should().Be(new KeeperAction.Reload(OpenConfiguration, OpensToClients: true));

    [Theory, Trait("Rule", "S7")]
    [InlineData(Role.Primary)]
    [InlineData(Role.Standby)]
    public void Data_with_another_system_identifier_than_the_dbs_is_never_started(Role role) =>
        (role == Role.Primary ? Primary() : Standby()).Stopped().With(have => have with { SystemId = "778" })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.Why.Should().Contain("778").And.Contain("removekeeper");

    [Fact, Trait("Rule", "K24")]
    public void A_slot_that_cannot_be_dropped_keeps_a_primary_neither_from_opening_nor_from_converging()
    {
        var stuck = Primary().WithDb(db => db with { Generation = 4 }).With(have => have with
        {
            RunningWith = ClosedConfiguration,
            Answer = have.Answer! with { Slots = ["stolon_gone"] },
        });

        stuck.Decide().Should().Be(new KeeperAction.Reload(OpenConfiguration, OpensToClients: true));
        var opened = stuck.With(have => have with { RunningWith = OpenConfiguration });
        opened.Decide().Should().Be(new KeeperAction.RecordConverged(4));
        opened.With(have => have with { DbState = have.DbState with { Generation = 4 } })
            .Decide().Should().BeOfType<KeeperAction.SettleSlots>();
    }

    [Fact, Trait("Rule", "K29")]
    public void The_primary_gives_its_roles_a_new_password_also_while_clients_wait_outside_and_a_slot_in_use_does_not_hold_it_up()
    {
        var changed = Primary().With(have => have with { PasswordsSettled = false, Answer = have.Answer! with { Slots = ["stolon_gone"] } });

        changed.Decide().Should().Be(new KeeperAction.SettlePasswords());
        changed.WithDb(db => db with { Spec = db.Spec with { SynchronousReplication = true, SynchronousStandbys = [Db2] } })
            .With(have => have with { RunningWith = ClosedConfiguration })
            .Decide().Should().Be(new KeeperAction.SettlePasswords());
        changed.WithDb(db => db with { Generation = 4 }).Decide().Should().Be(new KeeperAction.RecordConverged(4));
    }

    [Fact, Trait("Rule", "K29")]
    public void A_standby_and_a_primary_that_another_one_replaced_change_no_role()
    {
        Standby().With(have => have with { PasswordsSettled = false }).Decide().Should().NotBeOfType<KeeperAction.SettlePasswords>();
        Primary().WithStatus(status => status with { Primary = Db2 }).With(have => have with { PasswordsSettled = false })
            .Decide().Should().NotBeOfType<KeeperAction.SettlePasswords>();
    }

    [Fact, Trait("Rule", "R4")]
    public void A_primary_makes_a_missing_slot_before_it_says_that_it_has_converged() =>
        Primary().WithDb(db => db with { Generation = 4, Spec = db.Spec with { Followers = [Db2] } })
            .Decide().Should().BeOfType<KeeperAction.SettleSlots>();

    [Fact, Trait("Rule", "H1")]
    public void A_standby_that_failed_to_start_starts_without_the_operators_lines_and_loads_them_when_it_answers()
    {
        var failed = Standby().Stopped().With(have => have with { LastStartFailed = true });

        failed.Decide().Should().Be(new KeeperAction.Start(ClosedConfiguration, AsPrimary: false));
        var starting = Standby().With(have => have with { RunningWith = ClosedConfiguration, Answer = null });
        starting.Decide().Should().BeOfType<KeeperAction.Rest>();
        starting.With(have => have with { Answer = new Answer { Role = Role.Standby, Timeline = 1 } })
            .Decide().Should().Be(new KeeperAction.Reload(OpenConfiguration, OpensToClients: false));
    }

    [Fact, Trait("Rule", "S12")]
    public void A_long_step_is_given_up_when_the_lead_the_db_or_the_db_to_follow_are_others_and_only_then()
    {
        var (primary, standby) = (Primary(), Standby());

        primary.Want().IsStillAskedBy(primary.WithDb(db => db with { Generation = 9 }).Want()).Should().BeTrue();
        primary.Want().IsStillAskedBy(primary.WithStatus(status => status with { Primary = Db2 }).Want()).Should().BeFalse();
        standby.Want().IsStillAskedBy(primary.Want()).Should().BeFalse("it follows nobody now");
        standby.Want().IsStillAskedBy(standby.WithDb2(db => db with { Status = db.Status with { ListenAddress = "10.0.0.9" } }).Want())
            .Should().BeFalse();
        primary.Want().IsStillAskedBy((primary with { Data = primary.Data with { Databases = primary.Data.Databases.Without(Db1) } }).Want())
            .Should().BeFalse();
    }

    [Fact, Trait("Rule", "K20")]
    public void A_standby_whose_followed_db_is_unknown_waits() =>
        (Standby() with { Renderable = false }).Decide().Should().BeOfType<KeeperAction.Rest>();

    [Fact, Trait("Rule", "K23")]
    public void What_is_done_is_written_down_with_its_generation() =>
        Standby().WithDb(db => db with { Generation = 5 }).Decide().Should().Be(new KeeperAction.RecordConverged(5));

    [Theory, Trait("Rule", "S4")]
    [InlineData(10, 8, 9, 9.5)]
    [InlineData(20, 16, 18, 19)]
    [InlineData(4, 3, 3.5, 3.75)]
    [InlineData(1.5, 1, 1.25, 1.375)]
    public void A_primary_that_is_not_heard_is_down_before_another_may_be_elected(double failInterval, double fast, double immediate, double kill) =>
        Fencing.For(TimeSpan.FromSeconds(failInterval)).Should().Be(
            new Fencing(TimeSpan.FromSeconds(fast), TimeSpan.FromSeconds(immediate), TimeSpan.FromSeconds(kill)));
}
