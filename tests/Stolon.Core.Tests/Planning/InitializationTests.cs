using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>How a cluster gets its first instance, where it does not go well at once.</summary>
public sealed class InitializationTests
{
    [Fact, Trait("Rule", "I2")]
    public void A_first_instance_that_converged_and_is_not_healthy_is_waited_for_however_long()
    {
        var story = Empty().Reports(1, keeper: NoData).Reports(2, keeper: NoData).Passes(2);
        var first = story.Data.Primary!;

        story.Reports(1, _ => new PostgresState { Uid = first.Uid, Generation = first.Generation, Healthy = false }).Passes(400);

        story.Data.Cluster.Status.Should().BeEquivalentTo(new { Phase = ClusterPhase.Initializing, Primary = first.Uid });
        story.Pass().Reasons.OfType<Reason.InitializationWaits>().Single().Text.Should().Contain("not healthy");
    }

    [Theory, Trait("Rule", "Q7"), Trait("Rule", "I3"), Trait("Rule", "I5")]
    [InlineData(InitMode.Existing)]
    [InlineData(InitMode.Pitr)]
    public void The_first_instance_of_a_standby_cluster_follows_the_outside_from_the_start(InitMode mode)
    {
        var story = Empty(spec => spec with
        {
            InitMode = mode,
            Role = Role.Standby,
            ExistingConfig = new ExistingConfig { Keeper = Keeper(1) },
            PitrConfig = new PitrConfig { DataRestoreCommand = "restore" },
            StandbyConfig = Outside("host=remote", "fetch %f"),
        });

        story.Reports(1, keeper: NoData).Passes(2);

        story.Data.Primary!.Spec.Should().BeEquivalentTo(new
        {
            InitMode = mode,
            Role = Role.Standby,
            Follow = new
            {
                Type = FollowType.External,
                Db = (DbId?)null,
                StandbySettings = new { PrimaryConnInfo = "host=remote" },
                ArchiveRecoverySettings = new { RestoreCommand = "fetch %f" },
            },
        });
    }

    [Fact, Trait("Rule", "Q24"), Trait("Rule", "P13")]
    public void Every_keeper_gets_its_turn_and_the_one_that_failed_last_is_chosen_last()
    {
        var story = Empty(spec => spec with { InitTimeout = TimeSpan.FromSeconds(20) });
        story.Reports(1, keeper: NoData).Reports(2, keeper: NoData).Reports(3, keeper: NoData);

        var turns = Enumerable.Range(0, 4).Select(_ => NextTurn(story)).ToList();

        turns.Should().Equal(Keeper(1), Keeper(2), Keeper(3), Keeper(1));
    }

    [Fact, Trait("Rule", "Q24")]
    public void The_keeper_that_failed_last_tries_again_when_there_is_no_other()
    {
        var story = Empty(spec => spec with { InitTimeout = TimeSpan.FromSeconds(20) }).Reports(1, keeper: NoData);

        NextTurn(story).Should().Be(Keeper(1));
        NextTurn(story).Should().Be(Keeper(1));
        story.Data.Cluster.Status.LastFailedInitKeeper.Should().Be(Keeper(1));
    }

    [Fact, Trait("Rule", "I6")]
    public void Parameters_that_shall_not_be_merged_stay_out_of_the_specification()
    {
        var story = Empty(spec => spec with { MergePgParameters = false, PgParameters = spec.PgParameters.With("work_mem", "8MB") });
        story.Reports(1, keeper: NoData).Passes(2);
        story.Data.Primary!.Spec.IncludePreviousConfig.Should().BeFalse();

        story.Reports(1, _ => new PostgresState
        {
            Uid = story.Data.Primary.Uid,
            Generation = 1,
            Healthy = true,
            PgParameters = ValueMap<string, string>.Empty.With("shared_buffers", "1GB"),
        }).Pass();

        story.Data.Cluster.Status.Phase.Should().Be(ClusterPhase.Normal);
        story.Data.Cluster.Spec.PgParameters.Should().BeEquivalentTo(new Dictionary<string, string> { ["work_mem"] = "8MB" });
    }

    internal static StandbyConfig Outside(string connInfo, string restore) => new()
    {
        StandbySettings = new StandbySettings { PrimaryConnInfo = connInfo },
        ArchiveRecoverySettings = new ArchiveRecoverySettings { RestoreCommand = restore },
    };

    private static readonly Func<KeeperReport, KeeperReport> NoData = report => report with { PostgresState = new PostgresState() };

    /// <summary>The next keeper that is asked to make the first instance, which it does not do.</summary>
    private static KeeperId NextTurn(Story story)
    {
        var before = story.Data.Cluster.Status.Primary;
        for (var pass = 0; pass < 60 && (story.Data.Primary is null || story.Data.Cluster.Status.Primary == before); pass++)
        {
            story.Passes(1);
        }

        return story.Data.Primary!.Spec.Keeper;
    }
}
