using System.Text;
using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

public sealed class LifeTests
{
    [Fact, Trait("Rule", "I1"), Trait("Rule", "P13"), Trait("Rule", "Q16")]
    public void The_first_healthy_keeper_that_may_be_primary_makes_the_first_instance()
    {
        var story = Empty().Reports(1, keeper: report => report with { CanBePrimary = false, PostgresState = null }).Reports(2, keeper: NoData);

        story.Pass().Reasons.Should().ContainSingle().Which.Should().BeOfType<Reason.InitializationWaits>("nobody was seen alive yet");
        story.Passes(1);

        story.Data.Primary!.Spec.Should().BeEquivalentTo(new { Keeper = Keeper(2), InitMode = InitMode.New, Role = Role.Primary, IncludePreviousConfig = true });
    }

    [Fact, Trait("Rule", "I2"), Trait("Rule", "Q24")]
    public void A_keeper_that_does_not_finish_in_time_is_replaced_by_another()
    {
        var story = Empty().Reports(1, keeper: NoData).Reports(2, keeper: NoData);
        story.Passes(2).Data.Primary!.Spec.Keeper.Should().Be(Keeper(1));

        story.Passes(304);

        story.Data.Primary!.Spec.Keeper.Should().Be(Keeper(2));
        story.Data.Cluster.Status.LastFailedInitKeeper.Should().Be(Keeper(1));
    }

    [Fact, Trait("Rule", "I6"), Trait("Rule", "F3")]
    public void The_parameters_found_at_initialisation_become_the_specs()
    {
        var story = Empty().Reports(1, keeper: NoData);
        story.Passes(2);
        story.Reports(1, keeper: report => report with
        {
            PostgresState = new PostgresState
            {
                Uid = story.Data.Cluster.Status.Primary,
                Generation = 1,
                Healthy = true,
                SystemId = "777",
                TimelineId = 1,
                PgParameters = ValueMap<string, string>.Empty.With("work_mem", "8MB"),
            },
        });

        story.Pass();

        story.Data.Cluster.Should().BeEquivalentTo(new { Status = new { Phase = ClusterPhase.Normal } });
        story.Data.Cluster.Spec.PgParameters["work_mem"].Should().Be("8MB");
        story.Data.Primary.Should().BeEquivalentTo(new { Generation = 2L, Spec = new { InitMode = InitMode.None, IncludePreviousConfig = false } });
    }

    [Theory, Trait("Rule", "Q32"), Trait("Rule", "S6")]
    [InlineData(false)]
    [InlineData(true)]
    public void No_new_cluster_is_made_while_a_keeper_holds_data_unless_an_operator_gave_it_up(bool discard)
    {
        var story = Empty().Reports(1, keeper: NoData).Reports(2, keeper: report => NoData(report) with { ForeignData = new ForeignData { ClusterUid = "c0" } });
        story.Edit(data => data with { Cluster = data.Cluster with { Status = data.Cluster.Status with { DiscardData = discard } } });

        story.Passes(3);

        (story.Data.Primary is not null).Should().Be(discard);
        if (!discard)
        {
            story.Pass().Reasons.OfType<Reason.InitializationRefused>().Single().Text.Should().Contain("initMode existing").And.Contain("k2");
        }
    }

    [Fact, Trait("Rule", "I3"), Trait("Rule", "Q7")]
    public void An_existing_instance_is_taken_over_on_the_named_keeper()
    {
        var story = Empty(spec => spec with { InitMode = InitMode.Existing, ExistingConfig = new ExistingConfig { Keeper = Keeper(2) } });

        story.Reports(1, keeper: NoData).Passes(2).Data.Primary.Should().BeNull();
        story.Reports(2, keeper: NoData).Passes(2).Data.Primary!.Spec.Should().BeEquivalentTo(new { Keeper = Keeper(2), InitMode = InitMode.Existing });
    }

    [Fact, Trait("Rule", "I5")]
    public void A_restored_standby_cluster_follows_the_outside_from_the_start()
    {
        var story = Empty(spec => spec with
        {
            InitMode = InitMode.Pitr,
            PitrConfig = new PitrConfig { DataRestoreCommand = "restore" },
            Role = Role.Standby,
            StandbyConfig = new StandbyConfig(),
        });

        story.Reports(1, keeper: NoData).Passes(2);

        story.Data.Primary!.Spec.Should().BeEquivalentTo(new { InitMode = InitMode.Pitr, Role = Role.Standby, Follow = new { Type = FollowType.External } });
    }

    [Theory, Trait("Rule", "I5"), Trait("Rule", "Q24")]
    [InlineData("dies", 304, true)]
    [InlineData("does nothing", 304, true)]
    [InlineData("stalls", 3, true)]
    [InlineData("goes on", 1000, false)]
    public void A_restore_is_given_up_after_initTimeout_unless_it_goes_on(string keeper, int seconds, bool givenUp)
    {
        var story = Empty(spec => spec with { InitMode = InitMode.Pitr, PitrConfig = new PitrConfig { DataRestoreCommand = "restore" } });
        story.Reports(1, keeper: NoData).Reports(2, keeper: NoData).Passes(2);
        var restored = story.Data.Primary!;
        restored.Spec.Keeper.Should().Be(Keeper(1));
        _ = keeper switch
        {
            "dies" => story.Silences(1),
            "does nothing" => story.Reports(1, _ => new PostgresState { Uid = restored.Uid }),
            "stalls" => story.Reports(1, _ => new PostgresState { Uid = restored.Uid, StalledFor = TimeSpan.FromSeconds(301) }),
            _ => story.Reports(1, _ => new PostgresState { Uid = restored.Uid, StalledFor = TimeSpan.FromSeconds(2) }),
        };

        story.Passes(seconds);

        (story.Data.Primary!.Spec.Keeper == Keeper(2)).Should().Be(givenUp);
    }

    [Fact, Trait("Rule", "N25"), Trait("Rule", "P12"), Trait("Rule", "Q4")]
    public void Free_keepers_get_standbys_up_to_the_limit_and_one_being_copied_counts()
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 2 });
        story.Reports(2, keeper: NoData).Reports(3, keeper: NoData).Reports(4, keeper: NoData).Passes(2);
        story.Converge(1).Passes(20);

        story.Data.Databases.Values.Where(db => db.IsStandbyType).Select(db => db.Spec.Keeper).Should().BeEquivalentTo([Keeper(2), Keeper(3)]);
        story.Data.Primary!.Spec.Followers.Should().HaveCount(2, "each needs a slot before it copies (N27)");
    }

    [Fact, Trait("Rule", "P5"), Trait("Rule", "Q4")]
    public void A_copy_that_failed_three_times_counts_as_failed_and_another_keeper_gets_one()
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 1 });
        story.Reports(2, keeper: NoData).Reports(3, keeper: NoData).Passes(2).Converge(1).Passes(1);
        var copied = story.Data.DatabaseOf(Keeper(2))!.Uid;

        story.Reports(2, keeper: report => report with { PostgresState = new PostgresState { Uid = copied, FailedResyncs = 3 } }).Passes(1);

        story.Data.DatabaseOf(Keeper(3)).Should().NotBeNull();
    }

    [Fact, Trait("Rule", "N14"), Trait("Rule", "N13"), Trait("Rule", "N26")]
    public void The_old_primary_is_removed_when_the_new_one_is_ready_and_its_keeper_gets_a_copy()
    {
        var story = Healthy(3).Silences(1);
        story.Passes(12).Data.Databases.Keys.Should().Contain(Db(1));
        story.Reports(2, state => state with { Role = Role.Primary, TimelineId = 2 });

        story.Settle();
        story.Data.Databases.Keys.Should().NotContain(Db(1));
        story.Data.Databases[Db(3)].Spec.Follow!.Db.Should().Be(Db(2));
        story.Reports(1).Passes(2);

        story.Data.DatabaseOf(Keeper(1))!.Spec.Should().BeEquivalentTo(new { InitMode = InitMode.Resync, Role = Role.Standby, Follow = new { Db = Db(2) } });
    }

    [Fact, Trait("Rule", "N26"), Trait("Rule", "M1")]
    public void A_standby_that_is_repointed_keeps_what_a_newer_program_wrote_beside_whom_it_follows()
    {
        var unknown = new UnknownMembers(UnknownMembers.None.Members.With("delay", "\"5s\""));
        var story = Healthy(3).Edit(data => data with
        {
            Databases = data.Databases.With(Db(3), data.Databases[Db(3)] is var db
                ? db with { Spec = db.Spec with { Follow = db.Spec.Follow! with { Unknown = unknown } } }
                : null!),
        });
        story.Silences(1).Passes(12);
        story.Reports(2, state => state with { Role = Role.Primary, TimelineId = 2 }).Settle();

        story.Data.Databases[Db(3)].Spec.Follow.Should().Be(FollowConfig.Internal(Db(2)) with { Unknown = unknown });
        Encoding.UTF8.GetString(ClusterJson.Write(story.Data)).Should().Contain($"\"dbuid\":\"{Db(2)}\",\"delay\":\"5s\"");
    }

    [Fact, Trait("Rule", "N1")]
    public void A_dead_keeper_without_a_db_is_forgotten_after_its_time()
    {
        var story = Healthy(1, spec => spec with { DeadKeeperRemovalInterval = TimeSpan.FromMinutes(1), MaxStandbysPerSender = 1 })
            .Reports(2, keeper: report => NoData(report) with { CanBePrimary = false });
        story.Passes(2).Edit(data => data with { Databases = new(data.Databases.Where(entry => entry.Key == Db(1))) }).Silences(2);

        story.Passes(11).Edit(data => data with { Databases = new(data.Databases.Where(entry => entry.Key == Db(1))) });
        story.Data.Keepers.Keys.Should().Contain(Keeper(2));
        story.Passes(75);

        story.Data.Keepers.Keys.Should().Equal(Keeper(1));
    }

    [Fact, Trait("Rule", "N10"), Trait("Rule", "Q36"), Trait("Rule", "X5")]
    public void Proxies_are_opened_when_all_of_them_have_closed_and_the_primary_has_converged()
    {
        var story = Healthy(2).Proxy("p1", 0);
        story.Passes(2);
        story.Proxy("p1", story.Data.Proxy.Generation).Passes(2).Silences(1).Passes(12);
        story.Data.Proxy.Spec.PrimaryDb.Should().BeNull();
        story.Pass().Reasons.OfType<Reason.ProxiesWait>().Should().ContainSingle();

        story.Converge(2).Passes(1).Data.Proxy.Spec.PrimaryDb.Should().BeNull("p1 has not acknowledged");
        story.Proxy("p1", story.Data.Proxy.Generation).Passes(1);

        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(2));
    }

    [Fact, Trait("Rule", "N11"), Trait("Rule", "Q27")]
    public void A_proxy_that_ended_is_no_longer_enabled()
    {
        var story = Healthy(2).Proxy("p1", 0).Proxy("p2", 0);
        story.Passes(3);
        story.Proxy("p1", story.Data.Proxy.Generation).Proxy("p2", story.Data.Proxy.Generation).Passes(3);
        story.Data.Proxy.Spec.EnabledProxies.Should().HaveCount(2);

        story.ProxyEnds("p2").Passes(1);

        story.Data.Proxy.Spec.EnabledProxies.Should().Equal(new ProxyId("p1"));
    }

    [Fact, Trait("Rule", "F1"), Trait("Rule", "F2"), Trait("Rule", "F3")]
    public void A_changed_parameter_reaches_every_db_as_a_new_generation()
    {
        var story = Healthy(2);
        var before = story.Data;

        story.EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("work_mem", "8MB") }).Pass();

        story.Data.Databases.Values.Should().OnlyContain(db =>
            db.Spec.PgParameters["work_mem"] == "8MB" && db.Generation == before.Databases[db.Uid].Generation + 1);
    }

    [Fact, Trait("Rule", "N12")]
    public void A_standby_cluster_whose_role_becomes_master_gets_a_primary()
    {
        var story = Healthy(1, spec => spec with { Role = Role.Standby, StandbyConfig = new StandbyConfig() });
        story.EditSpec(spec => spec with { Role = Role.Primary }).Passes(1);

        story.Data.Primary!.Spec.Should().BeEquivalentTo(new { Role = Role.Primary, Follow = (FollowConfig?)null });
    }

    private static readonly Func<KeeperReport, KeeperReport> NoData = report => report with { PostgresState = new PostgresState() };
}
