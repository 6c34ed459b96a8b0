using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Postgres;
using static Stolon.Core.Tests.Convergence.KeeperScene;

namespace Stolon.Core.Tests.Convergence;

/// <summary>With what an instance is made and started, and by which role.</summary>
public sealed class NewDataTests
{
    [Fact, Trait("Rule", "K14"), Trait("Rule", "H5"), Trait("Rule", "S9")]
    public void A_primary_that_starts_lets_nobody_in_and_so_does_a_synchronous_one_that_waits()
    {
        Primary().Stopped().Decide().Should().Be(new KeeperAction.Start(ClosedConfiguration, AsPrimary: true));
        Primary().With(have => have with { RunningWith = ClosedConfiguration })
            .WithDb(db => db with { Generation = 4, Spec = db.Spec with { SynchronousReplication = true, SynchronousStandbys = [Db2] } })
            .Decide().Should().Be(new KeeperAction.RecordConverged(4), "it converges, and stays closed");
    }

    [Theory, Trait("Rule", "K17")]
    [InlineData(InitMode.New)]
    [InlineData(InitMode.Existing)]
    public void First_data_is_made_and_taken_over_with_the_parameters_of_the_document(InitMode mode)
    {
        var action = Primary().Stopped().With(have => have with { DbState = new DbState() })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = mode } }).Decide();

        (action switch
        {
            KeeperAction.Create create => create.Parameters,
            KeeperAction.TakeOver takeOver => takeOver.Parameters,
            _ => ValueMap<string, string>.Empty,
        }).Should().Equal(ClosedConfiguration.Parameters);
    }

    [Theory, Trait("Rule", "K18")]
    [InlineData(Role.Primary, typeof(KeeperAction.Fence))]
    [InlineData(Role.Standby, typeof(KeeperAction.Rest))]
    public void The_role_is_what_the_signal_files_say_and_not_what_the_document_wants(Role local, Type expected) =>
        Standby().With(have => have with { LocalRole = local }).Decide().Should().BeOfType(expected);

    [Fact, Trait("Rule", "K18")]
    public void Without_files_the_instance_itself_says_its_role() =>
        Standby().With(have => have with { LocalRole = null, Answer = have.Answer! with { Role = Role.Primary } })
            .Decide().Should().BeOfType<KeeperAction.Fence>();

    [Fact, Trait("Rule", "K30")]
    public void When_its_first_data_is_there_the_instance_starts_and_converges_without_another_pass_of_the_sentinel()
    {
        var made = Primary().WithDb(db => db with { Generation = 1, Spec = db.Spec with { InitMode = InitMode.New } })
            .With(have => have with { DbState = new DbState { Uid = Db1, Generation = 0, PrimaryTimelines = [1] } });

        made.Stopped().Decide().Should().Be(new KeeperAction.Start(ClosedConfiguration, AsPrimary: true));
        made.Decide().Should().Be(new KeeperAction.RecordConverged(1));
    }

    [Fact, Trait("Rule", "Q9"), Trait("Rule", "K20")]
    public void A_standby_of_the_outside_starts_with_all_that_it_follows_by_and_is_not_started_again()
    {
        var outside = RecoverySettings.FollowingOutside(
            new StandbySettings { PrimaryConnInfo = "host=remote" }, new ArchiveRecoverySettings { RestoreCommand = "fetch %f" });
        var complete = outside.With(OpenConfiguration.Parameters, OpenConfiguration.Hba);
        complete.Parameters.Should().Contain("restore_command", "fetch %f").And.Contain("primary_conninfo", "host=remote");
        var standby = Standby().WithDb(db => db with { Spec = db.Spec with { Follow = new FollowConfig { Type = FollowType.External } } });

        Decide(standby.Stopped(), complete).Should().Be(new KeeperAction.Start(complete, AsPrimary: false));
        Decide(standby.With(have => have with { RunningWith = complete, Answer = null }), complete).Should().BeOfType<KeeperAction.Rest>();
        Decide(standby.With(have => have with { RunningWith = complete }), complete).Should().Be(new KeeperAction.Rest(""));
    }

    [Fact, Trait("Rule", "R3")]
    public void A_rewind_is_from_the_current_primary_whoever_is_followed()
    {
        var db3 = new DbId("db3");
        var scene = Standby().Stopped()
            .With(have => have with { DbState = new DbState { Uid = new DbId("db0"), Generation = 4 } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Resync, UsePgRewind = true } })
            .WithDb2(db => db with { Spec = db.Spec with { Followers = [Db1] } });
        scene = scene.WithStatus(status => status with { Primary = db3 });
        scene = scene with
        {
            Data = scene.Data with { Databases = scene.Data.Databases.With(db3, scene.Data.Databases[Db2] with { Uid = db3 }) },
        };

        scene.Decide().Should().BeOfType<KeeperAction.Resync>().Which.Plan.Should().BeEquivalentTo(new
        {
            Method = ResyncMethod.Rewind,
            Source = new { Uid = db3 },
        });
    }

    private static KeeperAction Decide(KeeperScene scene, ServerConfiguration open) =>
        Stolon.Convergence.Decide.Next(
            scene.Want() with { Open = open, Closed = open with { InternalOnly = true } }, scene.Have, superuserCanLogIn: true);
}
