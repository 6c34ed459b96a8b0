using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Convergence;

public sealed class DecideTests
{
    [Fact, Trait("Rule", "K23")]
    public void A_keeper_whose_instance_is_as_the_document_asks_rests() =>
        KeeperScene.Primary().Decide().Should().Be(new KeeperAction.Rest(""));

    [Fact, Trait("Rule", "K10")]
    public void An_empty_data_directory_joins_the_cluster_of_the_document() =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { Initialized = false, LocalRole = null, KeeperState = new KeeperState() })
            .Decide().Should().Be(new KeeperAction.AdoptCluster("c1"));

    [Theory, Trait("Rule", "Q32")]
    [InlineData("c0")]
    [InlineData("")]
    public void Data_of_another_cluster_is_not_touched_and_the_error_names_the_remedy(string owner) =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { KeeperState = new KeeperState { ClusterUid = owner } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.Why.Should().Contain("initMode existing").And.Contain("--discard-data");

    [Fact, Trait("Rule", "Q32")]
    public void A_running_instance_of_another_cluster_is_stopped_and_its_data_stays() =>
        KeeperScene.Primary().With(have => have with { KeeperState = new KeeperState { ClusterUid = "c0" } })
            .Decide().Should().BeOfType<KeeperAction.Stop>();

    [Fact, Trait("Rule", "Q32")]
    public void An_instance_of_another_cluster_whose_files_were_moved_away_is_stopped_before_anything_is_adopted() =>
        KeeperScene.Primary()
            .With(have => have with { Initialized = false, LocalRole = null, KeeperState = new KeeperState { ClusterUid = "c0" } })
            .Decide().Should().BeOfType<KeeperAction.Stop>();

    [Fact, Trait("Rule", "Q32")]
    public void Data_of_another_cluster_is_taken_over_when_the_document_says_existing() =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { KeeperState = new KeeperState { ClusterUid = "c0" } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Existing } })
            .Decide().Should().Be(new KeeperAction.AdoptCluster("c1"));

    [Theory, Trait("Rule", "Q32")]
    [InlineData("777", true)]
    [InlineData("778", false)]
    public void Data_of_another_cluster_is_replaced_by_a_resync_only_if_the_system_identifier_is_the_same(string followed, bool adopts)
    {
        var action = KeeperScene.Standby().Stopped()
            .With(have => have with { KeeperState = new KeeperState { ClusterUid = "c0" } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Resync } })
            .WithDb2(db => db with { Status = db.Status with { SystemId = followed } })
            .Decide();

        action.Should().BeOfType(adopts ? typeof(KeeperAction.AdoptCluster) : typeof(KeeperAction.Refuse));
    }

    [Fact, Trait("Rule", "Q32")]
    public void Data_of_another_cluster_is_given_up_when_an_operator_said_so_and_a_db_is_assigned()
    {
        var scene = KeeperScene.Primary().Stopped()
            .With(have => have with { KeeperState = new KeeperState { ClusterUid = "c0" } })
            .WithStatus(status => status with { DiscardData = true });

        scene.WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } }).Decide().Should().Be(new KeeperAction.AdoptCluster("c1"));
        (scene with { Data = scene.Data with { Databases = ValueMap<DbId, Database>.Empty } })
            .Decide().Should().BeOfType<KeeperAction.Rest>("until then it reports what it holds");
    }

    [Theory, Trait("Rule", "Q32"), Trait("Rule", "S7")]
    [InlineData("777", true)]
    [InlineData("778", false)]
    public void After_initialisation_only_the_data_that_was_given_up_then_is_replaced(string given, bool adopts)
    {
        var action = KeeperScene.Standby().Stopped()
            .With(have => have with { KeeperState = new KeeperState { ClusterUid = "c0" } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Resync } })
            .WithDb2(db => db with { Status = db.Status with { SystemId = "900" } })
            .WithStatus(status => status with { DiscardSystemIds = [given] })
            .Decide();

        action.Should().BeOfType(adopts ? typeof(KeeperAction.AdoptCluster) : typeof(KeeperAction.Refuse));
    }

    [Fact, Trait("Rule", "K11")]
    public void A_keeper_that_is_not_registered_leaves_its_instance_alone()
    {
        var scene = KeeperScene.Primary();

        (scene with { Data = scene.Data with { Keepers = ValueMap<KeeperId, KeeperRecord>.Empty } })
            .Decide().Should().BeOfType<KeeperAction.Rest>();
    }

    [Fact, Trait("Rule", "K12")]
    public void A_keeper_without_a_db_stops_its_instance()
    {
        var scene = KeeperScene.Primary();

        (scene with { Data = scene.Data with { Databases = scene.Data.Databases.Without(KeeperScene.Db1) } })
            .Decide().Should().BeOfType<KeeperAction.Stop>();
    }

    [Fact, Trait("Rule", "K13")]
    public void After_a_restart_of_the_process_nothing_runs_until_the_sentinel_noticed() =>
        KeeperScene.Primary().With(have => have with { BootUuid = "boot2" }).Decide().Should().BeOfType<KeeperAction.Stop>();

    [Fact, Trait("Rule", "K15")]
    public void Data_that_was_never_completed_is_made_anew() =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { DbState = have.DbState with { Initializing = true } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } })
            .Decide().Should().BeOfType<KeeperAction.Create>();

    [Fact, Trait("Rule", "K16")]
    public void A_new_db_stops_the_instance_of_the_old_one_first() =>
        KeeperScene.Primary()
            .With(have => have with { DbState = have.DbState with { Uid = new DbId("db0") } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } })
            .Decide().Should().BeOfType<KeeperAction.Stop>();

    [Fact, Trait("Rule", "K25")]
    public void A_new_db_of_init_mode_new_gets_a_fresh_cluster() =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { DbState = new DbState(), Initialized = false })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } })
            .Decide().Should().BeOfType<KeeperAction.Create>();

    [Fact, Trait("Rule", "K26")]
    public void A_new_db_of_init_mode_pitr_is_restored()
    {
        var config = new PitrConfig { DataRestoreCommand = "restore", ArchiveRecoverySettings = new() { RestoreCommand = "fetch %f" } };

        var restore = KeeperScene.Primary().Stopped()
            .With(have => have with { DbState = new DbState(), Initialized = false })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Pitr, PitrConfig = config } })
            .Decide().Should().BeOfType<KeeperAction.Restore>().Which;

        restore.Command.Should().Be("restore");
        restore.Configuration.Should().Match<ServerConfiguration>(one => one.Signal == RecoverySignal.Recovery && one.InternalOnly);
        restore.Configuration.Parameters["restore_command"].Should().Be("fetch %f");
    }

    [Theory, Trait("Rule", "K27")]
    [InlineData(true, typeof(KeeperAction.TakeOver))]
    [InlineData(false, typeof(KeeperAction.Refuse))]
    public void A_db_of_init_mode_existing_takes_over_the_data_that_is_there(bool initialized, Type expected) =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { DbState = new DbState(), Initialized = initialized })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Existing } })
            .Decide().Should().BeOfType(expected);

    [Fact, Trait("Rule", "K28")]
    public void A_document_that_expects_other_data_than_there_is_touches_nothing() =>
        KeeperScene.Primary().With(have => have with { DbState = new DbState { Uid = new DbId("db0") } })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.Why.Should().Contain("removekeeper");

    [Fact, Trait("Rule", "Q33")]
    public void An_old_document_that_was_restored_replaces_no_data() =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { DbState = new DbState { SeenRevision = 9 } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } })
            .WithData(data => data with { Revision = 8 })
            .Decide().Should().BeOfType<KeeperAction.Refuse>().Which.Why.Should().Contain("old");

    [Fact, Trait("Rule", "Q33")]
    public void A_document_that_stolon_wrote_last_has_no_revision_and_is_obeyed() =>
        KeeperScene.Primary().Stopped()
            .With(have => have with { DbState = new DbState { SeenRevision = 9 } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.New } })
            .WithData(data => data with { Revision = 0 })
            .Decide().Should().BeOfType<KeeperAction.Create>();

    [Fact, Trait("Rule", "R1")]
    public void A_resync_waits_until_the_followed_db_has_made_our_slot() =>
        Resyncing().WithDb2(db => db with { Status = db.Status with { CurrentGeneration = 2 } })
            .Decide().Should().BeOfType<KeeperAction.Rest>();

    [Fact, Trait("Rule", "R4"), Trait("Rule", "Q10")]
    public void A_resync_copies_the_followed_primary_through_our_slot() =>
        Resyncing().Decide().Should().BeOfType<KeeperAction.Resync>()
            .Which.Plan.Should().BeEquivalentTo(new { Method = ResyncMethod.Copy, Slot = "stolon_db1" });

    [Fact, Trait("Rule", "R2")]
    public void A_resync_rewinds_when_asked_to_and_the_data_is_of_this_cluster() =>
        Rewinding().Decide().Should().BeOfType<KeeperAction.Resync>().Which.Plan.Method.Should().Be(ResyncMethod.Rewind);

    [Fact, Trait("Rule", "Q35")]
    public void Two_primaries_of_one_timeline_number_are_never_rewound_into_each_other() =>
        Rewinding()
            .With(have => have with { DbState = have.DbState with { PrimaryTimelines = [2] } })
            .WithDb2(db => db with { Status = db.Status with { PrimaryTimelines = [2] } })
            .Decide().Should().BeOfType<KeeperAction.Resync>().Which.Plan.Method.Should().Be(ResyncMethod.Copy);

    [Theory, Trait("Rule", "R5")]
    [InlineData(true, true, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public void A_rewound_instance_that_is_not_ready_or_on_another_branch_is_copied_anew(bool ready, bool sameBranch, bool copies) =>
        (ResyncPlan.AfterRewind(ready, sameBranch) is not null).Should().Be(copies);

    private static KeeperScene Resyncing() =>
        KeeperScene.Standby().Stopped()
            .With(have => have with { DbState = new DbState { Uid = new DbId("db0"), Generation = 4 } })
            .WithDb(db => db with { Spec = db.Spec with { InitMode = InitMode.Resync } })
            .WithDb2(db => db with { Spec = db.Spec with { Followers = [KeeperScene.Db1] } });

    private static KeeperScene Rewinding() =>
        Resyncing().WithDb(db => db with { Spec = db.Spec with { UsePgRewind = true } });
}
